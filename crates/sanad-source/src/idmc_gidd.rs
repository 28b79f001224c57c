//! IDMC's own table of internal displacement by country and year, as its Global Internal Displacement
//! Database gives it.
//!
//! Columns `ISO3`, `Name`, `Year`, and any of the figures below, whose names differ between the page's
//! table (`Conflict Stock Displacement`), its export (`Conflict Total Displacement`) and the answers of
//! the API (`conflict_total_displacement`). Each stands twice: as IDMC publishes it, rounded, and as
//! it was counted (`… (Raw)`; in the API it is the rounded one that is marked). Both are kept, the
//! rounded one under the name that the same figure has in the table of the Refugee Data Finder
//! (`idmc_idps`). Figures may be missing; displacement inside a country has no partner.

use sanad_core::diagnostic::Issue;

use crate::error::{Error, MissingColumn, Result};
use crate::format::{Publication, TableLayout};
use crate::series::{Gather, Series, country_by_code, observation};
use crate::sheet::Sheet;

/// A row per country and year.
pub(crate) const LAYOUT: TableLayout = TableLayout {
    known_by: &["ISO3", "Year"],
    publication: |_| {
        Some(Publication {
            id: "idmc",
            title: "Global Internal Displacement Database",
            citation: "Internal Displacement Monitoring Centre (IDMC), Global Internal Displacement \
                Database, https://www.internal-displacement.org/database",
            licence: "not stated on a card; IDMC's documentation says CC-BY-NC-SA-3.0-IGO",
            url: "https://www.internal-displacement.org/database",
        })
    },
    read: |sheet, _| by_country_and_year(sheet),
};

/// How a figure is called, in small letters without marks; its indicator, title and unit.
const FIGURES: [(&[&str], &str, &str, &str); 4] = [
    (
        &["conflict stock displacement", "conflict total displacement"],
        "idmc_idps",
        "Internally displaced persons, by conflict and violence, at the end of the year",
        "persons",
    ),
    (
        &["conflict internal displacements", "conflict new displacement"],
        "idmc_conflict_displacements",
        "Movements of people displaced by conflict and violence during the year",
        "movements",
    ),
    (
        &["disaster stock displacement", "disaster total displacement"],
        "idmc_disaster_idps",
        "Internally displaced persons, by disasters, at the end of the year",
        "persons",
    ),
    (
        &["disaster internal displacements", "disaster new displacement"],
        "idmc_disaster_displacements",
        "Movements of people displaced by disasters during the year",
        "movements",
    ),
];

/// A column with a figure.
struct FigureColumn {
    column: usize,
    indicator: String,
    title: String,
    unit: &'static str,
}

/// New displacements and people displaced at the year's end, by cause, country and year.
fn by_country_and_year(mut sheet: Sheet<'_>) -> Result<Series> {
    let expected = "IDMC's figures by country and year (ISO3, Year, Conflict Stock Displacement)";
    let [code, year] = sheet.require(["ISO3", "Year"], expected)?;
    let name = ["Name", "Country Name", "country_name"].iter().find_map(|name| sheet.find(name));
    let measured = measured(sheet.header())?;
    let header = sheet.header().to_vec();
    let mut all = Gather::with_words_for_nothing(&["-"]);
    while let Some(row) = sheet.row()? {
        let country = row.text(code);
        if country.is_empty() {
            all.reject(&row, &header[code], Issue::Missing, "", "an ISO 3166-1 alpha-3 code");
            continue;
        }
        let Some(period) = all.year(&row, year, &header[year]) else { continue };
        let name = name.map_or_else(Default::default, |at| row.text(at));
        let place = country_by_code(&country, &name);
        for one in &measured {
            let column = &header[one.column];
            let Some(value) = all.count(&row, one.column, column) else { continue };
            let mut kept = observation(&one.indicator, &place, period, value, &row);
            kept.indicator_name.clone_from(&one.title);
            kept.unit = one.unit.to_owned();
            all.keep(&row, column, kept);
        }
    }
    all.finish(sheet)
}

/// The figures of a header.
fn measured(header: &[String]) -> Result<Vec<FigureColumn>> {
    let plain = |name: &String| {
        let words = name.to_lowercase().replace(['_', '(', ')'], " ");
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let names: Vec<String> = header.iter().map(plain).collect();
    // Where the rounded figures are marked, the others are the counted ones.
    let marks_rounded = names.iter().any(|name| name.ends_with(" rounded"));
    let mut found: Vec<FigureColumn> = Vec::new();
    let mut doubled = Vec::new();
    for (column, name) in names.iter().enumerate() {
        let (base, counted) = match (name.strip_suffix(" raw"), name.strip_suffix(" rounded")) {
            (Some(base), _) => (base, true),
            (_, Some(base)) => (base, false),
            _ => (name.as_str(), marks_rounded),
        };
        let Some(figure) = FIGURES.iter().find(|figure| figure.0.contains(&base)) else { continue };
        let (_, indicator, title, unit) = *figure;
        let (indicator, title) = if counted {
            (format!("{indicator}_counted"), format!("{title}, as counted"))
        } else {
            (indicator.to_owned(), title.to_owned())
        };
        if found.iter().any(|one| one.indicator == indicator) {
            doubled.push(header[column].clone());
        }
        found.push(FigureColumn { column, indicator, title, unit });
    }
    if !doubled.is_empty() {
        return Err(Error::DuplicateColumns { names: doubled });
    }
    if found.is_empty() {
        let name = "Conflict Stock Displacement".into();
        return Err(Error::MissingColumns { missing: vec![MissingColumn { name, nearest: None }] });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use crate::displacement::IDMC;
    use crate::format::SeriesSettings;

    fn read(file: &str) -> Vec<(String, String, f64)> {
        let series = IDMC.observations(file.as_bytes(), &SeriesSettings::default()).unwrap();
        assert_eq!(series.diagnostics, []);
        let each = series.observations.into_iter();
        each.map(|one| (one.indicator, one.place.iso3, one.value)).collect()
    }

    #[test]
    fn the_table_of_the_page_and_the_answers_of_the_api_give_the_same_figures() {
        let page = "ISO3,Name,Year,Conflict Stock Displacement,Conflict Stock Displacement (Raw),\
            Conflict Internal Displacements,Conflict Internal Displacements (Raw)\n\
            EXL,Exampleland,2099,\"4,187,000\",4187223,\"31,000\",\n";
        let api = "iso3,country_name,year,conflict_total_displacement,\
            conflict_total_displacement_rounded,conflict_new_displacement_rounded\n\
            EXL,Exampleland,2099,4187223,4187000,31000\n";
        let mut page = read(page);
        let mut api = read(api);
        page.sort_by(|a, b| a.0.cmp(&b.0));
        api.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(page, api);
        let shown: Vec<(&str, f64)> = page.iter().map(|page| (page.0.as_str(), page.2)).collect();
        let expected = [
            ("idmc_conflict_displacements", 31_000.0),
            ("idmc_idps", 4_187_000.0),
            ("idmc_idps_counted", 4_187_223.0),
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_figure_has_the_name_that_it_has_in_the_refugee_data_finder() {
        let finder = "year,coo_iso,coa_iso,total\n2023,PAK,PAK,22000\n";
        let own = "ISO3,Name,Year,Conflict Stock Displacement\nPAK,Pakistan,2023,\"22,000\"\n";
        assert_eq!(read(finder), read(own));
    }

    #[test]
    fn a_table_without_figures_or_with_one_twice_is_refused() {
        let read = |file: &str| IDMC.observations(file.as_bytes(), &SeriesSettings::default());
        let error = read("ISO3,Year,Notes\nPAK,2023,x\n").unwrap_err();
        assert!(error.to_string().contains("Conflict Stock Displacement"), "{error}");
        let twice =
            "ISO3,Year,Conflict Stock Displacement,conflict_stock_displacement\nPAK,2023,1,2\n";
        assert!(read(twice).unwrap_err().to_string().contains("more than once"));
    }
}
