use airtight::command;

fn main() {
    let _ = command! { "mount", args: ["-o ro,noexec", "/dev/sda1", "/mnt"] };
}
