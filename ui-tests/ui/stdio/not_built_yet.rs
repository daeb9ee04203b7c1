use airtight::command;

fn main() {
    let _ = command! { "true", stdin: pipe, stdout: lines(f), stderr: pipe(nonblocking) };
}
