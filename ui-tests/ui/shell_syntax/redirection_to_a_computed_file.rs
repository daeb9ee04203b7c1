use airtight::command;

fn main() {
    let log = String::from("/tmp/log");
    let _ = command! { "make", args: [format!("2>/tmp/{log}")] };
}
