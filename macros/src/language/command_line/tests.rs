use super::program::{ProgramFault, fault, variable};
use super::*;

/// Parses a command line in which `@` is a computed word, `@@` a list of them, `{}` a computed part of a word.
fn parse(line: &str) -> (Vec<u8>, Vec<(Vec<u8>, bool)>) {
    let mut words = line.split(' ').map(|word| match word {
        "@" => (vec![HOLE], false),
        "@@" => (vec![HOLE], true),
        word => (word.replace("{}", "\0").replace('_', " ").into_bytes(), false),
    });
    let program = words.next().map(|(text, _)| text).unwrap_or_default();
    (program, words.collect())
}

fn found(line: &str) -> Option<(Kind, Option<usize>)> {
    let (program, words) = parse(line);
    let words: Vec<Word<'_>> = words
        .iter()
        .map(|(text, is_list)| Word {
            text,
            is_list: *is_list,
            is_computed: text.contains(&HOLE),
            is_verbatim: false,
            is_value: false,
        })
        .collect();
    script(&invocations(&program, &words), &words).map(|found| (found.kind, found.script))
}

#[test]
fn finds_the_script_of_a_shell() {
    for (line, script) in [
        ("sh -c exit", Some(1)),
        ("/bin/bash -lc @", Some(1)),
        ("bash -o pipefail -euc exit", Some(3)),
        ("bash --norc -c x", Some(2)),
        ("sh -c -- x", Some(2)),
        ("sh -c", None),
        ("zsh -i -c x y z", Some(2)),
        ("fish --command=x", Some(0)),
        ("nu -c x", Some(1)),
        ("pwsh -NoProfile -Command x", Some(2)),
        ("powershell.exe -enc x", Some(1)),
        ("cmd /C foo bar @", Some(1)),
        ("CMD.EXE /s/c foo", Some(1)),
        ("su -c @ postgres", Some(1)),
        ("su -lc @ postgres", Some(1)),
        ("script -qc x /dev/null", Some(1)),
        ("su - postgres -c x", Some(3)),
        ("runuser -u @ -- sh -c x", Some(5)),
        ("busybox sh -c x", Some(2)),
        ("sudo -u @ sh -c x", Some(4)),
        ("sudo -n -- /bin/sh -c x", Some(4)),
        ("sudo A=b sh -c x", Some(3)),
        ("env -i A={} bash -c x", Some(4)),
        ("/usr/bin/env sh -c x", Some(2)),
        ("sudo env nice -n 5 timeout -k 2 5 sh -c x", Some(10)),
        ("nohup setsid sh -c x", Some(3)),
        ("xargs -0 -I {} sh -c x", Some(5)),
        ("xargs -n1 sh -c x", Some(3)),
        ("chroot @ sh -c x", Some(3)),
        ("nsenter -t 1 -m -u sh -c x", Some(6)),
        ("unshare --mount --propagation private bash -c x", Some(5)),
        ("ip netns exec @ sh -c x", Some(5)),
        ("ip -n a netns exec b sh -c x", Some(7)),
        ("docker exec -i @ sh -c x", Some(5)),
        ("podman run --rm -v @:/x alpine sh -ec x", Some(7)),
        ("docker run -d @ /busybox sh -c x", Some(6)),
        ("ssh -T @ bash -c x", Some(4)),
        ("find . -exec sh -c x {} ;", Some(4)),
        ("find . -name a -execdir bash -c x ;", Some(6)),
        ("flock /lock -c x", Some(2)),
        ("flock -n /lock sh -c x", Some(4)),
        ("doas -u root sh -c x", Some(4)),
        ("systemd-run --pipe -p A=b sh -c x", Some(5)),
        ("sandbox-exec -p @ -- /bin/sh -c x sh @", Some(5)),
        ("sudo @@ sh -c x", Some(3)),
        ("sh @@ -c x", Some(2)),
    ] {
        assert_eq!(found(line), Some((Kind::Shell, script)), "{line}");
    }
}

#[test]
fn leaves_alone_what_is_no_script() {
    for line in [
        "sh script.sh -c x",
        "bash @ -c x",
        "sh -- -c",
        "bash -x script",
        "sh",
        "sudo tar -c x",
        "sudo -u sh tar -c x",
        "timeout 5 grep -c x",
        "env A=sh -u B tar -c x",
        "flock /lock tar -c x",
        "docker run alpine tar -c x",
        "kubectl logs es -c main",
        "kubectl exec -c main @ -- ls",
        "find . -name sh -newer -c",
        "git -c sh log",
        "xargs grep sh",
        "nice -n 5 gcc -c x.c",
        "ip addr show sh",
        "ssh @ id_-u",
        "pwsh -File x.ps1",
        "pwsh -ConfigurationName x -File y",
        "cmd /x",
        "cat /c",
        "fish -C x",
        "perl -e print",
        "python3 -c pass @",
        "awk -F: {print} @",
        "awk -f @ @",
        "node script.js -e @",
        "perl -I @ script.pl",
        "docker pull awk @",
    ] {
        assert_eq!(found(line), None, "{line}");
    }
}

#[test]
fn finds_the_computed_script_of_an_interpreter() {
    for (line, script) in [
        ("perl -ne @", 1),
        ("perl -I lib -e {}", 3),
        ("python3.11 -c {}", 1),
        ("ruby -e @", 1),
        ("node --eval={}", 0),
        ("awk @ file", 0),
        ("gawk -F : -v a={} {print_\"{}\"}", 4),
        ("sudo awk @", 1),
        ("deno eval @", 1),
        ("docker run python python -c @", 4),
    ] {
        assert_eq!(found(line), Some((Kind::Interpreter, Some(script))), "{line}");
    }
}

#[test]
fn knows_what_no_program_is_called() {
    for (program, expected) in [
        ("", Some(ProgramFault::Empty)),
        ("ls -l", Some(ProgramFault::CommandLine)),
        ("../ls -l", Some(ProgramFault::CommandLine)),
        ("ls \0", Some(ProgramFault::CommandLine)),
        ("/bin/gcc --version", Some(ProgramFault::CommandLine)),
        ("/bin/ls && cat /etc/passwd", Some(ProgramFault::CommandLine)),
        ("/usr/bin/env python3", Some(ProgramFault::CommandLine)),
        ("/opt/x/tool -v", Some(ProgramFault::CommandLine)),
        ("/System/Library/Menu Extras/User.menu/CGSession", None),
        ("/opt/A & B (x86)/it's", None),
        ("\0/my tool", None),
        ("A=b", Some(ProgramFault::Assignment)),
        ("~/bin/tool", Some(ProgramFault::Tilde)),
        ("$EDITOR", Some(ProgramFault::Variable)),
        ("/opt/$NAME/tool", Some(ProgramFault::Variable)),
        ("`which", Some(ProgramFault::ShellCharacter(b'`'))),
        ("ls;", Some(ProgramFault::ShellCharacter(b';'))),
        ("/bin/*sh", Some(ProgramFault::ShellCharacter(b'*'))),
        ("'ls'", Some(ProgramFault::ShellCharacter(b'\''))),
        ("cd", Some(ProgramFault::Builtin)),
        ("source", Some(ProgramFault::Builtin)),
        ("while", Some(ProgramFault::Keyword)),
        ("target/debug/tool", Some(ProgramFault::Relative)),
        ("g++", None),
        ("[", None),
        ("mkfs.ext4", None),
        ("clang++-18", None),
        ("7z", None),
        ("foo@1.2", None),
        ("test", None),
        ("\0", None),
    ] {
        assert_eq!(fault(program.as_bytes()), expected, "{program}");
    }
}

#[test]
fn tells_a_variable_from_a_dollar() {
    for (text, expected) in [
        ("$HOME", Some("$HOME")),
        ("--prefix=$HOME/x", Some("$HOME")),
        ("${XDG}/app", Some("${XDG}")),
        ("--jobs=$(nproc)", Some("$(nproc)")),
        ("foo$(date)", Some("$(date)")),
        ("`date`", Some("`date`")),
        ("a$", None),
        ("^x$", None),
        ("Outer$Inner", None),
        ("$5", Some("$5")),
        ("$5.00", None),
        ("$@", Some("$@")),
        ("a$@", None),
        ("-Wl,-rpath,$ORIGIN/lib", None),
        ("${ORIGIN}/x:$HOME", Some("$HOME")),
        ("$6$salt$hash", None),
        ("$y$j9T$x", None),
        ("it`s", None),
        ("US$", None),
        ("$\0", None),
    ] {
        assert_eq!(variable(text.as_bytes()).map(|part| std::str::from_utf8(part).unwrap()), expected, "{text}");
    }
}

/// The indices of the words that follow a `--` of their own program.
fn behind(line: &str) -> Vec<usize> {
    let (program, words) = parse(line);
    let words: Vec<Word<'_>> = words
        .iter()
        .map(|(text, is_list)| Word {
            text,
            is_list: *is_list,
            is_computed: false,
            is_verbatim: false,
            is_value: false,
        })
        .collect();
    let behind = dashes::behind_dashes(&invocations(&program, &words), &words);
    behind.iter().enumerate().filter(|(_, behind)| **behind).map(|(index, _)| index).collect()
}

#[test]
fn dashes_count_for_the_program_that_owns_them() {
    for (line, expected) in [
        ("rm -f -- a b", &[2, 3][..]),
        ("rm a b", &[]),
        ("@ -- a -- b", &[1, 2, 3]),
        ("sudo -- rm @", &[1]),
        ("sudo rm -- @", &[2]),
        ("sudo -u root -- rm -- @", &[3, 5]),
        ("sudo -u -- @ rm", &[]),
        ("env -- A=b prog @", &[1, 2]),
        ("nice -n 5 -- prog @", &[3]),
        ("timeout -- 5 prog @", &[1, 2]),
        ("sudo -- env -- prog @", &[1, 3]),
        ("xargs -- rm @", &[1]),
        ("find -- @ -exec rm @ ; @", &[1, 2, 3, 5, 6]),
        ("find @ -exec rm -- @ ; @", &[4]),
        ("ssh -- @ rm @", &[1, 2]),
        ("ssh @ -- rm @", &[2]),
        ("ssh @ -- rm -- @", &[2, 4]),
        ("ip netns exec a rm -- @", &[5]),
        ("kubectl exec pod -- rm @", &[3]),
        ("kubectl exec -it pod -c x -- @ @", &[6]),
        ("kubectl exec pod -- rm -- @", &[3, 5]),
        ("kubectl exec pod -- sudo -- rm @", &[3, 5]),
        ("kubectl run x --image=y -- @", &[]),
        ("kubectl delete pod -- a b", &[3, 4]),
        ("docker run --rm -- img rm @", &[3, 4]),
        ("docker run --name x -- img rm @", &[4, 5]),
        ("docker run --rm -it img rm -- @ @", &[6, 7]),
        ("docker run img -- @", &[3]),
        ("docker exec -i c sudo -- rm @", &[5]),
        ("docker exec -i c rm @", &[]),
        ("docker rm -f -- a b", &[3, 4]),
        ("npx -y pkg -- a b", &[3, 4]),
        ("npx -- pkg @", &[1]),
        ("gdb --args rm -- a b", &[3, 4]),
        ("uv run --no-sync rm -- a b", &[4, 5]),
        ("watch -d -n 1 -- rm @", &[4]),
        ("flatpak-spawn --host rm -- a b", &[3, 4]),
        ("mise x -- @ @@", &[2]),
        ("sandbox-exec -p @ -- @ @", &[3]),
        ("bwrap --ro-bind / / -- rm @", &[4]),
        ("su a -- -c @", &[]),
        ("tmux send-keys -t a -- @ @", &[4, 5]),
        ("tmux new-session -d -- rm @", &[3]),
        ("start-stop-daemon --start --exec x -- @", &[]),
    ] {
        assert_eq!(behind(line), expected, "{line}");
    }
}
