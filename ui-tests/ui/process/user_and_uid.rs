use airtight::command;

fn main() {
    let _ = command! { "true", user: "nobody", uid: 65534, gid: 65534, groups: [] };
}
