use airtight::command;

fn main() {
    let _ = command! { "sort", stdin: buffer(b"x"), stdout: pipe, stderr: lines(|_line| ()) }.run();
}
