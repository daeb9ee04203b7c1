use airtight::command;

fn main() {
    let user = String::from("root");
    let _ = command! { "sudo", args: [("-u", &user), "--", "sh", "-c", "id > /tmp/id"] };
}
