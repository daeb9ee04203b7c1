use airtight::command;

fn main() {
    let _ = command! { "true", env: pass_common + DISPLAY };
}
