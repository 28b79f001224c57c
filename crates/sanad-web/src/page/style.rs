//! The one style sheet, under an address that changes with it.

use std::sync::OnceLock;

use sanad_figure::{page_variables, stylesheet};

/// The rules of pages, beside those that figures bring. They name sides by the direction of
/// writing, not as left and right.
const RULES: &str = include_str!("../style.css");

/// The style sheet: that of the figures, the colours of pages, and the rules of this house. It is
/// put together once for the life of the program.
pub(crate) fn style() -> &'static str {
    static STYLE: OnceLock<String> = OnceLock::new();
    STYLE.get_or_init(|| format!("{}\n{}\n{RULES}", stylesheet(), page_variables()))
}

/// The address of the style sheet. It holds the hash of its bytes, so that a browser may keep it for ever.
pub(crate) fn style_address() -> &'static str {
    static ADDRESS: OnceLock<String> = OnceLock::new();
    ADDRESS.get_or_init(|| format!("/assets/style-{:016x}.css", hash(style().as_bytes())))
}

/// FNV-1a, 64 bits: no secret, only a name that changes with the bytes.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |state, byte| {
        (state ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_fetches_nothing_and_turns_with_the_direction_of_writing() {
        for physical in ["margin-left", "margin-right", "padding-left", "text-align:left", "left:"]
        {
            assert!(!RULES.contains(physical), "{physical}");
        }
        assert!(!style().contains("url(") && !style().contains("@import"));
        assert!(style_address().ends_with(".css"));
    }
}
