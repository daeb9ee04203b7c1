//! The state of the program, and of the process that starts it, in comparable form.

use std::collections::BTreeSet;

/// The lines of a report that are the same in every run.
pub(crate) fn lasting(report: &str) -> String {
    let passing = [
        "Name",
        "Pid",
        "PPid",
        "Tgid",
        "Ngid",
        "NSpid",
        "NStgid",
        "NSpgid",
        "NSsid",
        "voluntary_ctxt_switches",
        "nonvoluntary_ctxt_switches",
        "Mems_allowed",
        "Mems_allowed_list",
        "Cpus_allowed",
        "Cpus_allowed_list",
        "FDSize",
        "THP_enabled",
        "State",
        "HugetlbPages",
        "CoreDumping",
        "untag_mask",
        "x86_Thread_features",
        "x86_Thread_features_locked",
        "SigQ",
        "Speculation_Store_Bypass",
        "SpeculationIndirectBranch",
    ];
    let lines = report.lines().filter(|line| {
        let key = line.split(' ').next().unwrap_or_default();
        !passing.contains(&key) && !key.starts_with("Vm") && !key.starts_with("Rss") && !key.starts_with("Seccomp")
    });
    // Inode numbers of pipes differ.
    lines.fold(String::new(), |text, line| text + line.split("pipe:[").next().unwrap_or_default() + "\n")
}

/// The state of the parent that a start must not change.
pub(crate) fn state() -> BTreeSet<String> {
    let read = |path: &str| std::fs::read_to_string(path).expect("/proc is mounted");
    let kept = ["Uid", "Gid", "Groups", "Cap", "NoNewPrivs", "SigBlk", "SigIgn", "SigCgt", "Umask", "Threads"];
    let status = read("/proc/self/status");
    let mut state: BTreeSet<String> =
        status.lines().filter(|line| kept.iter().any(|key| line.starts_with(key))).map(str::to_owned).collect();
    state.extend(read("/proc/self/limits").lines().map(str::to_owned));
    state.insert(format!("cwd {:?}", std::env::current_dir()));
    // SAFETY: takes no pointers.
    state.insert(format!("dumpable {}", unsafe { libc::prctl(libc::PR_GET_DUMPABLE) }));
    // SAFETY: takes no pointers.
    state.insert(format!("nice {}", unsafe { libc::getpriority(libc::PRIO_PROCESS, 0) }));
    let descriptors = std::fs::read_dir("/proc/self/fd").expect("/proc is mounted");
    state.extend(descriptors.flatten().filter_map(|entry| {
        let link = std::fs::read_link(entry.path()).ok()?;
        (!link.ends_with("fd")).then(|| format!("descriptor {} {}", entry.file_name().display(), link.display()))
    }));
    state
}
