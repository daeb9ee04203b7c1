//! For each rule, declarations close to it that it must accept, under the name of the rule: all of them must compile.

use airtight::{Args, args, command};
use std::fs::File;

/// Shows a command as a shell command line.
macro_rules! builds {
    ($($declaration:tt)*) => {
        assert!(!command! { $($declaration)* }.to_string().is_empty())
    };
}

#[test]
fn shell_script() {
    let (script, list) = (String::from("exit 0"), ["a"]);
    builds! { "sh", shell_script: "test \"$1\" = x", args: ["-c", verbatim("$HOME")] };
    builds! { "sh", args: ["script.sh", "-c", "x"] };
    builds! { "bash", args: ["-x", "/srv/run.sh", "-c"] };
    builds! { "sh", args: ["-c", verbatim(script)] };
    builds! { "sudo", args: ["sh", "-c", verbatim("id -u > /tmp/id")] };
    builds! { "sudo", args: [("-u", "sh"), "tar", "-c", "x"] };
    builds! { "xargs", args: ["grep", "sh", "-c"] };
    builds! { "kubectl", args: ["logs", "web", "-c", "main"] };
    builds! { "ssh", args: ["-T", "host", "--", "cd /srv && ls $HOME > /tmp/list"] };
    builds! { "env", args: ["-i", "PATH=/bin", "ls", ..list] };
    builds! { "git", args: ["-c", "core.pager=sh -c cat", "log"] };
}

#[test]
fn computed_script() {
    const SCRIPT: &str = "print(input())";
    let (name, script) = (String::from("x"), String::from("1"));
    builds! { "python3", args: ["-c", SCRIPT, "--", &name] };
    builds! { "python3", args: ["script.py", "-c", &name] };
    builds! { "awk", args: ["-v", format!("name={name}"), "$1 == name { print }", &name] };
    builds! { "awk", args: [("-f", &name), "--", &name] };
    builds! { "perl", args: ["-ne", "print if /x/", &name] };
    builds! { "node", args: ["-e", verbatim(&script)] };
    builds! { "sh", shell_script: verbatim(script) };
}

#[test]
fn script_of_no_shell() {
    builds! { "/usr/bin/zsh", shell_script: "exit" };
}

#[test]
fn empty_program() {
    builds! { "[", args: ["a", "]"] };
}

#[test]
fn relative_program() {
    let folder = "/opt";
    builds! { format!("{folder}/bin/tool") };
    builds! { "/opt/../bin/tool" };
}

#[test]
fn program_with_arguments() {
    let folder = "/opt/my tools";
    builds! { "/opt/Menu Extras/tool" };
    builds! { format!("{folder}/a tool") };
    builds! { verbatim("/usr/bin/my tool") };
    builds! { "sudo", args: ["/opt/my tools/tool", "a b"] };
    builds! { "sudo", args: [verbatim("my tool")] };
    builds! { "ssh", args: ["host", "id -u"] };
}

#[test]
fn shell_syntax_in_program() {
    for program in ["g++", "mkfs.ext4", "clang++-18", "7z", "foo@2", "x86_64-linux-gnu-gcc"] {
        builds! { program };
    }
    builds! { "/opt/A & B (x86)/it's" };
    builds! { verbatim("$tool") };
}

#[test]
fn assignment_as_program() {
    builds! { "env", args: ["RUST_LOG=debug", "cargo"] };
    builds! { "/opt/a=b/tool" };
}

#[test]
fn shell_builtin() {
    builds! { "echo" };
    builds! { "test", args: ["-e", "x"] };
    builds! { "/usr/bin/cd" };
    builds! { "sudo", args: ["kill", 1] };
}

#[test]
fn shell_operator() {
    builds! { "find", args: [".", "-exec", "cat", "{}", ";"] };
    builds! { "find", args: [".", "-exec", "cat", "{}", "+", "-o", "-name", "x"] };
    builds! { "expr", args: [1, "<", 2, "|", 3] };
    builds! { "grep", args: ["-c", ">", "genome.fa"] };
    builds! { "cut", args: ["-d", "|", "-f", 1] };
    builds! { "sort", args: [("-t", ";"), "file"] };
    builds! { "pip", args: ["install", "a>=1,<2", ">=1.0"] };
    builds! { "echo", args: ["a | b", "a && b; c", "a > b", "<b>bold</b>", "&amp;", "x&y"] };
    builds! { "tool", args: [verbatim("|"), "<html>", "=>", "->", "{}", "!"] };
    builds! { "dpkg", args: ["--compare-versions", 1, "<<", 2] };
    builds! { "ssh", args: ["host", "ls", ">", "/tmp/list"] };
}

#[test]
fn shell_variable() {
    builds! { "awk", args: ["{print$1}"] };
    builds! { "sudo", args: ["sed", "-n", "$p", "file"] };
    builds! { "jq", args: ["--arg", "x", 1, "$x"] };
    builds! { "make", args: ["CC=$(CROSS)gcc"] };
    builds! { "systemd-run", args: ["--scope", "echo", "$USER"] };
    builds! { "gcc", args: ["-Wl,-rpath,$ORIGIN/../lib", "x.c"] };
    builds! { "java", args: ["Outer$Inner"] };
    builds! { "usermod", args: ["-p", "$6$salt$hash", "user"] };
    builds! { "echo", args: ["costs $5 or more", "US$", "it`s", "see $HOME and `date`"] };
    builds! { "dpkg-query", args: ["-W", "-f=${Version}"] };
    builds! { "tool", args: [verbatim("$HOME")] };
}

#[test]
fn tilde() {
    builds! { "git", args: ["diff", "HEAD~1", "HEAD~"] };
    builds! { "npm", args: ["install", "~1.2.3"] };
    builds! { "emerge", args: ["~amd64"] };
    builds! { "scp", args: ["host:~/file", "."] };
    builds! { "echo", args: ["~5 minutes", verbatim("~/x")] };
    builds! { "ssh", args: ["host", "ls", "~/x"] };
}

#[test]
fn glob() {
    builds! { "find", args: [".", "-name", "*.rs"] };
    builds! { "git", args: ["add", "*.c"] };
    builds! { "tar", args: ["--exclude", "*.o", "-cf", "a.tar", "--exclude=*.a", "."] };
    builds! { "tar", args: ["-xf", "a.tar", "--wildcards", "*.txt"] };
    builds! { "ls", args: ["-I", "*.o"] };
    builds! { "rm", args: ["file[1].txt", verbatim("*")] };
    builds! { "rsync", args: ["host:/srv/*", "."] };
    builds! { "grep", args: ["-r", "a*b?", "."] };
    builds! { "scoop", args: ["update", "*"] };
}

#[test]
fn quoted_argument() {
    builds! { "jq", args: ["\"x\""] };
    builds! { "grep", args: ["-q", "\"name\"", "package.json"] };
    builds! { "gsettings", args: ["set", "org.x", "key", "'value'"] };
    builds! { "rustc", args: ["--cfg", "feature=\"x\"", "--cfg=feature=\"y\""] };
    builds! { "echo", args: ["\"", "''", "it's", "'a' or 'b'", verbatim("'x'")] };
    builds! { "curl", args: ["-d", "{\"a\": \"b\"}"] };
}

#[test]
fn flag_with_value() {
    let title = String::from("x");
    builds! { "git", args: ["commit", ("-m", "-x marks the spot"), "--", "-o value"] };
    builds! { "git", args: ["commit", "-m", "--force is dangerous"] };
    builds! { "go", args: ["build", "-ldflags", "-X main.version=1 -s"] };
    builds! { "cargo", args: ["rustc", "--", "-C", "link-args=-L /x -l foo"] };
    builds! { "make", args: ["CFLAGS=-O2 -g", "--eval=A = b"] };
    builds! { "unknown", args: ["-long option"] };
    builds! { "echo", args: ["- item", "--- a ---", "-5 degrees", "-"] };
    builds! { "grep", args: ["-e", "-x value", "file"] };
    builds! { "notify-send", args: [format!("--app-name={title} x")] };
    builds! { "tool", args: [verbatim("-o value")] };
}

#[test]
fn detached_dash() {
    builds! { "git", args: ["commit", "-m", "- la", "-"] };
    builds! { "notify-send", args: ["- item"] };
}

#[test]
fn typographic_character() {
    builds! { "notify-send", args: ["1914–1918", "– a remark –", "he said “no”", "it’s"] };
    builds! { "echo", args: [verbatim("“x”")] };
}

#[test]
fn escaped_blank() {
    builds! { "sed", args: ["s/\\ /_/", "file"] };
    builds! { "find", args: [".", "-regex", ".*\\ .*"] };
    builds! { "printf", args: ["a\\nb c"] };
    builds! { "tool", args: [verbatim("a\\ b")] };
}

#[test]
fn subcommand_with_arguments() {
    builds! { "git", args: [("-C", "/a b"), "status"] };
    builds! { "git", args: ["-C", "/a b", "commit", "-m", "a b"] };
    builds! { "git", args: ["submodule", "foreach", "git pull"] };
    builds! { "cargo", args: ["+nightly", "run", "--", "a b"] };
    builds! { "docker", args: ["--context", "my host", "ps"] };
    builds! { "virsh", args: ["list --all"] };
}

#[test]
fn nul() {
    builds! { "printf", args: ["a\\0b", r"\0"] };
}

#[test]
fn misplaced_mark() {
    let token = String::from("x");
    builds! {
        "curl",
        args: [verbatim("~"), secret(&token), ("--user", secret(&token))],
        env: { TOKEN = secret(&token) },
    };
}

#[test]
fn pair_key() {
    builds! { "tool", args: ["--define" = "a=b", "key" = "=", "=x"] };
}

#[test]
fn relative_path() {
    builds! { "tool", cwd: "/", env: xdg("/srv"), stdout: file("relative") };
}

#[test]
fn empty_path() {
    builds! { "tool", args: [""], stdout: append("x") };
}

#[test]
fn key_given_twice() {
    builds! { "tool", stdin: null, stdout: null, stderr: null };
}

#[test]
fn pipe_beside_served_stream() {
    let _ = command! { "tool", stdin: pipe, stdout: pipe, stderr: null };
    let _ = command! { "tool", stdin: null, stdout: buffer, stderr: lines(|_line| ()) };
}

#[test]
fn variable_name() {
    builds! { "tool", env: { A_1 = "=", "odd-name" = "" } + "B==" };
}

#[test]
fn named_twice() {
    let (a, b) = ([("A", "1")], [("A", "2")]);
    builds! { "tool", env: pass(A) + ..a + ..b + { B = "A=" } };
}

#[test]
fn contradicting_terms() {
    builds! { "tool", env: inherit + remove(A) };
    builds! { "tool", env: empty + { A = 1 } };
}

#[test]
fn descriptor_number() {
    let file = File::open("/dev/null").expect("it opens");
    let _ = command! { "tool", fds: [3 = &file, 4 = &file] };
}

#[test]
fn descriptor_name() {
    let file = File::open("/dev/null").expect("it opens");
    let _ = command! { "tool", args: ["--fd" = fd(file), fd(file)], fds: [&file] };
}

#[test]
fn unknown_name() {
    builds! { "tool", caps: keep(NET_ADMIN, CHECKPOINT_RESTORE), limits: [nofile = 1], pdeathsig: SIGTERM };
}

#[test]
fn limit_range() {
    builds! { "tool", limits: [nofile = (1024, 1024), core = 0] };
}

#[test]
fn nice_range() {
    builds! { "tool", nice: -20 };
    builds! { "tool", nice: 19 };
}

#[test]
fn oom_score_adj_range() {
    builds! { "tool", oom_score_adj: -1000 };
    builds! { "tool", oom_score_adj: 1000 };
}

#[test]
fn empty_cpus() {
    builds! { "tool", cpus: [0] };
}

#[test]
fn exit_code() {
    builds! { "tool", status: success(0, 255) };
}

#[test]
fn umask() {
    builds! { "tool", umask: 0o777 };
    builds! { "tool", umask: 0 };
}

#[test]
fn user_name() {
    builds! { "tool", user: "nobody" };
}

#[test]
fn ids_together() {
    builds! { "tool", uid: 1, gid: 1, groups: [1, 2] };
}

#[test]
fn one_leader() {
    builds! { "tool", process_group };
    builds! { "tool", session };
}

#[test]
fn daemon() {
    let _ = command! { "tool", daemonize, umask: 0o022, nice: 5 };
}

#[test]
fn descendants() {
    let _ = command! { "tool", daemonize, descendants: leave };
    let base = command! { "tool", descendants: kill };
    let _ = command! { ..base, daemonize, descendants: leave };
}

#[test]
fn pidfile_without_daemonize() {
    let _ = command! { "tool", daemonize, pidfile: "/run/tool.pid" };
    let base = command! { "tool", daemonize };
    let _ = command! { ..base, pidfile: "/run/tool.pid" };
}

/// Words that are not a command of their own are checked without knowing which program reads them.
#[test]
fn lists() {
    let list: Args = args!["a b", "'", "x|y", ("-t", "|"), verbatim("~")];
    builds! { "tool", args: [..list] };
}
