use airtight::command;

fn main() {
    let verbose = true;
    let _ = command! { "bash", args: [if verbose { "-xc" } else { "-c" }, "make"] };
}
