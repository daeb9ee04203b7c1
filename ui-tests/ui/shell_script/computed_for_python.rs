use airtight::command;

fn main() {
    let name = String::from("x");
    let _ = command! { "python3", args: ["-c", format!("print('{name}')")] };
}
