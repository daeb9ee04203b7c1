use airtight::command;

fn main() {
    let column = 3;
    let _ = command! { "awk", args: ["-F:", format!("{{print ${column}}}"), "/etc/passwd"] };
}
