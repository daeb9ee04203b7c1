use airtight::command;

fn main() {
    let _ = command! { "true", session(tty), no_new_privs(true) };
}
