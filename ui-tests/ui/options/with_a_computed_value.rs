use airtight::command;

fn main() {
    let limit = 10;
    let _ = command! { "git", args: [format!("-c gc.autoPackLimit={limit}"), "gc", "--auto"] };
    let _ = command! { "git", args: ["clone", format!("--depth {limit}"), "url"] };
}
