//! A secret arrives at the child and shows nowhere else.

use airtight::{args, command};
use airtight_tests::Observed;

const OBSERVER: &str = env!("CARGO_BIN_EXE_observer");
const ACTOR: &str = env!("CARGO_BIN_EXE_actor");

#[test]
fn arrives_and_is_hidden_in_every_display() {
    let _watch = airtight_tests::Watch::new();
    let (secret, list) = (String::from("hunter2"), ["hunter3", "hunter4"]);
    let command = command! {
        OBSERVER,
        args: ["--user=x", secret(&secret), "--password" = secret(&secret), ("--pin", secret(1234)), ..secret(list),
               secret("lit"), ..args![secret("inner")], verbatim(secret("-dash")), secret(format!("f{secret}"))],
        env: empty + { TOKEN = secret(&secret), OPEN = "shown" } + "LIT=literal" + ..secret([("LIST", "hunter5")]),
        stdout: buffer,
    };
    let shown = format!(
        "OPEN=shown LIT=literal LIST=*** {OBSERVER} --user=x *** --password=*** --pin *** *** *** *** *** *** ***"
    );
    assert_eq!(command.to_string(), format!("TOKEN=*** {shown}"));
    assert_eq!(format!("{command:?}"), format!("Command(TOKEN=*** {shown})"));
    assert!(!format!("{command:#}").contains("hunter"));
    let seen = command.run().expect("it runs");
    let seen = Observed::parse(seen.stdout());
    assert_eq!(
        seen.args(),
        [
            "--user=x",
            "hunter2",
            "--password=hunter2",
            "--pin",
            "1234",
            "hunter3",
            "hunter4",
            "lit",
            "inner",
            "-dash",
            "fhunter2"
        ]
    );
    assert_eq!(seen.env(), ["LIST=hunter5", "LIT=literal", "OPEN=shown", "TOKEN=hunter2"]);
}

#[test]
fn is_hidden_in_errors_and_in_the_stderr_that_they_carry() {
    let _watch = airtight_tests::Watch::new();
    let secret = "hunter2";
    let says = command! { ACTOR, args: ["stderr", format!("I was told {secret}\n{secret} it was"), "exit", 1] };
    let error = command! { ..says, env: inherit + { PASSWORD = secret(secret) } }.run().unwrap_err();
    assert_eq!(error.stderr(), b"I was told ***\n*** it was");
    let error = command! { ACTOR, args: ["stderr", secret(format!("I am {secret}")), "exit", 1] }.run().unwrap_err();
    assert_eq!(error.stderr(), b"***");
    assert_eq!(error.command_line(), format!("{ACTOR} stderr *** exit 1"));
    for text in [error.to_string(), format!("{error:?}"), format!("{error:#?}")] {
        assert!(!text.contains(secret), "{text}");
    }
    let refused = command! { "true", args: [secret("-x".to_owned() + secret)] }.run().unwrap_err();
    assert!(!format!("{refused} {refused:?}").contains(secret), "{refused:?}");
    let nul = command! { "true", args: [secret(format!("{secret}\0"))] }.run().unwrap_err();
    assert!(!format!("{nul} {nul:?}").contains(secret), "{nul:?}");
    let variable = command! { "true", env: empty + secret(secret.to_string()) }.run().unwrap_err();
    assert!(!format!("{variable} {variable:?}").contains(secret), "{variable:?}");
    // What was declared to be returned is returned as it is.
    let echo = command! { "echo", args: [secret(secret)], stdout: text }.run().expect("it runs");
    assert_eq!(echo.stdout(), "hunter2\n");
}

#[test]
fn errors_never_show_the_environment() {
    let _watch = airtight_tests::Watch::new();
    let error = command! { "false", env: inherit + { MODE = "mode-of-operation" } }.run().unwrap_err();
    assert!(!format!("{error} {error:?} {}", error.command_line()).contains("mode-of-operation"));
}
