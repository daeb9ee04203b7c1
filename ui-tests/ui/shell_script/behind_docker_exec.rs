use airtight::command;

fn main() {
    let (container, script) = (String::from("web"), String::from("ls"));
    let _ = command! { "docker", args: ["exec", "-i", container, "sh", "-c", script] };
}
