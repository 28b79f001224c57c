//! The header row: which field of a record stands in which column.

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
}

const FIELD_COUNT: usize = Field::Low as usize + 1;

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
    &["latitude"],
    &["longitude"],
    &["country"],
    &["country_id"],
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
pub(super) struct Columns {
    at: [usize; FIELD_COUNT],
    width: usize,
}

impl Columns {
    /// Reads a header row.
    pub(super) fn of_header(names: &[String]) -> Result<Self> {
        let names: Vec<String> = names.iter().map(|name| name.trim().to_lowercase()).collect();
        let mut at = [0; FIELD_COUNT];
        let (mut missing, mut doubled) = (Vec::new(), Vec::new());
        for (field, accepted) in FIELDS.iter().enumerate() {
            let found = accepted.iter().find(|name| names.iter().any(|have| have == *name));
            let Some(name) = found else {
                let nearest = nearest(accepted[0], &names);
                missing.push(MissingColumn { name: accepted[0].into(), nearest });
                continue;
            };
            let mut places = names.iter().enumerate().filter(|(_, have)| have == name);
            at[field] = places.next().map_or(0, |(column, _)| column);
            if places.next().is_some() {
                doubled.push((*name).to_owned());
            }
        }
        if missing.len() > FIELD_COUNT / 2 {
            let expected = "UCDP GED events (id, type_of_violence, date_start, best and others)";
            return Err(Error::OtherTable { found: excerpt(&names), expected });
        }
        match (missing.is_empty(), doubled.is_empty()) {
            (false, _) => Err(Error::MissingColumns { missing }),
            (_, false) => Err(Error::DuplicateColumns { names: doubled }),
            _ => Ok(Self { at, width: names.len() }),
        }
    }

    /// The official order.
    pub(super) fn official() -> Self {
        let mut at = [0; FIELD_COUNT];
        for (field, names) in FIELDS.iter().enumerate() {
            at[field] = OFFICIAL_COLUMNS.iter().position(|have| have == &names[0]).unwrap_or(0);
        }
        Self { at, width: OFFICIAL_COLUMNS.len() }
    }

    /// How many fields a row has.
    pub(super) const fn width(&self) -> usize {
        self.width
    }

    /// The column of `field`, from 0.
    pub(super) const fn of(&self, field: Field) -> usize {
        self.at[field as usize]
    }
}

impl Field {
    /// The official name of the column.
    pub(super) const fn name(self) -> &'static str {
        FIELDS[self as usize][0]
    }
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
        for names in FIELDS {
            assert!(OFFICIAL_COLUMNS.contains(&names[0]), "{}", names[0]);
        }
        assert_eq!(Columns::official().of(Field::Low), 46);
    }

    #[test]
    fn a_newer_identifier_wins_over_an_older_one() {
        let names: Vec<String> = OFFICIAL_COLUMNS.iter().map(|name| (*name).to_owned()).collect();
        let columns = Columns::of_header(&names).unwrap();
        assert_eq!(columns.of(Field::SideAId), 13);
        assert_eq!(columns.of(Field::Conflict), 7);
    }
}
