//! Scripts: `$0`, `$1` and so on, and refusals.

use airtight::{ErrorKind, Rule, command};

#[test]
fn arguments_are_words_of_the_script_and_nothing_else() {
    let _watch = airtight_tests::Watch::new();
    let list = ["-x", "two words"];
    let script = command! {
        "/bin/sh",
        args: ["-c", ..list, verbatim("$(id)"), format!("{};", "d")],
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
    assert!(matches!(error.kind(), ErrorKind::Refused { rule: Rule::ScriptOfNoShell, .. }), "{error:?}");
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

/// The rule and the argument of a refusal, and its message.
fn refused<Output>(ran: Result<Output, airtight::Error>) -> (Rule, Option<usize>, String) {
    let error = ran.err().expect("it is refused");
    match error.kind() {
        ErrorKind::Refused { rule, argument, .. } => (*rule, *argument, error.to_string()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_computed_shell_is_given_no_script() {
    let _watch = airtight_tests::Watch::new();
    let (shell, script) = (String::from("sh"), String::from("touch /tmp/injected"));
    let (rule, argument, message) = refused(command! { &shell, args: ["-c", &script] }.run());
    assert_eq!((rule, argument), (Rule::ShellScript, Some(2)));
    assert_eq!(
        message,
        "`sh` was not started: argument 2 is a script for the shell `sh`: run the program itself, declare \
         `shell_script`, or pass `verbatim(script)`"
    );
    let list = ["sh", "-c"];
    let (rule, argument, _) = refused(command! { "env", args: ["A=b", "--", ..list, &script] }.run());
    assert_eq!((rule, argument), (Rule::ShellScript, Some(5)));
    let checked = airtight::args!["-c", "exit 0"];
    assert_eq!(refused(command! { "bash", args: [..&checked] }.run()).0, Rule::ShellScript);
    let base = command! { "timeout", args: [5] };
    assert_eq!(refused(command! { ..base, args: ["sh", "-c", "exit 0"] }.run()).0, Rule::ShellScript);
    // The words of the script and marked words are not checked.
    let marked = command! { shell, args: ["-c", verbatim("exit $1"), "sh", 3], status: code };
    assert_eq!(marked.run().expect("it runs").status(), 3);
    let marked = command! { "env", args: ["sh", verbatim("-c"), verbatim(format!("exit {}", 4))], status: code };
    assert_eq!(marked.run().expect("it runs").status(), 4);
    let script = command! { "sh", shell_script: "exec \"$@\"", args: ["sh", "-c", verbatim("exit 5")], status: code };
    assert_eq!(script.run().expect("it runs").status(), 5);
}

#[test]
fn a_computed_interpreter_is_given_no_computed_script() {
    let _watch = airtight_tests::Watch::new();
    let (perl, name) = (String::from("perl"), String::from("x"));
    let put_together = command! { &perl, args: ["-e", format!("print '{name}'")] };
    assert_eq!(refused(put_together.run()).0, Rule::ComputedScript);
    let awk = String::from("awk");
    assert_eq!(refused(command! { awk, args: [&name] }.run()).0, Rule::ComputedScript);
    let spelled = command! { perl, args: ["-e", "print $ARGV[0]", "--", name], stdout: text };
    assert_eq!(spelled.run().expect("it runs").stdout(), "x");
}

#[test]
fn a_computed_program_is_the_name_of_a_file() {
    let _watch = airtight_tests::Watch::new();
    for (program, expected) in [
        ("ls -l", Rule::ProgramWithArguments),
        ("ls;id", Rule::ShellSyntaxInProgram),
        ("$EDITOR", Rule::ShellSyntaxInProgram),
        ("~/bin/tool", Rule::ShellSyntaxInProgram),
        ("A=b", Rule::AssignmentAsProgram),
        ("cd", Rule::ShellBuiltin),
        ("bin/tool", Rule::RelativeProgram),
        ("", Rule::EmptyProgram),
    ] {
        assert_eq!(refused(command! { program }.run()).0, expected, "{program}");
    }
    let relative = "a b/tool";
    assert_eq!(refused(command! { verbatim(relative) }.run()).0, Rule::RelativeProgram);
}

#[test]
fn a_file_whose_name_has_a_blank() {
    let _watch = airtight_tests::Watch::new();
    let folder = airtight_tests::Folder::new();
    let path = folder.path().join("bin").join("a tool");
    std::fs::create_dir(folder.path().join("bin")).expect("a folder");
    std::os::unix::fs::symlink("/bin/true", &path).expect("a link");
    command! { &path }.run().expect("it runs");
    let missing = command! { path.with_file_name("ls -l; id") }.run().unwrap_err();
    assert!(matches!(missing.kind(), ErrorKind::NotFound { .. } | ErrorKind::Start { .. }), "{missing:?}");
}
