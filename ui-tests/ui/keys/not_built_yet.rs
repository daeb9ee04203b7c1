use airtight::command;

fn main() {
    let _ = command! { "true", daemonize, limits: [nofile = 10], caps: keep(NET_ADMIN) };
}
