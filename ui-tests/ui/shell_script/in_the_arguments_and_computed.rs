use airtight::command;

fn main() {
    let folder = String::from("/tmp");
    let _ = command! { "/bin/bash", args: ["-lc", format!("cd {folder} && make")] };
}
