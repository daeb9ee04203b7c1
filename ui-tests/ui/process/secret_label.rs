use airtight::command;

fn main() {
    let _ = command! { "true", selinux: secret("x"), user: "" };
}
