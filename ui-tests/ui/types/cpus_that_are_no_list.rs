use airtight::command;

fn main() {
    let _ = command! { "true", cpus: 3 };
    let _ = command! { "true", cpus: ["3"] };
    let _ = command! { "true", nice: "5" };
}
