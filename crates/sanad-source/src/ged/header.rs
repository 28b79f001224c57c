//! The header row: which field of a record stands in which column.

use sanad_core::diagnostic::{Diagnostic, Issue};

use crate::error::{Error, MissingColumn, Result};
use crate::sheet::{self, excerpt};

/// The fields that a record needs, in the order of [`FIELDS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Field {
    Id,
    Violence,
    Conflict,
    Dyad,
    SideAId,
    SideA,
    SideBId,
    SideB,
    WherePrec,
    Adm1,
    Adm2,
    Latitude,
    Longitude,
    Country,
    CountryId,
    DatePrec,
    DateStart,
    DateEnd,
    DeathsA,
    DeathsB,
    DeathsCivilians,
    DeathsUnknown,
    Best,
    High,
    Low,
    Iso3,
    WhereCoordinates,
}

/// Number of fields that are read.
const FIELD_COUNT: usize = Field::WhereCoordinates as usize + 1;

/// Fields without which a row cannot be counted. [`HeaderColumns::find_missing`] adds the country, which has
/// three columns that can name it.
const NEEDED: [Field; 5] =
    [Field::Id, Field::Violence, Field::DateStart, Field::DateEnd, Field::Best];

/// Fields that only help where another one is absent, so that nobody misses them.
const AUXILIARY: [Field; 2] = [Field::Iso3, Field::WhereCoordinates];

/// What a file is read as where a column is absent that a record can do without.
const ABSENT: [(Field, &str); 19] = [
    (Field::Conflict, "identifiers of conflicts; counted as none"),
    (Field::Dyad, "identifiers of dyads; counted as none"),
    (Field::SideAId, "identifiers of sides; counted as none"),
    (Field::SideA, "names of sides; counted as none"),
    (Field::SideBId, "identifiers of sides; counted as none"),
    (Field::SideB, "names of sides; counted as none"),
    (
        Field::WherePrec,
        "1 to 7; taken from what else says where, never finer than the province for a bare point",
    ),
    (
        Field::Adm1,
        "names of provinces; taken from where_coordinates where that names one, else none",
    ),
    (Field::Adm2, "names of districts; counted as none"),
    (Field::Latitude, "degrees; counted as none"),
    (Field::Longitude, "degrees; counted as none"),
    (Field::Country, "names of countries; counted as none"),
    (Field::CountryId, "Gleditsch–Ward numbers; taken from the country's code or name"),
    (Field::DatePrec, "1 to 5; taken from the length between both days"),
    (Field::DeathsA, "deaths of side A; what best counts beyond the others is of no known side"),
    (Field::DeathsB, "deaths of side B; what best counts beyond the others is of no known side"),
    (
        Field::DeathsCivilians,
        "deaths of civilians; what best counts beyond the others is of no known side",
    ),
    (Field::High, "the high estimate; best stands in"),
    (Field::Low, "the low estimate; best stands in"),
];

/// Official name first, then the names of other releases and exports, best first: `best_est` and
/// its like are of releases before 17.1; `*_dset_id` keeps identifiers of the older separate data
/// sets and stands in only where no newer identifier exists.
const FIELDS: [&[&str]; FIELD_COUNT] = [
    &["id"],
    &["type_of_violence", "type_of_vi"],
    &["conflict_new_id", "conflict_id", "conflict_dset_id"],
    &["dyad_new_id", "dyad_id", "dyad_dset_id"],
    &["side_a_new_id", "side_a_id", "sidea_id", "side_a_dset_id"],
    &["side_a", "sidea"],
    &["side_b_new_id", "side_b_id", "sideb_id", "side_b_dset_id"],
    &["side_b", "sideb"],
    &["where_prec"],
    &["adm_1", "adm1"],
    &["adm_2", "adm2"],
    &["latitude", "lat"],
    &["longitude", "lon"],
    &["country", "country_name"],
    &["country_id", "gwno", "country_gwno"],
    &["date_prec"],
    &["date_start"],
    &["date_end"],
    &["deaths_a"],
    &["deaths_b"],
    &["deaths_civilians", "deaths_civilian", "civilian_deaths", "deaths_civ"],
    &["deaths_unknown", "deaths_unk"],
    &["best", "best_est"],
    &["high", "high_est"],
    &["low", "low_est"],
    &["iso3", "iso_3", "country_iso3"],
    &["where_coordinates"],
];

/// The 49 official columns in their official order, for releases that were published without a
/// header row (some monthly candidate files).
pub(super) const OFFICIAL_COLUMNS: [&str; 49] = [
    "id",
    "relid",
    "year",
    "active_year",
    "code_status",
    "type_of_violence",
    "conflict_dset_id",
    "conflict_new_id",
    "conflict_name",
    "dyad_dset_id",
    "dyad_new_id",
    "dyad_name",
    "side_a_dset_id",
    "side_a_new_id",
    "side_a",
    "side_b_dset_id",
    "side_b_new_id",
    "side_b",
    "number_of_sources",
    "source_article",
    "source_office",
    "source_date",
    "source_headline",
    "source_original",
    "where_prec",
    "where_coordinates",
    "where_description",
    "adm_1",
    "adm_2",
    "latitude",
    "longitude",
    "geom_wkt",
    "priogrid_gid",
    "country",
    "country_id",
    "region",
    "event_clarity",
    "date_prec",
    "date_start",
    "date_end",
    "deaths_a",
    "deaths_b",
    "deaths_civilians",
    "deaths_unknown",
    "best",
    "high",
    "low",
    "gwnoa",
    "gwnob",
];

/// Where each field stands, and how many columns a row has.
#[derive(Debug, Clone)]
pub(super) struct HeaderColumns {
    positions: [Option<usize>; FIELD_COUNT],
    width: usize,
}

impl HeaderColumns {
    /// Reads a header row. A column that a record can do without may be absent, unless another one
    /// stands there under nearly the same name.
    pub(super) fn of_header(names: &[String]) -> Result<Self> {
        let names: Vec<String> = names.iter().map(|name| name.trim().to_lowercase()).collect();
        let mut columns = Self { positions: [None; FIELD_COUNT], width: names.len() };
        let mut doubled = Vec::new();
        for (field, accepted) in FIELDS.iter().enumerate() {
            let found = accepted.iter().find(|name| names.iter().any(|have| have == *name));
            let Some(name) = found else { continue };
            let mut places = names.iter().enumerate().filter(|(_, have)| have == name);
            columns.positions[field] = places.next().map(|(column, _)| column);
            if places.next().is_some() {
                doubled.push((*name).to_owned());
            }
        }
        let missing = columns.find_missing(&names)?;
        match (missing.is_empty(), doubled.is_empty()) {
            (false, _) => Err(Error::MissingColumns { missing }),
            (_, false) => Err(Error::DuplicateColumns { names: doubled }),
            _ => Ok(columns),
        }
    }

    /// The columns without which the file is not read: empty where it is. Once one is missing, all that
    /// are absent are named, so that a wrong header is seen at once.
    fn find_missing(&self, names: &[String]) -> Result<Vec<MissingColumn>> {
        let absent: Vec<usize> = (0..FIELD_COUNT)
            .filter(|&field| self.positions[field].is_none())
            .filter(|&field| !AUXILIARY.iter().any(|auxiliary| *auxiliary as usize == field))
            .collect();
        if absent.len() > FIELD_COUNT / 2 {
            let expected = "UCDP GED events (id, type_of_violence, date_start, best and others)";
            return Err(Error::OtherTable { found: excerpt(names), expected });
        }
        let names_country =
            [Field::CountryId, Field::Country, Field::Iso3].iter().any(|field| self.has(*field));
        let is_needed = |field: usize| {
            NEEDED.iter().any(|needed| *needed as usize == field)
                || (field == Field::CountryId as usize && !names_country)
                || is_misspelt(FIELDS[field][0], names)
        };
        if !absent.iter().any(|&field| is_needed(field)) {
            return Ok(Vec::new());
        }
        let missing = |&field: &usize| {
            let name = FIELDS[field][0];
            MissingColumn { name: name.into(), nearest: nearest(name, names) }
        };
        Ok(absent.iter().map(missing).collect())
    }

    /// The official order.
    pub(super) fn official() -> Self {
        let position = |name: &str| OFFICIAL_COLUMNS.iter().position(|have| *have == name);
        let positions = core::array::from_fn(|field| position(FIELDS[field][0]));
        Self { positions, width: OFFICIAL_COLUMNS.len() }
    }

    /// How many fields a row has.
    pub(super) const fn width(&self) -> usize {
        self.width
    }

    /// The column of `field`, from 0; nothing where the file has none.
    pub(super) const fn position(&self, field: Field) -> Option<usize> {
        self.positions[field as usize]
    }

    /// Whether the file has a column for `field`.
    pub(super) const fn has(&self, field: Field) -> bool {
        self.positions[field as usize].is_some()
    }

    /// Remarks, at the header's row, on the columns that are absent and can be done without.
    pub(super) fn diagnostics(&self, header_row: u64) -> Vec<Diagnostic> {
        let absent = ABSENT.iter().filter(|(field, _)| !self.has(*field));
        let diagnostic = |(field, expected): &(Field, &str)| {
            Diagnostic::noted(header_row, field.name(), Issue::Missing, "", expected)
        };
        absent.map(diagnostic).collect()
    }
}

impl Field {
    /// The official name of the column.
    pub(super) const fn name(self) -> &'static str {
        FIELDS[self as usize][0]
    }
}

/// Whether a name of the header that no field has is one slip away from `wanted`, so that the column is
/// there and only its name is wrong.
fn is_misspelt(wanted: &str, names: &[String]) -> bool {
    let taken = |name: &String| {
        OFFICIAL_COLUMNS.contains(&name.as_str()) || FIELDS.concat().contains(&name.as_str())
    };
    // One letter too few, too many or wrong, or two exchanged; further away there are other columns.
    let is_near = |name: &String| {
        let edits = sheet::edits(wanted, name);
        edits == 1 || (edits == 2 && letters(wanted) == letters(name))
    };
    names.iter().any(|name| !taken(name) && is_near(name))
}

/// The letters of a name in their order in the alphabet.
fn letters(name: &str) -> Vec<char> {
    let mut letters: Vec<char> = name.chars().collect();
    letters.sort_unstable();
    letters
}

/// The name nearest to `wanted`, if it is near enough to be a misspelling.
fn nearest(wanted: &str, names: &[String]) -> Option<String> {
    sheet::nearest(wanted, names, &FIELDS.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_its_official_column() {
        for (field, names) in FIELDS.iter().enumerate() {
            let official = OFFICIAL_COLUMNS.contains(&names[0]);
            assert!(official || field == Field::Iso3 as usize, "{}", names[0]);
        }
        assert_eq!(HeaderColumns::official().position(Field::Low), Some(46));
    }

    #[test]
    fn a_newer_identifier_wins_over_an_older_one() {
        let names: Vec<String> = OFFICIAL_COLUMNS.iter().map(|name| (*name).to_owned()).collect();
        let columns = HeaderColumns::of_header(&names).unwrap();
        assert_eq!(columns.position(Field::SideAId), Some(13));
        assert_eq!(columns.position(Field::Conflict), Some(7));
    }
}
