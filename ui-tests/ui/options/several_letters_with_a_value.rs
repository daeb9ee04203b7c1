use airtight::command;

fn main() {
    let _ = command! { "rm", args: ["-rf build"] };
    let _ = command! { "find", args: [".", "-name *.rs"] };
}
