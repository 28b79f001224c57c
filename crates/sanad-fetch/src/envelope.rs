//! Pages of JSON: how publishers wrap rows, say that a page failed, and name the next one.
//!
//! Each of these has been seen: an error object that comes with status 200, rows that are `null`,
//! counts that are texts or lists, first pages numbered 0 or 1, and a next address that is an empty
//! text or `null` at the end.
//!
//! | envelope | page | next page | end |
//! | --- | --- | --- | --- |
//! | UCDP | `{"TotalCount": 3, "NextPageUrl": "…", "Result": […]}` | its address | `""` or `null` |
//! | World Bank | `[{"page": 1, "pages": 2, "total": 3}, […]]` | number + 1 | `page` is `pages` |
//! | UNHCR | `{"page": 1, "maxPages": 2, "total": [], "items": […]}` | number + 1 | `page` is `maxPages` |
//! | IDMC | `{"count": 2, "next": "…", "results": […]}` | its address | `null` |
//! | VIEWS | `{"row_count": 3, "next_page": "…", "data": […]}` | its address | `""` |
//! | ACLED | `{"status": 200, "data": […]}` | number + 1 | an empty `data` |
//! | DTM | `{"isSuccess": true, "result": […]}` | none | |
//! | IODA | `{"error": null, "data": [[…]]}` | none | |
//!
//! Errors with status 200 look like `[{"message": [{"id": "120", …}]}]`, `{"message": "…"}`,
//! `{"detail": "…"}` or `{"success": false, …}`; any of them ends the reading.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

/// The most pages of one answer.
pub(crate) const MAX_PAGES: u64 = 20_000;

/// How a publisher wraps its pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Envelope {
    /// UCDP: `Result`, `NextPageUrl`, `TotalCount`; pages count from 0.
    Ucdp,
    /// World Bank: an array of a header and rows; pages count from 1.
    WorldBank,
    /// UNHCR: `items`, `page`, `maxPages`; pages count from 1.
    Unhcr,
    /// IDMC: `results`, `next`, `count`.
    Idmc,
    /// VIEWS: `data`, `next_page`, `row_count`; pages count from 1.
    Views,
    /// ACLED: `data`; pages count from 1, and an empty one ends them.
    Acled,
    /// IOM DTM: `result` with `isSuccess`; one page.
    Dtm,
    /// IODA: `data` with `error`; one page.
    Ioda,
}

/// What comes after a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Nothing.
    End,
    /// The page at this address.
    Address(String),
    /// The page of this number, as the query's `page`.
    Number(u64),
}

/// A row: its values as text by column, nested objects by names joined with a point.
pub type PageRow = BTreeMap<String, String>;

/// A page of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonPage {
    /// The rows, in the publisher's order.
    pub rows: Vec<PageRow>,
    /// What comes next.
    pub next: Next,
    /// How many rows all pages have, where the publisher says a number.
    pub total: Option<u64>,
}

/// Why bytes are no page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageProblem {
    /// They are no JSON.
    NotJson(String),
    /// The publisher says that something is wrong, in its own words.
    Refused(String),
    /// It is JSON of another form.
    Form(&'static str),
}

impl core::fmt::Display for PageProblem {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NotJson(problem) => write!(f, "what is no JSON ({problem})"),
            Self::Refused(words) => write!(f, "an error instead of rows: {words:?}"),
            Self::Form(what) => f.write_str(what),
        }
    }
}

impl Envelope {
    /// Reads one page; `number` is that of the page, for publishers whose pages do not say it.
    ///
    /// ```
    /// use sanad_fetch::{Envelope, Next};
    ///
    /// let last = br#"{"TotalCount": 1, "NextPageUrl": "", "Result": [{"id": 7}]}"#;
    /// let page = Envelope::Ucdp.read(last, 0).unwrap();
    /// assert_eq!(page.next, Next::End);
    /// assert_eq!(page.rows[0]["id"], "7");
    /// ```
    ///
    /// # Errors
    ///
    /// [`PageProblem`] when the bytes are no JSON, an error of the publisher's, or another form.
    pub fn read(self, bytes: &[u8], number: u64) -> Result<JsonPage, PageProblem> {
        let value: Value = serde_json::from_slice(bytes)
            .map_err(|error| PageProblem::NotJson(error.to_string()))?;
        if self == Self::WorldBank {
            return world_bank(&value);
        }
        let Value::Object(object) = &value else {
            return Err(PageProblem::Form("JSON that is no object"));
        };
        if let Some(words) = refusal(object) {
            return Err(PageProblem::Refused(words));
        }
        let rows = rows_of(object.get(self.rows_key()))?;
        let count = |key: &str| object.get(key).and_then(whole);
        let (next, total) = match self {
            Self::Ucdp => (address(object.get("NextPageUrl"))?, count("TotalCount")),
            Self::Idmc => (address(object.get("next"))?, count("count")),
            Self::Views => (address(object.get("next_page"))?, count("row_count")),
            Self::Unhcr => {
                let last = count("maxPages").ok_or(PageProblem::Form("a page without maxPages"))?;
                (after(count("page").unwrap_or(number), last), None)
            }
            Self::Acled if rows.is_empty() => (Next::End, count("total_count")),
            Self::Acled => (Next::Number(number.saturating_add(1)), count("total_count")),
            Self::Dtm | Self::Ioda | Self::WorldBank => (Next::End, None),
        };
        Ok(JsonPage { rows, next, total })
    }

    /// The number of the first page, where pages are counted. The first request names none, so that it
    /// does not matter to a publisher whose clients disagree on it.
    pub(crate) const fn first_number(self) -> u64 {
        match self {
            Self::Ucdp => 0,
            _ => 1,
        }
    }

    const fn rows_key(self) -> &'static str {
        match self {
            Self::Ucdp => "Result",
            Self::Unhcr => "items",
            Self::Idmc => "results",
            Self::Dtm => "result",
            Self::Views | Self::Acled | Self::Ioda | Self::WorldBank => "data",
        }
    }
}

/// The World Bank's page: `[header, rows]`, `[header, null]` or `[{"message": […]}]`.
fn world_bank(value: &Value) -> Result<JsonPage, PageProblem> {
    let Value::Array(parts) = value else {
        return Err(PageProblem::Form("JSON that is no array"));
    };
    let Some(Value::Object(header)) = parts.first() else {
        return Err(PageProblem::Form("an array without a header"));
    };
    if let Some(words) = refusal(header) {
        return Err(PageProblem::Refused(words));
    }
    let count = |key: &str| header.get(key).and_then(whole);
    let (Some(page), Some(pages)) = (count("page"), count("pages")) else {
        return Err(PageProblem::Form("a header without page and pages"));
    };
    let rows = rows_of(parts.get(1))?;
    Ok(JsonPage { rows, next: after(page, pages), total: count("total") })
}

/// What follows page `page` of `last`.
const fn after(page: u64, last: u64) -> Next {
    if page < last { Next::Number(page.saturating_add(1)) } else { Next::End }
}

/// A publisher's own words for what is wrong, in any of the ways in which they put them.
fn refusal(object: &Map<String, Value>) -> Option<String> {
    let is_failure = |key: &str| object.get(key) == Some(&Value::Bool(false));
    let has_failed = is_failure("success") || is_failure("isSuccess");
    let mut words = Vec::new();
    for key in ["message", "error", "error_description", "detail", "errorMessages"] {
        match object.get(key) {
            None | Some(Value::Null) => {}
            Some(value) => sentences(value, 0, &mut words),
        }
    }
    if words.is_empty() && !has_failed {
        return None;
    }
    let words = words.join("; ");
    let short: String = words.chars().filter(|letter| !letter.is_control()).take(200).collect();
    Some(if short.is_empty() { "no reason is given".to_owned() } else { short })
}

/// Gathers the texts of an error object, a few of each level and four levels deep.
fn sentences(value: &Value, depth: usize, found: &mut Vec<String>) {
    match value {
        Value::String(text) if !text.is_empty() => found.push(text.clone()),
        Value::Array(values) if depth < 4 => {
            values.iter().take(5).for_each(|value| sentences(value, depth + 1, found));
        }
        Value::Object(object) if depth < 4 => {
            object.values().take(5).for_each(|value| sentences(value, depth + 1, found));
        }
        _ => {}
    }
}

/// The rows of a page, where `null` stands for none. IODA wraps them in a further list.
fn rows_of(value: Option<&Value>) -> Result<Vec<PageRow>, PageProblem> {
    let rows = match value {
        Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(rows)) => rows,
        _ => return Err(PageProblem::Form("a page without its list of rows")),
    };
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        match row {
            Value::Object(object) => found.push(flat(object)),
            Value::Array(inner) => {
                let inner = inner.iter().map(Value::as_object);
                let inner: Option<Vec<PageRow>> = inner.map(|row| row.map(flat)).collect();
                found.extend(inner.ok_or(PageProblem::Form("a row that is no object"))?);
            }
            _ => return Err(PageProblem::Form("a row that is no object")),
        }
    }
    Ok(found)
}

/// A row with one level of nested objects taken apart: `{"country": {"id": "XL"}}` gives
/// `country.id`. What lies deeper stays JSON.
fn flat(object: &Map<String, Value>) -> PageRow {
    let mut row = PageRow::new();
    for (key, value) in object {
        match value {
            Value::Object(inner) => {
                row.extend(
                    inner.iter().map(|(name, value)| (format!("{key}.{name}"), text(value))),
                );
            }
            other => {
                row.insert(key.clone(), text(other));
            }
        }
    }
    row
}

/// A value as it stands in a table; nothing for `null`.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A whole number, also one in quotes. A list, as UNHCR gives for its total, is none.
fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// The next page's address; an empty text, `null` and no word of it all mean the end.
fn address(value: Option<&Value>) -> Result<Next, PageProblem> {
    match value {
        None | Some(Value::Null) => Ok(Next::End),
        Some(Value::String(address)) if address.trim().is_empty() => Ok(Next::End),
        Some(Value::String(address)) => Ok(Next::Address(address.trim().to_owned())),
        Some(_) => Err(PageProblem::Form("a next page that is no address")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(envelope: Envelope, json: &str) -> Result<JsonPage, PageProblem> {
        envelope.read(json.as_bytes(), envelope.first_number())
    }

    #[test]
    fn an_error_that_comes_with_200_is_an_error() {
        for (envelope, json, word) in [
            (
                Envelope::WorldBank,
                r#"[{"message":[{"id":"120","value":"not valid"}]}]"#,
                "not valid",
            ),
            (Envelope::Acled, r#"{"message":"Access denied"}"#, "denied"),
            (Envelope::Idmc, r#"{"detail":"Client is not registered."}"#, "registered"),
            (Envelope::Dtm, r#"{"isSuccess":false,"result":null,"errorMessages":[]}"#, "no reason"),
            (Envelope::Ioda, r#"{"error":"bad time","data":null}"#, "bad time"),
        ] {
            let Err(PageProblem::Refused(words)) = read(envelope, json) else {
                panic!("{json} passed for a page")
            };
            assert!(words.contains(word), "{words}");
        }
    }

    #[test]
    fn null_rows_are_no_rows_and_missing_rows_are_another_form() {
        let none = read(Envelope::WorldBank, r#"[{"page":0,"pages":0,"total":0},null]"#).unwrap();
        assert_eq!((none.rows.len(), none.next, none.total), (0, Next::End, Some(0)));
        assert!(matches!(read(Envelope::Ucdp, "{}"), Err(PageProblem::Form(_))));
        assert!(matches!(read(Envelope::Ucdp, "<html>"), Err(PageProblem::NotJson(_))));
    }

    #[test]
    fn the_end_is_an_empty_text_null_or_the_last_number() {
        let next = |envelope, json: &str| read(envelope, json).unwrap().next;
        for end in [r#""""#, "null"] {
            assert_eq!(
                next(Envelope::Ucdp, &format!(r#"{{"Result":[],"NextPageUrl":{end}}}"#)),
                Next::End
            );
        }
        assert_eq!(next(Envelope::Views, r#"{"data":[],"next_page":""}"#), Next::End);
        assert_eq!(next(Envelope::Idmc, r#"{"results":[],"next":"x"}"#), Next::Address("x".into()));
        assert_eq!(next(Envelope::Unhcr, r#"{"items":[],"page":1,"maxPages":2}"#), Next::Number(2));
        assert_eq!(next(Envelope::Unhcr, r#"{"items":[],"page":2,"maxPages":2}"#), Next::End);
        assert_eq!(next(Envelope::Acled, r#"{"data":[{"a":1}]}"#), Next::Number(2));
        assert_eq!(next(Envelope::Acled, r#"{"status":200,"data":[]}"#), Next::End);
    }

    #[test]
    fn a_total_of_another_type_is_not_used() {
        let page =
            read(Envelope::Unhcr, r#"{"items":[],"page":1,"maxPages":1,"total":[]}"#).unwrap();
        assert_eq!(page.total, None);
        let page = read(Envelope::Idmc, r#"{"results":[],"count":"12"}"#).unwrap();
        assert_eq!(page.total, Some(12));
    }

    #[test]
    fn nested_values_get_names_with_a_point_and_nulls_are_empty() {
        let json =
            r#"[{"page":1,"pages":1},[{"country":{"id":"XL","value":"X"},"value":null,"n":1.5}]]"#;
        let rows = read(Envelope::WorldBank, json).unwrap().rows;
        let shown: Vec<(&str, &str)> =
            rows[0].iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(
            shown,
            [("country.id", "XL"), ("country.value", "X"), ("n", "1.5"), ("value", "")]
        );
    }

    #[test]
    fn rows_in_a_list_in_a_list_are_rows() {
        let rows =
            read(Envelope::Ioda, r#"{"error":null,"data":[[{"step":300,"values":[1,null]}]]}"#);
        assert_eq!(rows.unwrap().rows[0]["values"], "[1,null]");
    }
}
