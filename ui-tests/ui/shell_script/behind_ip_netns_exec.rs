use airtight::command;

fn main() {
    let name = String::from("blue");
    let _ = command! { "ip", args: ["netns", "exec", name, "sh", "-c", "ip link"] };
}
