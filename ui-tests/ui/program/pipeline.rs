use airtight::command;

fn main() {
    let _ = command! { "cat package.json | wc -l" };
}
