//! Signals only reach processes that the command started, even if another waiter has reaped them and their number was
//! reused.

use airtight::command;
use airtight_tests::{alone, is_root, proc_is_hidden, skipped};

/// Makes the kernel give this pid to the next process of the namespace.
fn next_is(number: u32) {
    std::fs::write("/proc/sys/kernel/ns_last_pid", (number - 1).to_string()).expect("ns_last_pid");
}

fn is_there(number: i32) -> bool {
    // SAFETY: sends nothing.
    unsafe { libc::kill(number, 0) == 0 }
}

#[test]
fn a_group_of_the_same_number_is_left_alone() {
    if !is_root() || proc_is_hidden() {
        return skipped("a_group_of_the_same_number_is_left_alone", "needs root, and /proc");
    }
    alone("a_group_of_the_same_number_is_left_alone", || {
        // With SIGCHLD ignored, the kernel reaps a child at once, and its pid is free for reuse.
        // SAFETY: ignoring a signal runs no code.
        unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
        for attempt in 0.. {
            let child = command! { "true", process_group }.spawn().expect("it starts");
            let number = child.id();
            while is_there(number as i32) {
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            next_is(number);
            // SAFETY: the child leads a group, and only waits to be killed.
            let stranger = unsafe { libc::fork() };
            if stranger == 0 {
                // SAFETY: takes no pointers.
                unsafe { libc::setpgid(0, 0) };
                loop {
                    // SAFETY: as above.
                    unsafe { libc::pause() };
                }
            }
            // SAFETY: takes no pointers. Parent and child both set the group, so that it is set before the drop.
            unsafe { libc::setpgid(stranger, stranger) };
            let is_same = stranger as u32 == number;
            drop(child);
            let survives = is_there(stranger);
            // SAFETY: takes no pointers; the process was just made.
            unsafe { libc::kill(stranger, libc::SIGKILL) };
            assert!(survives, "the stranger was killed");
            if is_same {
                return;
            }
            // Another process has taken the number meanwhile.
            assert!(attempt < 200, "the pid was never reused");
        }
    });
}
