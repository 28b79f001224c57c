//! The same work for many things on several threads. What comes of it stands in the order of the
//! things, whatever the number of threads.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::{Error, Result};

/// Does the same for each thing on at most `threads` threads. Things are taken one by one, so that no
/// thread waits for another. After a failure nothing further is begun.
///
/// # Errors
///
/// One of the failures, and [`Error::Broken`] where a thread ended early.
pub(super) fn side_by_side<T: Sync, R: Send>(
    things: &[T],
    threads: usize,
    work: impl Fn(&T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let next = AtomicUsize::new(0);
    let take = || -> Result<Vec<(usize, R)>> {
        let mut done = Vec::new();
        loop {
            let position = next.fetch_add(1, Ordering::Relaxed);
            let Some(thing) = things.get(position) else { return Ok(done) };
            match work(thing) {
                Ok(result) => done.push((position, result)),
                Err(error) => {
                    next.store(things.len(), Ordering::Relaxed);
                    return Err(error);
                }
            }
        }
    };
    let threads = threads.clamp(1, things.len().max(1));
    let mut all = Vec::with_capacity(things.len());
    std::thread::scope(|scope| -> Result<()> {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(take)).collect();
        for one in running {
            all.extend(one.join().map_err(|_| Error::Broken)??);
        }
        Ok(())
    })?;
    all.sort_unstable_by_key(|(position, _)| *position);
    Ok(all.into_iter().map(|(_, result)| result).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_the_order_of_things_on_any_number_of_threads() {
        let things: Vec<usize> = (0..100).collect();
        for threads in [0, 1, 3, 200] {
            let found = side_by_side(&things, threads, |thing| Ok(2 * thing)).unwrap();
            assert!(found.into_iter().eq((0..100).map(|thing| 2 * thing)), "{threads}");
        }
        assert!(side_by_side::<u8, u8>(&[], 2, |_| Err(Error::Broken)).unwrap().is_empty());
    }

    #[test]
    fn a_failure_is_the_answer_and_ends_the_work() {
        let things: Vec<usize> = (0..1000).collect();
        let begun = AtomicUsize::new(0);
        let found = side_by_side(&things, 1, |thing| {
            begun.fetch_add(1, Ordering::Relaxed);
            if *thing == 3 { Err(Error::Broken) } else { Ok(()) }
        });
        assert!(found.is_err());
        assert_eq!(begun.into_inner(), 4);
    }
}
