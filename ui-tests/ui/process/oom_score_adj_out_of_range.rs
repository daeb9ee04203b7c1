use airtight::command;

fn main() {
    let _ = command! { "true", oom_score_adj: -1001 };
}
