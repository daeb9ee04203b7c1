use airtight::command;

fn main() {
    command! { "cat", stdout: buffer }.spawn().unwrap();
}
