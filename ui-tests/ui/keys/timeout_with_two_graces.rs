use airtight::command;

fn main() {
    let (d, g) = (std::time::Duration::from_secs(9), std::time::Duration::from_secs(1));
    let _ = command! { "true", timeout: after(d, grace = g, grace = d) };
}
