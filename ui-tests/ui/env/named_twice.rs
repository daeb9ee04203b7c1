use airtight::command;

fn main() {
    let _ = command! { "true", env: pass(A) + { A = 1 } + "A=2" };
}
