//! UCDP GED.

use proptest::prelude::*;
use sanad_core::diagnostic::{Issue, count_by_issue};
use sanad_core::event::number_day;
use sanad_source::Error;
use sanad_source::ged::{Ged, Options, read};

use crate::data;
use crate::table::{COLUMNS, Table};

fn read_text(text: &str) -> Ged {
    read(text.as_bytes(), &Options::of_version("22.1")).unwrap()
}

#[test]
fn a_file_covers_no_month_of_which_nothing_says_that_it_does() {
    let header = "id,type_of_violence,side_a,side_b,deaths_a,deaths_b,deaths_civilians,deaths_unknown,high,low,\
         latitude,longitude,country_id,date_start,date_end,best\n";
    let covered = |version: Option<&str>, days: [&str; 2]| {
        let [first, last] = days;
        let text = format!(
            "{header}1,1,A,B,1,0,0,0,1,1,1,1,770,{first},{first},1\n2,1,A,B,1,0,0,0,1,1,1,1,770,{last},{last},1\n"
        );
        let options = version.map_or_else(Options::default, Options::of_version);
        let coverage = read(text.as_bytes(), &options).unwrap().coverage;
        [coverage.from, coverage.to].map(|month| month.unwrap().to_string())
    };
    // An export that ends in June says nothing of July.
    assert_eq!(covered(None, ["2015-03-02", "2026-06-27"]), ["2015-03", "2026-06"]);
    // The data set begins with 1989.
    assert_eq!(covered(None, ["1989-04-02", "2021-10-27"]), ["1989-01", "2021-10"]);
    // An annual release covers whole years, up to the year before that of its release.
    assert_eq!(covered(Some("22.1"), ["1994-04-02", "2021-10-27"]), ["1994-01", "2021-12"]);
    // With events of that year it was joined with another file.
    assert_eq!(covered(Some("22.1"), ["1994-04-02", "2022-02-27"]), ["1994-04", "2022-02"]);
    assert_eq!(covered(Some("23.0.10"), ["2023-10-02", "2023-11-01"]), ["2023-10", "2023-10"]);
}

#[test]
fn a_description_that_names_a_province_is_its_name_where_there_is_no_column_of_provinces() {
    let header = "id,type_of_violence,side_a,side_b,deaths_a,deaths_b,deaths_civilians,deaths_unknown,high,low,\
        country_id,date_start,date_end,best,latitude,longitude,where_coordinates";
    let rows = "1,1,A,B,1,0,0,0,1,1,750,2020-01-01,2020-01-01,1,33.9,76.7,Jammu and Kashmir state\n\
                2,1,A,B,1,0,0,0,1,1,750,2020-01-01,2020-01-01,1,33.1,75.5,Doda district\n\
                3,1,A,B,1,0,0,0,1,1,750,2020-01-01,2020-01-01,1,33.1,75.5,state\n";
    let ged = read_text(&format!("{header}\n{rows}"));
    let provinces: Vec<&str> = (0..3).map(|index| ged.events.adm1.get(index)).collect();
    assert_eq!(provinces, ["Jammu and Kashmir state", "", ""]);
    // With the column, it alone says.
    let rows = rows.replace('\n', ",Other\n");
    let ged = read_text(&format!("{header},adm_1\n{rows}"));
    assert_eq!(ged.events.adm1.get(0), "Other");
}

#[test]
fn a_published_annual_file_is_read_without_loss() {
    let Some(file) = data::open("ucdp/GEDEvent_v22_1_pakistan.csv") else { return };
    let ged = read(file, &Options::of_version("22.1")).unwrap();
    assert_eq!((ged.rows_read, ged.events.len()), (6_416, 6_416));
    assert_eq!((ged.deaths_in, ged.deaths_kept), (43_225, 43_225));
    let counts: Vec<_> = count_by_issue(&ged.diagnostics).into_iter().collect();
    assert_eq!(counts, [(Issue::EstimateOrder, 200)]);
    assert!(ged.diagnostics.iter().all(|diagnostic| diagnostic.kept));
    assert_eq!(ged.coverage.countries, [770]);
    assert_eq!(ged.coverage.from, "1989-01".parse().ok());
    assert_eq!(ged.coverage.to, "2021-12".parse().ok());
    let precision = |code| ged.events.where_prec.iter().filter(|prec| **prec == code).count();
    assert_eq!([1, 2, 3, 4, 5, 6].map(precision), [2_345, 2_633, 1_124, 60, 245, 9]);
}

#[test]
fn state_based_deaths_by_month_of_the_last_day_are_those_of_views() {
    let (Some(file), Some(views)) = (
        data::open("ucdp/GEDEvent_v22_1_pakistan.csv"),
        data::open("forecast/views_ged_sb_long_1990_2021.csv"),
    ) else {
        return;
    };
    let ged = read(file, &Options::default()).unwrap();
    let mut months = std::collections::BTreeMap::<i32, i64>::new();
    for (at, day) in ged.events.end_day.iter().enumerate() {
        if ged.events.violence[at] == 1 {
            let month = sanad_core::Month::from_date(number_day(*day)).id();
            *months.entry(month).or_default() += i64::from(ged.events.deaths_best[at]);
        }
    }
    let mut views = csv::Reader::from_reader(views);
    let names = views.headers().unwrap().clone();
    let at = |name: &str| names.iter().position(|have| have == name).unwrap();
    let (month_at, country_at, value_at) = (at("month_id"), at("country_id"), at("ged_sb"));
    let (mut compared, mut equal, mut deaths) = (0, 0, 0);
    for row in views.records().map(Result::unwrap).filter(|row| &row[country_at] == "136") {
        let expected = row[value_at].parse::<f64>().unwrap().round() as i64;
        let month: i32 = row[month_at].parse().unwrap();
        compared += 1;
        equal += i32::from(months.get(&month).copied().unwrap_or(0) == expected);
        deaths += expected;
    }
    assert_eq!((compared, equal, deaths), (384, 384, 34_962));
}

#[test]
fn a_published_candidate_file_covers_the_month_it_was_made_for() {
    let Some(file) = data::open("ucdp/GEDEvent_v23_0_10.csv") else { return };
    let ged = read(file, &Options::of_version("23.0.10")).unwrap();
    assert_eq!((ged.rows_read, ged.events.len()), (2_391, 2_391));
    assert_eq!((ged.deaths_in, ged.deaths_kept), (12_603, 12_603));
    let counts: Vec<_> = count_by_issue(&ged.diagnostics).into_iter().collect();
    assert_eq!(counts, [(Issue::EstimateOrder, 15)]);
    assert!(ged.release.unwrap().is_preliminary());
    assert_eq!(ged.coverage.from, "2023-10".parse().ok());
    assert_eq!(ged.coverage.to, "2023-10".parse().ok());
    assert_eq!(ged.events.country_id.iter().filter(|id| **id == 770).count(), 55);
}

#[test]
fn columns_are_found_by_name_in_any_order() {
    let table = Table::of(2);
    let mut turned = table.clone();
    turned.header.reverse();
    turned.rows.iter_mut().for_each(|row| row.reverse());
    assert_eq!(read_text(&turned.text()).events, read_text(&table.text()).events);
}

#[test]
fn names_of_older_releases_are_known() {
    let newer = Table::of(1);
    let older = newer
        .clone()
        .renamed("best", "best_est")
        .renamed("low", "LOW_EST")
        .renamed("high", " high_est ")
        .renamed("conflict_new_id", "conflict_dset_id")
        .renamed("dyad_new_id", "dyad_id")
        .renamed("side_a_new_id", "side_a_dset_id")
        .renamed("deaths_civilians", "civilian_deaths");
    assert_eq!(read_text(&older.text()).events, read_text(&newer.text()).events);
}

#[test]
fn a_row_of_tags_under_the_header_is_no_event() {
    let table = Table::of(2);
    let mut tagged = table.clone();
    let mut tags: Vec<String> = COLUMNS.iter().map(|name| format!("#x+{name}")).collect();
    tags[3].clear();
    tagged.rows.insert(0, tags);
    let (plain, tagged) = (read_text(&table.text()), read_text(&tagged.text()));
    assert_eq!(tagged.rows_read, 2);
    assert_eq!((plain.events.row, tagged.events.row), (vec![2, 3], vec![3, 4]));
}

#[test]
fn several_rows_of_tags_are_no_events() {
    let mut tagged = Table::of(2);
    let tags = |prefix: &str| COLUMNS.iter().map(|name| format!("{prefix}{name}")).collect();
    tagged.rows.insert(0, tags("#x+"));
    tagged.rows.insert(1, tags("#y +"));
    let tagged = read_text(&tagged.text());
    assert_eq!((tagged.rows_read, tagged.events.row), (2, vec![4, 5]));
}

#[test]
fn a_table_that_a_spreadsheet_saved_anew_is_the_same_table() {
    let table = Table::of(3).with(1, "source_headline", "\"first\nsecond\"");
    let plain = read_text(&table.text());
    for (separator, decimal) in [(";", ","), (";", "."), ("\t", ".")] {
        let anew = table.text().replace(',', separator).replace("32.5", &format!("32{decimal}5"));
        let anew = read_text(&anew.replace("69.8", &format!("69{decimal}8")));
        assert_eq!(anew.events, plain.events, "{separator:?} {decimal:?}");
        assert_eq!((anew.rows_read, anew.deaths_kept), (3, 9));
        assert_eq!(anew.diagnostics, []);
    }
}

#[test]
fn whole_numbers_that_a_program_wrote_with_decimals_are_whole() {
    let floats = ["id", "type_of_violence", "side_a_new_id", "where_prec", "country_id", "best"];
    let table = Table::of(1);
    let plain = read_text(&table.text());
    let value = |name: &str| {
        let column = COLUMNS.iter().position(|have| *have == name).unwrap();
        format!("{}.0", table.rows[0][column])
    };
    let turned = floats.iter().fold(table.clone(), |one, name| one.with(0, name, &value(name)));
    assert_eq!(read_text(&turned.text()).events, plain.events);
}

#[test]
fn columns_that_a_record_can_do_without_may_be_absent_and_are_named_once() {
    let optional = [
        "conflict_new_id",
        "dyad_new_id",
        "side_a_new_id",
        "side_b_new_id",
        "where_prec",
        "adm_1",
        "adm_2",
        "country_id",
        "date_prec",
        "deaths_civilians",
        "high",
        "low",
    ];
    let table = Table::of(2).with(0, "country", "Pakistan").with(1, "country", "Pakistan");
    let few = optional.iter().fold(table, |table, column| table.without(column));
    let ged = read_text(&few.text());
    let events = &ged.events;
    assert_eq!((ged.rows_read, events.len(), ged.deaths_kept), (2, 2, 6));
    assert_eq!((&events.country_id[..], events.side_a_id[0]), (&[770, 770][..], -1));
    // A bare point is trusted to its province, and two days are of the codebook's second class.
    assert_eq!((events.where_prec[0], events.date_prec[0]), (4, 2));
    assert_eq!((events.deaths_low[0], events.deaths_high[0]), (3, 3));
    let named: Vec<&str> =
        ged.diagnostics.iter().map(|diagnostic| diagnostic.column.as_str()).collect();
    assert_eq!(named, optional);
    assert!(ged.diagnostics.iter().all(|diagnostic| diagnostic.row == 1 && diagnostic.kept));
}

#[test]
fn without_a_column_of_precision_a_place_is_as_exact_as_its_finest_name() {
    let table = Table::of(4).without("where_prec").renamed("source_headline", "where_coordinates");
    let table = table.with(1, "adm_2", "").with(2, "adm_2", "").with(2, "adm_1", "");
    let table = table.with(3, "adm_2", "").with(3, "adm_1", "");
    let table = table.with(3, "where_coordinates", "somewhere");
    assert_eq!(read_text(&table.text()).events.where_prec, [3, 4, 4, 6]);
}

#[test]
fn deaths_beyond_the_columns_that_are_there_are_of_no_known_side() {
    let few = Table::of(1).without("deaths_b").without("deaths_unknown").text();
    let ged = read_text(&few);
    assert_eq!((ged.events.deaths_a[0], ged.events.deaths_unknown[0]), (1, 2));
}

#[test]
fn a_country_that_no_list_has_leaves_its_row_out() {
    let ged = read_text(&Table::of(1).without("country_id").text());
    assert_eq!((ged.events.len(), ged.rows_read), (0, 1));
    assert!(
        ged.diagnostics.iter().any(|diagnostic| diagnostic.column == "country" && !diagnostic.kept)
    );
}

#[test]
fn a_column_under_nearly_its_name_is_not_taken_for_absent() {
    for (column, name) in [("where_prec", "where_perc"), ("low", "lo"), ("adm_1", "adm-1")] {
        let misspelt = Table::of(1).renamed(column, name).text();
        let error = read(misspelt.as_bytes(), &Options::default());
        let is_near = matches!(&error, Err(Error::MissingColumns { missing }) if
            missing.iter().any(|one| one.nearest.as_deref() == Some(name)));
        assert!(is_near, "{name}");
    }
}

#[test]
fn a_byte_order_mark_and_line_ends_of_windows_change_nothing() {
    let table = Table::of(3);
    let windows = format!("\u{feff}{}", table.text().replace('\n', "\r\n"));
    let (plain, windows) = (read_text(&table.text()), read_text(&windows));
    assert_eq!((plain.events, plain.rows_read), (windows.events, windows.rows_read));
}

#[test]
fn a_file_without_a_header_is_read_in_the_official_order() {
    let mut row = vec![""; 49];
    for (at, value) in [(0, "9"), (5, "3"), (24, "1"), (28, "D"), (29, "1.5"), (30, "2.5")] {
        row[at] = value;
    }
    for (at, value) in [(34, "770"), (37, "1"), (38, "2023-10-01"), (39, "2023-10-02")] {
        row[at] = value;
    }
    row[40..47].fill("0");
    let ged = read_text(&format!("{0}\n{1}\n", row.join(","), row.join(",").replace("9,", "8,")));
    assert_eq!((ged.events.id, ged.events.row), (vec![9, 8], vec![1, 2]));
    assert_eq!(ged.diagnostics[0].column, "id");
    assert!(ged.diagnostics[0].kept);
}

#[test]
fn words_are_in_order_of_first_appearance_and_none_is_unused() {
    let table = Table::of(4)
        .with(0, "adm_2", "Z district")
        .with(1, "adm_2", "")
        .with(2, "adm_2", "gone with its row")
        .with(2, "id", "1")
        .with(3, "adm_2", "A district");
    let ged = read_text(&table.text());
    assert_eq!(ged.events.adm2.values, ["", "Z district", "A district"]);
    assert_eq!(ged.events.adm2.codes, [1, 0, 2]);
    assert_eq!((ged.deaths_in, ged.deaths_kept, ged.rows_left_out()), (12, 9, 1));
}

#[test]
fn a_row_without_a_point_is_kept_where_its_place_is_known_otherwise() {
    let blank = |at, table: Table| table.with(at, "latitude", "NaN").with(at, "longitude", "");
    let table = blank(0, blank(1, blank(2, Table::of(3))));
    let table = table.with(1, "adm_2", "").with(1, "where_prec", "6").with(2, "adm_2", "");
    let ged = read_text(&table.text());
    assert_eq!(ged.events.id, [1, 2]);
    assert!(
        ged.events.latitude.iter().chain(&ged.events.longitude).all(|latitude| latitude.is_nan())
    );
    let kept: Vec<bool> = ged.diagnostics.iter().map(|diagnostic| diagnostic.kept).collect();
    assert_eq!(kept, [true, true, true, true, false, false]);
}

#[test]
fn a_name_that_is_spelt_like_a_word_for_nothing_stays_and_the_words_are_none() {
    let names = [("Nan", "Null"), ("NA", "None"), ("nan", "-"), ("#N/A", "Na")];
    let table = names.iter().enumerate().fold(Table::of(4), |table, (at, (adm1, adm2))| {
        table.with(at, "adm_1", adm1).with(at, "adm_2", adm2)
    });
    let ged = read_text(&table.text());
    let found: Vec<_> =
        (0..4).map(|at| (ged.events.adm1.get(at), ged.events.adm2.get(at))).collect();
    assert_eq!(found, [("Nan", "Null"), ("", ""), ("", ""), ("", "Na")]);
}

/// Gives bytes in small pieces, with interruptions, and may fail after some.
struct Trickle<'a> {
    bytes: &'a [u8],
    step: usize,
    fail: bool,
}

impl std::io::Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.step += 1;
        if self.step.is_multiple_of(3) {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        if self.bytes.is_empty() && self.fail {
            return Err(std::io::Error::other("the disk is gone"));
        }
        let count = self.bytes.len().min(7).min(buffer.len());
        buffer[..count].copy_from_slice(&self.bytes[..count]);
        self.bytes = &self.bytes[count..];
        Ok(count)
    }
}

#[test]
fn how_the_bytes_arrive_makes_no_difference() {
    let text = Table::of(5).text();
    let input = Trickle { bytes: text.as_bytes(), step: 0, fail: false };
    let trickled = read(input, &Options::of_version("22.1")).unwrap();
    assert_eq!(trickled.events, read_text(&text).events);
}

#[test]
fn bytes_that_stop_coming_are_an_error_with_its_cause() {
    let text = Table::of(5).text();
    let input = Trickle { bytes: text.as_bytes(), step: 0, fail: true };
    let error = read(input, &Options::default()).unwrap_err();
    assert!(error.is_read());
    assert!(matches!(&error, Error::Read { read_bytes, .. } if *read_bytes == text.len() as u64));
    let cause = std::error::Error::source(&error).unwrap();
    assert_eq!(cause.to_string(), "the disk is gone");
}

#[test]
fn the_number_of_threads_makes_no_difference() {
    let mut text = String::new();
    for at in 0..30_000 {
        let quoted = if at % 7 == 0 { "\"two\nlines, one \"\"mark\"\"\"" } else { "x" };
        text += &format!("{at},1,4,8,1,A,3,B{},{quoted},1,P,D{},", at % 11, at % 97);
        text += "32.5,69.8,S,770,1,2010-03-31,2010-04-01,1,2,0,0,3,5,3\n";
    }
    let text = format!("{}\n{text}", COLUMNS.join(","));
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| read_text(&text))
    };
    let (one, four) = (with(1), with(4));
    assert_eq!(one.rows_read, 30_000);
    assert_eq!((one.events, one.diagnostics), (four.events, four.diagnostics));
}

/// The same reading by way of the `csv` crate, field by field.
fn reference(text: &str) -> Vec<(i64, u32, String, i32)> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let names = reader.byte_headers().unwrap().clone();
    let at = |name: &str| names.iter().position(|have| have == name.as_bytes()).unwrap();
    let (id, adm2, best) = (at("id"), at("adm_2"), at("best"));
    let mut seen = std::collections::BTreeSet::new();
    let rows = reader.byte_records().map(Result::unwrap).zip(2_u32..);
    rows.filter(|(row, _)| row.len() == names.len())
        .map(|(row, number)| {
            let text = |at: usize| String::from_utf8_lossy(row[at].trim_ascii()).into_owned();
            (text(id).parse().unwrap(), number, text(adm2), text(best).parse().unwrap())
        })
        .filter(|row| seen.insert(row.0))
        .collect()
}

proptest! {
    #[test]
    fn rows_and_fields_are_those_that_the_csv_crate_sees(
        rows in prop::collection::vec((0_u32..50, "[b-m\",\n\r é]{0,12}", 0_usize..3), 1..40),
    ) {
        let mut table = Table::of(rows.len());
        for (at, (id, text, style)) in rows.iter().enumerate() {
            // Quoted as it should be, quoted without care, or with stray marks only.
            let text = match style {
                0 => format!("\"{}\"", text.replace('"', "\"\"")),
                1 => format!("x{}", text.replace([',', '\n', '\r'], " ")),
                _ => format!("\"{}\"", text.replace('"', "")),
            };
            table = table.with(at, "id", &id.to_string()).with(at, "adm_2", &text);
        }
        let text = table.text();
        let ged = read_text(&text);
        let found: Vec<_> = (0..ged.events.len())
            .map(|at| {
                let events = &ged.events;
                (events.id[at], events.row[at], events.adm2.get(at).to_owned(), events.deaths_best[at])
            })
            .collect();
        prop_assert_eq!(found, reference(&text));
        prop_assert_eq!(ged.rows_read as usize, rows.len());
    }

    #[test]
    fn every_row_is_kept_or_has_a_diagnostic_and_deaths_are_accounted_for(
        rows in prop::collection::vec(
            (0_usize..26, prop_oneof![
                Just(""), Just("-1"), Just("x"), Just("NaN"), Just("9999999999"), Just("2010-01-01"), Just("2")
            ]),
            1..30,
        ),
    ) {
        let mut table = Table::of(rows.len());
        for (at, (column, value)) in rows.iter().enumerate() {
            table = table.with(at, COLUMNS[*column], value);
        }
        let ged = read_text(&table.text());
        let kept: std::collections::BTreeSet<u64> =
            ged.events.row.iter().map(|row| u64::from(*row)).collect();
        let left_out: std::collections::BTreeSet<u64> = ged
            .diagnostics
            .iter()
            .filter(|diagnostic| !diagnostic.kept)
            .map(|diagnostic| diagnostic.row)
            .collect();
        prop_assert!(kept.is_disjoint(&left_out));
        prop_assert_eq!(kept.len() + left_out.len(), rows.len());
        prop_assert_eq!(kept.len(), ged.events.len());
        let best = COLUMNS.iter().position(|name| *name == "best").unwrap();
        let deaths = |row: u64| {
            let text = &table.rows[row as usize - 2][best];
            text.parse::<i64>().map_or(0, |number| number.max(0))
        };
        prop_assert_eq!(ged.deaths_kept, kept.iter().map(|row| deaths(*row)).sum::<i64>());
        prop_assert_eq!(
            ged.deaths_in - ged.deaths_kept,
            left_out.iter().map(|row| deaths(*row)).sum::<i64>()
        );
    }
}
