use airtight::command;

fn main() {
    let _ = command! { "true", stdio: inherit, stdout: buffer };
}
