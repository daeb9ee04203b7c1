use airtight::command;

fn main() {
    let _ = command! { "RUST_LOG=debug", args: ["cargo", "test"] };
    let _ = command! { "RUST_LOG=debug cargo" };
}
