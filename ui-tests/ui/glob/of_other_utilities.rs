use airtight::command;

fn main() {
    let _ = command! { "tar", args: ["xvzf", "*"] };
    let _ = command! { "ls", args: ["??.*"] };
    let _ = command! { "chmod", args: ["644", "*.txt"] };
    let _ = command! { "mkdir", args: ["-p", "src/{a,b}"] };
}
