//! Panics of other libraries that are no fault of this program: they become errors.
//!
//! The libraries that read Parquet panic on some files whose parts contradict each other. Such a
//! panic is the file's fault and no fault of this program, so that it becomes an error like every
//! other damage. The hook that prints panics is replaced once for the whole program, by one that is
//! silent on threads that read and calls the former on all others.

use std::any::Any;
use std::cell::Cell;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;
use std::task::Poll;

thread_local! {
    /// Whether a panic of this thread becomes an error.
    static IS_READING: Cell<bool> = const { Cell::new(false) };
}

/// What is wrong with a file on which a reader gives up in the middle.
pub(crate) const CONTRADICTS: &str = "its parts contradict each other";

/// Runs `read`; nothing where it panicked. Its panics are not printed, all others are, as before.
pub(crate) fn guarded<T>(read: impl FnOnce() -> T) -> Option<T> {
    quieten();
    let outer = IS_READING.replace(true);
    // What a reader leaves half done is dropped with it.
    let done = catch_unwind(AssertUnwindSafe(read));
    IS_READING.set(outer);
    done.ok()
}

/// Keeps the panics of this thread from being printed, for threads whose panics [become errors](caught).
pub(crate) fn quieten_thread() {
    quieten();
    IS_READING.set(true);
}

/// Waits for `work`. Where it panicked, what it said is the error.
pub(crate) async fn caught<T>(work: impl Future<Output = T>) -> Result<T, String> {
    let mut work = Box::pin(work);
    // What the work leaves half done is dropped with it.
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
        Ok(done) => done.map(Ok),
        Err(panic) => Poll::Ready(Err(words_of(panic.as_ref()))),
    })
    .await
}

/// What a panic said.
fn words_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it gave no reason").to_owned()
}

/// Puts the silent hook in its place, once.
fn quieten() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = take_hook();
        set_hook(Box::new(move |panic| {
            if !IS_READING.get() {
                usual(panic);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_panics_gives_nothing_and_the_next_one_works() {
        assert_eq!(guarded(|| -> u8 { panic!("a damaged file") }), None);
        assert_eq!(guarded(|| 7), Some(7));
        assert!(!IS_READING.get());
    }
}
