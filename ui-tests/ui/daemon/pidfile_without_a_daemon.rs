use airtight::command;

fn main() {
    let _ = command! { "true", pidfile: "/run/true.pid" };
}
