//! Timings compared within one run. Each round runs every contender once, in a shuffled order, so that the load of the
//! machine and the leftovers of one contender are spread over all. A ratio is the median of the rounds' ratios.

use std::time::{Duration, Instant};

/// One way to do the work of a scenario.
pub(crate) struct Contender<'a> {
    name: &'static str,
    run: Box<dyn FnMut() + 'a>,
}

impl<'a> Contender<'a> {
    pub(crate) fn new(name: &'static str, run: impl FnMut() + 'a) -> Contender<'a> {
        Contender { name, run: Box::new(run) }
    }
}

/// The time that a row may take.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) rounds: usize,
    pub(crate) at_most: Duration,
    /// Bytes to touch and free before each run: a virtual machine may first have to get the memory from its host.
    pub(crate) warmed: usize,
}

/// The cost of `airtight`, and its ratio to each other contender's.
pub(crate) struct Row {
    pub(crate) scenario: String,
    /// Microseconds, or the unit of the scenario.
    pub(crate) ours: f64,
    pub(crate) unit: &'static str,
    pub(crate) others: Vec<Other>,
    /// CPU time of parent and child, in microseconds.
    pub(crate) processor: Option<f64>,
    /// The greatest ratio allowed, and the contender that it refers to.
    pub(crate) goals: Vec<(&'static str, f64)>,
}

pub(crate) struct Other {
    pub(crate) name: &'static str,
    pub(crate) cost: f64,
    /// Our cost divided by this one's.
    pub(crate) ratio: f64,
    /// The same ratio of CPU times.
    pub(crate) processor: f64,
}

pub(crate) const OURS: &str = "airtight";

impl Row {
    /// A row of figures that were not timed here.
    pub(crate) fn counted(scenario: &str, unit: &'static str, ours: f64, others: &[(&'static str, f64)]) -> Row {
        let others =
            others.iter().map(|(name, cost)| Other { name, cost: *cost, ratio: ours / cost, processor: f64::NAN });
        Row { scenario: scenario.to_owned(), ours, unit, others: others.collect(), processor: None, goals: Vec::new() }
    }

    /// Measures the contenders of `scenario`; the first must be [`OURS`].
    pub(crate) fn measure(scenario: &str, effort: Effort, contenders: Vec<Contender<'_>>) -> Row {
        let wanted = is_wanted(scenario);
        if wanted {
            eprintln!("measuring: {scenario}");
        }
        let names: Vec<_> = contenders.iter().map(|contender| contender.name).collect();
        assert_eq!(names.first(), Some(&OURS));
        let rounds = if wanted { rounds(effort, contenders) } else { Vec::new() };
        let column =
            |index: usize, of: fn(&Cost) -> f64| median(rounds.iter().map(|round| of(&round[index])).collect());
        let by = |index: usize, of: fn(&Cost) -> f64| {
            median(rounds.iter().map(|round| of(&round[0]) / of(&round[index])).collect())
        };
        let others = (1..names.len()).map(|index| Other {
            name: names[index],
            cost: column(index, |cost| cost.time),
            ratio: by(index, |cost| cost.time),
            processor: by(index, |cost| cost.processor),
        });
        Row {
            scenario: scenario.to_owned(),
            ours: column(0, |cost| cost.time),
            unit: "µs",
            others: others.collect(),
            processor: Some(column(0, |cost| cost.processor)),
            goals: Vec::new(),
        }
    }

    /// Adds the contenders of another measurement, made beside ours at another time.
    pub(crate) fn and(mut self, more: Row) -> Row {
        self.others.extend(more.others);
        self
    }

    pub(crate) fn goal(mut self, of: &'static str, ratio: f64) -> Row {
        self.goals.push((of, ratio));
        self
    }

    pub(crate) fn of(&self, name: &str) -> Option<&Other> {
        self.others.iter().find(|other| other.name == name)
    }
}

/// Whether to measure a row: `--only PART` selects by a part of the name.
pub(crate) fn is_wanted(scenario: &str) -> bool {
    let part = std::env::args().skip_while(|argument| argument != "--only").nth(1);
    part.is_none_or(|part| scenario.contains(&part))
}

struct Cost {
    time: f64,
    processor: f64,
}

fn rounds(effort: Effort, mut contenders: Vec<Contender<'_>>) -> Vec<Vec<Cost>> {
    // One run that is not counted, to fill caches and run lazy initialization.
    contenders.iter_mut().for_each(|contender| (contender.run)());
    let (start, mut rounds) = (Instant::now(), Vec::new());
    while rounds.len() < effort.rounds && (rounds.len() < 3 || start.elapsed() < effort.at_most) {
        let mut costs: Vec<_> = contenders.iter().map(|_| Cost { time: 0.0, processor: 0.0 }).collect();
        for index in shuffled(contenders.len(), rounds.len()) {
            warm(effort.warmed);
            let (before, start) = (processor(), Instant::now());
            (contenders[index].run)();
            let time = start.elapsed().as_secs_f64() * 1e6;
            costs[index] = Cost { time, processor: processor() - before };
        }
        rounds.push(costs);
    }
    rounds
}

/// The numbers below `count`, shuffled by a linear congruential generator that `round` seeds.
fn shuffled(count: usize, round: usize) -> Vec<usize> {
    let mut order: Vec<_> = (0..count).collect();
    let mut random = round as u64 + 1;
    for last in (1..count).rev() {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        order.swap(last, (random >> 33) as usize % (last + 1));
    }
    order
}

fn warm(bytes: usize) {
    if bytes > 0 {
        let memory = crate::loops::Reserved::new(bytes);
        memory.touch();
    }
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.retain(|value| !value.is_nan());
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The CPU time of this process and of the children that it has reaped, in microseconds.
fn processor() -> f64 {
    [libc::RUSAGE_SELF, libc::RUSAGE_CHILDREN].into_iter().map(usage).sum()
}

fn usage(who: i32) -> f64 {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the structure is valid.
    unsafe { libc::getrusage(who, usage.as_mut_ptr()) };
    // SAFETY: zeroes are a valid value, and the kernel has filled it.
    let usage = unsafe { usage.assume_init() };
    let time = |time: libc::timeval| time.tv_sec as f64 * 1e6 + time.tv_usec as f64;
    time(usage.ru_utime) + time(usage.ru_stime)
}
