//! Width of text in the sans-serif the figures ask for, and wrapping to a width.
//!
//! Widths are the advance widths of Helvetica (Adobe font metrics, thousandths of the size), which
//! Arial and Liberation Sans share; a little is added so that a wider fallback still fits.

/// Widths are taken this much larger, since a reader's font may be wider than Helvetica.
const SAFETY: f64 = 1.04;
/// How much wider bold letters are.
const BOLD: f64 = 1.07;

/// Widths of the printable ASCII letters of Helvetica, in thousandths of the font size. Source:
/// Adobe's font metrics (AFM).
const ASCII: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/// Width of a letter in thousandths of the font size.
fn advance(c: char) -> f64 {
    match c {
        ' '..='~' => f64::from(ASCII[c as usize - 32]),
        '–' | '·' | '“' | '”' => 556.0,
        '’' | '‘' => 333.0,
        '—' | '…' => 1000.0,
        '▲' | '▼' | '●' | '■' | '◆' => 900.0,
        _ => 611.0,
    }
}

/// Width of `text` in user units at a font size.
pub(crate) fn width(text: &str, size: f64, bold: bool) -> f64 {
    let units: f64 = text.chars().map(advance).sum();
    units / 1000.0 * size * SAFETY * if bold { BOLD } else { 1.0 }
}

/// Breaks `text` at spaces into lines no wider than `max`; a single longer word keeps its line
/// and is cut with an ellipsis.
pub(crate) fn wrap(text: &str, size: f64, max: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let joined = match lines.last() {
            Some(line) => format!("{line} {word}"),
            None => word.to_owned(),
        };
        if width(&joined, size, false) <= max && !lines.is_empty() {
            if let Some(line) = lines.last_mut() {
                *line = joined;
            }
        } else {
            lines.push(fit(word, size, max, false));
        }
    }
    lines
}

/// `text` cut with an ellipsis so that it is no wider than `max`.
pub(crate) fn fit(text: &str, size: f64, max: f64, bold: bool) -> String {
    if width(text, size, bold) <= max {
        return text.to_owned();
    }
    let mut kept: String = text.to_owned();
    while kept.pop().is_some() {
        let candidate = format!("{}…", kept.trim_end());
        if width(&candidate, size, bold) <= max {
            return candidate;
        }
    }
    String::new()
}

/// A number as people read it: thousands separated, up to `decimals` decimals, trailing zeros cut.
pub fn number(value: f64, decimals: usize) -> String {
    let fixed = format!("{:.*}", decimals, value.abs());
    let (whole, fraction) = fixed.split_once('.').unwrap_or((&fixed, ""));
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let fraction = fraction.trim_end_matches('0');
    let is_zero = grouped == "0" && fraction.is_empty();
    let sign = if value < 0.0 && !is_zero { "−" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{grouped}{point}{fraction}")
}

/// Decimals that make sense for a value of this size: none from 100 on, one from 10 on, two below.
pub(crate) fn short(value: f64) -> String {
    let decimals = match value.abs() {
        a if a >= 100.0 => 0,
        a if a >= 10.0 => 1,
        _ => 2,
    };
    number(value, decimals)
}

/// A large number in few letters: `1.2k`, `3.4m`, `5bn`.
pub(crate) fn compact(value: f64) -> String {
    let (unit, name) = match value.abs() {
        a if a >= 1e9 => (1e9, "bn"),
        a if a >= 1e6 => (1e6, "m"),
        a if a >= 1e3 => (1e3, "k"),
        _ => (1.0, ""),
    };
    format!("{}{name}", number(value / unit, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_trimmed() {
        assert_eq!(number(1_234_567.0, 0), "1,234,567");
        assert_eq!(number(-0.5, 2), "−0.5");
        assert_eq!(number(-0.001, 1), "0");
        assert_eq!(number(12.0, 2), "12");
    }

    #[test]
    fn wrapped_lines_keep_every_word_and_the_width() {
        let text = "Negotiations between local jirgas and commanders end without result";
        let lines = wrap(text, 12.0, 120.0);
        assert_eq!(lines.join(" "), text);
        assert!(lines.iter().all(|l| width(l, 12.0, false) <= 120.0));
    }

    #[test]
    fn a_long_word_is_cut_with_an_ellipsis() {
        let cut = fit("Khyber Pakhtunkhwa", 12.0, 60.0, false);
        assert!(cut.ends_with('…') && width(&cut, 12.0, false) <= 60.0);
    }
}
