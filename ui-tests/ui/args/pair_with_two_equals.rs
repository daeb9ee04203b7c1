use airtight::command;

fn main() {
    let _ = command! { "true", args: ["--size=" = 3] };
}
