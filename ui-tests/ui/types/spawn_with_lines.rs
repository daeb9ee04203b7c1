use airtight::command;

fn main() {
    let _ = command! { "cat", stdout: lines(|_| ()) }.spawn().unwrap();
}
