use airtight::command;

fn main() {
    let _ = command! { "configure", args: ["--prefix" = "$HOME/local", ("--root", "$ROOT")] };
}
