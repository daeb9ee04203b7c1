use airtight::command;

fn main() {
    let _ = command! { "true", fds: [5 = data("x")] };
}
