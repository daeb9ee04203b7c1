use airtight::command;

fn main() {
    let output = command! { "true", stdout: buffer, stderr: stdout }.run().unwrap();
    output.stderr();
}
