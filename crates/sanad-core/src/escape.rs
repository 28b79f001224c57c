//! Text from a file, made safe for where it is shown: a line on a terminal, a cell, markup.
//!
//! Names and notes come from files of others. A control character in them moves the cursor of a
//! terminal or makes XML that no reader accepts; a character that turns the direction of writing
//! shows `exe.gpj` as `jpg.exe`; a line break begins a row of a table that is none. Every place that
//! shows a text uses this module. Files for programs (CSV, JSON, Parquet) hold texts as they are.
//!
//! Joiners (U+200C, U+200D) stay: Persian and Urdu are not written without them.

use std::borrow::Cow;

/// What stands for a character that is not shown.
const INSTEAD: char = '\u{fffd}';

/// Whether a character acts on what is around it instead of being seen: control characters, marks and
/// overrides of direction (Unicode Standard Annex 9), line and paragraph separators, annotations,
/// tags, and what XML 1.0 forbids.
///
/// ```
/// use sanad_core::escape::is_hidden;
///
/// assert!(['\u{1b}', '\n', '\u{9b}', '\u{202e}', '\u{2066}', '\u{ffff}'].into_iter().all(is_hidden));
/// assert!(!['a', 'ی', '\u{200c}', ' '].into_iter().any(is_hidden));
/// ```
#[must_use]
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{fffe}'
                | '\u{ffff}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// Whether a character breaks a line or moves along it: a blank stands for it where there is one line.
const fn is_break(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// A text on one line, for a cell, a label or a name within a message.
///
/// ```
/// use sanad_core::escape::line;
///
/// assert_eq!(line("two\nlines, \u{1b}[31mred\u{202e}"), "two lines, \u{fffd}[31mred\u{fffd}");
/// ```
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    replaced(text, |character| match character {
        _ if is_break(character) => ' ',
        _ if is_hidden(character) => INSTEAD,
        _ => character,
    })
}

/// A text of several lines, for a terminal or a page: line breaks and tabulators stay.
///
/// ```
/// use sanad_core::escape::lines;
///
/// assert_eq!(lines("one\n\ttwo\r\u{1b}]0;title\u{7}"), "one\n\ttwo\u{fffd}\u{fffd}]0;title\u{fffd}");
/// ```
#[must_use]
pub fn lines(text: &str) -> Cow<'_, str> {
    replaced(text, |character| match character {
        '\n' | '\t' => character,
        _ if is_hidden(character) => INSTEAD,
        _ => character,
    })
}

fn replaced(text: &str, shown: impl Fn(char) -> char) -> Cow<'_, str> {
    if text.chars().all(|character| shown(character) == character) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(shown).collect())
}

/// A text on one line for an element or a quoted attribute of XML, SVG or HTML.
///
/// ```
/// use sanad_core::escape::markup;
///
/// assert_eq!(markup("<a href=\"x\">\u{0}"), "&lt;a href=&quot;x&quot;&gt;\u{fffd}");
/// ```
#[must_use]
pub fn markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in line(text).chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(character),
        }
    }
    out
}

/// A text as a cell of a Markdown table: on one line, without a bar, markup or a link of its own.
///
/// ```
/// use sanad_core::escape::markdown_cell;
///
/// assert_eq!(markdown_cell("a|b\nc\\"), "a\\|b c\\\\");
/// assert_eq!(markdown_cell("<b>[x](y)"), "&lt;b>\\[x](y)");
/// ```
#[must_use]
pub fn markdown_cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let is_link = text.contains("](");
    for character in line(text).chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '[' if !is_link => out.push('['),
            '|' | '\\' | '[' | '`' => {
                out.push('\\');
                out.push(character);
            }
            _ => out.push(character),
        }
    }
    out
}

/// A text as a cell that a spreadsheet does not take for a formula: one that begins with `=`, `+`,
/// `-`, `@`, a tabulator or a line break gets an apostrophe before it, as OWASP's "CSV injection" has
/// it. Numbers are no texts and stay as they are.
///
/// ```
/// use sanad_core::escape::spreadsheet_cell;
///
/// assert_eq!(spreadsheet_cell("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
/// assert_eq!(spreadsheet_cell("a=b"), "a=b");
/// ```
#[must_use]
pub fn spreadsheet_cell(text: &str) -> Cow<'_, str> {
    // The full-width forms are what a spreadsheet in an East Asian language reads the same.
    let starts = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    if text.trim_start_matches(' ').starts_with(starts) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}
