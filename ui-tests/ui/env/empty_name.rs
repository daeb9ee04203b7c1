use airtight::command;

fn main() {
    let _ = command! { "true", env: { "" = 1 } + "=x" };
}
