use airtight::command;

fn main() {
    let command = command! { "true" };
    command.run().unwrap();
    command.run().unwrap();
}
