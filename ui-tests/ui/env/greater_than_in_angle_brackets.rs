use airtight::command;

fn main() {
    let _ = command! { "true", env: pass_common + < A = 1 > 2 > };
}
