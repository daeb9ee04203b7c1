use airtight::command;

fn main() {
    let mask = String::from("022");
    let _ = command! { "true", umask: mask };
}
