use airtight::command;

fn main() {
    let d = None;
    let _ = command! { "true", daemonize, cwd: "/", timeout: d, status: code, pdeathsig: SIGTERM, session };
}
