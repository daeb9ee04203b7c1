use airtight::command;

fn main() {
    let mut child = command! { "cat", stdout: pipe }.spawn().unwrap();
    child.take_stdin();
}
