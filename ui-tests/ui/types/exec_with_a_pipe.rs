use airtight::command;

fn main() {
    let _ = command! { "cat", stdin: pipe }.exec();
}
