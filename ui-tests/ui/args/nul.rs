use airtight::command;

fn main() {
    let _ = command! { "true", args: ["a\0b", "--k" = "\0", ("-k", "\0"), if true { "\0" }] };
}
