//! A declaration written `command!(…)`, with `=` and the list form of `env`, consists of expressions, so rustfmt
//! formats it. A single form that is not an expression would leave the whole call unformatted.

use airtight_tests::{proc_is_hidden, skipped};
use std::io::Write;
use std::process::{Command, Stdio};

/// Every item of `args`.
const ARGS: &[&str] = &[
    r#""--literal""#,
    "3",
    "-1",
    "computed",
    "value.method()?",
    "value.await",
    r#""--key" = value"#,
    "FLAG = value",
    r#"("-m", message)"#,
    r#"format!("--lease={n}")"#,
    "..list",
    "..verbatim(list)",
    "..secret(list)",
    "verbatim(x)",
    "secret(x)",
    r#""--key" = secret(x)"#,
    r#"("-k", verbatim(x))"#,
    "fd(name)",
    r#""--fd" = fd(name)"#,
    r#"format!("/dev/fd/{}", fd(name))"#,
    r#"if c { "--debug" }"#,
    r#"if c { "--debug" } else { "--quiet" }"#,
    r#"if c { ["--log", "-"] } else if d { ("-a", b) } else { "--key" = v }"#,
    r#"if let Some(x) = y { ("--x", x) }"#,
    r#"if c { ..list }"#,
    r#"match m { A => "--a", B => ["-b", x], C(c) => ("-c", c), D => "--d" = d, E if e => ..list, _ => {} }"#,
    r#"for x in xs { "--x" = x }"#,
    r#"for (a, b) in xs { [a, ("-b", b), ..c, if d { "e" }] }"#,
];

/// Every term of `env`.
const ENV: &[&str] = &[
    "inherit",
    "empty",
    "pass_common",
    "pass(DISPLAY, XAUTHORITY)",
    r#"TERM = "xterm""#,
    "TOKEN = secret(x)",
    r#""ODD-NAME" = value"#,
    r#""KEY=value""#,
    r#"format!("KEY={value}")"#,
    "xdg(base)",
    "..pairs",
    "..secret(pairs)",
    "remove(A)",
];

/// Every key with every form of its value.
const KEYS: &[&str] = &[
    "argv0 = name",
    "cwd = path",
    "cwd = fd(dir)",
    "umask = 0o027",
    "stdio = inherit",
    "stdin = null",
    "stdin = inherit",
    "stdin = buffer(bytes)",
    "stdin = file(path)",
    "stdin = fd(f)",
    "stdin = pipe",
    "stdout = null",
    "stdout = inherit",
    "stdout = log",
    "stdout = buffer",
    "stdout = buffer(max = 1 << 20)",
    "stdout = text",
    "stdout = text(max = n)",
    "stdout = lines(|line| seen(line))",
    "stdout = split(0, |record| seen(record))",
    "stdout = file(path)",
    "stdout = append(path)",
    "stdout = fd(&f)",
    "stdout = pipe",
    "stdout = pipe(nonblocking)",
    "stderr = stdout",
    "stderr = if c { inherit } else { null }",
    "stderr = match c { true => inherit, false => file(path) }",
    "fds = [&kept, moved, 5 = &at_five, NUMBER = f, name = data(bytes), ..list]",
    "daemonize",
    "pidfile = path",
    "caps = clear",
    "caps = keep(NET_ADMIN, NET_RAW)",
    "user = name",
    "uid = 1",
    "gid = 1",
    "groups = [1, 2]",
    "limits = [nofile = 1024, core = 0]",
    "nice = 5",
    "no_new_privs",
    "pdeathsig = SIGTERM",
    "process_group",
    "session",
    "session(terminal)",
    "cgroup = fd(group)",
    "netns = fd(namespace)",
    "sched_core = new",
    "sched_core = share(pid)",
    "selinux = label",
    "apparmor = profile",
    "pre_exec = unsafe { f }",
    "handshake",
    "status = success",
    "status = success(0, 4)",
    "status = code",
    "status = raw",
    "timeout = Duration::from_secs(5)",
    "timeout = after(d, grace = g)",
    "timeout = after(d, signal = SIGINT, grace = g)",
    "descendants = kill",
    "descendants = leave",
    "shell_script = verbatim(x)",
];

/// The formatted source; `None` without rustfmt.
fn rustfmt(source: &str) -> Option<String> {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--config", "max_width=200"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    rustfmt.stdin.take()?.write_all(source.as_bytes()).ok()?;
    let output = rustfmt.wait_with_output().ok()?;
    // rustup installs a proxy even for a missing component; it fails with this message.
    let stderr = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() && stderr.contains("not installed") {
        return None;
    }
    assert!(output.status.success(), "{stderr}\n{source}");
    String::from_utf8(output.stdout).ok()
}

/// A function with one declaration in a layout that rustfmt changes.
fn source(entries: &str) -> String {
    format!("fn f() {{\n    command!(\"program\"   ,{entries});\n}}\n")
}

#[test]
fn formats_every_form() {
    if proc_is_hidden() {
        return skipped("formats_every_form", "rustfmt needs /proc");
    }
    let alone = |entry: String| (entry.clone(), source(&format!("   {entry}")));
    let args = ARGS.iter().map(|item| alone(format!("args = [  {item}]")));
    let env = ENV.iter().map(|term| alone(format!("env = [  {term}]")));
    let keys = KEYS.iter().map(|entry| alone((*entry).to_owned()));
    let base = [("..base".to_owned(), "fn f() {\n    command!(..base   , stdout = text);\n}\n".to_owned())];
    let list = ARGS.iter().map(|item| (format!("args![{item}]"), format!("fn f() {{\n    args!(  {item});\n}}\n")));
    for (entry, source) in args.chain(env).chain(keys).chain(base).chain(list) {
        let Some(formatted) = rustfmt(&source) else {
            return skipped("formats_every_form", "there is no rustfmt");
        };
        assert!(
            formatted != source && !formatted.contains("   ,"),
            "rustfmt leaves the call as it is: {entry}\n{formatted}"
        );
    }
}

#[test]
fn formats_all_of_them_together() {
    if proc_is_hidden() {
        return skipped("formats_all_of_them_together", "rustfmt needs /proc");
    }
    let entries = format!("args = [{}],env = [{}],{}", ARGS.join(","), ENV.join(","), KEYS.join(","));
    let Some(formatted) = rustfmt(&source(&entries)) else {
        return skipped("formats_all_of_them_together", "there is no rustfmt");
    };
    for line in [
        "        \"program\",",
        "            \"--key\" = value,",
        "            pass(DISPLAY, XAUTHORITY),",
        "        stdout = buffer(max = 1 << 20),",
    ] {
        assert!(formatted.lines().any(|formatted| formatted == line), "no line {line:?} in\n{formatted}");
    }
}
