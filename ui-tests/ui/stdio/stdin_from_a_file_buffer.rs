use airtight::command;

fn main() {
    let _ = command! { "true", stdin: file_buffer(max = 1 << 20) };
}
