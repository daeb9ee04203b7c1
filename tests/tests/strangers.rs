//! A signal reaches nobody but what was started, whoever has reaped it, and whoever has its number by now.

use airtight::command;
use airtight_tests::{alone, is_root, proc_is_hidden, skipped};

/// Makes the next process of this namespace one of this number.
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
        // Nobody keeps the status, and so the number, of a child that has ended.
        // SAFETY: the action is the one of the constant.
        unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
        for attempt in 0.. {
            let child = command! { "true", process_group }.spawn().expect("it starts");
            let number = child.id();
            while is_there(number as i32) {
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            next_is(number);
            // SAFETY: the copy leads a group, and does nothing but wait for its end.
            let stranger = unsafe { libc::fork() };
            if stranger == 0 {
                // SAFETY: takes no pointers.
                unsafe { libc::setpgid(0, 0) };
                loop {
                    // SAFETY: as above.
                    unsafe { libc::pause() };
                }
            }
            // SAFETY: takes no pointers: the number of its group is set before the drop, whoever is first.
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
            // Somebody else on this machine has taken the number in between.
            assert!(attempt < 200, "the number does not come again");
        }
    });
}
