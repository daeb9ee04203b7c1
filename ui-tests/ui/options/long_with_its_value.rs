use airtight::command;

fn main() {
    let tool = String::from("/opt/tool");
    let _ = command! { tool, args: ["lint", "--deny warnings"] };
}
