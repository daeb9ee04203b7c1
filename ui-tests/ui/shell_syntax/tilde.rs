use airtight::command;

fn main() {
    let _ = command! { "ls", args: ["~"] };
    let _ = command! { "ssh", args: ["-i", "~/.ssh/id_ed25519", "host"] };
    let _ = command! { "tar", args: ["-C", "~build/src", "-xf", "a.tar"] };
    let _ = command! { "git", args: ["clone", "--template=~/template", "url"] };
}
