//! Wrappers: programs that start a program named in their arguments.

use super::invocation::{Certainty, Invocation};
use super::program::assignment;
use super::word::{Word, is_one_of};

pub(super) struct Wrapper {
    names: &'static [&'static str],
    place: InnerProgram,
}

/// The place of the inner program.
enum InnerProgram {
    /// After options and a number of operands.
    Behind(Prefix),
    /// Directly after one of these words, as in `find -exec`. Its words end at `;` or `+`.
    After(&'static [&'static str]),
    /// After these two words and one operand, as in `ip netns exec NAME`.
    AfterBoth(&'static [[&'static str; 2]]),
    /// After options that are not all known: any word may be it.
    Anywhere,
}

struct Prefix {
    /// Letters of options whose value is the next word.
    short: &'static str,
    /// Long options whose value is the next word.
    long: &'static [&'static str],
    /// The number of operands before the program: the duration of `timeout`, the root of `chroot`.
    operands: usize,
    certainty: Certainty,
}

/// The ends of the words that a wrapper itself reads.
struct Read {
    /// The `--` that ended its options.
    dashes: Option<usize>,
    /// The word that names the program.
    program: Option<usize>,
}

const fn behind(short: &'static str, long: &'static [&'static str], operands: usize) -> InnerProgram {
    InnerProgram::Behind(Prefix { short, long, operands, certainty: Certainty::Known })
}

const fn remote(short: &'static str, operands: usize) -> InnerProgram {
    InnerProgram::Behind(Prefix { short, long: &[], operands, certainty: Certainty::Remote })
}

const fn wrapper(names: &'static [&'static str], place: InnerProgram) -> Wrapper {
    Wrapper { names, place }
}

const WRAPPERS: &[Wrapper] = &[
    wrapper(
        &["sudo", "sudo-rs"],
        behind(
            "aCcDghpRrTtUu",
            &[
                "--user",
                "--group",
                "--host",
                "--prompt",
                "--chroot",
                "--chdir",
                "--role",
                "--type",
                "--close-from",
                "--command-timeout",
                "--other-user",
                "--auth-type",
            ],
            0,
        ),
    ),
    wrapper(&["doas"], behind("aCu", &[], 0)),
    wrapper(&["pkexec", "run0"], behind("u", &["--user"], 0)),
    wrapper(&["pfexec", "ptime", "nohup", "setsid", "fakeroot"], behind("PliSs", &[], 0)),
    wrapper(&["proxychains", "proxychains4"], behind("f", &[], 0)),
    wrapper(&["su-exec", "gosu"], behind("", &[], 1)),
    wrapper(&["env"], behind("uCSP", &["--unset", "--chdir", "--split-string"], 0)),
    wrapper(&["nice"], behind("n", &["--adjustment"], 0)),
    wrapper(&["ionice"], behind("cn", &["--class", "--classdata"], 0)),
    wrapper(&["chrt"], behind("TPD", &[], 1)),
    wrapper(&["taskset"], behind("", &[], 1)),
    wrapper(&["numactl"], behind("iNmCpP", &[], 0)),
    wrapper(&["timeout", "gtimeout"], behind("ks", &["--kill-after", "--signal"], 1)),
    wrapper(&["stdbuf"], behind("ioe", &["--input", "--output", "--error"], 0)),
    wrapper(&["time", "gtime"], behind("fo", &["--format", "--output"], 0)),
    wrapper(
        &["xargs", "gxargs"],
        behind(
            "aEdILnPs",
            &["--arg-file", "--delimiter", "--max-lines", "--max-args", "--max-procs", "--max-chars", "--replace"],
            0,
        ),
    ),
    wrapper(&["chroot"], behind("", &["--userspec", "--groups"], 1)),
    wrapper(&["nsenter"], behind("tSGW", &["--target", "--setuid", "--setgid", "--wdns"], 0)),
    wrapper(
        &["unshare"],
        behind(
            "RwSGl",
            &["--root", "--wd", "--setuid", "--setgid", "--propagation", "--map-user", "--map-group", "--setgroups"],
            0,
        ),
    ),
    wrapper(
        &["setpriv"],
        behind(
            "",
            &[
                "--reuid",
                "--regid",
                "--ruid",
                "--euid",
                "--rgid",
                "--egid",
                "--groups",
                "--inh-caps",
                "--ambient-caps",
                "--bounding-set",
                "--securebits",
                "--pdeathsig",
                "--selinux-label",
                "--apparmor-profile",
            ],
            0,
        ),
    ),
    wrapper(&["runcon"], behind("tulr", &["--type", "--user", "--role", "--range"], 1)),
    wrapper(&["flock"], behind("wEx", &["--wait", "--timeout", "--conflict-exit-code"], 1)),
    wrapper(&["setarch"], behind("", &[], 1)),
    wrapper(&["linux32", "linux64", "i386", "x86_64"], behind("", &[], 0)),
    wrapper(&["strace", "ltrace"], behind("abeEIoOPpsSuXU", &["--trace", "--output", "--string-limit", "--attach"], 0)),
    wrapper(&["valgrind", "dbus-run-session", "dbus-launch", "catchsegv", "tini", "dumb-init"], behind("pew", &[], 0)),
    wrapper(&["xvfb-run"], behind("efnps", &[], 0)),
    wrapper(&["unbuffer", "winpty", "catatonit", "eatmydata", "systemd-cat"], behind("tp", &[], 0)),
    wrapper(&["sshpass"], behind("pfdPm", &[], 0)),
    wrapper(
        &["systemd-run"],
        behind(
            "pHMuEC",
            &[
                "--property",
                "--unit",
                "--host",
                "--machine",
                "--setenv",
                "--uid",
                "--gid",
                "--slice",
                "--description",
                "--working-directory",
                "--on-calendar",
                "--on-active",
                "--service-type",
                "--nice",
                "--background",
            ],
            0,
        ),
    ),
    wrapper(&["systemd-inhibit"], behind("", &["--what", "--who", "--why", "--mode"], 0)),
    wrapper(&["busybox", "toybox"], behind("", &[], 0)),
    wrapper(&["ssh", "mosh", "autossh"], remote("BbcDEeFIiJLlMmOoPpQRSWw", 1)),
    wrapper(&["find", "gfind"], InnerProgram::After(&["-exec", "-execdir", "-ok", "-okdir"])),
    wrapper(&["fd", "fdfind"], InnerProgram::After(&["-x", "--exec", "-X", "--exec-batch"])),
    wrapper(&["ip"], InnerProgram::AfterBoth(&[["netns", "exec"], ["vrf", "exec"]])),
    wrapper(
        &[
            "docker",
            "podman",
            "nerdctl",
            "kubectl",
            "oc",
            "crictl",
            "ctr",
            "runc",
            "crun",
            "lxc",
            "lxc-attach",
            "lxc-execute",
            "incus",
            "jexec",
            "zlogin",
            "pot",
            "machinectl",
            "systemd-nspawn",
            "vagrant",
            "bwrap",
            "firejail",
            "proot",
            "sandbox-exec",
            "flatpak",
            "flatpak-spawn",
            "toolbox",
            "distrobox",
            "distrobox-enter",
            "snap",
            "nix",
            "nix-shell",
            "direnv",
            "mise",
            "asdf",
            "poetry",
            "uv",
            "bundle",
            "npx",
            "pnpm",
            "bunx",
            "caffeinate",
            "arch",
            "start-stop-daemon",
            "cgexec",
            "prlimit",
            "perf",
            "gdb",
            "script",
            "tmux",
            "screen",
            "runuser",
            "su",
            "wsl",
            "capsh",
            "rsh",
            "dsh",
            "pdsh",
            "qemu-x86_64",
            "qemu-aarch64",
            "gcloud",
            "watch",
            "entr",
            "parallel",
            "daemonize",
            "chpst",
            "setuidgid",
            "s6-setuidgid",
            "envdir",
            "aa-exec",
            "minijail0",
        ],
        InnerProgram::Anywhere,
    ),
];

pub(super) fn find(name: &[u8]) -> Option<&'static Wrapper> {
    if name.is_empty() {
        return None;
    }
    WRAPPERS.iter().find(|wrapper| is_one_of(name, wrapper.names))
}

impl Wrapper {
    /// Whether the program follows options that are all known.
    pub(super) fn is_behind(&self) -> bool {
        matches!(self.place, InnerProgram::Behind(_))
    }

    /// Whether any word may be the program.
    pub(super) fn is_anywhere(&self) -> bool {
        matches!(self.place, InnerProgram::Anywhere)
    }

    /// The `--` that ends its own options, if those are known.
    pub(super) fn dashes(&self, outer: &Invocation<'_>, words: &[Word<'_>]) -> Option<usize> {
        match &self.place {
            InnerProgram::Behind(prefix) => prefix.read(outer, words).dashes,
            _ => None,
        }
    }

    /// Calls `found` with each program among the words of `outer`.
    pub(super) fn each<'a>(&self, outer: &Invocation<'a>, words: &[Word<'a>], mut found: impl FnMut(Invocation<'a>)) {
        let mut add = |index: usize, end: usize, certainty: Certainty| {
            if let Some(word) = words.get(index).filter(|_| index < end) {
                let program = if word.is_unknown() { &[][..] } else { word.text };
                let certainty = if outer.certainty == Certainty::Remote { Certainty::Remote } else { certainty };
                found(Invocation { program, index: Some(index), start: index + 1, end, certainty });
            }
        };
        let range = outer.start..outer.end;
        match &self.place {
            InnerProgram::Behind(prefix) => {
                if let Some(index) = prefix.read(outer, words).program {
                    add(index, outer.end, prefix.certainty);
                }
            }
            InnerProgram::After(options) => {
                let ends = |word: &Word<'_>| word.text == b";" || word.text == b"+";
                let mut index = outer.start;
                while index < outer.end {
                    let is_option = is_any(&words[index], options);
                    index += 1;
                    if is_option {
                        // All words up to the end belong to the program.
                        let end = words[index..outer.end].iter().position(ends).map_or(outer.end, |at| index + at);
                        add(index, end, Certainty::Known);
                        index = end;
                    }
                }
            }
            InnerProgram::AfterBoth(pairs) => {
                let at = (outer.start..outer.end).find(|index| {
                    let next = words[..outer.end].get(index + 1);
                    pairs.iter().any(|[a, b]| {
                        words[*index].text == a.as_bytes() && next.is_some_and(|next| next.text == b.as_bytes())
                    })
                });
                if let Some(index) = at {
                    add(index + 3, outer.end, Certainty::Known);
                }
            }
            InnerProgram::Anywhere => {
                for index in range.filter(|index| !words[*index].is_option() && !words[*index].is_unknown()) {
                    add(index, outer.end, Certainty::Guessed);
                }
            }
        }
    }
}

fn is_any(word: &Word<'_>, options: &[&str]) -> bool {
    word.known().is_some_and(|text| options.iter().any(|option| option.as_bytes() == text))
}

impl Prefix {
    fn read(&self, outer: &Invocation<'_>, words: &[Word<'_>]) -> Read {
        let (mut index, mut operands, mut dashes) = (outer.start, self.operands, None);
        while index < outer.end {
            let word = &words[index];
            let (text, options) = (word.text, dashes.is_none());
            if word.is_list {
                // A list may be empty or hold options, so the next word may still be the program.
                index += 1;
            } else if options && word.is_dashes() {
                (dashes, index) = (Some(index), index + 1);
            } else if options && word.is_option() {
                index += if self.takes_next(text) { 2 } else { 1 };
            } else if (options && word.is_unknown() && word.is_verbatim)
                || (operands == 0 && assignment(text).is_some())
            {
                index += 1;
            } else if operands > 0 {
                (operands, index) = (operands - 1, index + 1);
            } else {
                return Read { dashes, program: Some(index) };
            }
        }
        Read { dashes, program: None }
    }

    /// Whether the value of this option is the next word.
    fn takes_next(&self, option: &[u8]) -> bool {
        if option.starts_with(b"--") {
            return self.long.iter().any(|long| long.as_bytes() == option);
        }
        // A letter in the middle of a cluster has its value attached.
        let letters = &option[1..];
        let valued = letters.iter().position(|letter| self.short.as_bytes().contains(letter));
        valued.is_some_and(|at| at + 1 == letters.len())
    }
}
