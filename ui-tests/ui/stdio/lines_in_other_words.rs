use airtight::command;

fn main() {
    let _ = command! { "true", stdout: lines(|_| (), strikt), stderr: lines(|_| (), lossy) };
    let _ = command! { "true", stdout: lines(), stderr: lines(|_| (), strict, 3) };
}
