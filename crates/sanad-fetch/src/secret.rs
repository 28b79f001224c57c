//! A publisher's token: sent to the one server that it is for, and shown nowhere.
//!
//! An address never holds it: it is added when a request is sent and taken out of what a server gives
//! back, so that states, receipts, cards and messages cannot have it. What a server or a library says
//! is [redacted](Secret::redact) besides.

use core::fmt;

use url::Url;

use crate::catalogue::TokenRule;

/// What stands in place of a secret.
const HIDDEN: &str = "[token]";

/// A publisher's token and how it is sent.
///
/// It cannot be printed, compared or written into a file:
///
/// ```
/// use sanad_fetch::{Secret, TokenRule};
///
/// let rule = TokenRule {
///     variable: "UCDP_API_TOKEN".into(),
///     header: Some("x-ucdp-access-token".into()),
///     prefix: None,
///     query: None,
///     page: "https://ucdp.uu.se/apidocs/".into(),
/// };
/// let secret = Secret::new(&rule, "s3cret").unwrap();
/// assert_eq!(format!("{secret:?}"), "[token]");
/// assert_eq!(secret.redact("your token s3cret is not known"), "your token [token] is not known");
/// ```
#[derive(Clone)]
pub struct Secret {
    rule: TokenRule,
    value: String,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl Secret {
    /// The secret that a variable of the environment holds; nothing where that is blank, or has
    /// characters that no header can carry.
    #[must_use]
    pub fn new(rule: &TokenRule, value: &str) -> Option<Self> {
        let value = value.trim();
        let is_plain = value.bytes().all(|byte| byte.is_ascii_graphic());
        (!value.is_empty() && is_plain)
            .then(|| Self { rule: rule.clone(), value: value.to_owned() })
    }

    /// A text with every occurrence of the secret replaced, percent-encoded ones included.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        let encoded: String = url::form_urlencoded::byte_serialize(self.value.as_bytes()).collect();
        let text = text.replace(&self.value, HIDDEN);
        if encoded == self.value { text } else { text.replace(&encoded, HIDDEN) }
    }

    /// The header that carries it, if a header does.
    pub(crate) fn header(&self) -> Option<(&str, String)> {
        let name = self.rule.header.as_deref()?;
        Some((name, format!("{}{}", self.rule.prefix.as_deref().unwrap_or_default(), self.value)))
    }

    /// The address with the secret in its query, if the query carries it.
    pub(crate) fn address(&self, url: &Url) -> Url {
        let mut url = url.clone();
        if let Some(key) = &self.rule.query {
            url.query_pairs_mut().append_pair(key, &self.value);
        }
        url
    }

    /// The address without the pair of the query that carries a secret, whoever put it there.
    pub(crate) fn without(&self, url: &Url) -> Url {
        let Some(key) = &self.rule.query else { return url.clone() };
        let kept: Vec<(String, String)> = url
            .query_pairs()
            .filter(|(name, _)| name != key)
            .map(|(n, v)| (n.into(), v.into()))
            .collect();
        let mut url = url.clone();
        url.set_query(None);
        if !kept.is_empty() {
            url.query_pairs_mut().extend_pairs(kept);
        }
        url
    }
}

/// A text without the secret, where there is one.
pub(crate) fn redacted(secret: Option<&Secret>, text: &str) -> String {
    secret.map_or_else(|| text.to_owned(), |secret| secret.redact(text))
}
