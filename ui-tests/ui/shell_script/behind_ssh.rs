use airtight::command;

fn main() {
    let host = String::from("example.org");
    let _ = command! { "ssh", args: ["-T", host, "bash", "-c", "uptime"] };
}
