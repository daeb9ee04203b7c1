use airtight::command;

fn main() {
    let _ = command! { "true", sched_core: shared };
}
