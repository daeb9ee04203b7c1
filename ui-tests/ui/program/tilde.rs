use airtight::command;

fn main() {
    let _ = command! { "~/bin/tool" };
}
