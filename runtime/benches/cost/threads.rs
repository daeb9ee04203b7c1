//! Many threads starting programs at once. The cost of a row is the wall time divided by the number of starts.

use crate::limit::{self, Stack, State};
use crate::measure::{Contender, Effort, OURS, Row};
use crate::peers;
use crate::starts::NULL;
use crate::{Bench, goals};
use airtight::command;

/// Starts in a round, over all threads.
const STARTS: usize = 320;

pub(crate) fn starting(bench: &Bench, threads: usize) -> Row {
    let (program, path) = (bench.programs.exit(), bench.c_path(&bench.programs.exit()));
    let spread = |start: &(dyn Fn(&mut Stack) + Sync)| {
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    let mut stack = Stack::new();
                    (0..STARTS / threads).for_each(|_| start(&mut stack));
                });
            }
        });
    };
    let contenders = vec![
        Contender::new(OURS, || {
            spread(&|_| {
                command! { &program, stdio: null }.run().expect("it runs");
            });
        }),
        Contender::new("by hand", || {
            spread(&|stack| {
                limit::start(stack, &path, bench.envp(), NULL).wait();
            });
        }),
        Contender::new("limit", || {
            spread(&|stack| {
                limit::start(stack, &path, bench.envp(), State::default()).wait();
            });
        }),
        // Inherits no variable, so nothing is copied under std's environment lock.
        Contender::new("env declared", || {
            spread(&|_| {
                command! { &program, stdio: null, env: empty + { LC_ALL = "C" } }.run().expect("it runs");
            });
        }),
        Contender::new("std", || spread(&|_| assert!(peers::std_null(&program).status().expect("it runs").success()))),
        Contender::new("duct", || {
            spread(&|_| {
                duct::cmd!(&program).stdin_null().stdout_null().stderr_null().run().expect("it runs");
            });
        }),
    ];
    let effort = Effort { rounds: (bench.effort.rounds / 40).max(3), at_most: bench.effort.at_most, warmed: 0 };
    let mut row = Row::measure(&format!("{threads} threads starting at once"), effort, contenders);
    row.ours /= STARTS as f64;
    row.processor = row.processor.map(|time| time / STARTS as f64);
    row.others.iter_mut().for_each(|other| other.cost /= STARTS as f64);
    if threads == 32 { row.goal("limit", goals::THREADS_TO_LIMIT) } else { row }
}
