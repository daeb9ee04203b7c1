use airtight::command;

fn main() {
    let _ = command! { "true", process_group, session };
}
