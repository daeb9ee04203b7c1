use airtight::command;

struct Unprintable;

fn main() {
    let _ = command! { "true", args: [Unprintable, "--k" = Unprintable], env: { A = Unprintable } };
}
