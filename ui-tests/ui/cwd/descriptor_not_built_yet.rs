use airtight::command;

fn main() {
    let _ = command! { "true", cwd: fd(dir) };
}
