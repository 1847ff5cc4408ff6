//! Tables that stay small and keep what is used.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::mem;

use parking_lot::Mutex;

/// A map of two generations, for many threads. What has not been asked for while a whole generation came goes: at least
/// half of what may be kept, and all that was used lately, stays. Each step takes the same time, but for the one that
/// drops a generation, which is paid for by those that filled it.
///
/// What goes may be the program's objects, whose end runs its code: it is dropped where no lock is held.
pub struct Bounded<K, V> {
    generations: Mutex<Generations<K, V>>,
    half: usize,
}

struct Generations<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Eq + Hash + Clone, V: Clone> Bounded<K, V> {
    /// An empty table for at most `most` entries.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { generations: Mutex::new(Generations { young: HashMap::new(), old: HashMap::new() }), half: most / 2 }
    }

    /// The value of `key`.
    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let (value, gone) = self.generations.lock().get(key, self.half);
        drop(gone);
        value
    }

    /// Keeps `value`.
    pub fn put(&self, key: K, value: V) {
        let gone = self.generations.lock().put(key, value, self.half);
        drop(gone);
    }

    /// How many values there are of which `is_counted` holds.
    pub fn count(&self, is_counted: impl Fn(&V) -> bool) -> usize {
        let generations = self.generations.lock();
        generations.young.values().chain(generations.old.values()).filter(|value| is_counted(value)).count()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let generations = self.generations.lock();
        generations.young.is_empty() && generations.old.is_empty()
    }

    /// Forgets everything.
    pub fn clear(&self) {
        let gone = {
            let mut generations = self.generations.lock();
            (mem::take(&mut generations.young), mem::take(&mut generations.old))
        };
        drop(gone);
    }
}

impl<K: Eq + Hash + Clone, V: Clone> Generations<K, V> {
    /// The value of `key`, and the generation that had to go for it to stay.
    fn get<Q: Eq + Hash + ?Sized>(&mut self, key: &Q, half: usize) -> (Option<V>, Option<HashMap<K, V>>)
    where
        K: Borrow<Q>,
    {
        if let Some(value) = self.young.get(key) {
            return (Some(value.clone()), None);
        }
        // A map that is empty hashes the key all the same when something is to be removed, and keys are paths.
        let former = if self.old.is_empty() { None } else { self.old.remove_entry(key) };
        match former {
            Some((key, value)) => (Some(value.clone()), self.put(key, value, half).0),
            None => (None, None),
        }
    }

    /// Keeps `value`; gives the generation and the former value that had to go.
    fn put(&mut self, key: K, value: V, half: usize) -> (Option<HashMap<K, V>>, Option<V>) {
        let gone = (self.young.len() >= half).then(|| mem::replace(&mut self.old, mem::take(&mut self.young)));
        let former = if self.old.is_empty() { None } else { self.old.remove(&key) };
        (gone, self.young.insert(key, value).or(former))
    }
}

#[cfg(test)]
mod tests {
    use super::Bounded;

    #[test]
    fn what_is_used_stays_and_the_table_stays_small() {
        let table = Bounded::new(100);
        table.put(0, "used".to_owned());
        for number in 1..1000 {
            table.put(number, String::new());
            assert!(table.count(|_| true) <= 100);
            assert_eq!(table.get(&0).as_deref(), Some("used"), "{number}");
        }
        assert!(table.get(&999).is_some() && table.get(&900).is_none());
    }

    #[test]
    fn a_key_has_one_value() {
        let table = Bounded::new(4);
        for number in 0..3 {
            table.put(number, 'a');
        }
        table.put(0, 'b');
        assert_eq!((table.get(&0), table.count(|_| true)), (Some('b'), 3));
        assert_eq!(table.count(|value| *value == 'b'), 1);
        table.clear();
        assert!(table.is_empty() && table.count(|_| true) == 0);
    }
}
