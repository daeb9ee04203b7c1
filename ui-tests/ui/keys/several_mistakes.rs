use airtight::command;

fn main() {
    let _ = command! { "./tool", agrs: [], umask: 22, stdout: bufer, env: { A = 1, A = 2 }, cwd: "tmp" };
}
