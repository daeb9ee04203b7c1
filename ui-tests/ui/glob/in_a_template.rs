use airtight::command;

fn main() {
    let folder = String::from("/tmp/x");
    let _ = command! { "rm", args: ["-rf", "--", format!("{folder}/*")] };
}
