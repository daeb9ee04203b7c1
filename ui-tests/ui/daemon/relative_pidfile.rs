use airtight::command;

fn main() {
    let _ = command! { "true", daemonize, pidfile: "true.pid" };
}
