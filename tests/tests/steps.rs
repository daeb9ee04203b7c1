//! A seccomp filter makes each step of the child fail: the error names the step, and nothing is left behind.

use airtight::{ErrorKind, Step, command};
use airtight_tests::{Operand, Refused, alone, is_root, no_children, proc, refuse, skipped};
use std::fs::File;

const ERRNO: i32 = libc::EDOM;

/// A prctl(2) with this first operand.
fn prctl(option: i32) -> Refused {
    Refused { call: libc::SYS_prctl, operand: Some(Operand::Is(0, option as u32)), errno: ERRNO }
}

fn call(call: i64) -> Refused {
    Refused { call, operand: None, errno: ERRNO }
}

/// Runs `run` where these calls are refused, and checks its error.
fn fails_at(test: &str, step: Step, refused: &[Refused], run: impl FnOnce() -> Result<(), airtight::Error>) {
    alone(test, || {
        refuse(refused);
        let before = std::fs::read_dir(proc("self/fd")).expect("/proc").count();
        let error = run().expect_err("the step fails");
        match error.kind() {
            ErrorKind::Start { step: at, source, .. } => {
                assert_eq!((*at, source.raw_os_error()), (step, Some(ERRNO)), "{error}");
            }
            other => panic!("{other:?}"),
        }
        assert!(error.to_string().contains("was not started: cannot "), "{error}");
        no_children();
        assert_eq!(std::fs::read_dir(proc("self/fd")).expect("/proc").count(), before, "a descriptor is left");
    });
}

/// One test for each step.
macro_rules! steps {
    ($($test:ident $step:ident [$($refused:expr),*] $command:expr;)*) => {$(
        #[test]
        fn $test() {
            let _watch = airtight_tests::Watch::new();
            fails_at(stringify!($test), Step::$step, &[$($refused),*], || $command.run().map(drop));
        }
    )*};
}

steps! {
    clone_fails Clone [call(libc::SYS_clone3), call(libc::SYS_clone)] command! { "true" };
    signals_fail ResetSignals [call(libc::SYS_rt_sigaction)] command! { "true" };
    leaving_the_table_fails CloseDescriptors [call(libc::SYS_close_range), call(libc::SYS_unshare)] command! { "true" };
    the_null_device_fails DevNull [call(libc::SYS_fstat)] command! { "/bin/true", stdio: null };
    moving_fails MoveDescriptor [call(libc::SYS_dup3)] command! { "true", stdin: fd(&File::open("/dev/zero").expect("a file")) };
    the_process_group_fails ProcessGroup [call(libc::SYS_setpgid)] command! { "true", process_group };
    the_session_fails Session [call(libc::SYS_setsid)] command! { "true", session };
    the_session_of_a_daemon_fails Session [call(libc::SYS_setsid)] command! { "true", daemonize };
    the_limit_fails Limit [call(libc::SYS_prlimit64)] command! { "true", limits: [core = 0] };
    the_nice_value_fails Nice [call(libc::SYS_setpriority)] command! { "true", nice: 5 };
    the_cpus_fail Cpus [call(libc::SYS_sched_setaffinity)] command! { "true", cpus: [0] };
    asking_for_the_cpus_fails Cpus [call(libc::SYS_sched_getaffinity)] command! { "true", cpus: [0] };
    core_scheduling_fails SchedCore [prctl(62)] command! { "true", sched_core: new };
    the_capabilities_fail Capabilities [call(libc::SYS_capset)] command! { "true", caps: clear };
    the_ambient_set_fails Ambient [prctl(libc::PR_CAP_AMBIENT)] command! { "true", caps: clear };
    no_new_privileges_fails NoNewPrivs [prctl(libc::PR_SET_NO_NEW_PRIVS)] command! { "true", no_new_privs };
    changing_the_directory_fails Chdir [call(libc::SYS_chdir)] command! { "true", cwd: "/" };
    entering_a_directory_fails Chdir [call(libc::SYS_fchdir)] command! { "true", cwd: fd(&File::open("/").expect("the root")) };
    the_parents_death_fails ParentDeathSignal [prctl(libc::PR_SET_PDEATHSIG)] command! { "true", pdeathsig: SIGTERM };
    unblocking_fails UnblockSignals [call(libc::SYS_rt_sigpending)] command! { "true" };
    exec_fails Exec [call(libc::SYS_execve)] command! { "true" };
    exec_of_a_daemon_fails Exec [call(libc::SYS_execve)] command! { "true", daemonize };
    the_daemons_directory_fails Chdir [call(libc::SYS_chdir)] command! { "true", daemonize };
    the_pipe_fails Pipe [call(libc::SYS_pipe2)] command! { "true", stdout: buffer };
}

/// One test for each step that only root performs.
macro_rules! steps_of_root {
    ($($test:ident $step:ident [$($refused:expr),*] $command:expr;)*) => {$(
        #[test]
        fn $test() {
            let _watch = airtight_tests::Watch::new();
            if !is_root() {
                return skipped(stringify!($test), "it changes ids and capabilities: needs root");
            }
            fails_at(stringify!($test), Step::$step, &[$($refused),*], || $command.run().map(drop));
        }
    )*};
}

steps_of_root! {
    the_bounding_set_fails BoundingSet [prctl(libc::PR_CAPBSET_DROP)] command! { "true", caps: clear };
    the_groups_fail Groups [call(libc::SYS_setgroups)] command! { "true", user: "nobody" };
    the_group_id_fails Gid [call(libc::SYS_setresgid)] command! { "true", user: "nobody" };
    the_user_id_fails Uid [call(libc::SYS_setresuid)] command! { "true", user: "nobody" };
    keeping_capabilities_fails Capabilities [prctl(libc::PR_SET_KEEPCAPS)] command! { "true", user: "nobody", caps: keep(CHOWN) };
    the_namespace_fails Netns [call(libc::SYS_setns)] command! { "true", netns: fd(&File::open(proc("self/ns/net")).expect("/proc")) };
}
