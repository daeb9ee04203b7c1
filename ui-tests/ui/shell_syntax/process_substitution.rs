use airtight::command;

fn main() {
    let _ = command! { "diff", args: ["<(sort a)", "<(sort b)"] };
}
