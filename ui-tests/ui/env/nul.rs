use airtight::command;

fn main() {
    let _ = command! { "true", env: { A = "\0" } + "B=\0" };
}
