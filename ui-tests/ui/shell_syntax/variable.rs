use airtight::command;

fn main() {
    let _ = command! { "echo", args: ["$HOME"] };
    let _ = command! { "cp", args: ["a", "${XDG_CONFIG_HOME}/app"] };
}
