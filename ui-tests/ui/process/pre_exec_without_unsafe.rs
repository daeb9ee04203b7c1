use airtight::command;

fn main() {
    let _ = command! { "true", pre_exec: || Ok(()) };
}
