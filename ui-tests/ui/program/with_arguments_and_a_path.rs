use airtight::command;

fn main() {
    let _ = command! { "/usr/bin/gcc --version" };
    let _ = command! { "/usr/bin/env python3" };
}
