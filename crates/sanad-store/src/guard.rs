//! Reading of Parquet files that anybody may have written.
//!
//! The libraries that read Parquet panic on some files whose parts contradict each other. Such a panic
//! is the file's fault and no fault of this program, so that it becomes an error like every other
//! damage.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// Whether this thread reads such a file.
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
