use airtight::command;

fn main() {
    let app = String::from("app");
    let _ = command! { "mkdir", args: [format!("$HOME/.config/{app}")] };
}
