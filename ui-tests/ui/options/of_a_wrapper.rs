use airtight::command;

fn main() {
    let _ = command! { "sudo", args: ["-u root", "ls"] };
}
