use airtight::command;

fn main() {
    let _ = command! { "true", stdout: file_buffer(1 << 20) };
}
