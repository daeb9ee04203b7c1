use airtight::command;

fn main() {
    let _ = command! { "cat", stdout: buffer }.exec();
}
