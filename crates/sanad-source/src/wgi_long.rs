//! The Worldwide Governance Indicators as they are laid out since 2024: a row per country, year and
//! dimension; and the 2025 edition's sheets, of which each has one dimension.
//!
//! The long table has `code`, `countryname`, `year`, `indicator` (`va`, `pv`, `ge`, `rq`, `rl`,
//! `cc`), `estimate`, `stddev`, `nsource`, `pctrank`, `pctranklower`, `pctrankupper`. Cells without a
//! value hold `..`.
//!
//! A sheet of 2025 has `Economy (name)`, `Economy (code)`, `Year`, `Governance estimate (approx. -2.5
//! to +2.5)` and, in some exports, its standard error and a score from 0 to 100. Which dimension it
//! holds is said by the name of the sheet, which a CSV does not have: it is read only where a column
//! `Indicator` or `GovernanceDimension` says it. The score is absolute and no percentile rank; it becomes
//! `VA.SC`.

use sanad_core::diagnostic::Issue;

use crate::error::{Error, MissingColumn, Result};
use crate::format::TableLayout;
use crate::series::{Gather, Series, country_by_code};
use crate::sheet::Sheet;
use crate::wgi::{DIMENSIONS, DimensionColumns, GovernanceDimension};

/// A row per country, year and dimension, as since 2024.
pub(crate) const LONG: TableLayout = TableLayout {
    known_by: &["code", "year", "indicator", "estimate"],
    publication: |_| None,
    read: |sheet, _| long(sheet, ["code", "countryname", "year", "indicator", "estimate"]),
};

/// Sheets of the 2025 edition.
pub(crate) const SHEETS: TableLayout = TableLayout {
    known_by: &["Economy (code)", "Year"],
    publication: |_| None,
    read: |sheet, _| {
        let column = |starts: &[&str]| {
            let mut names = sheet.header().iter();
            let name = names.find(|name| {
                let name = name.to_lowercase();
                starts.iter().any(|start| name.starts_with(start))
            });
            name.cloned()
        };
        let estimate = column(&["governance estimate", "estimate"]);
        let dimension = column(&["indicator", "dimension"]);
        match (estimate, dimension) {
            (Some(estimate), Some(dimension)) => {
                long(sheet, ["Economy (code)", "Economy (name)", "Year", &dimension, &estimate])
            }
            (None, _) => Err(missing("Governance estimate (approx. -2.5 to +2.5)")),
            (_, None) => Err(missing(DIMENSION_ADVICE)),
        }
    },
};

/// What to do with a sheet whose name, which a CSV file loses, says what it measures.
const DIMENSION_ADVICE: &str = "indicator: the sheet's name says which dimension it holds and a CSV \
    does not keep it; add a column indicator with va, pv, ge, rq, rl or cc, or take the file with all \
    dimensions";

/// A column that has to be there.
fn missing(name: &'static str) -> Error {
    Error::MissingColumns { missing: vec![MissingColumn { name: name.into(), nearest: None }] }
}

/// Estimates, errors, ranks and scores from a sheet with a row for each country, year and dimension.
fn long(mut sheet: Sheet<'_>, names: [&str; 5]) -> Result<Series> {
    let doubled = sheet.doubled(names);
    if !doubled.is_empty() {
        return Err(Error::DuplicateColumns { names: doubled });
    }
    let [code, name, year, indicator, estimate] = names.map(|name| sheet.find(name));
    let (Some(code), Some(year), Some(indicator), Some(estimate)) =
        (code, year, indicator, estimate)
    else {
        return Err(missing("code, year, indicator, estimate"));
    };
    let first_of =
        |all: &[&str]| all.iter().find_map(|name| Some((sheet.find(name)?, (*name).to_owned())));
    let measured = DimensionColumns {
        estimate: Some((estimate, names[4].to_owned())),
        error: first_of(&["stddev", "stderr", "standard error", "standard_error"]),
        rank: first_of(&["pctrank"]),
        low: first_of(&["pctranklower"]),
        high: first_of(&["pctrankupper"]),
        score: first_of(&["governance score (0-100)", "governance score", "score"]),
    };
    let mut all = Gather::default();
    while let Some(row) = sheet.row()? {
        let country = row.text(code);
        if country.is_empty() {
            all.reject(&row, names[0], Issue::Missing, "", "the World Bank's code of a country");
            continue;
        }
        let Some(period) = all.year(&row, year, names[2]) else { continue };
        let Some(dimension) = dimension(&row.text(indicator)) else {
            let expected = "va, pv, ge, rq, rl or cc";
            all.reject(&row, names[3], Issue::UnknownCode, &row.text(indicator), expected);
            continue;
        };
        let title = name.map_or_else(Default::default, |at| row.text(at));
        if let Some(at) = name {
            row.note_bad_text(&[(at, names[1])], &mut all.diagnostics);
        }
        let place = country_by_code(&country, &title);
        dimension.keep(&row, (&place, period), &measured, &mut all);
    }
    all.finish(sheet)
}

/// A dimension by its prefix in small letters, by the World Bank's code or by its name.
fn dimension(text: &str) -> Option<&'static GovernanceDimension> {
    let short = text.split(['.', ':']).next().unwrap_or_default().trim();
    DIMENSIONS.iter().find(|dimension| {
        dimension.code.eq_ignore_ascii_case(short)
            || dimension.name.eq_ignore_ascii_case(short)
            || dimension.name.replace(" and ", " & ").eq_ignore_ascii_case(short)
    })
}

#[cfg(test)]
mod tests {
    use crate::wgi::read;

    const HEADER: &str = "codeindyr,code,countryname,year,indicator,estimate,stddev,nsource,pctrank,\
        pctranklower,pctrankupper\n";

    #[test]
    fn the_long_layout_gives_what_the_wide_one_gives() {
        let long = format!(
            "{HEADER}XKXva2022,XKX,Kosovo,2022,va,-0.1,0.13,11,43.5,38,50.2\n\
             XKXrl2022,XKX,Kosovo,2022,rl,..,..,..,..,..,..\n"
        );
        let wide = "code,countryname,year,vae,vas,ver,pve,gee,rqe,rle,cce,var,val,vau\n\
            XKX,Kosovo,2022,-0.1,0.13,,,,,,,43.5,38,50.2\n";
        let (long, wide) = (read(long.as_bytes()).unwrap(), read(wide.as_bytes()).unwrap());
        assert_eq!(long.observations, wide.observations);
        assert_eq!(long.observations[0].indicator, "VA.EST");
        assert_eq!((long.observations[1].low, long.observations[1].high), (Some(38.0), Some(50.2)));
        assert_eq!((long.rows_read, long.set_aside["empty cells"]), (2, 2));
        assert_eq!(long.diagnostics, []);
    }

    #[test]
    fn a_dimension_that_is_not_known_is_left_out_with_its_row() {
        let file =
            format!("{HEADER}PAKxx2022,PAK,Pakistan,2022,xx,1,,,,,\n,,Nowhere,2022,va,1,,,,,\n");
        let series = read(file.as_bytes()).unwrap();
        assert!(series.observations.is_empty());
        assert!(series.diagnostics.iter().all(|diagnostic| !diagnostic.kept));
        assert_eq!(series.diagnostics.len(), 2);
    }

    #[test]
    fn a_sheet_of_2025_is_read_where_it_says_its_dimension() {
        let header =
            "Economy (name),Economy (code),Year,\"Governance estimate (approx. -2.5 to +2.5)\"";
        let file = format!("Notes\n\n{header},Indicator\nPakistan,PAK,2023,-0.71,rl\n");
        let series = read(file.as_bytes()).unwrap();
        assert_eq!(series.observations[0].indicator, "RL.EST");
        let error = read(format!("{header}\nPakistan,PAK,2023,-0.71\n").as_bytes()).unwrap_err();
        assert!(error.to_string().contains("add a column indicator"), "{error}");
    }

    #[test]
    fn databanks_table_is_read_as_well() {
        let file = "Country Name,Country Code,Indicator Name,Indicator Code,2022,2023\n\
            Pakistan,PAK,Rule of Law: Estimate,GOV_WGI_RL.EST,-0.69,-0.71\n";
        let series = read(file.as_bytes()).unwrap();
        assert_eq!(series.observations[1].indicator, "RL.EST");
    }
}
