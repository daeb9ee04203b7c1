use airtight::command;

fn main() {
    command! { "cat", stdin: pipe }.run().unwrap();
}
