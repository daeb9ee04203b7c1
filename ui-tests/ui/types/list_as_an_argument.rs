use airtight::command;

fn main() {
    let files = vec!["a", "b"];
    let _ = command! { "true", args: [files] };
}
