//! No program is started inside a dry run: through panics, in nested scopes, by other threads.

use airtight::dry_run::{Answer, DryRun, Recorded, forbid, record};
use airtight::{ErrorKind, command};
use airtight_tests::{Folder, Watch, alone};
use std::cell::Cell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Runs a command that creates the file `proof` if it is really started.
fn touch(proof: &Path) -> bool {
    command! { "touch", args: ["--", proof] }.run().is_ok()
}

/// A destructor that runs a command.
struct TouchesWhenDropped(PathBuf);

impl Drop for TouchesWhenDropped {
    fn drop(&mut self) {
        touch(&self.0);
    }
}

fn texts(commands: &[Recorded]) -> Vec<&str> {
    commands.iter().map(|command| command.program().to_str().expect("UTF-8")).collect()
}

#[test]
fn a_panicking_answer_leaves_the_scope_open() {
    let _watch = Watch::new();
    let folder = Folder::new();
    let proof = folder.join("proof");
    let refuses_mount = |command: &Recorded| {
        assert_ne!(command.program(), "mount", "a test's assertion");
        Answer::success()
    };
    let (answered, commands) = record(refuses_mount, || {
        assert!(catch_unwind(|| command! { "mount" }.run()).is_err());
        touch(&proof)
    });
    assert!(answered && !proof.exists());
    assert_eq!(texts(&commands), ["mount", "touch"]);
}

#[test]
fn a_destructor_during_a_panic_starts_nothing() {
    let _watch = Watch::new();
    let folder = Folder::new();
    let proof = folder.join("proof");
    for panics_again in [false, true] {
        let answer = move |command: &Recorded| {
            assert!(command.program() != "mount" && !panics_again, "a test's assertion");
            Answer::success()
        };
        let body = || {
            let _guard = TouchesWhenDropped(proof.clone());
            command! { "mount" }.run()
        };
        assert!(catch_unwind(AssertUnwindSafe(|| record(answer, body))).is_err());
        assert!(!proof.exists(), "started by a destructor");
    }
    // All scopes are closed.
    assert!(touch(&proof) && proof.exists());
}

#[test]
fn a_panic_of_an_inner_scope_leaves_the_outer_one_open() {
    let _watch = Watch::new();
    let folder = Folder::new();
    let proof = folder.join("proof");
    let (answered, commands) = record(
        |_| Answer::success(),
        || {
            let inner = || record(|_| panic!("a test's panic"), || command! { "mount" }.run());
            assert!(catch_unwind(inner).is_err());
            let (_, seen) = record(|_| Answer::exit(1), || assert!(!touch(&proof)));
            assert_eq!(texts(&seen), ["touch"]);
            touch(&proof)
        },
    );
    assert!(answered && !proof.exists());
    assert_eq!(texts(&commands), ["touch"]);
}

#[test]
fn what_an_answer_runs_itself_is_not_started() {
    let _watch = Watch::new();
    let folder = Folder::new();
    let proof = folder.join("proof");
    let inner_proof = proof.clone();
    let inner = move |_: &Recorded| {
        let error = command! { "touch", args: ["--", &inner_proof] }.run().map(drop);
        Answer::exit(if error.is_ok() { 5 } else { 6 })
    };
    let in_scope = |answer| record(answer, || command! { "true", status: code }.run().expect("answered").status());
    // Without an outer scope it is an error.
    let (status, commands) = in_scope(inner.clone());
    assert_eq!((status, texts(&commands)), (6, vec!["true"]));
    // With one, the outer scope answers.
    let (status, outer) = record(|_| Answer::success(), || in_scope(inner).0);
    assert_eq!((status, texts(&outer)), (5, vec!["touch"]));
    assert!(!proof.exists());
}

#[test]
fn scopes_may_be_left_in_any_order() {
    let _watch = Watch::new();
    let (first, second) = (DryRun::new(|_| Answer::exit(1)), DryRun::new(|_| Answer::exit(2)));
    let status = || command! { "sh", args: ["-"], status: code }.run().expect("a shell without input").status();
    let (in_first, in_second) = (first.enter(), second.enter());
    assert_eq!(status(), 2);
    let again = first.enter();
    assert_eq!(status(), 1);
    drop(in_first);
    assert_eq!(status(), 1);
    drop(again);
    assert_eq!(status(), 2);
    drop(in_second);
    assert_eq!(status(), 0, "a shell");
    assert_eq!((first.recorded().len(), second.recorded().len()), (2, 2));
}

#[test]
fn threads_that_enter_it() {
    let _watch = Watch::new();
    let folder = Folder::new();
    let proof = folder.join("proof");
    let dry_run = DryRun::new(|_| Answer::success());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let _entered = dry_run.enter();
                for _ in 0..50 {
                    assert!(touch(&proof));
                }
            });
        }
    });
    assert_eq!(dry_run.recorded().len(), 400);
    assert!(!proof.exists());
    assert!(touch(&proof) && proof.exists(), "this thread never entered it");
}

#[test]
fn a_future_that_another_thread_goes_on_with() {
    let _watch = Watch::new();
    let folder = Folder::new();
    let proof = folder.join("proof");
    let dry_run = DryRun::new(|_| Answer::success().stdout("said"));
    /// Polls a future in this thread until it is done.
    fn finish<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(future)
    }
    let code = async {
        command! { "touch", args: ["--", &proof], stdout: text }.background()?.await.map(|output| output.into_stdout())
    };
    let said = std::thread::scope(|scope| {
        let run = scope.spawn(|| {
            let _entered = dry_run.enter();
            finish(code)
        });
        run.join().expect("the thread")
    });
    assert_eq!(said.expect("it seems to run"), "said");
    assert!(!proof.exists());
}

/// In a process of its own: it would answer the commands of other tests.
#[test]
fn the_process_as_a_whole() {
    alone("the_process_as_a_whole", || {
        let folder = Folder::new();
        let proof = folder.join("proof");
        let dry_run = DryRun::new(|_| Answer::success());
        let entered = dry_run.enter_process();
        let in_a_thread = || std::thread::scope(|scope| scope.spawn(|| touch(&proof)).join().expect("the thread"));
        assert!(in_a_thread() && touch(&proof));
        // A scope of the thread takes precedence.
        let (answered, own) = record(|_| Answer::exit(1), || touch(&proof));
        assert!(!answered && own.len() == 1);
        let waits = || command! { ..command! { "touch", args: ["--", &proof] }, daemonize, handshake }.spawn();
        waits().expect("it seems to wait").proceed().expect("it seems to go on");
        assert!(
            command! { "touch", args: ["--", &proof] }
                .exec()
                .to_string()
                .contains("a dry run does not replace this process")
        );
        assert_eq!(dry_run.recorded().len(), 4);
        assert!(!proof.exists());
        drop(entered);
        assert!(in_a_thread() && proof.exists());
    });
}

#[test]
fn programs_are_forbidden() {
    alone("programs_are_forbidden", || {
        let folder = Folder::new();
        let proof = folder.join("proof");
        let touch_it = || command! { "touch", args: ["--", secret(&proof)] };
        let (forbidden, twice) = (forbid(), forbid());
        let named = |error: airtight::Error| {
            assert!(matches!(error.kind(), ErrorKind::Start { .. }), "{error:?}");
            let text = error.to_string();
            let names_it = text.contains("`touch -- ***`") && text.contains("starting programs is forbidden here");
            assert!(names_it && !text.contains("proof"), "{text}");
        };
        let run_elsewhere = || std::thread::scope(|scope| scope.spawn(|| touch_it().run()).join().expect("a thread"));
        named(touch_it().run().unwrap_err());
        named(run_elsewhere().unwrap_err());
        named(touch_it().background().unwrap_err());
        named(touch_it().spawn().unwrap_err());
        named(touch_it().exec());
        named(command! { ..touch_it(), daemonize }.run().unwrap_err());
        named(command! { ..touch_it(), handshake }.spawn().unwrap_err());
        named(command! { ..touch_it(), daemonize, handshake }.spawn().unwrap_err());
        let (answered, commands) = record(|_| Answer::success(), || touch_it().run().is_ok());
        assert!(answered && commands.len() == 1);
        drop(forbidden);
        named(run_elsewhere().unwrap_err());
        drop(twice);
        assert!(!proof.exists());
        run_elsewhere().expect("it runs");
        assert!(proof.exists());
    });
}

/// Destructors of thread-locals run after the thread's scopes are gone.
#[test]
fn a_thread_that_ends() {
    alone("a_thread_that_ends", || {
        thread_local! {
            static LATE: Cell<Option<TouchesWhenDropped>> = const { Cell::new(None) };
        }
        let folder = Folder::new();
        let proof = folder.join("proof");
        let dry_run = DryRun::new(|_| Answer::success());
        let _entered = dry_run.enter_process();
        let late = TouchesWhenDropped(proof.clone());
        std::thread::spawn(|| {
            LATE.set(Some(late));
            record(|_| Answer::success(), || command! { "true" }.run().is_ok());
        })
        .join()
        .expect("the thread");
        assert!(!proof.exists());
        assert_eq!(dry_run.recorded().len(), 1);
    });
}

/// The closure of `record` need not be `Send`.
#[test]
fn an_answer_of_one_thread() {
    let _watch = Watch::new();
    let asked = Rc::new(Cell::new(0));
    let counted = Rc::clone(&asked);
    let count = move |_: &Recorded| {
        counted.set(counted.get() + 1);
        Answer::success()
    };
    record(count, || (0..3).for_each(|_| assert!(command! { "true" }.run().is_ok())));
    assert_eq!(asked.get(), 3);
}

/// A command that waited before the scope was opened is not executed, and its child ends.
#[test]
fn one_that_waits_already() {
    alone("one_that_waits_already", || {
        let _watch = Watch::new();
        let folder = Folder::new();
        let proof = folder.join("proof");
        let waits = || command! { "touch", args: ["--", &proof], handshake }.spawn().expect("it waits");
        let daemon = || command! { "touch", args: ["--", &proof], daemonize, handshake }.spawn().expect("it waits");
        let refused = |error: airtight::Error, why: &str| {
            assert!(matches!(error.kind(), ErrorKind::Start { .. }), "{error:?}");
            let text = error.to_string();
            assert!(text.contains(why) && text.contains("`touch -- "), "{text}");
        };
        let dry_run = DryRun::new(|_| Answer::success());
        let before = "before this dry run began";
        let (one, two) = (waits(), daemon());
        let entered = dry_run.enter_process();
        refused(one.proceed().unwrap_err(), before);
        refused(two.proceed().unwrap_err(), before);
        drop(entered);
        let (one, two) = (waits(), daemon());
        let entered = dry_run.enter();
        refused(one.proceed().unwrap_err(), before);
        refused(two.proceed().unwrap_err(), before);
        // A command answered by the dry run itself is answered also after the dry run has ended.
        let answered = waits();
        drop(entered);
        answered.proceed().expect("it seems to go on").wait().expect("it seems to run");
        let one = waits();
        let (result, _) = record(|_| Answer::success(), || one.proceed());
        refused(result.unwrap_err(), before);
        let (one, two) = (waits(), daemon());
        let forbidden = forbid();
        refused(one.proceed().unwrap_err(), "starting programs is forbidden here");
        refused(two.proceed().unwrap_err(), "starting programs is forbidden here");
        drop(forbidden);
        airtight_tests::no_children();
        assert!(!proof.exists());
        assert_eq!(dry_run.recorded().len(), 1);
        waits().proceed().expect("it goes on").wait().expect("it runs");
        assert!(proof.exists());
    });
}

/// The thread of a background command runs its callbacks in the scopes of the thread that started it.
#[test]
fn a_callback_in_the_background() {
    let _watch = Watch::new();
    let folder = Folder::new();
    let proof = folder.join("proof");
    let calls_back = || {
        let (proof, guard) = (proof.clone(), TouchesWhenDropped(proof.clone()));
        let ran = command! {
            "nothing",
            stdout: lines(move |_| {
                let _guard = &guard;
                command! { "touch", args: ["--", &proof] }.run().map(drop).map_err(std::io::Error::other)
            }),
        };
        ran.background().expect("it seems to run").wait().map(drop)
    };
    let dry_run = DryRun::new(|_| Answer::success().stdout("a line\n"));
    let entered = dry_run.enter();
    calls_back().expect("answered");
    drop(entered);
    assert_eq!(texts(&dry_run.recorded())[..2], ["nothing", "touch"]);
    // The closure of `record` is not `Send`.
    let (result, commands) = record(|_| Answer::success().stdout("a line\n"), calls_back);
    let error = result.unwrap_err().to_string();
    assert!(error.contains("use a `DryRun`"), "{error}");
    assert_eq!(texts(&commands), ["nothing"]);
    assert!(!proof.exists());
}
