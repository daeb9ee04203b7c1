use airtight::command;

fn main() {
    let _ = command! { "true", stdout: file, stderr: append(), stdin: fd };
}
