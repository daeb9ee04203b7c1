use airtight::command;

fn main() {
    let _ = command! { "python3", shell_script: "print(1)" };
}
