use airtight::command;

fn main() {
    let code = String::from("print 1");
    let _ = command! { "perl", args: ["-ne", code] };
}
