//! Commands recorded and answered instead of started.

use airtight::command;
use airtight::dry_run::{Answer, How, Recorded, record};
use airtight_tests::Folder;
use std::io::{Read, Write};

fn answer(command: &Recorded) -> Answer {
    match command.program().to_str() {
        Some("says") => Answer::success().stdout("out\nsecond").stderr("err"),
        Some("fails") => Answer::exit(3).stderr("first\nno such device\n"),
        Some("dies") => Answer::signal(9),
        _ => Answer::success(),
    }
}

/// No process has this pid, so that a signal to it fails with ESRCH.
const NOBODY: u32 = i32::MAX as u32;

#[test]
fn every_way_of_running() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let proof = folder.join("proof");
    let touch = || command! { "touch", args: ["--", &proof] };
    let ((), commands) = record(answer, || {
        touch().run().expect("it seems to run");
        touch().background().expect("it seems to start").wait().expect("it seems to run");
        let child = touch().spawn().expect("it seems to start");
        assert_eq!(child.id(), NOBODY);
        child.wait().expect("it seems to run");
        touch().spawn().expect("it seems to start").into_pid().wait().expect("it seems to run");
        assert_eq!(command! { ..touch(), daemonize }.run().expect("it seems to start").id(), NOBODY);
        command! { ..touch(), handshake }
            .spawn()
            .expect("it seems to wait")
            .proceed()
            .expect("it seems to go on")
            .wait()
            .expect("it seems to run");
        let daemon = command! { ..touch(), daemonize, handshake }.spawn().expect("it seems to wait");
        assert_eq!(daemon.proceed().expect("it seems to go on").id(), NOBODY);
        assert!(touch().exec().to_string().ends_with("a dry run does not replace this process"));
    });
    let how: Vec<_> = commands.iter().map(Recorded::how).collect();
    assert_eq!(
        how,
        [
            How::Served,
            How::Served,
            How::Alongside,
            How::Alongside,
            How::Daemon,
            How::Alongside,
            How::Daemon,
            How::Replacing
        ]
    );
    assert!(!proof.exists(), "it was started");
    touch().run().expect("it runs");
    assert!(proof.exists(), "outside of the scope it is started");
}

#[test]
fn answers_arrive_as_declared() {
    let _watch = airtight_tests::Watch::new();
    let (out, (mut lines, mut records)) = (String::from("out\nsecond"), (Vec::new(), Vec::new()));
    record(answer, || {
        let says = || command! { "says" };
        let captured = command! { ..says(), stdout: text, stderr: buffer }.run().expect("it seems to run");
        assert_eq!((captured.stdout(), captured.stderr()), (out.as_str(), &b"err"[..]));
        assert_eq!(
            command! { ..says(), stdout: text, stderr: stdout }.run().expect("merged").stdout(),
            "out\nseconderr"
        );
        command! {
            ..says(),
            stdout: lines(|line| lines.push(line.to_owned())),
            stderr: split(b'r', |piece| records.push(piece.to_vec())),
        }
        .run()
        .expect("it seems to run");
        let error = command! { ..says(), stdout: buffer(max = 3) }.run().unwrap_err();
        assert_eq!(error.stdout(), b"out");
        let mut child = command! { ..says(), stdin: pipe, stdout: pipe }.spawn().expect("it seems to start");
        child.take_stdin().expect("a pipe").write_all(b"into the void").expect("it takes it");
        let mut text = String::new();
        child.take_stdout().expect("a pipe").read_to_string(&mut text).expect("its end");
        assert_eq!(text, out);
        child.wait().expect("it seems to run");

        let failed = command! { "fails" }.run().unwrap_err();
        assert_eq!(failed.to_string(), "`fails` exited with code 3: no such device");
        assert_eq!(command! { "fails", status: code }.spawn().expect("it seems to start").wait().expect("any code"), 3);
        assert_eq!(command! { "dies" }.run().unwrap_err().to_string(), "`dies` was killed by SIGKILL");
    });
    assert_eq!(lines, ["out", "second"]);
    assert_eq!(records, [b"e".to_vec(), Vec::new()]);
}

#[test]
fn the_parts_of_a_command() {
    let _watch = airtight_tests::Watch::new();
    let (_, commands) = record(answer, || {
        command! {
            "login",
            args: ["-p", secret("x y")],
            env: { A = 1, B = secret("b") },
            cwd: "/srv",
            stdin: buffer("fed"),
        }
        .run()
    });
    let [login] = &commands[..] else { panic!("{commands:?}") };
    assert_eq!(login.text(), "A=1 B=*** login -p ***");
    assert_eq!(format!("{login:?}"), "Recorded(Served, A=1 B=*** login -p ***)");
    assert_eq!((login.program().to_str(), login.args().len()), (Some("login"), 2));
    assert_eq!(login.args()[1], "x y");
    assert_eq!(login.env()[1], ("B".into(), "b".into()));
    assert_eq!((login.cwd(), login.input()), (Some("/srv".as_ref()), Some(&b"fed"[..])));
}

#[test]
fn what_is_refused_is_refused_and_not_recorded() {
    let _watch = airtight_tests::Watch::new();
    let (refused, commands) = record(answer, || command! { "rm", args: [String::from("-rf")] }.run());
    assert!(refused.is_err() && commands.is_empty());
}

#[test]
fn scoped_to_the_thread_nested_and_left_by_a_panic() {
    let _watch = airtight_tests::Watch::new();
    let ((), outer) = record(
        |_| Answer::exit(1),
        || {
            assert!(command! { "true" }.run().is_err());
            let (inner, recorded) = record(|_| Answer::success(), || command! { "false" }.run());
            assert!(inner.is_ok() && recorded.len() == 1);
            assert!(command! { "true" }.run().is_err(), "the outer scope answers again");
            let elsewhere = std::thread::spawn(|| command! { "true" }.run().is_ok());
            assert!(elsewhere.join().expect("the thread"), "another thread starts its commands");
        },
    );
    assert_eq!(outer.len(), 2);
    let panicked = std::panic::catch_unwind(|| record(|_| Answer::exit(1), || panic!("in the scope")));
    assert!(panicked.is_err() && command! { "true" }.run().is_ok());
}
