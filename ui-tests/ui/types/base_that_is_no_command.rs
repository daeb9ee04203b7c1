use airtight::command;

fn main() {
    let base = "true";
    let _ = command! { ..base, args: ["--more"] };
}
