use airtight::command;

fn main() {
    let _ = command! { "env", args: ["A=b", "nice", "-n", "5", "timeout", "10", "bash", "-ec", "make"] };
}
