use airtight::command;

fn main() {
    let _ = command! { "make", args: ["--jobs=$(nproc)"] };
    let _ = command! { "touch", args: ["log-`date`"] };
}
