use airtight::command;

fn main() {
    let _ = command! { "true", cgroup: "/sys/fs/cgroup/x", netns: namespace };
}
