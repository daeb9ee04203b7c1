//! A list that is usually short: it uses the heap only beyond a fixed length.

use std::ops::{Deref, DerefMut};

/// Enough for the streams of a child and a few other descriptors.
const INLINE: usize = 8;

#[derive(Clone, Debug)]
pub(crate) struct Few<T> {
    few: [T; INLINE],
    count: usize,
    /// All items, if there are more than `INLINE`.
    many: Vec<T>,
}

impl<T: Copy + Default> Few<T> {
    pub(crate) fn new() -> Few<T> {
        Few { few: [T::default(); INLINE], count: 0, many: Vec::new() }
    }

    pub(crate) fn push(&mut self, item: T) {
        match self.few.get_mut(self.count) {
            Some(place) => *place = item,
            None => {
                if self.many.is_empty() {
                    self.many.extend_from_slice(&self.few);
                }
                self.many.push(item);
            }
        }
        self.count += 1;
    }

    /// Removes an item, and puts the last one in its place.
    pub(crate) fn swap_remove(&mut self, index: usize) -> T {
        let last = self.count - 1;
        self.swap(index, last);
        let item = self[last];
        self.truncate(last);
        item
    }

    fn truncate(&mut self, count: usize) {
        let many = std::mem::take(&mut self.many);
        if count > INLINE {
            self.many = many;
            self.many.truncate(count);
        } else if let Some(first) = many.get(..count) {
            self.few[..count].copy_from_slice(first);
        }
        self.count = count;
    }

    /// Removes consecutive duplicates.
    pub(crate) fn dedup(&mut self)
    where
        T: PartialEq,
    {
        let mut kept = 0;
        for index in 0..self.len() {
            if kept == 0 || self[index] != self[kept - 1] {
                self[kept] = self[index];
                kept += 1;
            }
        }
        self.truncate(kept);
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // The child reads this too, so it must not panic.
        if self.many.is_empty() { self.few.get(..self.count).unwrap_or(&[]) } else { &self.many }
    }
}

impl<T> DerefMut for Few<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        if self.many.is_empty() { &mut self.few[..self.count] } else { &mut self.many }
    }
}

impl<T: Copy + Default> FromIterator<T> for Few<T> {
    fn from_iter<Items: IntoIterator<Item = T>>(items: Items) -> Few<T> {
        let mut few = Few::new();
        items.into_iter().for_each(|item| few.push(item));
        few
    }
}

#[cfg(test)]
mod tests {
    use super::Few;

    #[test]
    fn does_what_a_vector_does() {
        for count in 0..20 {
            let items = || (0..count).map(|number| number / 2);
            let (mut few, mut vector) = (items().collect::<Few<i32>>(), items().collect::<Vec<i32>>());
            assert_eq!(*few, *vector);
            few.dedup();
            vector.dedup();
            assert_eq!(*few, *vector, "{count}");
            while !vector.is_empty() {
                let at = vector.len() / 2;
                assert_eq!(few.swap_remove(at), vector.swap_remove(at), "{count}");
                assert_eq!(*few, *vector, "{count}");
            }
            few.push(7);
            assert_eq!(*few, [7]);
        }
    }
}
