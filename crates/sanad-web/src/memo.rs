//! What was computed once and is needed again: one computation at a time for each key, bounded in bytes.
//!
//! The pool keeps finished answers; here are the results that several answers are made of.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A thread that failed with the lock in its hand left the value as it was before. So a poisoned
/// lock is taken as it is.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A value that the first to ask computes while the others wait. Those who wait block their thread,
/// which is one of the pool.
#[derive(Debug)]
pub(crate) struct Once<T>(Mutex<Option<Arc<T>>>);

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> Once<T> {
    /// The value; `make` runs only when nobody has made it. A failure is not kept. `make` must not
    /// ask for the same value: it would wait for itself.
    pub(crate) fn get<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<Arc<T>, E> {
        let mut slot = lock(&self.0);
        if let Some(known) = &*slot {
            return Ok(Arc::clone(known));
        }
        let made = Arc::new(make()?);
        *slot = Some(Arc::clone(&made));
        Ok(made)
    }
}

/// One entry of a [`Memo`].
#[derive(Debug)]
struct MemoSlot<T> {
    /// The value, made or being made.
    value: Arc<Once<T>>,
    /// When it was last asked for, in questions.
    last: u64,
    /// Its size, at least 1; 0 while it is being made, so that it cannot be let go.
    bytes: usize,
}

/// The entries of a memo with the number of questions so far, under one lock that is held only to
/// look something up.
#[derive(Debug)]
struct Slots<T> {
    /// Entries by key.
    slots: BTreeMap<String, MemoSlot<T>>,
    /// Questions so far.
    questions: u64,
}

/// Values by key. When they hold more bytes than the bound, those go that were not asked for
/// longest. Who holds a value keeps it until done.
#[derive(Debug)]
pub(crate) struct Memo<T> {
    slots: Mutex<Slots<T>>,
    /// The bound, in the unit that `size` counts in.
    most_bytes: usize,
    /// The size of a value.
    size: fn(&T) -> usize,
}

impl<T> Memo<T> {
    /// A memo that holds at most `most_bytes`, as `size` counts them.
    pub(crate) fn new(most_bytes: usize, size: fn(&T) -> usize) -> Self {
        let slots = Mutex::new(Slots { slots: BTreeMap::new(), questions: 0 });
        Self { slots, most_bytes, size }
    }

    /// The value of a key; `make` runs only when nobody has made it, and others who ask wait for it.
    pub(crate) fn get<E>(
        &self,
        key: &str,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        let once = {
            let mut all = lock(&self.slots);
            all.questions += 1;
            let last = all.questions;
            let slot = all.slots.entry(key.to_owned()).or_insert_with(|| MemoSlot {
                value: Arc::new(Once::default()),
                last,
                bytes: 0,
            });
            slot.last = last;
            Arc::clone(&slot.value)
        };
        let made = once.get(make);
        let mut all = lock(&self.slots);
        match &made {
            Ok(value) => {
                if let Some(slot) = all.slots.get_mut(key) {
                    slot.bytes = (self.size)(value).max(1);
                }
                self.shrink(&mut all);
            }
            Err(_) => drop(all.slots.remove(key)),
        }
        made
    }

    /// Lets go of what was not asked for longest, until the rest fits.
    fn shrink(&self, all: &mut Slots<T>) {
        let mut held: usize = all.slots.values().map(|slot| slot.bytes).sum();
        while held > self.most_bytes {
            let made = all.slots.iter().filter(|(_, slot)| slot.bytes > 0);
            let oldest = made.min_by_key(|(_, slot)| slot.last).map(|(key, _)| key.clone());
            let Some(slot) = oldest.and_then(|key| all.slots.remove(&key)) else { return };
            held -= slot.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn eight_who_ask_at_once_compute_once() {
        let memo: Memo<u32> = Memo::new(1000, |_| 10);
        let made = AtomicUsize::new(0);
        let ask = || {
            memo.get("a", || {
                made.fetch_add(1, Ordering::SeqCst);
                std::thread::sleep(std::time::Duration::from_millis(20));
                Ok::<_, ()>(7)
            })
        };
        std::thread::scope(|scope| {
            let all: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
            assert!(all.into_iter().all(|one| *one.join().unwrap().unwrap() == 7));
        });
        assert_eq!(made.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn where_each_value_counts_as_one_so_many_are_kept_whatever_their_keys() {
        let memo: Memo<u32> = Memo::new(2, |_| 1);
        for key in ["a long key of the first", "of the second", "of the third"] {
            memo.get(key, || Ok::<_, ()>(1)).unwrap();
        }
        let made = |key: &str| *memo.get(key, || Ok::<_, ()>(2)).unwrap() == 2;
        assert!(!made("of the third") && !made("of the second"));
        assert!(made("a long key of the first"));
    }

    #[test]
    fn a_failure_is_not_kept_and_what_was_not_asked_for_longest_goes() {
        let memo: Memo<u32> = Memo::new(25, |_| 9);
        assert_eq!(memo.get("a", || Err::<u32, _>("no")).unwrap_err(), "no");
        for (key, value) in [("a", 1), ("b", 2), ("a", 0), ("c", 3)] {
            memo.get(key, || Ok::<_, ()>(value)).unwrap();
        }
        assert_eq!(*memo.get("a", || Ok::<_, ()>(9)).unwrap(), 1);
        assert_eq!(*memo.get("b", || Ok::<_, ()>(8)).unwrap(), 8);
    }
}
