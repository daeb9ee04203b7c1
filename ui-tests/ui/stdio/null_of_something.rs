use airtight::command;

fn main() {
    let _ = command! { "true", stdout: null(3), stderr: "log" };
}
