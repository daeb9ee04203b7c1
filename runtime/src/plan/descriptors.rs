//! Schedules the descriptors of a child: which it keeps, and which numbers they get. This is a parallel move, put into
//! an order that overwrites no source too early.
//!
//! The child closes every descriptor but the sources, moves the sources to their targets, and closes every descriptor
//! but the targets. If the moves form a cycle, one source is first moved to an unused number.

use super::far::{self, FAR, FarPipe};
use super::few::Few;
use crate::fd::FIRST;
use std::os::fd::RawFd;

/// The origin of a child's descriptor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Source {
    /// `/dev/null`, opened in the child.
    #[default]
    Null,
    /// A descriptor of the parent.
    Parent(RawFd),
    /// An end of a pipe that was created for this child.
    Pipe(RawFd),
}

/// A number in the child, and the descriptor that it is to refer to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) target: RawFd,
    pub(crate) source: Source,
}

/// `dup3(from, to)`. If both are the same, the close-on-exec flag is cleared instead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Move {
    pub(crate) from: RawFd,
    pub(crate) to: RawFd,
    /// Set for a descriptor that the child itself uses and the program must not inherit.
    pub(crate) close_on_exec: bool,
}

/// The steps that a child takes with its descriptors, in this order.
#[derive(Debug)]
pub(crate) struct Schedule {
    /// The descriptors of the parent to keep from 3 up, ascending.
    pub(crate) sources: Few<RawFd>,
    /// The pipes to reopen before any move.
    pub(crate) reopened: Few<FarPipe>,
    /// The number at which to open `/dev/null`, if needed.
    pub(crate) null_at: Option<RawFd>,
    pub(crate) moves: Few<Move>,
    /// The number of the directory that the child enters, if a descriptor names it.
    pub(crate) directory: Option<RawFd>,
    /// The targets from 3 up and the directory, ascending.
    pub(crate) targets: Few<RawFd>,
}

impl Schedule {
    /// `directory` stays open until the child has entered it, `used` until the first move. With `spares_open`, only
    /// targets overwrite descriptors that are open in this process.
    pub(crate) fn new(wanted: &[Wanted], directory: Option<RawFd>, used: &[RawFd], spares_open: bool) -> Schedule {
        let is_spared = |fd| spares_open && is_open(fd);
        let kept = |far: RawFd| {
            wanted.iter().filter_map(move |wanted| match wanted.source {
                Source::Parent(fd) => Some(fd),
                Source::Pipe(fd) => Some(fd).filter(|fd| *fd <= far),
                Source::Null => None,
            })
        };
        let others = || directory.into_iter().chain(used.iter().copied());
        let highest = kept(0).chain(others()).chain([FIRST]).max().unwrap_or(FIRST);
        let has_far = kept(RawFd::MAX).any(|fd| fd > highest.saturating_add(FAR)) && far::may_be_tried();
        let far = if has_far { highest } else { RawFd::MAX };
        let sources = sorted(kept(far).chain(others()));
        let mut targets = sorted(wanted.iter().map(|wanted| wanted.target));
        let null_wanted = wanted.iter().any(|wanted| wanted.source == Source::Null);
        let null_at = null_wanted.then(|| free(|fd| is_spared(fd) || sources.contains(&fd) || targets.contains(&fd)));
        let mut reopened: Few<FarPipe> = Few::new();
        for Wanted { target, source } in wanted {
            if let Source::Pipe(from) = *source
                && from > far
                && !reopened.iter().any(|pipe| pipe.from == from)
            {
                let is_taken =
                    |fd| is_spared(fd) || sources.contains(&fd) || targets.contains(&fd) || null_at == Some(fd);
                let at = free(|fd| is_taken(fd) || reopened.iter().any(|pipe| pipe.at == fd));
                reopened.push(FarPipe { from, at, writes: *target != 0 });
            }
        }
        let mut pending: Few<Move> = wanted
            .iter()
            .map(|wanted| {
                let from = match wanted.source {
                    Source::Parent(fd) => fd,
                    Source::Pipe(fd) => reopened.iter().find(|pipe| pipe.from == fd).map_or(fd, |pipe| pipe.at),
                    // `null_at` is set if any source is `Null`.
                    Source::Null => null_at.unwrap_or(FIRST),
                };
                Move { from, to: wanted.target, close_on_exec: false }
            })
            .collect();
        let directory = directory.map(|from| {
            let is_opened = |fd| is_spared(fd) || null_at == Some(fd) || reopened.iter().any(|pipe| pipe.at == fd);
            let to = free(|fd| sources.contains(&fd) || targets.contains(&fd) || is_opened(fd));
            pending.push(Move { from, to, close_on_exec: true });
            targets.push(to);
            targets.sort_unstable();
            to
        });
        let moves = in_order(pending, &targets, is_spared);
        let above = |fds: Few<RawFd>| fds.iter().copied().filter(|fd| *fd >= FIRST).collect();
        Schedule { sources: above(sources), reopened, null_at, moves, directory, targets: above(targets) }
    }

    /// Whether a step of this schedule opens, moves or replaces `fd`. Every other number from 3 up is left alone from
    /// the first step to the last.
    pub(crate) fn is_used(&self, fd: RawFd) -> bool {
        fd < FIRST
            || self.null_at == Some(fd)
            || self.reopened.iter().any(|pipe| pipe.from == fd || pipe.at == fd)
            || self.targets.contains(&fd)
            || self.moves.iter().any(|step| step.from == fd || step.to == fd)
    }
}

fn sorted(fds: impl Iterator<Item = RawFd>) -> Few<RawFd> {
    let mut fds: Few<_> = fds.collect();
    fds.sort_unstable();
    fds.dedup();
    fds
}

/// The lowest number from 3 up that is not taken.
fn free(taken: impl Fn(RawFd) -> bool) -> RawFd {
    (FIRST..).find(|fd| !taken(*fd)).unwrap_or(RawFd::MAX)
}

fn is_open(fd: RawFd) -> bool {
    // SAFETY: F_GETFD takes no pointer and changes nothing. If the number is not open, it fails with EBADF.
    unsafe { libc::fcntl(fd, libc::F_GETFD) >= 0 }
}

/// Orders the moves so that each comes after all that read the number it overwrites.
fn in_order(mut pending: Few<Move>, targets: &[RawFd], is_spared: impl Fn(RawFd) -> bool) -> Few<Move> {
    let mut ordered = Few::new();
    while !pending.is_empty() {
        let is_read = |fd: RawFd, except: usize| {
            pending.iter().enumerate().any(|(index, step)| index != except && step.from == fd && step.to != fd)
        };
        match (0..pending.len()).find(|&index| !is_read(pending[index].to, index)) {
            Some(ready) => ordered.push(pending.swap_remove(ready)),
            None => {
                // Every target is still to be read, so the moves form a cycle. One descriptor is moved aside.
                let at = pending[0].to;
                let is_taken = |fd| targets.contains(&fd) || pending.iter().any(|step| step.from == fd);
                let aside = free(|fd| is_spared(fd) || is_taken(fd));
                ordered.push(Move { from: at, to: aside, close_on_exec: true });
                pending.iter_mut().filter(|step| step.from == at).for_each(|step| step.from = aside);
            }
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::{Move, Schedule, Source, Wanted};
    use std::collections::BTreeMap;

    /// The child's table after the schedule: for each number, the origin of the descriptor.
    fn carry_out(schedule: &Schedule) -> BTreeMap<i32, Source> {
        let mut table: BTreeMap<i32, Source> =
            (0..3).chain(schedule.sources.iter().copied()).map(|fd| (fd, Source::Parent(fd))).collect();
        if let Some(null_at) = schedule.null_at {
            assert!(!table.contains_key(&null_at), "/dev/null would overwrite {null_at}");
            table.insert(null_at, Source::Null);
        }
        for pipe in schedule.reopened.iter() {
            assert!(!table.contains_key(&pipe.at), "{pipe:?} would overwrite it");
            table.insert(pipe.at, Source::Pipe(pipe.from));
        }
        for Move { from, to, .. } in schedule.moves.iter() {
            table.insert(*to, table[from]);
        }
        table.retain(|fd, _| *fd < 3 || schedule.targets.contains(fd));
        table
    }

    #[test]
    fn every_map_of_few_numbers_arrives() {
        // Each of four targets from any of five sources or the null device. This includes cycles, chains and copies.
        let sources = [
            Source::Null,
            Source::Parent(0),
            Source::Parent(1),
            Source::Parent(2),
            Source::Parent(3),
            Source::Parent(4),
        ];
        for case in 0..sources.len().pow(4) {
            let pick = |digit: u32| sources[case / sources.len().pow(digit) % sources.len()];
            let wanted: Vec<_> = (0..4).map(|target| Wanted { target, source: pick(target.unsigned_abs()) }).collect();
            let table = carry_out(&Schedule::new(&wanted, None, &[], false));
            for Wanted { target, source } in &wanted {
                assert_eq!(table[target], *source, "{wanted:?}");
            }
            assert_eq!(table.len(), 4, "{wanted:?}");
        }
    }

    #[test]
    fn far_pipes_are_let_go_of_and_arrive() {
        for low in [Source::Null, Source::Parent(1), Source::Parent(3), Source::Parent(200), Source::Pipe(4)] {
            let sources = [low, Source::Pipe(1000), Source::Pipe(1002), Source::Parent(7)];
            let wanted: Vec<_> = (0..).zip(sources).map(|(target, source)| Wanted { target, source }).collect();
            let schedule = Schedule::new(&wanted, Some(9), &[11], false);
            assert!(schedule.sources.iter().all(|fd| *fd <= 200), "{schedule:?}");
            let table = carry_out(&schedule);
            let number = |source: Source| match source {
                Source::Null => None,
                Source::Parent(fd) | Source::Pipe(fd) => Some(fd),
            };
            for Wanted { target, source } in &wanted {
                assert_eq!(number(table[target]), number(*source), "{wanted:?}");
            }
            assert_eq!(table.len(), 5, "the directory besides: {table:?}");
        }
    }
}
