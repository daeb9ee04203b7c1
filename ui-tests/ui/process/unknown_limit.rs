use airtight::command;

fn main() {
    let _ = command! { "true", limits: [nofiles = 10, as = 1, threads = 3] };
}
