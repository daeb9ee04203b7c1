use airtight::command;

fn main() {
    let _ = command! { "cat", stdout: lines(|line| line.len()) };
}
