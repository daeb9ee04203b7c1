use airtight::command;

fn main() {
    let _ = command! { "true", daemonize, pidfile: "/run/x.pid", fds: [&file], handshake };
}
