//! Tables that stay small and keep what is used.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::mem;

/// A map of two generations. What has not been asked for while a whole generation came goes: at least half of what
/// may be kept, and all that was used lately, stays. Each step takes the same time, but for the one that drops a
/// generation, which is paid for by those that filled it.
pub struct Bounded<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    half: usize,
}

impl<K: Eq + Hash + Clone, V: Clone> Bounded<K, V> {
    /// An empty table for at most `most` entries.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), half: most / 2 }
    }

    /// The value of `key`, and what had to go for it to stay.
    ///
    /// What goes may be the program's objects, whose end runs its code: it is to be dropped where no lock is held.
    pub fn get<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> (Option<V>, Option<HashMap<K, V>>)
    where
        K: Borrow<Q>,
    {
        if let Some(value) = self.young.get(key) {
            return (Some(value.clone()), None);
        }
        match self.old.remove_entry(key) {
            Some((key, value)) => (Some(value.clone()), self.put(key, value).0),
            None => (None, None),
        }
    }

    /// Keeps `value`; gives the generation and the former value that had to go, to be dropped as above.
    pub fn put(&mut self, key: K, value: V) -> (Option<HashMap<K, V>>, Option<V>) {
        let gone = (self.young.len() >= self.half).then(|| mem::replace(&mut self.old, mem::take(&mut self.young)));
        let former = self.old.remove(&key);
        (gone, self.young.insert(key, value).or(former))
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }

    /// The values, in any order.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.young.values().chain(self.old.values())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.young.is_empty() && self.old.is_empty()
    }

    /// Takes everything out.
    pub fn take(&mut self) -> [HashMap<K, V>; 2] {
        [mem::take(&mut self.young), mem::take(&mut self.old)]
    }
}

#[cfg(test)]
mod tests {
    use super::Bounded;

    #[test]
    fn what_is_used_stays_and_the_table_stays_small() {
        let mut table = Bounded::new(100);
        table.put(0, "used".to_owned());
        for number in 1..1000 {
            table.put(number, String::new());
            assert!(table.len() <= 100);
            assert_eq!(table.get(&0).0.as_deref(), Some("used"), "{number}");
        }
        assert!(table.get(&999).0.is_some() && table.get(&900).0.is_none());
    }

    #[test]
    fn a_key_has_one_value() {
        let mut table = Bounded::new(4);
        for number in 0..3 {
            table.put(number, 'a');
        }
        table.put(0, 'b');
        assert_eq!((table.get(&0).0, table.len()), (Some('b'), 3));
        assert_eq!(table.values().filter(|value| **value == 'b').count(), 1);
        assert_eq!(table.take().map(|generation| generation.len()).iter().sum::<usize>(), 3);
        assert!(table.is_empty());
    }
}
