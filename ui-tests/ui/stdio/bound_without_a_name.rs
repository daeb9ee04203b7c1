use airtight::command;

fn main() {
    let _ = command! { "true", stdout: buffer(1024), stderr: text(limit = 5) };
}
