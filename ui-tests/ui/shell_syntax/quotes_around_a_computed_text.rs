use airtight::command;

fn main() {
    let name = String::from("x");
    let _ = command! { "useradd", args: ["-c", format!("\"{name}\""), "user"] };
}
