use airtight::command;

fn main() {
    let code = String::from("1");
    let _ = command! { "node", args: ["--eval" = code] };
}
