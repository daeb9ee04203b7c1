//! CPUs by their numbers, as the kernel takes them: one bit for each, in words.

/// No kernel has more CPUs (NR_CPUS).
const MOST: usize = 8192;
/// The words of the longest mask.
pub(crate) const WORDS: usize = MOST / u64::BITS as usize;

/// A mask as long as its highest number needs.
pub(crate) struct Mask {
    pub(crate) words: Vec<u64>,
    /// How many CPUs were declared, also those that are in no mask.
    pub(crate) count: u32,
}

impl Mask {
    /// `None` where none is declared.
    pub(crate) fn new(cpus: &[u32]) -> Option<Mask> {
        let mut cpus = cpus.to_vec();
        cpus.sort_unstable();
        cpus.dedup();
        let highest = *cpus.last()?;
        let possible = || cpus.iter().map(|cpu| *cpu as usize).filter(|cpu| *cpu < MOST);
        let mut words = vec![0; (highest as usize).min(MOST - 1) / u64::BITS as usize + 1];
        possible().for_each(|cpu| words[cpu / u64::BITS as usize] |= 1 << (cpu % u64::BITS as usize));
        Some(Mask { words, count: cpus.len() as u32 })
    }
}

/// The most ranges that an error shows.
const SHOWN: usize = 16;

/// For an error: numbers and ranges, as `0, 4-7`.
pub(crate) fn shown(cpus: &[u32]) -> String {
    let mut cpus = cpus.to_vec();
    cpus.sort_unstable();
    cpus.dedup();
    let follows = |first: &u32, second: &u32| first.checked_add(1) == Some(*second);
    let mut ranges = cpus.chunk_by(follows).map(|range| match range {
        [only] => only.to_string(),
        range => format!("{}-{}", range[0], range[range.len() - 1]),
    });
    let shown = ranges.by_ref().take(SHOWN).collect::<Vec<_>>().join(", ");
    if ranges.next().is_some() { shown + ", …" } else { shown }
}

#[cfg(test)]
mod tests {
    use super::{Mask, shown};

    #[test]
    fn numbers_are_shown_in_ranges() {
        assert_eq!(shown(&[7, 0, 5, 6, 6]), "0, 5-7");
        assert_eq!(shown(&(0..10_000).collect::<Vec<_>>()), "0-9999");
        assert!(shown(&(0..100).map(|cpu| cpu * 2).collect::<Vec<_>>()).ends_with("28, 30, …"));
        assert_eq!(shown(&[u32::MAX - 1, u32::MAX]), "4294967294-4294967295");
    }

    #[test]
    fn a_mask_has_a_bit_for_each_number() {
        let mask = |cpus: &[u32]| Mask::new(cpus).map(|mask| (mask.words, mask.count));
        assert_eq!(mask(&[]), None);
        assert_eq!(mask(&[0]), Some((vec![1], 1)));
        assert_eq!(mask(&[63, 1, 1]), Some((vec![1 << 63 | 2], 2)));
        assert_eq!(mask(&[64]), Some((vec![0, 1], 1)));
        assert_eq!(mask(&[0, u32::MAX]), Some(([vec![1], vec![0; 127]].concat(), 2)));
        assert_eq!(mask(&[u32::MAX]), Some((vec![0; 128], 1)));
    }
}
