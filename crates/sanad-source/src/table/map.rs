//! The map of a table: which column is which field.

use std::collections::BTreeMap;

use sanad_core::event::Means;
use serde::{Deserialize, Serialize};

use crate::dyads::DYAD_FIELDS;
use crate::error::{Error, Result};
use crate::number::NumberForm;
use crate::plain::{ACT_FIELDS, OBSERVATION_FIELDS};
use crate::sheet::nearest;
use crate::statements::STATEMENT_FIELDS;
use crate::toml_text;

/// What the rows of a table are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Events of violence, with the fields of UCDP GED.
    Events,
    /// Values of indicators.
    Observations,
    /// Coded messages of organisations.
    Statements,
    /// Acts of states at home.
    Acts,
    /// Events between states.
    DyadEvents,
}

/// The field of an event that holds means of attack: words of [`Means`] joined by semicolons, of the
/// side that stands in `side_a`.
pub(super) const MEANS: &str = "means";

/// The fields of an event: UCDP GED's official names, two that stand in for `country_id`, and the means of
/// attack, which UCDP does not code.
pub const EVENT_FIELDS: [&str; 27] = [
    "id",
    "type_of_violence",
    "date_start",
    "best",
    "date_end",
    "date_prec",
    "where_prec",
    "latitude",
    "longitude",
    "country_id",
    "country",
    "iso3",
    "adm_1",
    "adm_2",
    "side_a",
    "side_a_new_id",
    "side_b",
    "side_b_new_id",
    "conflict_new_id",
    "dyad_new_id",
    "low",
    "high",
    "deaths_a",
    "deaths_b",
    "deaths_civilians",
    "deaths_unknown",
    MEANS,
];

impl Kind {
    /// The word that a map uses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Observations => "observations",
            Self::Statements => "statements",
            Self::Acts => "acts",
            Self::DyadEvents => "dyad-events",
        }
    }

    /// The fields that a row of this kind may have, the needed ones first.
    #[must_use]
    pub const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Events => &EVENT_FIELDS,
            Self::Observations => &OBSERVATION_FIELDS,
            Self::Statements => &STATEMENT_FIELDS,
            Self::Acts => &ACT_FIELDS,
            Self::DyadEvents => &DYAD_FIELDS,
        }
    }

    /// How many of [`fields`](Self::fields) are needed.
    const fn needed(self) -> usize {
        match self {
            Self::Events | Self::Statements => 4,
            Self::Observations => 3,
            Self::Acts => 5,
            Self::DyadEvents => 6,
        }
    }

    /// The fields that hold a number.
    pub(super) const fn numbers(self) -> &'static [&'static str] {
        match self {
            Self::Events => &[
                "best",
                "low",
                "high",
                "deaths_a",
                "deaths_b",
                "deaths_civilians",
                "deaths_unknown",
                "latitude",
                "longitude",
                "date_prec",
                "where_prec",
                "country_id",
                "side_a_new_id",
                "side_b_new_id",
                "conflict_new_id",
                "dyad_new_id",
            ],
            Self::Observations => &["value", "standard_error", "low", "high"],
            Self::Statements => &["claimed_events"],
            Self::Acts => &[],
            Self::DyadEvents => {
                &["goldstein", "mentions", "sources", "articles", "root_code", "quad_class"]
            }
        }
    }

    /// The fields that hold a date.
    pub(super) const fn dates(self) -> &'static [&'static str] {
        match self {
            Self::Events => &["date_start", "date_end"],
            Self::Observations => &["date", "date_end"],
            Self::Statements => &["date", "claimed_from", "claimed_to"],
            Self::Acts | Self::DyadEvents => &["date"],
        }
    }
}

/// Whose table it is: what a card says, with the version left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapSource {
    /// Short name of the series.
    pub id: String,
    /// Title of the data set.
    pub title: String,
    /// How the publisher asks to be cited.
    pub citation: String,
    /// Licence.
    pub licence: String,
    /// Where it is obtained.
    pub url: String,
    /// Whether a file adds to the ones before it instead of replacing them.
    #[serde(default)]
    pub adds_to: bool,
}

/// Rows that the publisher has taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deleted {
    /// The column that says so.
    pub column: String,
    /// Its words for it, such as `true`.
    pub words: Vec<String>,
}

/// A map. Fields are those of [`Kind::fields`]; columns are the table's own names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Map {
    /// What the rows are.
    pub kind: Kind,
    /// What stands between the fields of a CSV; a comma when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub separator: Option<char>,
    /// What stands before the decimals of a number; a point when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimal: Option<char>,
    /// What stands between groups of three digits; nothing when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thousands: Option<char>,
    /// Forms of dates as strftime writes them, such as `%d %B %Y`. Where two of them read a cell as
    /// different days, other cells of the column decide between them. Without any, ISO 8601, and
    /// days as spreadsheets save them where the column tells which number is the month.
    #[serde(default)]
    pub date_forms: Vec<String>,
    /// Whose table it is.
    pub source: MapSource,
    /// Field to column.
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
    /// Field to a value that every row has.
    #[serde(default)]
    pub fixed: BTreeMap<String, String>,
    /// Field to its words: what stands in the column, and what it means. A word that is not listed
    /// is a fault.
    #[serde(default)]
    pub words: BTreeMap<String, BTreeMap<String, String>>,
    /// Field to what its number is multiplied by, to change a unit.
    #[serde(default)]
    pub scale: BTreeMap<String, f64>,
    /// Column to words: rows with one of them are about something else, and counted.
    #[serde(default)]
    pub leave_out: BTreeMap<String, Vec<String>>,
    /// Rows that the publisher has taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Deleted>,
}

impl Map {
    /// Reads a map.
    ///
    /// # Errors
    ///
    /// [`Error::Toml`] with line and field; [`Error::MapField`] for a field that the kind does not
    /// have or that is given twice, [`Error::MapLacks`] for a needed one that is not given,
    /// [`Error::MapWord`] for a means of attack outside the list, [`Error::MapSeparator`],
    /// [`Error::MapNumbers`].
    ///
    /// ```
    /// let map = sanad_source::table::Map::parse(
    ///     "kind = \"observations\"\n\
    ///      source = { id = \"x\", title = \"X\", citation = \"X\", licence = \"CC0-1.0\", url = \"\" }\n\
    ///      columns = { indicator = \"Name\", date = \"Year\", value = \"Value\" }\n\
    ///      fixed = { iso3 = \"PAK\" }",
    /// )?;
    /// assert_eq!(map.columns.len(), 3);
    /// # Ok::<(), sanad_source::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self> {
        if toml_text::is_blank(text) {
            return Err(Error::Empty { expected: "TOML in UTF-8" });
        }
        let map: Self =
            toml_text::parse(text).map_err(|problem| Error::Toml { document: "map", problem })?;
        let fields = map.kind.fields();
        let given = |name: &str| map.columns.contains_key(name) || map.fixed.contains_key(name);
        let named = map.columns.keys().chain(map.fixed.keys());
        let changed = map.words.keys().chain(map.scale.keys());
        let all: Vec<String> = fields.iter().map(|&field| field.to_owned()).collect();
        for name in named.chain(changed) {
            let doubled = map.columns.contains_key(name) && map.fixed.contains_key(name);
            if !fields.contains(&name.as_str()) || !given(name) || doubled {
                let nearest = nearest(name, &all, &[]);
                let kind = map.kind.as_str();
                return Err(Error::MapField { kind, found: name.clone(), nearest });
            }
        }
        if let Some(field) = fields[..map.kind.needed()].iter().find(|name| !given(name)) {
            return Err(Error::MapLacks { kind: map.kind.as_str(), field });
        }
        if let Some(found) = map.separator.filter(|found| !",;\t|".contains(*found)) {
            return Err(Error::MapSeparator { found });
        }
        map.check_means()?;
        map.check_numbers().map(|()| map)
    }

    /// Refuses a means of attack that is not on the list, where the map itself gives it.
    fn check_means(&self) -> Result<()> {
        let meant = self.words.get(MEANS).into_iter().flat_map(BTreeMap::values);
        for found in meant.chain(self.fixed.get(MEANS)) {
            Means::parse_list(found).map_err(|cause| Error::MapWord { field: MEANS, cause })?;
        }
        Ok(())
    }

    /// Refuses marks for decimals and thousands that could not be told apart.
    fn check_numbers(&self) -> Result<()> {
        let form = self.number_form();
        let blank = |mark: char| mark.is_whitespace() && mark != '\n' && mark != '\r';
        let sound = ".,".contains(form.decimal)
            && form.thousands.is_none_or(|thousand| ".,'’_".contains(thousand) || blank(thousand))
            && form.thousands != Some(form.decimal);
        if sound {
            return Ok(());
        }
        Err(Error::MapNumbers { decimal: form.decimal, thousands: form.thousands })
    }

    /// The form of the table's numbers.
    pub(crate) fn number_form(&self) -> NumberForm {
        NumberForm { decimal: self.decimal.unwrap_or('.'), thousands: self.thousands }
    }

    /// Every column that it names.
    pub fn named(&self) -> impl Iterator<Item = &String> {
        let deleted = self.deleted.as_ref().map(|deleted| &deleted.column);
        self.columns.values().chain(self.leave_out.keys()).chain(deleted)
    }

    /// What stands between the fields of a CSV.
    #[must_use]
    pub fn separator(&self) -> u8 {
        self.separator.and_then(|separator| u8::try_from(separator).ok()).unwrap_or(b',')
    }
}
