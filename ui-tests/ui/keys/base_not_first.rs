use airtight::command;

fn main() {
    let base = ();
    let _ = command! { "true", ..base };
}
