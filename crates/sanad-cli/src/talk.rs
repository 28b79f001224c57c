//! What the program says to a person, on stderr.

use std::fmt::Arguments;
use std::io::Write as _;

/// Says a line on stderr.
///
/// Talk that cannot be written, because the disk is full or nobody reads it, is dropped: it must not
/// end work that has been done. Data is another matter, and goes through
/// [`print`](crate::command::print).
macro_rules! talk {
    ($($words:tt)*) => { $crate::talk::say(format_args!($($words)*)) };
}

pub(crate) fn say(words: Arguments<'_>) {
    let _ = writeln!(std::io::stderr().lock(), "{words}");
}
