use airtight::command;

fn main() {
    let _ = command! { "docker", args: ["compose", "up -d"] };
}
