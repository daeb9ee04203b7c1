use airtight::command;

fn main() {
    let script = String::from("id");
    let _ = command! { "su", args: ["-c", script, "postgres"] };
}
