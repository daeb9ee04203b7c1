use airtight::command;

fn main() {
    let _ = command! { "true", timeout: Duration::from_secs(5), daemonize, limits: [nofile = 10], caps: keep(NET_ADMIN) };
}
