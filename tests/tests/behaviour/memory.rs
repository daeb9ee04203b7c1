//! A child with shared memory uses this process's memory until exec. Nothing of it is reused before that.

use airtight::command;
use airtight_tests::{Folder, Operand, Refused, alone, no_children, refuse};
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

/// `_IOWR(0xFF, 11, struct pidfd_info)`, the first published size. Kernels before 6.15 lack it.
const PIDFD_GET_INFO: u32 = 0xc040_ff0b;

/// The number of children that still run in this process's memory, and of those that SIGSEGV has killed.
fn children(own: u32) -> (usize, usize) {
    let (mut sharing, mut killed) = (0, 0);
    let this = std::fs::read_link("/proc/self/exe").expect("this program");
    for entry in std::fs::read_dir("/proc").expect("/proc").flatten() {
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let Some((_, rest)) = stat.rsplit_once(") ") else { continue };
        let fields: Vec<_> = rest.split_whitespace().collect();
        if fields[1] != own.to_string() {
            continue;
        }
        let is_here = std::fs::read_link(entry.path().join("exe")).is_ok_and(|exe| exe == this);
        sharing += usize::from(fields[0] != "Z" && is_here);
        // The last field of /proc/PID/stat is the exit status, as wait(2) returns it.
        killed += usize::from(fields[49].parse::<i32>().is_ok_and(|status| status & 0x7f == libc::SIGSEGV));
    }
    (sharing, killed)
}

#[test]
fn no_child_is_left_in_it_where_waitid_is_refused() {
    let _watch = airtight_tests::Watch::new();
    if airtight_tests::proc_is_hidden() {
        return airtight_tests::skipped("no_child_is_left_in_it_where_waitid_is_refused", "it looks at /proc");
    }
    alone("no_child_is_left_in_it_where_waitid_is_refused", || {
        // The program is open for writing: the child retries exec for a second.
        let folder = Folder::new();
        let path = folder.join("program");
        std::fs::copy(env!("CARGO_BIN_EXE_probe"), &path).expect("a program");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("its mode");
        let busy = std::fs::File::options().append(true).open(&path).expect("the program");
        refuse(&[
            Refused { call: libc::SYS_waitid, operand: None, errno: libc::EPERM },
            Refused { call: libc::SYS_ioctl, operand: Some(Operand::Is(1, PIDFD_GET_INFO)), errno: libc::ENOTTY },
        ]);
        let own = std::process::id();
        for round in 0..3 {
            let argument = "A".repeat(64);
            let ran = command! { &path, args: ["check", &argument], stdio: null }.run();
            assert!(ran.is_err(), "{ran:?}");
            assert_eq!(children(own), (0, 0), "round {round}: {ran:?}");
            // Reuses the memory that the start has freed.
            let words: Vec<_> = (0..50).map(|word| format!("{word}{}", "B".repeat(500))).collect();
            drop(words);
        }
        drop(busy);
        let _ = command! { "true" }.run();
        assert_eq!(children(own).1, 0);
        let begun = Instant::now();
        // SAFETY: takes no pointers but a null one.
        while unsafe { libc::waitpid(-1, std::ptr::null_mut(), libc::__WALL) } > 0 {
            assert!(begun.elapsed() < Duration::from_secs(20));
        }
        no_children();
    });
}
