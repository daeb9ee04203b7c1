//! Properties of a process without other threads, which the test harness has: its environ is passed without a copy, and
//! a command makes few allocations.

use airtight::command;
use airtight_tests::{Observed, own_status};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is handed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.realloc(memory, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const OBSERVER: &str = env!("CARGO_BIN_EXE_observer");

/// The environ of a child that is declared with `$env`.
macro_rules! seen {
    ($($env:tt)*) => {
        Observed::parse(command! { OBSERVER, env: $($env)*, stdout: buffer }.run().expect("the observer runs").stdout())
    };
}

fn main() {
    // cargo lists the tests of every test binary.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    assert_eq!(own_status("Threads"), 1);
    if cfg!(target_env = "musl") {
        return airtight_tests::skipped("single_thread", "musl does not say how many threads there are");
    }
    a_literal_command_makes_few_allocations();
    variables_are_handed_on_as_they_are_now();
    println!("2 passed, in a process of one thread");
}

/// The allocations of one run, after a first one has done lazy initialization.
fn allocations(run: impl Fn()) -> usize {
    run();
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    run();
    ALLOCATIONS.load(Ordering::Relaxed) - before
}

fn a_literal_command_makes_few_allocations() {
    let null = allocations(|| {
        command! { "/bin/true", args: ["--a", "--b", "--c"], stdio: null }.run().unwrap();
    });
    assert!(null <= 3, "{null} allocations");
    let served = allocations(|| {
        command! { "/bin/true", args: ["--a", "--b", "--c"] }.run().unwrap();
    });
    assert!(served <= 6, "{served} allocations");
}

fn variables_are_handed_on_as_they_are_now() {
    for value in ["first", "second, and longer", ""] {
        // SAFETY: this process has no other thread.
        unsafe { std::env::set_var("CHANGED", value) };
        let whole = Observed::parse(command! { OBSERVER, stdout: buffer }.run().expect("it runs").stdout());
        assert_eq!(whole.variable("CHANGED"), Some(value));
        assert_eq!(seen!(inherit).env(), whole.env());
        assert_eq!(seen!(inherit + { CHANGED = "declared" }).variable("CHANGED"), Some("declared"));
        assert_eq!(seen!(inherit + { ADDED = 1 }).env().len(), whole.env().len() + 1);
        assert_eq!(seen!(remove(CHANGED)).variable("CHANGED"), None);
        assert_eq!(seen!(pass(CHANGED)).variable("CHANGED"), Some(value));
    }
    // SAFETY: as above.
    unsafe { std::env::remove_var("CHANGED") };
    assert_eq!(seen!(inherit).variable("CHANGED"), None);
}
