use airtight::command;

fn main() {
    let _ = command! { "true", caps: keep(NET_ADMN, CAP_NET_RAW, FLY) };
}
