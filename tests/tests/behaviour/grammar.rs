//! A declaration in each form of the grammar.

use airtight::{args, command};

const OBSERVER: &str = env!("CARGO_BIN_EXE_observer");

#[test]
fn the_declaration_of_the_readme() {
    let _watch = airtight_tests::Watch::new();
    // That the declaration compiles is the test: where this dnsmasq is not installed, the command fails.
    let ran =
        command! { "/usr/bin/dnsmasq", args: ["--version"], env: pass_common + <TERM = "xterm">, stdout: buffer }.run();
    match ran {
        Ok(output) => assert!(output.stdout().starts_with(b"Dnsmasq version ")),
        Err(error) => {
            assert!(!std::path::Path::new("/usr/bin/dnsmasq").exists(), "{error}");
            assert_eq!(error.to_string(), "`/usr/bin/dnsmasq` does not exist");
            airtight_tests::skipped("the_declaration_of_the_readme", "dnsmasq is not installed (package dnsmasq-base)");
        }
    }
}

#[test]
fn every_delimiter_separator_and_order() {
    let _watch = airtight_tests::Watch::new();
    let (file, list) = ("/dev/null", ["x"]);
    let expected = command! {
        OBSERVER,
        args: ["--a", "--k" = 1, ("-m", "v"), ..list, if true { "b" }],
        argv0: "name",
        env: empty + { A = "1" } + "B=2",
        cwd: "/",
        umask: 0o027,
        stdin: file(file),
        stdout: buffer(max = 1 << 16),
        stderr: null,
        status: success(0, 1),
    };
    let formatted = command!(
        OBSERVER,
        status = success(0, 1),
        stderr = null,
        stdout = buffer(max = 1 << 16),
        stdin = file(file),
        umask = 0o027,
        cwd = "/",
        env = [empty, A = "1", "B=2"],
        argv0 = "name",
        args = [
            "--a",
            "--k" = 1,
            ("-m", "v"),
            ..list,
            if true {
                "b"
            }
        ]
    );
    let bracketed = command![OBSERVER, args: ["--a", "--k" = 1, ("-m", "v"), ..list, if true { ["b"] }], argv0 = "name",
        env: < A = "1", B = 2 >, cwd: "/", umask = 0o027, stdin: file(file), stdout = buffer(max = 65536), stderr: null,
        status: success(0, 1)];
    assert_eq!(expected.to_string(), formatted.to_string());
    assert_eq!(expected.to_string(), bracketed.to_string());
    let run = |command: airtight::Command<_, airtight::stdio::Buffer, _, _>| -> Vec<String> {
        let output = command.run().expect("it runs").into_stdout();
        let report = String::from_utf8(output).expect("the observer writes text");
        let steady = |line: &&str| ["argv", "env", "cwd", "fd", "Umask"].iter().any(|key| line.starts_with(key));
        report.lines().filter(steady).filter(|line| !line.contains("pipe:")).map(str::to_owned).collect()
    };
    let seen = run(expected);
    assert!(seen.contains(&"argv name".to_owned()) && seen.contains(&"env B=2".to_owned()), "{seen:?}");
    assert_eq!(seen, run(formatted));
    assert_eq!(seen, run(bracketed));
}

#[test]
fn the_least_of_a_declaration() {
    let _watch = airtight_tests::Watch::new();
    command!("true").run().expect("it runs");
    command!["true"].run().expect("it runs");
    command! { "true", }.run().expect("it runs");
    command! { "true", args: [], env: [], stdio: null }.run().expect("it runs");
    assert!(args![].is_empty() && args!().is_empty() && args! {}.is_empty());
}

#[test]
fn an_expression_wherever_one_can_stand() {
    let _watch = airtight_tests::Watch::new();
    fn program() -> std::path::PathBuf {
        "/bin/true".into()
    }
    struct Config {
        program: String,
    }
    let config = Config { program: "true".to_owned() };
    command! { program() }.run().expect("it runs");
    command! { config.program, args: [config.program.len(), [1, 2][0], (3)] }.run().expect("it runs");
    command! { &*config.program }.run().expect("it runs");
    command! { format!("/bin/{}", "true") }.run().expect("it runs");
    command! { if config.program.is_empty() { "false" } else { "true" } }.run().expect("it runs");
    let run = |spec: u8, command: u8| command! { "true", args: [spec, command] }.to_string();
    assert_eq!(run(1, 2), "true 1 2", "the expansion is hygienic");
}
