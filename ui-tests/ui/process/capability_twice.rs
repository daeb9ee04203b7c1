use airtight::command;

fn main() {
    let _ = command! { "true", caps: keep(NET_RAW, NET_RAW) };
}
