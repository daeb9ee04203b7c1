//! Ids and capabilities of the program, for every user that starts it.

use airtight::stdio::{Text, Unset};
use airtight::{Command, ErrorKind, Step, command};
use airtight_tests::{Folder, alone, become_nobody, become_nobody_with, give_up, is_root, proc, skipped};
use std::os::unix::fs::PermissionsExt;

const SETPCAP: u32 = 8;
const NET_BIND_SERVICE: u64 = 1 << 10;
const NET_RAW: u64 = 1 << 13;

/// Prints the `/proc/self/status` of a program that any user can execute.
fn status() -> Command<Unset, Text> {
    command! { "cat", args: [proc("self/status")], stdout: text }
}

struct Seen(String);

impl Seen {
    fn of<C: airtight::Run<Output = airtight::Output<Text>>>(command: C) -> Seen {
        Seen(command.run().expect("it runs").into_stdout())
    }

    fn line(&self, key: &str) -> Vec<&str> {
        let line = self.0.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':')).expect("a line of status");
        line.split_whitespace().collect()
    }

    fn set(&self, key: &str) -> u64 {
        u64::from_str_radix(self.line(key)[0], 16).expect("a mask")
    }

    /// Checks that the permitted, effective, inheritable and ambient sets are exactly `kept`.
    fn assert_kept(&self, kept: u64) {
        for set in ["CapPrm", "CapEff", "CapInh", "CapAmb"] {
            assert_eq!(self.set(set), kept, "{set}");
        }
    }
}

/// Whether this process is root; if not, notes that the test is skipped.
fn needs_root(test: &str) -> bool {
    if !is_root() {
        skipped(test, "it changes ids and capabilities: needs root");
    }
    is_root()
}

#[test]
fn of_an_ordinary_user_nothing_is_left_and_nothing_is_regained() {
    let _watch = airtight_tests::Watch::new();
    let clear = || {
        let seen = Seen::of(command! { ..status(), caps: clear });
        seen.assert_kept(0);
        assert_eq!(seen.line("NoNewPrivs"), ["1"]);
        let error = command! { ..status(), caps: keep(NET_ADMIN, NET_RAW) }.run().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Start { step: Step::Capabilities, .. }), "{error:?}");
        assert!(error.to_string().ends_with("this process does not have it in its permitted set"), "{error}");
    };
    if is_root() {
        alone("of_an_ordinary_user_nothing_is_left_and_nothing_is_regained", || {
            become_nobody();
            clear();
        });
    } else {
        clear();
    }
}

#[test]
fn of_an_ordinary_user_with_a_capability_that_one_can_be_kept() {
    let _watch = airtight_tests::Watch::new();
    if !needs_root("of_an_ordinary_user_with_a_capability_that_one_can_be_kept") {
        return;
    }
    alone("of_an_ordinary_user_with_a_capability_that_one_can_be_kept", || {
        become_nobody_with(NET_RAW.trailing_zeros());
        let kept = Seen::of(command! { ..status(), caps: keep(NET_RAW) });
        kept.assert_kept(NET_RAW);
        assert_eq!((kept.line("NoNewPrivs"), kept.line("Uid")), (vec!["1"], vec!["65534"; 4]));
        Seen::of(command! { ..status(), caps: clear }).assert_kept(0);
        let error = command! { ..status(), caps: keep(NET_RAW, NET_ADMIN) }.run().unwrap_err();
        assert!(error.to_string().contains("CAP_NET_ADMIN"), "{error}");
    });
}

#[test]
fn of_root_exactly_what_is_kept_is_left() {
    let _watch = airtight_tests::Watch::new();
    if !needs_root("of_root_exactly_what_is_kept_is_left") {
        return;
    }
    let none = Seen::of(command! { ..status(), caps: clear });
    none.assert_kept(0);
    assert_eq!((none.set("CapBnd"), none.line("NoNewPrivs")), (0, vec!["0"]));
    let some = Seen::of(command! { ..status(), caps: keep(NET_BIND_SERVICE, NET_RAW) });
    some.assert_kept(NET_BIND_SERVICE | NET_RAW);
    assert_eq!(some.set("CapBnd"), NET_BIND_SERVICE | NET_RAW);
    assert_eq!(some.line("Uid"), ["0"; 4]);
    assert!(Seen::of(status()).set("CapEff") > 0, "the parent's own are untouched");
}

#[test]
fn root_without_setpcap_gives_no_new_privileges() {
    let _watch = airtight_tests::Watch::new();
    if !needs_root("root_without_setpcap_gives_no_new_privileges") {
        return;
    }
    alone("root_without_setpcap_gives_no_new_privileges", || {
        give_up(SETPCAP);
        let none = Seen::of(command! { ..status(), caps: clear });
        none.assert_kept(0);
        assert_eq!(none.line("NoNewPrivs"), ["1"]);
        let some = Seen::of(command! { ..status(), caps: keep(NET_RAW) });
        some.assert_kept(NET_RAW);
        let error = command! { ..status(), caps: keep(SETPCAP) }.run().unwrap_err();
        assert!(error.to_string().contains("CAP_SETPCAP"), "{error}");
    });
}

#[test]
fn a_user_by_name_and_ids_by_numbers() {
    let _watch = airtight_tests::Watch::new();
    if !needs_root("a_user_by_name_and_ids_by_numbers") {
        return;
    }
    let name = String::from("nobody");
    let nobody = Seen::of(command! { ..status(), user: name });
    assert_eq!((nobody.line("Uid"), nobody.line("Gid")), (vec!["65534"; 4], vec!["65534"; 4]));
    assert_eq!(nobody.line("Groups"), ["65534"]);
    nobody.assert_kept(0);
    let numbers = Seen::of(command! { ..status(), uid: 1234, gid: 2345, groups: [3456, 4567] });
    assert_eq!((numbers.line("Uid"), numbers.line("Gid")), (vec!["1234"; 4], vec!["2345"; 4]));
    assert_eq!(numbers.line("Groups"), ["3456", "4567"]);
    let groups: Vec<u32> = Vec::new();
    assert!(Seen::of(command! { ..status(), uid: 1, gid: 1, groups: groups }).line("Groups").is_empty());
    let error = command! { ..status(), user: "no-such-user" }.run().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`cat` was not started: cannot look up the user `no-such-user`: there is no such user"
    );
    // The parent keeps its ids, and /proc/self remains its own.
    let own = std::fs::read_to_string(proc("self/status")).expect("/proc");
    assert!(own.contains("Uid:\t0\t0\t0\t0"));
    // SAFETY: a query without pointers.
    assert_eq!(unsafe { libc::prctl(libc::PR_GET_DUMPABLE) }, 1);
}

#[test]
fn another_user_with_capabilities() {
    let _watch = airtight_tests::Watch::new();
    if !needs_root("another_user_with_capabilities") {
        return;
    }
    let seen = Seen::of(command! { ..status(), user: "nobody", caps: keep(NET_BIND_SERVICE) });
    assert_eq!(seen.line("Uid"), ["65534"; 4]);
    seen.assert_kept(NET_BIND_SERVICE);
    assert_eq!(seen.set("CapBnd"), NET_BIND_SERVICE);
    let none = Seen::of(command! { ..status(), user: "nobody", caps: clear, no_new_privs });
    none.assert_kept(0);
    assert_eq!((none.set("CapBnd"), none.line("NoNewPrivs")), (0, vec!["1"]));
}

#[test]
fn a_program_with_file_capabilities_or_setuid_regains_none() {
    let _watch = airtight_tests::Watch::new();
    if !needs_root("a_program_with_file_capabilities_or_setuid_regains_none") {
        return;
    }
    let folder = Folder::new();
    let (capped, setuid) = (folder.join("capped"), folder.join("setuid"));
    for copy in [&capped, &setuid] {
        std::fs::copy(env!("CARGO_BIN_EXE_probe"), copy).expect("a copy of the probe");
        std::fs::set_permissions(copy, PermissionsExt::from_mode(0o755)).expect("its mode");
    }
    // VFS_CAP_REVISION_2; permitted: NET_RAW. With the effective bit set, execve would fail with EPERM.
    let value: Vec<u8> = [0x0200_0000u32, NET_RAW as u32, 0, 0, 0].iter().flat_map(|word| word.to_le_bytes()).collect();
    let path = std::ffi::CString::new(capped.to_str().expect("text")).expect("no NUL");
    let name = c"security.capability";
    // SAFETY: the texts are C strings, and the value is as long as said.
    let set = unsafe { libc::setxattr(path.as_ptr(), name.as_ptr(), value.as_ptr().cast(), value.len(), 0) };
    if set != 0 {
        let why = std::io::Error::last_os_error();
        return skipped(
            "a_program_with_file_capabilities_or_setuid_regains_none",
            &format!("no file capabilities here: {why}"),
        );
    }
    std::fs::set_permissions(&setuid, PermissionsExt::from_mode(0o4755)).expect("its mode");
    let seen = |program: &std::path::Path, cleared: bool| {
        let base = command! { program, args: ["status", 1], user: "nobody", stdout: text };
        if cleared { Seen::of(command! { ..base, caps: clear }) } else { Seen::of(base) }
    };
    assert_eq!(seen(&capped, false).set("CapPrm"), NET_RAW, "without `caps: clear` the file grants capabilities");
    seen(&capped, true).assert_kept(0);
    assert!(seen(&setuid, false).set("CapPrm") > 0, "without `caps: clear` the file grants capabilities");
    seen(&setuid, true).assert_kept(0);
    alone("a_program_with_file_capabilities_or_setuid_regains_none", || {
        become_nobody();
        let clear =
            |program: &std::path::Path| Seen::of(command! { program, args: ["status", 1], caps: clear, stdout: text });
        for program in [&capped, &setuid] {
            let seen = clear(program);
            seen.assert_kept(0);
            assert_eq!(seen.line("Uid")[1], "65534", "no_new_privs keeps the effective user");
        }
    });
}

#[test]
fn each_step_that_fails_is_named() {
    let _watch = airtight_tests::Watch::new();
    let refused = || {
        let step = |error: airtight::Error| match error.kind() {
            ErrorKind::Start { step, operand, .. } => (*step, operand.clone(), error.to_string()),
            other => panic!("{other:?}"),
        };
        let (at, _, shown) = step(command! { "true", uid: 0, gid: 0, groups: [0] }.run().unwrap_err());
        assert_eq!(at, Step::Groups, "{shown}");
        assert!(shown.contains("cannot set the supplementary groups"), "{shown}");
        let (at, operand, shown) = step(command! { "true", limits: [nofile = (64, u64::MAX)] }.run().unwrap_err());
        assert_eq!((at, operand.as_str()), (Step::Limit, "nofile"), "{shown}");
        let (at, operand, shown) = step(command! { "true", nice: -20 }.run().unwrap_err());
        assert_eq!((at, operand.as_str()), (Step::Nice, "-20"), "{shown}");
    };
    if is_root() {
        alone("each_step_that_fails_is_named", || {
            become_nobody();
            refused();
        });
    } else {
        refused();
    }
}
