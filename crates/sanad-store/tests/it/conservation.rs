//! The law of the panel: for every measure, places plus what is not placed make the total,
//! whatever the unit, the date rule, the map and the quality of the records.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use chrono::{Days, NaiveDate};
use sanad_core::Month;
use sanad_core::event::DateRule;
use sanad_core::place::{Location, Reach};
use sanad_core::random::{Stream, Streams};
use sanad_source::boundaries::Boundaries;
use sanad_store::{Observatory, Organisations, PanelRequest, PlacesOf, Unit, measures};

use crate::support::{
    Row, UCDP_CANDIDATE, UCDP_PAKISTAN, by_place_and_month, day, empty, import_ged,
    import_pakistan_without_figures, incoming, month, numbers, real, texts, write_ged,
};

const DISTRICTS: usize = 6;
const UNITS: [Unit; 4] = [Unit::Country, Unit::Adm1, Unit::Adm2, Unit::Priogrid];
const RULES: [DateRule; 3] = [DateRule::End, DateRule::Start, DateRule::Spread];
const MAPS: [PlacesOf; 2] = [PlacesOf::Contemporary, PlacesOf::Current];

/// A district that ended on a day and was shared out, one that began late, and a composite.
#[derive(Debug, Clone)]
struct Book {
    province_ends: Option<NaiveDate>,
    old: Vec<(NaiveDate, Vec<u8>)>,
    begins: Vec<Option<NaiveDate>>,
    carved: bool,
    composite: Vec<u8>,
}

/// Draws what a test does not want to choose.
struct Chance(Stream);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        ((self.0.open01() * limit as f64) as usize).min(limit - 1)
    }

    fn holds(&mut self, part: f64) -> bool {
        self.0.open01() < part
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn day(&mut self) -> NaiveDate {
        day("2010-01-01") + Days::new(self.below(1_095) as u64)
    }

    /// Weights of which at least one is above zero.
    fn weights(&mut self) -> Vec<u8> {
        let mut weights: Vec<u8> =
            (0..DISTRICTS).map(|_| (self.below(16) as u8).saturating_sub(7)).collect();
        let sure = self.below(DISTRICTS);
        weights[sure] = weights[sure].max(1);
        weights
    }

    fn book(&mut self) -> Book {
        let mut book = Book {
            province_ends: self.holds(0.5).then(|| self.day()),
            old: (0..self.below(3)).map(|_| (self.day(), self.weights())).collect(),
            begins: (0..DISTRICTS).map(|_| self.holds(0.4).then(|| self.day())).collect(),
            carved: self.holds(0.5),
            composite: if self.holds(0.5) { self.weights() } else { Vec::new() },
        };
        book.close_gaps();
        book
    }

    fn row(&mut self, id: i64) -> Row {
        let adm1 = self.one(&["", "P0 name", "P1 name", "Q name", "Atlantis"]);
        let adm2 = self.one(&[
            "",
            "D0 name",
            "D1 name",
            "D2 name district",
            "D5 name",
            "O0 name",
            "O1 name",
            "C name",
            "Elsewhere",
            "Nowhere",
        ]);
        let inside = (self.0.open01() * 2.5, self.0.open01() * 3.5);
        let point = self.holds(0.8).then_some(inside);
        let precision = self.below(7) as u8 + 1;
        let length = if self.holds(0.7) { self.below(2) } else { self.below(80) };
        let (civilians, others) = (self.below(40) as i32, self.below(40) as i32);
        let (less, more) = (self.below(30) as i32, self.below(30) as i32);
        let end = self.day();
        Row {
            id,
            violence: self.below(3) as u8 + 1,
            sides: (self.below(3) as i64, self.below(3) as i64 + 4),
            // Without a point and a name a row of a finer precision would be left out.
            where_prec: if point.is_none() && adm2.is_empty() { 6 } else { precision },
            adm1: adm1.to_owned(),
            adm2: adm2.to_owned(),
            point,
            country: if self.holds(0.8) { 770 } else { 771 + self.below(2) as i32 },
            start: end - Days::new(length as u64),
            end,
            civilians,
            others,
            low: (civilians + others - less).max(0),
            high: civilians + others + more,
        }
    }
}

fn successors(weights: &[u8]) -> String {
    let total: f64 = weights.iter().map(|weight| f64::from(*weight)).sum();
    let parts = weights.iter().enumerate().filter(|(_, weight)| **weight > 0);
    let parts: Vec<String> = parts
        .map(|(at, weight)| {
            format!("{{ place = \"D{at}\", share = {:.9} }}", f64::from(*weight) / total)
        })
        .collect();
    format!("successors = [{}]\n", parts.join(", "))
}

impl Book {
    /// Lets every old place last until the day before its last successor begins: a book with a
    /// gap between the two is refused.
    fn close_gaps(&mut self) {
        for (last, weights) in &mut self.old {
            for (at, _) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0) {
                let carved = self.carved && at > 0;
                if let Some(begins) = self.begins[at].filter(|_| !carved) {
                    *last = (*last).max(begins - Days::new(1));
                }
            }
        }
    }

    fn to_toml(&self) -> String {
        let mut text = String::new();
        let mut place = |id: &str, level: &str, within: &str, more: &str| {
            let within =
                if within.is_empty() { String::new() } else { format!("within = \"{within}\"\n") };
            // Writing into a String cannot fail.
            let _ = write!(
                text,
                "[[place]]\nid = \"{id}\"\nname = \"{id} name\"\nlevel = \"{level}\"\n{within}{more}\n"
            );
        };
        place("X", "country", "", "gwno = 770\n");
        place("P0", "adm1", "X", "");
        place("P1", "adm1", "X", "");
        if let Some(last) = self.province_ends {
            let more = format!(
                "valid_to = \"{last}\"\nsuccessors = [{{ place = \"P0\", share = 1.0 }}]\n"
            );
            place("Q", "adm1", "X", &more);
        }
        for (at, begins) in self.begins.iter().enumerate() {
            let mut more = String::new();
            if let Some(first) = begins {
                let _ = writeln!(more, "valid_from = \"{first}\"");
                if self.carved && at > 0 {
                    let _ = writeln!(more, "carved_from = \"D{}\"", at - 1);
                }
            }
            place(&format!("D{at}"), "adm2", ["P0", "P1"][at % 2], &more);
        }
        for (at, (last, weights)) in self.old.iter().enumerate() {
            let within = if self.province_ends.is_some() { "Q" } else { "P0" };
            let more = format!("valid_to = \"{last}\"\n{}", successors(weights));
            place(&format!("O{at}"), "adm2", within, &more);
        }
        if !self.composite.is_empty() {
            let more = format!("composite = true\n{}", successors(&self.composite));
            place("C", "adm2", "P1", &more);
        }
        text.push_str("[[alias]]\nname = \"Elsewhere\"\nplace = \"D0\"\nto = \"2011-06-30\"\n");
        text
    }

    /// Writes a case around the book.
    fn write_case(&self, folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
        write(
            "case.toml",
            "id = \"x\"\ntitle = \"X\"\ncountry = \"X\"\niso3 = \"XXX\"\ngwno = 770\n\
             current_on = \"2013-06-30\"\n",
        );
        write("places.toml", &self.to_toml());
        write(
            "actors.toml",
            "[[actor]]\nid = \"a\"\nname = \"A\"\nkind = \"movement\"\nfamily = \"communal\"\n",
        );
    }
}

/// Squares of one degree, one per district, side by side.
fn write_boundaries(path: &Path) {
    let squares: Vec<String> = (0..DISTRICTS)
        .map(|at| {
            let (west, south) = ((at % 3) as f64, (at / 3) as f64);
            let (east, north) = (west + 1.0, south + 1.0);
            format!(
                "{{\"type\":\"Feature\",\"properties\":{{\"ADM2_PCODE\":\"D{at}\",\"ADM2_EN\":\
                 \"D{at}\"}},\"geometry\":{{\"type\":\"Polygon\",\"coordinates\":[[[{west},{south}],\
                 [{east},{south}],[{east},{north}],[{west},{north}],[{west},{south}]]]}}}}"
            )
        })
        .collect();
    let text = format!("{{\"type\":\"FeatureCollection\",\"features\":[{}]}}", squares.join(","));
    fs::write(path, text).unwrap();
}

/// What a measure of the panel sums up, worked out from its name.
fn total(rows: &[Row], measure: &str) -> i64 {
    let violence = [("state_based_", 1), ("non_state_", 2), ("one_sided_", 3)];
    let of_kind =
        violence.iter().find_map(|(prefix, kind)| Some((measure.strip_prefix(prefix)?, *kind)));
    let (column, kind) = of_kind.map_or((measure, None), |(column, kind)| (column, Some(kind)));
    let rows = rows.iter().filter(|row| kind.is_none_or(|kind| row.violence == kind));
    rows.map(|row| match column {
        "events" => 1,
        "deaths_best" => i64::from(row.best()),
        "deaths_low" => i64::from(row.low),
        "deaths_high" => i64::from(row.high),
        "deaths_civilians" => i64::from(row.civilians),
        other => panic!("no such column: {other}"),
    })
    .sum()
}

fn prepare(book: &Book, rows: &mut [Row], boundaries: bool) -> (tempfile::TempDir, Observatory) {
    let (folder, mut observatory) = empty();
    let case = folder.path().join("case");
    book.write_case(&case);
    observatory.import_case(&case, true, day("2026-01-31")).expect("a sound case");
    if boundaries {
        let file = folder.path().join("squares.geojson");
        write_boundaries(&file);
        observatory.import_boundaries(&incoming(&file)).expect("sound boundaries");
    }
    for (row, id) in rows.iter_mut().zip(1..) {
        row.id = id;
    }
    let file = folder.path().join("GEDEvent_v22_1.csv");
    write_ged(&file, rows);
    let report = import_ged(&mut observatory, &file);
    assert_eq!(report.snapshot.records_kept, rows.len() as u64, "{:?}", report.diagnostics);
    (folder, observatory)
}

fn check_panel(observatory: &Observatory, rows: &[Row], request: &PanelRequest) {
    let what = request.describe();
    let panel = observatory.panel(request, 1).unwrap();
    for measure in measures() {
        let parts = numbers(&panel, measure).into_iter().flatten();
        let found: i128 = parts.map(|value| (value * 1e12).round() as i128).sum();
        let expected = i128::from(total(rows, measure)) * 1_000_000_000_000;
        assert_eq!(found, expected, "{measure}, {what}");
    }
    // Zero where the source covers, null where it does not and no record reaches into.
    let sources = texts(&panel, "source");
    for (value, source) in numbers(&panel, "events").into_iter().zip(sources) {
        match source {
            Some(_) => assert!(value.is_some(), "{what}"),
            None => assert!(value != Some(0.0), "{what}"),
        }
    }
}

fn filled(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// Deaths by district and month as the place book alone gives them, record by record.
fn by_hand(
    observatory: &Observatory,
    boundaries: Option<&Boundaries>,
    rows: &[Row],
) -> BTreeMap<(String, i32), i64> {
    let book = observatory.places().unwrap();
    let mut cells: BTreeMap<(String, i32), i64> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.country == 770) {
        let polygon = row.point.zip(boundaries).and_then(|((north, east), boundaries)| {
            boundaries.locate(north, east, sanad_core::place::Level::Adm2)
        });
        let location = Location {
            source: "ucdp-ged",
            adm1: filled(&row.adm1),
            adm2: filled(&row.adm2),
            reach: Reach::of_where_prec(row.where_prec).unwrap(),
            polygon,
        };
        let Some(named) = book.resolve(&location, row.end).adm2 else { continue };
        for (id, share_ppm) in book.on_day(named, row.end) {
            if book.get(&id).unwrap().is_valid_on(row.end) {
                let deaths = i64::from(row.best()) * share_ppm;
                *cells.entry((id, Month::from_date(row.end).id())).or_default() += deaths;
            }
        }
    }
    cells
}

/// Every measure of a country, in millionths, is the same at every unit, whether the country's records
/// are chosen beforehand or its rows afterwards, and with organisations as without.
#[test]
fn every_unit_and_filter_adds_up_to_the_country() {
    let (book, mut rows) = fixed();
    let (_folder, observatory) = prepare(&book, &mut rows, true);
    let filters =
        [(Organisations::Each, DateRule::End), (Organisations::Together, DateRule::Spread)];
    for (organisations, date_rule) in filters {
        let request = PanelRequest {
            organisations,
            date_rule,
            ..PanelRequest::new(Unit::Country, month("2009-09"), month("2013-06"))
        };
        let countries = observatory.panel(&request, 1).unwrap();
        for unit in [Unit::Adm1, Unit::Adm2, Unit::Priogrid] {
            let request = PanelRequest { unit, ..request.clone() };
            let all = observatory.panel(&request, 1).unwrap();
            for country in [770, 771] {
                let whole = sums(&countries, Some(country));
                assert!(whole[1] > 0, "{country} has deaths");
                assert_eq!(sums(&all, Some(country)), whole, "rows of {country}: {request:?}");
                let countries = vec![country];
                let chosen = PanelRequest { countries, ..request.clone() };
                let chosen = observatory.panel(&chosen, 1).unwrap();
                assert_eq!(sums(&chosen, None), whole, "records of {country}: {request:?}");
            }
        }
    }
}

/// Cells on a border hold records of two countries: those of one add up to that country and to no more.
#[test]
fn cells_of_a_country_hold_its_deaths_and_no_others_in_the_published_records() {
    let files =
        [UCDP_PAKISTAN, UCDP_CANDIDATE, "ucdp/GEDEvent_v26_0_1.csv", "ucdp/GEDEvent_v26_0_2.csv"];
    let Some(paths) = files.into_iter().map(real).collect::<Option<Vec<_>>>() else { return };
    let (_folder, mut observatory) = empty();
    import_pakistan_without_figures(&mut observatory);
    for path in &paths {
        import_ged(&mut observatory, path);
    }
    let request = |unit| PanelRequest::new(unit, month("1989-01"), month("2026-02"));
    let whole = sums(&observatory.panel(&request(Unit::Country), 0).unwrap(), Some(770));
    assert_eq!(whole[1], 44_105_000_000, "deaths of the country");
    for unit in UNITS {
        let all = observatory.panel(&request(unit), 0).unwrap();
        assert_eq!(sums(&all, Some(770)), whole, "rows of the country: {unit:?}");
        let chosen = PanelRequest { countries: vec![770], ..request(unit) };
        let chosen = observatory.panel(&chosen, 0).unwrap();
        assert_eq!(sums(&chosen, None), whole, "records of the country: {unit:?}");
    }
    // The records do lie on borders: the cells of the country together hold more.
    let cells = observatory.panel(&request(Unit::Priogrid), 0).unwrap();
    let (places, countries) = (texts(&cells, "place_id"), numbers(&cells, "country_id"));
    let own: BTreeSet<_> = (0..cells.num_rows())
        .filter(|&row| countries[row] == Some(770.0))
        .map(|row| places[row].clone())
        .collect();
    let deaths = numbers(&cells, "deaths_best");
    let held: f64 = (0..cells.num_rows())
        .filter(|&row| own.contains(&places[row]))
        .filter_map(|row| deaths[row])
        .sum();
    assert!(held > 44_105.0, "{held}");
}

/// The sum of every measure in millionths, of all rows or of those of a country.
fn sums(panel: &sanad_store::Table, country: Option<i32>) -> Vec<i64> {
    let countries = numbers(panel, "country_id");
    let here =
        |row: &usize| country.is_none_or(|country| countries[*row] == Some(f64::from(country)));
    let sum = |measure: &str| {
        let values = numbers(panel, measure);
        let rows = (0..panel.num_rows()).filter(here).filter_map(|row| values[row]);
        rows.map(|value| (value * 1e6).round() as i64).sum()
    };
    measures().map(sum).collect()
}

/// How many random cases are tried; `SANAD_CASES` asks for more.
fn cases() -> u32 {
    std::env::var("SANAD_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(10)
}

#[test]
fn places_and_what_is_not_placed_make_the_total() {
    for case in 0..cases() {
        // Shown with a failure, so that the case can be found again.
        eprintln!("case {case}");
        random_case(&mut Chance(Streams::new(1, "conservation").at(case, 0, 0)));
    }
}

fn random_case(chance: &mut Chance) {
    let book = chance.book();
    let mut rows: Vec<Row> = (0..=chance.below(80)).map(|id| chance.row(id as i64)).collect();
    let (_folder, observatory) = prepare(&book, &mut rows, chance.holds(0.5));
    for _ in 0..3 {
        let (unit, map) = (UNITS[chance.below(4)], MAPS[chance.below(2)]);
        let request = PanelRequest {
            date_rule: RULES[chance.below(3)],
            places_of: map,
            ..PanelRequest::new(unit, month("2009-09"), month("2013-01"))
        };
        check_panel(&observatory, &rows, &request);
    }
    let request = PanelRequest::new(Unit::Adm2, month("2009-09"), month("2013-01"));
    check_panel(&observatory, &rows, &request);
    let panel = observatory.panel(&request, 1).unwrap();
    let found: BTreeMap<(String, i32), i64> = by_place_and_month(&panel, "deaths_best")
        .into_iter()
        .filter(|((place, _), deaths)| *deaths != 0.0 && !place.starts_with("unplaced"))
        .map(|(key, deaths)| (key, (deaths * 1e6).round() as i64))
        .collect();
    let boundaries = observatory.boundaries(None).unwrap();
    let mut expected = by_hand(&observatory, boundaries.as_ref(), &rows);
    expected.retain(|_, deaths| *deaths != 0);
    assert_eq!(found, expected);
}

/// Places that change, and records of two countries that share cells.
fn fixed() -> (Book, Vec<Row>) {
    let book = Book {
        province_ends: Some(day("2011-05-30")),
        old: vec![
            (day("2011-05-30"), vec![3, 0, 5, 0, 1, 0]),
            (day("2010-12-31"), vec![0, 1, 0, 0, 0, 0]),
        ],
        begins: vec![None, None, Some(day("2011-05-31")), None, Some(day("2012-02-15")), None],
        carved: true,
        composite: vec![0, 2, 0, 1, 0, 0],
    };
    let names = ["O0 name", "O1 name", "C name", "D4 name", "Nowhere", ""];
    let rows: Vec<Row> = (0..120_usize)
        .map(|at| Row {
            where_prec: (at % 7 + 1) as u8,
            adm1: ["P0 name", "Q name", ""][at % 3].to_owned(),
            adm2: names[at % names.len()].to_owned(),
            country: 770 + i32::from(at % 10 == 9),
            start: day("2010-01-05") + Days::new(at as u64 * 8),
            end: day("2010-01-05") + Days::new(at as u64 * 8 + (at as u64 * 7) % 45),
            violence: (at % 3 + 1) as u8,
            ..Row::new(0, "2010-01-01", (at % 11) as i32)
        })
        .collect();
    (book, rows)
}

#[test]
fn every_unit_map_and_rule_conserves_one_fixed_set_of_records() {
    let (book, mut rows) = fixed();
    let (_folder, observatory) = prepare(&book, &mut rows, true);
    for unit in UNITS {
        for date_rule in RULES {
            for places_of in MAPS {
                let request = PanelRequest {
                    date_rule,
                    places_of,
                    ..PanelRequest::new(unit, month("2009-09"), month("2013-06"))
                };
                check_panel(&observatory, &rows, &request);
            }
        }
    }
}

#[test]
fn very_large_counts_are_spread_without_overflow() {
    let mut rows: Vec<Row> = (0..40_i32)
        .map(|_| Row {
            start: day("2010-01-20"),
            end: day("2010-02-20"),
            ..Row::new(0, "2010-01-20", 4_000_000)
        })
        .collect();
    let book = Book {
        province_ends: None,
        old: Vec::new(),
        begins: vec![None; DISTRICTS],
        carved: false,
        composite: Vec::new(),
    };
    let (_folder, observatory) = prepare(&book, &mut rows, false);
    let request = PanelRequest {
        date_rule: DateRule::Spread,
        ..PanelRequest::new(Unit::Country, month("2010-01"), month("2010-02"))
    };
    let panel = observatory.panel(&request, 1).unwrap();
    let deaths: f64 = numbers(&panel, "deaths_best").into_iter().flatten().sum();
    assert!((deaths - 160_000_000.0).abs() < 1e-3, "{deaths}");
}
