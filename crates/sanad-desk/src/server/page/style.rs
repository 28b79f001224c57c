//! The one style sheet, and the one script. They stand in the page, so that a page is one request on
//! a poor line, nothing of the desk lies in a browser's cache, and nobody on the line sees by a second
//! request whether scripts run. The policy allows each by its digest alone.

use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};

use crate::server::answer::PageNeed;

/// The style sheet.
pub(crate) const STYLE: &str = include_str!("style.css");

/// The script of a filing's form, built from `browser/proof-of-work.ts` by `scripts/build-browser`.
pub(crate) const PROOF_OF_WORK: &str = include_str!("proof-of-work.js");

/// The content security policy of an answer: this style sheet, forms to this desk, what the page
/// needs besides, and nothing else.
pub(crate) fn content_security_policy(need: Option<PageNeed>) -> &'static str {
    static POLICIES: OnceLock<[String; 3]> = OnceLock::new();
    let policies = POLICIES.get_or_init(|| {
        let digest = |text: &str| base64(&Sha256::digest(text.as_bytes()));
        let (style, script) = (digest(STYLE), digest(PROOF_OF_WORK));
        ["", " img-src 'self';", &format!(" script-src 'sha256-{script}';")].map(|needed| {
            format!(
                "default-src 'none'; style-src 'sha256-{style}';{needed} form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
            )
        })
    });
    &policies[match need {
        None => 0,
        Some(PageNeed::Pictures) => 1,
        Some(PageNeed::ProofOfWork) => 2,
    }]
}

/// Base 64 (RFC 4648, 4), in which policies take digests.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let byte = |place: usize| u32::from(group.get(place).copied().unwrap_or(0));
        let bits = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        for place in 0..4 {
            let letter = LETTERS[((bits >> (18 - 6 * place)) & 63) as usize];
            text.push(if place > group.len() { '=' } else { char::from(letter) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_64_is_that_of_the_standard() {
        // RFC 4648, 10.
        for (plain, encoded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }

    #[test]
    fn the_style_sheet_fetches_nothing() {
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
        assert!(!STYLE.contains('<'), "it stands in a page as it is");
    }

    #[test]
    fn the_script_asks_nobody_keeps_nothing_and_stands_in_a_page_as_it_is() {
        for absent in [
            "fetch",
            "XMLHttp",
            "sendBeacon",
            "WebSocket",
            "import",
            "cookie",
            "Storage",
            "navigator",
            "eval",
            "Function(",
            "innerHTML",
            "submit",
            "http",
            "</",
            "<!--",
            "\r",
        ] {
            assert!(!PROOF_OF_WORK.contains(absent), "{absent}");
        }
    }
}
