use airtight::command;

fn main() {
    let option = "--depth";
    let _ = command! { "true", args: [option = 3] };
}
