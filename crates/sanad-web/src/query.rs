//! What an address asks for: parameters with their kinds, checked, and the one way to write them.
//!
//! A question has one address, whoever writes it: parameters in the route's order, values in one
//! form, defaults left out. So caches, the memory of answers and people who share links all mean
//! the same by it. What does not fit is refused by name and never guessed.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sanad_core::Month;

use crate::fault::{Fault, FaultKind};

/// What a parameter's value has to be. `Parameter::expected` says the same in words, and the
/// OpenAPI document as a schema.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// A month, as 2021-05, of the years 1800 to 2200.
    Month,
    /// A day, as 2021-05-31, of the same years.
    Day,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A text of at most 200 letters without control characters, such as a name or a list of
    /// identifiers.
    Text,
    /// A statement of at most 16,384 bytes.
    Statement,
    /// Where a part of a table begins: a row and the state that it is of, joined by a full stop.
    Cursor,
    /// A whole number within these bounds.
    Whole(i64, i64),
    /// Whole numbers within these bounds, joined by commas; at most twelve. Their order does not
    /// count, and a number that is given twice counts once.
    Wholes(i64, i64),
    /// Numbers by name: every parameter whose name begins with this one's name and a hyphen. A
    /// number is finite and below 10⁹ in size.
    Named,
}

/// A parameter of a route. Constants of this type stand beside the page or table that they belong
/// to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Parameter {
    /// Its name.
    pub(crate) name: &'static str,
    /// What its value has to be.
    pub(crate) kind: Kind,
    /// What holds when it is absent; empty for nothing. It is written in the one form that a given
    /// value would have.
    pub(crate) default: &'static str,
    /// Whether it has to be given. A parameter of the path always has to be.
    pub(crate) is_required: bool,
    /// What it means, for the description of the interface. A sentence that ends in a full stop; it
    /// is the hint where a value does not fit.
    pub(crate) about: &'static str,
}

impl Parameter {
    /// One that may be absent and then means nothing.
    pub(crate) const fn optional(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self { name, kind, default: "", is_required: false, about }
    }

    /// One with a default.
    pub(crate) const fn with_default(
        name: &'static str,
        kind: Kind,
        default: &'static str,
        about: &'static str,
    ) -> Self {
        Self { name, kind, default, is_required: false, about }
    }

    /// One that has to be given.
    pub(crate) const fn required(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self { name, kind, default: "", is_required: true, about }
    }

    /// Whether a name in an address is this parameter's.
    fn takes(&self, name: &str) -> bool {
        match self.kind {
            Kind::Named => name
                .strip_prefix(self.name)
                .is_some_and(|rest| rest.len() > 1 && rest.starts_with('-')),
            _ => name == self.name,
        }
    }

    /// What is expected, in words. It completes "found …, expected".
    pub(crate) fn expected(&self) -> String {
        match self.kind {
            Kind::Month => "a month such as 2021-05".to_owned(),
            Kind::Day => "a day such as 2021-05-31".to_owned(),
            Kind::Choice(words) => format!("one of {}", words.join(", ")),
            Kind::Text => format!("a text of at most {TEXT_LETTERS} letters"),
            Kind::Cursor => "the cursor of a Link header, as it stands".to_owned(),
            Kind::Statement => format!("one SELECT of at most {STATEMENT_BYTES} bytes"),
            Kind::Whole(low, high) => format!("a whole number from {low} to {high}"),
            Kind::Wholes(low, high) => {
                format!(
                    "at most {LISTED_NUMBERS} whole numbers from {low} to {high}, joined by commas"
                )
            }
            Kind::Named => "a number".to_owned(),
        }
    }

    /// The value in its one form, or nothing if it does not fit. Blanks around a value are dropped.
    fn normal(&self, value: &str) -> Option<String> {
        let whole = |text: &str, low: i64, high: i64| {
            let number: i64 = text.trim().parse().ok()?;
            (low <= number && number <= high).then_some(number)
        };
        match self.kind {
            Kind::Month => {
                value.parse::<Month>().ok().filter(is_plausible).map(|month| month.to_string())
            }
            Kind::Day => {
                let day: NaiveDate = value.trim().parse().ok()?;
                is_plausible(&Month::from_date(day)).then(|| day.to_string())
            }
            Kind::Choice(words) => {
                words.iter().find(|word| **word == value.trim()).map(|word| (*word).to_owned())
            }
            Kind::Text | Kind::Cursor => {
                let text = value.trim();
                let is_plain = !text.chars().any(char::is_control);
                (is_plain && text.chars().count() <= TEXT_LETTERS).then(|| text.to_owned())
            }
            Kind::Statement => {
                let is_text = !value.chars().any(|letter| letter == '\0');
                (is_text && value.len() <= STATEMENT_BYTES).then(|| value.trim().to_owned())
            }
            Kind::Whole(low, high) => whole(value, low, high).map(|number| number.to_string()),
            Kind::Wholes(low, high) => {
                let numbers: Option<Vec<i64>> =
                    value.split(',').map(|part| whole(part, low, high)).collect();
                let mut numbers = numbers.filter(|all| all.len() <= LISTED_NUMBERS)?;
                numbers.sort_unstable();
                numbers.dedup();
                let texts: Vec<String> = numbers.iter().map(i64::to_string).collect();
                Some(texts.join(","))
            }
            Kind::Named => {
                let number: f64 = value.trim().parse().ok()?;
                (number.is_finite() && number.abs() < 1e9).then(|| number.to_string())
            }
        }
    }
}

/// Letters of a text: names are shorter.
const TEXT_LETTERS: usize = 200;
/// Bytes of a statement of SQL.
const STATEMENT_BYTES: usize = 16_384;
/// Numbers of a list.
const LISTED_NUMBERS: usize = 12;
/// Parameters of one address, also those that several levers need. No route has as many of its own.
const MOST_PARAMETERS: usize = 64;

/// Months that a record can have: 1800 to 2200. Beyond, a panel would be as long as it is senseless.
fn is_plausible(month: &Month) -> bool {
    (1800..=2200).contains(&month.year())
}

/// The checked parameters of one request. It can be had by `check` alone, so that what a page reads
/// from it fits.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Query {
    /// The parameters of the route, in its order.
    parameters: &'static [Parameter],
    /// What was given and is not the default, by name.
    given: BTreeMap<String, String>,
}

impl Query {
    /// Checks decoded pairs against the parameters of a route.
    ///
    /// A parameter that is unknown, given twice, missing or of the wrong form is a fault that names it.
    /// An empty value stands for an absent one, because a form sends every field.
    pub(crate) fn check(
        parameters: &'static [Parameter],
        pairs: &[(String, String)],
    ) -> Result<Self, Fault> {
        if pairs.len() > MOST_PARAMETERS {
            let what = format!("{} parameters, and the bound is {MOST_PARAMETERS}", pairs.len());
            return Err(Fault::new(FaultKind::WrongRequest, what));
        }
        let mut given = BTreeMap::new();
        for (name, value) in pairs {
            let Some(parameter) = parameters.iter().find(|one| one.takes(name)) else {
                return Err(unknown(name, parameters));
            };
            if value.trim().is_empty() {
                continue;
            }
            let normal = parameter.normal(value).ok_or_else(|| {
                Fault::parameter(name, value, &parameter.expected()).with_hint(parameter.about)
            })?;
            if given.insert(name.clone(), normal).is_some() {
                return Err(Fault::parameter(name, "two values", "one"));
            }
        }
        given.retain(|name, value| {
            let own = parameters.iter().find(|one| one.takes(name));
            own.is_none_or(|one| one.default != value.as_str())
        });
        let missing =
            parameters.iter().find(|one| one.is_required && !given.contains_key(one.name));
        match missing {
            Some(one) => Err(Fault::parameter(one.name, "", &one.expected()).with_hint(one.about)),
            None => Ok(Self { parameters, given }),
        }
    }

    /// The text of a parameter: what was given, or its default; nothing where neither is. Never
    /// empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let own = || self.parameters.iter().find(|one| one.name == name);
        let given = self.given.get(name).map(String::as_str);
        given.or_else(|| own().map(|one| one.default)).filter(|text| !text.is_empty())
    }

    /// The word of a parameter that has a default; empty where it has none.
    pub(crate) fn word(&self, name: &str) -> &str {
        self.text(name).unwrap_or_default()
    }

    /// The month of a parameter of `Kind::Month`; `None` where it is absent.
    pub(crate) fn month(&self, name: &str) -> Option<Month> {
        self.text(name)?.parse().ok()
    }

    /// The day of a parameter of `Kind::Day`; `None` where it is absent.
    pub(crate) fn day(&self, name: &str) -> Option<NaiveDate> {
        self.text(name)?.parse().ok()
    }

    /// The number of a parameter of `Kind::Whole`; `None` where it is absent and has no default.
    pub(crate) fn whole(&self, name: &str) -> Option<i64> {
        self.text(name)?.parse().ok()
    }

    /// The number of a parameter of `Kind::Whole` that counts something.
    ///
    /// # Errors
    ///
    /// A fault that names the parameter where it is absent and has no default, or is below zero.
    pub(crate) fn count(&self, name: &str) -> Result<usize, Fault> {
        let found = self.whole(name).and_then(|number| usize::try_from(number).ok());
        found.ok_or_else(|| Fault::parameter(name, self.word(name), "a number of zero or more"))
    }

    /// The numbers of a parameter of `Kind::Wholes`, ascending; none where it is absent and has no
    /// default.
    pub(crate) fn wholes(&self, name: &str) -> Vec<i64> {
        self.word(name).split(',').filter_map(|part| part.parse().ok()).collect()
    }

    /// Numbers by name of a parameter of [`Kind::Named`]. Names come without the prefix, in order
    /// of the alphabet.
    pub(crate) fn named(&self, prefix: &str) -> Vec<(&str, f64)> {
        let start = format!("{prefix}-");
        let own = self
            .given
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix(&start)?, value.parse().ok()?)));
        own.collect()
    }

    /// What was given, in the order of the route's parameters, without defaults. Parameters of the
    /// path are among them.
    pub(crate) fn pairs(&self) -> Vec<(&str, &str)> {
        let of_one =
            |one: &'static Parameter| self.given.iter().filter(move |(name, _)| one.takes(name));
        let all = self.parameters.iter().flat_map(of_one);
        all.map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    /// The one address of what is asked for: parameters in the route's order, defaults left out.
    pub(crate) fn address(&self, path: &str) -> String {
        address(path, &self.pairs())
    }
}

/// The fault of a parameter that the route does not have, with those that it has.
fn unknown(name: &str, parameters: &[Parameter]) -> Fault {
    let known: Vec<&str> = parameters.iter().map(|one| one.name).collect();
    let expected = match known.is_empty() {
        true => "none: this address takes no parameters".to_owned(),
        false => format!("one of {}", known.join(", ")),
    };
    Fault::parameter(name, name, &expected)
}

/// An address from a path and pairs. Names and values are encoded; the path is taken as it is.
pub(crate) fn address(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut text = path.to_owned();
    for (number, (name, value)) in pairs.iter().enumerate() {
        text.push(if number == 0 { '?' } else { '&' });
        text.push_str(&encoded(name));
        text.push('=');
        text.push_str(&encoded(value));
    }
    text
}

/// A text as part of an address: what is no letter, digit, hyphen, dot, underscore or tilde of ASCII is
/// written in percent (RFC 3986, unreserved); commas stay, because they are read and allowed there.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b',' => {
                out.push(char::from(byte));
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// The pairs of a query string, decoded.
///
/// # Errors
///
/// A fault for a percent sign without two digits, and for bytes that are no UTF-8.
pub(crate) fn decoded_pairs(query: &str) -> Result<Vec<(String, String)>, Fault> {
    let parts = query.split('&').filter(|part| !part.is_empty());
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        Ok((decoded(name)?, decoded(value)?))
    };
    parts.map(pair).collect()
}

/// A part of an address without its percent signs; a plus is a blank, as forms write it.
pub(crate) fn decoded(text: &str) -> Result<String, Fault> {
    let wrong = |what: &str| {
        Fault::new(FaultKind::WrongRequest, format!("{what} in the address"))
            .in_place(text.chars().take(60).collect::<String>())
            .with_hint("write letters beyond ASCII as their UTF-8 bytes in percent, such as %C3%A9")
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = [rest.next(), rest.next()];
                let digit = |one: Option<u8>| char::from(one?).to_digit(16);
                let (Some(high), Some(low)) = (digit(digits[0]), digit(digits[1])) else {
                    return Err(wrong("a percent sign without two digits"));
                };
                bytes.push((high * 16 + low) as u8);
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).map_err(|_| wrong("bytes that are no UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    static PARAMETERS: [Parameter; 6] = [
        Parameter::with_default("unit", Kind::Choice(&["adm1", "adm2"]), "adm2", "What rows are."),
        Parameter::optional("from", Kind::Month, "First month."),
        Parameter::optional("as_of", Kind::Day, "A day."),
        Parameter::with_default("horizon", Kind::Wholes(1, 240), "12,60", "Months ahead."),
        Parameter::optional("lever", Kind::Named, "Levels of levers."),
        Parameter::optional("place", Kind::Text, "A place."),
    ];

    fn read(query: &str) -> Result<Query, Fault> {
        Query::check(&PARAMETERS, &decoded_pairs(query)?)
    }

    #[test]
    fn the_same_question_has_one_address() {
        for asked in [
            "unit=adm2&from=2021-05&horizon=60,12",
            "from=2021-05",
            "&&from=2021-05&as_of=&unit=adm2",
        ] {
            assert_eq!(read(asked).unwrap().address("/x"), "/x?from=2021-05", "{asked}");
        }
        let levers = read("lever-b=1.50&lever-a=-0&place=Dera+Ismail%20Khan").unwrap();
        assert_eq!(levers.address("/x"), "/x?lever-a=-0&lever-b=1.5&place=Dera%20Ismail%20Khan");
        assert_eq!(levers.named("lever"), [("a", -0.0), ("b", 1.5)]);
        let again = levers.address("/x");
        assert_eq!(read(&again[3..]).unwrap(), levers);
    }

    #[test]
    fn what_does_not_fit_is_refused_by_name() {
        for (asked, place) in [
            ("form=x", "parameter form"),
            ("from=2021-13", "parameter from"),
            ("from=9999-01", "parameter from"),
            ("from=2021-05&from=2021-06", "parameter from"),
            ("unit=adm3", "parameter unit"),
            ("as_of=2021-02-30", "parameter as_of"),
            ("horizon=0", "parameter horizon"),
            ("horizon=1,2,3,4,5,6,7,8,9,10,11,12,13", "parameter horizon"),
            ("lever-a=nan", "parameter lever-a"),
            ("lever-=1", "parameter lever-"),
            ("place=a%00b", "parameter place"),
        ] {
            assert_eq!(read(asked).unwrap_err().place, place, "{asked}");
        }
        for broken in ["from=%", "from=%2", "from=%zz", "from=%ff%fe"] {
            assert_eq!(read(broken).unwrap_err().problem, FaultKind::WrongRequest, "{broken}");
        }
    }

    #[test]
    fn defaults_hold_where_nothing_is_given() {
        let query = read("").unwrap();
        assert_eq!((query.word("unit"), query.month("from")), ("adm2", None));
        assert_eq!(query.wholes("horizon"), [12, 60]);
        assert_eq!(query.address("/x"), "/x");
    }
}
