//! Finds the words that follow a `--` of the program that reads them, which that program takes for operands.
//!
//! A `--` ends the options of one program: in `sudo -- rm` those of `sudo`, not those of `rm`. For wrappers whose
//! options are not all known (`docker run`, `kubectl exec`), the table below says where the inner program stands.

use super::invocation::{Certainty, Invocation};
use super::invocations;
use super::word::{Word, is_one_of};
use super::wrappers;

/// The maximum nesting of wrappers. Behind deeper ones, no `--` counts.
const DEEPEST: usize = 16;

/// Whether `option` is an option, so that the word after it in a pair is its value. `-` and `--` are not options.
pub(crate) fn has_value(option: &[u8]) -> bool {
    option.len() > 1 && option.starts_with(b"-") && option != b"--"
}

/// For each word, whether it follows a `--` of its own program.
pub(crate) fn behind_dashes(invocations: &[Invocation<'_>], words: &[Word<'_>]) -> Vec<bool> {
    let mut behind = vec![false; words.len()];
    mark(invocations, words, &mut behind, DEEPEST);
    behind
}

/// Sets these flags in `behind` for `words`.
fn mark(invocations: &[Invocation<'_>], words: &[Word<'_>], behind: &mut [bool], deepest: usize) {
    // The invocation that reads each word. Inner invocations follow outer ones in the list.
    let mut owners = vec![0; words.len()];
    let known = || invocations.iter().enumerate().filter(|(_, invocation)| invocation.certainty != Certainty::Guessed);
    for (owner, invocation) in known() {
        owners[invocation.start..invocation.end].fill(owner);
    }
    for (owner, invocation) in known() {
        // The words of an outer program may continue after an inner one: `find -exec … ; …`.
        let own = |index: &usize| owners[*index] == owner;
        let range = invocation.start..invocation.end;
        match wrappers::find(invocation.name()) {
            Some(wrapper) if wrapper.is_behind() => {
                let Some(dashes) = wrapper.dashes(invocation, words) else { continue };
                range.filter(|index| *index > dashes).filter(own).for_each(|index| behind[index] = true);
            }
            Some(wrapper) if !wrapper.is_anywhere() => all_behind(range, own, words, behind),
            _ => match started(invocation, words) {
                Some(started) => {
                    let own = started.dashes.map_or(started.inner, |dashes| dashes + 1)..started.inner;
                    own.for_each(|index| behind[index] = true);
                    inner(&started, invocation.end, words, behind, deepest);
                }
                None => all_behind(range, own, words, behind),
            },
        }
    }
}

/// Marks the words of a program without a table entry: its first `--` ends its options.
fn all_behind(range: std::ops::Range<usize>, own: impl Fn(&usize) -> bool, words: &[Word<'_>], behind: &mut [bool]) {
    let mut ended = false;
    for index in range.filter(own) {
        behind[index] = ended;
        ended |= words[index].is_dashes();
    }
}

/// Marks the words of the inner program, which form a command line again.
fn inner(started: &Started<'_>, end: usize, words: &[Word<'_>], behind: &mut [bool], deepest: usize) {
    let (words, behind) = (&words[started.inner..end], &mut behind[started.inner..end]);
    let Some(deepest) = deepest.checked_sub(1) else { return };
    mark(&invocations(started.program, words), words, behind, deepest);
}

/// The inner program of a wrapper.
struct Started<'a> {
    /// The wrapper's own `--`.
    dashes: Option<usize>,
    program: &'a [u8],
    /// The index of the first word of the program.
    inner: usize,
}

/// A wrapper whose options are not all known.
struct Starter {
    names: &'static [&'static str],
    /// The subcommands that start a program; without any, every call does.
    subcommands: &'static [&'static str],
    place: StartedAt,
}

/// The place of the inner program.
enum StartedAt {
    /// After the first `--`.
    Dashes,
    /// No word names it: the words after the first `--` are its arguments.
    Arguments,
    /// After the options, which a `--` may end, and this many operands. The letters are those of options without a
    /// value: the word after any other option may be its value.
    Operands(usize, &'static str),
}

const fn starter(names: &'static [&'static str], subcommands: &'static [&'static str], place: StartedAt) -> Starter {
    Starter { names, subcommands, place }
}

const STARTERS: &[Starter] = &[
    starter(&["docker", "podman", "nerdctl"], &["run", "exec", "create"], StartedAt::Operands(1, "itdqP")),
    starter(&["crictl"], &["exec"], StartedAt::Operands(1, "ist")),
    starter(&["runc", "crun"], &["exec"], StartedAt::Operands(1, "dt")),
    starter(&["ctr"], &["run"], StartedAt::Operands(2, "dt")),
    starter(&["ctr"], &["exec"], StartedAt::Operands(1, "dt")),
    starter(&["kubectl", "oc"], &["exec", "debug", "rsh"], StartedAt::Dashes),
    starter(&["kubectl", "oc"], &["run"], StartedAt::Arguments),
    starter(&["lxc", "incus"], &["exec"], StartedAt::Dashes),
    starter(
        &["lxc-attach", "lxc-execute", "bwrap", "sandbox-exec", "systemd-nspawn", "proot", "wsl"],
        &[],
        StartedAt::Dashes,
    ),
    starter(&["machinectl"], &["shell"], StartedAt::Operands(1, "q")),
    starter(&["vagrant", "gcloud"], &["ssh"], StartedAt::Arguments),
    starter(&["start-stop-daemon", "capsh"], &[], StartedAt::Arguments),
    starter(&["nix"], &["run"], StartedAt::Arguments),
    starter(&["flatpak", "snap"], &["run"], StartedAt::Operands(1, "dpv")),
    starter(&["toolbox"], &["run"], StartedAt::Operands(0, "vy")),
    starter(&["distrobox"], &["enter"], StartedAt::Dashes),
    starter(&["distrobox-enter"], &[], StartedAt::Dashes),
    starter(&["mise"], &["x", "exec"], StartedAt::Dashes),
    starter(&["asdf", "bundle", "pnpm"], &["exec", "dlx"], StartedAt::Operands(0, "crs")),
    starter(&["direnv"], &["exec"], StartedAt::Operands(1, "")),
    starter(&["poetry", "uv"], &["run"], StartedAt::Operands(0, "mnqv")),
    starter(&["perf"], &["stat", "record", "trace"], StartedAt::Operands(0, "adgsTv")),
    starter(
        &["tmux"],
        &["new-session", "new", "new-window", "neww", "split-window", "splitw", "respawn-pane", "respawn-window"],
        StartedAt::Operands(0, "abdfhIkvADEPXZ"),
    ),
    starter(&["npx", "bunx"], &[], StartedAt::Operands(0, "qy")),
    starter(&["caffeinate"], &[], StartedAt::Operands(0, "dimsu")),
    starter(&["watch"], &[], StartedAt::Operands(0, "bcdegprtwx")),
    starter(&["entr"], &[], StartedAt::Operands(0, "acdnprsxz")),
    starter(&["parallel"], &[], StartedAt::Operands(0, "0kmqtuX")),
    starter(&["gdb", "arch", "qemu-x86_64", "qemu-aarch64", "minijail0"], &[], StartedAt::Operands(0, "nqhivr")),
    starter(&["firejail", "flatpak-spawn", "cgexec", "prlimit", "aa-exec"], &[], StartedAt::Operands(0, "di")),
    starter(&["daemonize", "chpst"], &[], StartedAt::Operands(0, "avPV012")),
    starter(&["setuidgid", "s6-setuidgid", "envdir", "jexec", "zlogin"], &[], StartedAt::Operands(1, "lCEQ")),
    starter(&["runuser"], &[], StartedAt::Dashes),
    starter(&["choom"], &[], StartedAt::Operands(0, "hV")),
    starter(&["uclampset"], &[], StartedAt::Operands(0, "asRvhV")),
    starter(&["coresched"], &["new", "copy", "exec"], StartedAt::Operands(0, "vhV")),
    starter(&["rlwrap"], &[], StartedAt::Operands(0, "aAchiImnNoprRvW")),
    starter(&["cpulimit"], &[], StartedAt::Operands(0, "zivbfkrmh")),
    starter(&["torsocks", "torify"], &[], StartedAt::Operands(0, "idqhv")),
    starter(&["fakechroot"], &[], StartedAt::Operands(0, "sbhv")),
    starter(&["podman", "buildah"], &["unshare"], StartedAt::Operands(0, "")),
    // The `--` may follow an operand: `buildah run CONTAINER -- PROGRAM`.
    starter(&["buildah"], &["run"], StartedAt::Dashes),
    starter(&["apptainer", "singularity"], &["exec"], StartedAt::Operands(1, "eCcipunfw")),
    starter(&["conda", "mamba", "micromamba"], &["run"], StartedAt::Operands(0, "v")),
    starter(
        &[
            "ld.so",
            "ld-linux.so.2",
            "ld-linux-x86-64.so.2",
            "ld-linux-aarch64.so.1",
            "ld-musl-x86_64.so.1",
            "ld-musl-aarch64.so.1",
        ],
        &[],
        StartedAt::Operands(0, ""),
    ),
    starter(&["script"], &[], StartedAt::Dashes),
    // Their `--` may follow the name of the script; they do not pass it.
    starter(
        &["npm", "yarn", "pnpm"],
        &["run", "run-script", "exec", "x", "dlx", "start", "test"],
        StartedAt::Arguments,
    ),
    starter(&["cargo"], &["run", "r", "test", "t", "bench"], StartedAt::Arguments),
    // The words after the user's name are arguments of that user's shell.
    starter(&["su"], &[], StartedAt::Arguments),
];

/// Long options of these wrappers without a value, besides `--no-…`.
const SWITCHES: &[&str] = &[
    "--args",
    "--detach",
    "--frozen",
    "--host",
    "--init",
    "--interactive",
    "--locked",
    "--login",
    "--noprofile",
    "--offline",
    "--privileged",
    "--publish-all",
    "--quiet",
    "--read-only",
    "--rm",
    "--tty",
    "--verbose",
    "--yes",
];

/// The program that `outer` starts, if the table has an entry for it.
fn started<'a>(outer: &Invocation<'_>, words: &[Word<'a>]) -> Option<Started<'a>> {
    let first_dashes = (outer.start..outer.end).find(|index| words[*index].is_dashes());
    let (starter, start) =
        STARTERS.iter().filter(|starter| is_one_of(outer.name(), starter.names)).find_map(|starter| {
            let is_subcommand =
                |index: &usize| starter.subcommands.iter().any(|word| word.as_bytes() == words[*index].text);
            match starter.subcommands {
                [] => Some((starter, outer.start)),
                _ => {
                    let at = (outer.start..first_dashes.unwrap_or(outer.end)).find(is_subcommand)?;
                    Some((starter, at + 1))
                }
            }
        })?;
    match starter.place {
        StartedAt::Dashes => first_dashes.map(|dashes| program_at(Some(dashes), dashes + 1, outer, words)),
        StartedAt::Arguments => {
            first_dashes.map(|dashes| Started { dashes: Some(dashes), program: b"", inner: dashes + 1 })
        }
        StartedAt::Operands(operands, switches) => {
            let (dashes, first) = operand(start..outer.end, words, switches)?;
            Some(program_at(dashes, (first + operands).min(outer.end), outer, words))
        }
    }
}

/// The program that this word names. Its name is unknown if the word is an option.
fn program_at<'a>(dashes: Option<usize>, index: usize, outer: &Invocation<'_>, words: &[Word<'a>]) -> Started<'a> {
    match words[..outer.end].get(index) {
        Some(word) if !word.is_option() || dashes.is_some_and(|dashes| dashes + 1 == index) => {
            let program = if word.is_unknown() { &[][..] } else { word.text };
            Started { dashes, program, inner: index + 1 }
        }
        _ => Started { dashes, program: b"", inner: index },
    }
}

/// The first operand, and the `--` before it.
fn operand(range: std::ops::Range<usize>, words: &[Word<'_>], switches: &str) -> Option<(Option<usize>, usize)> {
    let mut index = range.start;
    while index < range.end {
        let word = &words[index];
        if word.is_dashes() {
            return Some((Some(index), index + 1));
        }
        if !word.is_option() && !word.is_list {
            return Some((None, index));
        }
        let next = words[..range.end].get(index + 1);
        let takes_next =
            word.is_option() && !is_switch(word.text, switches) && next.is_some_and(|next| !next.is_option());
        index += if takes_next { 2 } else { 1 };
    }
    None
}

fn is_switch(option: &[u8], switches: &str) -> bool {
    let letters = || option.iter().skip(1).all(|letter| switches.as_bytes().contains(letter));
    let long = || option.starts_with(b"--no-") || SWITCHES.iter().any(|switch| switch.as_bytes() == option);
    option.contains(&b'=') || letters() || long()
}
