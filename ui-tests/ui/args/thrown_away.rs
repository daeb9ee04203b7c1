use airtight::command;

fn main() {
    let _ = command! { "true", args: [if true { "--a"; "--b" }] };
}
