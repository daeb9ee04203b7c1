use airtight::command;

fn main() {
    let folder = "/tmp/x";
    let _ = command! { "sh", shell_script: format!("rm -rf {folder}") };
}
