use airtight::command;

fn main() {
    let _: &[u8] = command! { "true", stdout: text }.run().unwrap().stdout();
}
