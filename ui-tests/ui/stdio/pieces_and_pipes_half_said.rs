use airtight::command;

fn main() {
    let _ = command! { "true", stdin: pipe(blocking), stdout: lines, stderr: split(f) };
}
