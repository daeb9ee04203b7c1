use airtight::command;

fn main() {
    let _ = command! { "true", limits: [nofile = (200, 100), nofile = 5] };
}
