//! Scripts: `$0`, `$1` and so on, and what is refused.

use airtight::{ErrorKind, Rule, command};

#[test]
fn arguments_are_words_of_the_script_and_nothing_else() {
    let _watch = airtight_tests::Watch::new();
    let list = ["-x", "two words"];
    let script = command! {
        "/bin/sh",
        args: ["-c", ..list, "$(id)", format!("{};", "d")],
        shell_script: r#"printf '%s|' "$0" "$#" "$@""#,
        stdout: text,
    };
    assert_eq!(script.run().expect("it runs").stdout(), "sh|5|-c|-x|two words|$(id)|d;|");
}

#[test]
fn constants_and_verbatim_scripts() {
    let _watch = airtight_tests::Watch::new();
    const SCRIPT: &str = "exit 3";
    let shell = "sh";
    assert_eq!(command! { shell, shell_script: SCRIPT, status: code }.run().expect("it runs").status(), 3);
    let computed = format!("exit {}", 4);
    assert_eq!(command! { "bash", shell_script: verbatim(computed), status: code }.run().expect("it runs").status(), 4);
    let hidden = command! { "sh", shell_script: verbatim(secret(String::from("true hunter2"))), args: ["x"] };
    assert_eq!(hidden.to_string(), "sh -c *** sh x");
}

#[test]
fn a_computed_program_that_is_no_shell() {
    let _watch = airtight_tests::Watch::new();
    let program = String::from("/usr/bin/python3");
    let error = command! { program, shell_script: "exit 0" }.run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Refused { rule: Rule::ShellScript, .. }), "{error:?}");
}

#[test]
fn of_a_base() {
    let _watch = airtight_tests::Watch::new();
    let shell = command! { "sh", env: { GREETING = "hello" }, stdout: text };
    assert_eq!(
        command! { ..shell, shell_script: "echo $GREETING $1", args: ["you"] }.run().expect("it runs").stdout(),
        "hello you\n"
    );
}
