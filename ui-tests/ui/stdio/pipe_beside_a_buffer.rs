use airtight::command;

fn main() {
    let mut child = command! { "sort", stdin: pipe, stdout: buffer }.spawn().unwrap();
    child.take_stdin();
}
