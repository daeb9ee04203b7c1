use airtight::command;

fn main() {
    let files = String::from("*");
    let _ = command! { format!("ls {files}") };
}
