use airtight::command;

fn main() {
    let _ = command! { "cd", args: ["/tmp"] };
    let _ = command! { "source", args: ["env.sh"] };
    let _ = command! { "export", args: ["A=b"] };
}
