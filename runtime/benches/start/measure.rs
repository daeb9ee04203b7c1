//! Timings that are compared within one run: each round runs every contender once, in turning order, so that what else
//! the machine does meets all of them alike.

use std::time::Instant;

/// One way of doing the same thing.
pub(crate) struct Contender<'a> {
    name: &'static str,
    run: Box<dyn FnMut() + 'a>,
}

impl<'a> Contender<'a> {
    pub(crate) fn new(name: &'static str, run: impl FnMut() + 'a) -> Contender<'a> {
        Contender { name, run: Box::new(run) }
    }
}

/// The median of each contender, in microseconds.
pub(crate) struct Row {
    pub(crate) scenario: String,
    medians: Vec<(&'static str, f64)>,
}

impl Row {
    /// The contenders of `scenario`, over so many rounds.
    pub(crate) fn measure(scenario: &str, rounds: usize, mut contenders: Vec<Contender<'_>>) -> Row {
        let mut times: Vec<Vec<f64>> = vec![Vec::with_capacity(rounds); contenders.len()];
        for round in 0..rounds {
            for turn in 0..contenders.len() {
                let index = (turn + round) % contenders.len();
                let start = Instant::now();
                (contenders[index].run)();
                times[index].push(start.elapsed().as_secs_f64() * 1e6);
            }
        }
        let medians = contenders.iter().zip(&mut times).map(|(contender, times)| {
            times.sort_by(f64::total_cmp);
            (contender.name, times[times.len() / 2])
        });
        Row { scenario: scenario.to_owned(), medians: medians.collect() }
    }

    pub(crate) fn median(&self, name: &str) -> Option<f64> {
        self.medians.iter().find(|(contender, _)| *contender == name).map(|(_, median)| *median)
    }
}
