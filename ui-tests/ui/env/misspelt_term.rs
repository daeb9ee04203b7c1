use airtight::command;

fn main() {
    let _ = command! { "true", env: pass_comon + { A = 1 } };
}
