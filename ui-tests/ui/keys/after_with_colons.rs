use airtight::command;
use std::time::Duration;

fn main() {
    let d = Duration::from_secs(1);
    let _ = command! { "true", timeout: after(d, signal: SIGINT), nice: 5 };
    let _ = command! { "true", timeout: after(d, grace: d) };
}
