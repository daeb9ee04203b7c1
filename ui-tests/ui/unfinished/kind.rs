use airtight::command;

fn main() {
    let mut child = command! { "true", stdin: pipe, stdout: bu }.spawn().unwrap();
    drop(child.take_stdin());
}
