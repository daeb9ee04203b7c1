use airtight::command;

fn main() {
    let output = command! { "true" }.run().unwrap();
    output.status();
}
