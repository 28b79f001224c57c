//! What a column means is decided for the whole column: the order of day and month, decimal commas,
//! types of dates; and what is said of a row that was left out.

use std::collections::BTreeSet;

use sanad_core::chronicle::KnownIds;
use sanad_core::diagnostic::Issue;
use sanad_core::event::number_day;
use sanad_source::ged::{self, Ged, Options};
use sanad_source::table::{Map, Records, Table, Typed, read, read_typed};
use sanad_source::{Error, dyads, plain, statements, stop};

use crate::table;

/// Events on these days, with as many deaths as their number says.
fn events(days: &[(&str, &str)]) -> Result<Ged, Error> {
    let mut table = table::Table::of(days.len());
    for (row, (start, end)) in days.iter().enumerate() {
        table = table.with(row, "date_start", start).with(row, "date_end", end);
    }
    ged::read(table.text().as_bytes(), &Options::default())
}

fn starts(ged: &Ged) -> Vec<String> {
    ged.events.start_day.iter().map(|day| number_day(*day).to_string()).collect()
}

#[test]
fn one_row_settles_the_days_that_a_spreadsheet_saved() {
    for (days, expected) in [
        (
            ["1/31/2020 0:00", "2/1/2020 0:00", "2/13/2020 0:00"],
            ["2020-01-31", "2020-02-01", "2020-02-13"],
        ),
        (["31/01/2020", "1/2/2020", "03/03/2020"], ["2020-01-31", "2020-02-01", "2020-03-03"]),
        (
            ["31.1.2020 00:00:00", "1.2.2020", "2020-02-13"],
            ["2020-01-31", "2020-02-01", "2020-02-13"],
        ),
        (
            ["2020/1/31", "2020-02-01T23:30:00+05:00", "3/3/2020"],
            ["2020-01-31", "2020-02-01", "2020-03-03"],
        ),
    ] {
        let ged = events(&days.map(|day| (day, day))).unwrap();
        assert_eq!(starts(&ged), expected, "{days:?}");
        assert_eq!(ged.diagnostics, [], "{days:?}");
    }
}

#[test]
fn days_that_no_row_settles_stop_the_file_and_say_what_to_do() {
    let error = events(&[("2/1/2020", "2/1/2020"), ("3/4/2020", "3/4/2020")]).unwrap_err();
    assert!(error.is_layout());
    let said = error.to_string();
    for part in ["date_start", "2/1/2020", "row 2", "YYYY-MM-DD"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let error = events(&[("13/1/2020", "13/1/2020"), ("1/14/2020", "1/14/2020")]).unwrap_err();
    let said = error.to_string();
    assert!(said.contains("13/1/2020") && said.contains("1/14/2020"), "{said}");
}

#[test]
fn the_column_of_ends_settles_that_of_starts() {
    let ged = events(&[("2/1/2020", "2/13/2020")]).unwrap();
    assert_eq!(starts(&ged), ["2020-02-01"]);
    assert_eq!(number_day(ged.events.end_day[0]).to_string(), "2020-02-13");
}

#[test]
fn a_day_that_the_settled_order_does_not_have_is_left_out_with_its_row() {
    let days = [("1/31/2020", "1/31/2020"), ("2/30/2020", "2/30/2020"), ("5/4/2020", "4/5/2020")];
    let ged = events(&days).unwrap();
    assert_eq!(starts(&ged), ["2020-01-31"]);
    let said: Vec<(u64, Issue, bool)> = ged
        .diagnostics
        .iter()
        .map(|diagnostic| (diagnostic.row, diagnostic.issue, diagnostic.kept))
        .collect();
    assert_eq!(
        said,
        [(3, Issue::BadDate, false), (3, Issue::BadDate, false), (4, Issue::Backwards, false),]
    );
    assert_eq!(ged.rows_left_out(), 2);
}

#[test]
fn what_is_said_of_a_repeated_row_does_not_call_it_kept() {
    let table = table::Table::of(2).with(1, "id", "1").with(1, "low", "9");
    let ged = ged::read(table.text().as_bytes(), &Options::default()).unwrap();
    assert_eq!(ged.diagnostics.len(), 2);
    assert!(ged.diagnostics.iter().all(|diagnostic| !diagnostic.kept), "{:?}", ged.diagnostics);
}

#[test]
fn shutdowns_and_events_between_states_have_days_by_column_too() {
    let file =
        "start_date,end_date,country,area_name\n1/2/2099,1/31/2099,India,A\n3/4/2099,,India,B\n";
    let series = stop::read(file.as_bytes()).unwrap();
    assert_eq!(series.observations[0].period.to_string(), "2099-01-02/2099-01-31");
    assert_eq!(series.observations[2].period.to_string(), "2099-03-04");
    let header = "id,date,source_iso3,target_iso3,code,quad_class\n";
    let row = "1,1/2/2099,PAK,IND,190,4\n";
    assert!(dyads::read(format!("{header}{row}").as_bytes(), "PAK").is_err());
    let settled = format!("{header}{row}2,13/2/2099,PAK,IND,190,4\n");
    let read = dyads::read(settled.as_bytes(), "PAK").unwrap();
    assert_eq!(read.events[0].day.to_string(), "2099-02-01");
}

#[test]
fn values_and_statements_of_ones_own_have_days_by_column_too() {
    let file = "indicator,date,date_end,value,iso3\na,1/2/2024,1/31/2024,1,PAK\na,2023,,2,PAK\n";
    let series = plain::read_observations(file.as_bytes(), "").unwrap();
    let periods: Vec<String> =
        series.observations.iter().map(|one| one.period.to_string()).collect();
    assert_eq!(periods, ["2024-01-02/2024-01-31", "2023"]);
    let actors = ["org".to_owned()].into();
    let header = "id,date,organisation,coder\n";
    let unsettled = format!("{header}m1,1/2/2024,org,c1\n");
    assert!(statements::read(unsettled.as_bytes(), &actors).is_err());
    let settled = format!("{unsettled}m2,2/13/2024,org,c1\nm3,2024-03,org,c1\n");
    let read = statements::read(settled.as_bytes(), &actors).unwrap();
    let days: Vec<String> = read.statements.iter().map(|one| one.date.to_string()).collect();
    assert_eq!(days, ["2024-01-02", "2024-02-13", "2024-03"]);
}

const SOURCE: &str =
    "source = { id = \"x\", title = \"\", citation = \"\", licence = \"\", url = \"\" }\n";

fn values(rest: &str) -> Map {
    let columns = "columns = { indicator = \"name\", date = \"when\", value = \"value\", iso3 = \"state\" }\n";
    Map::parse(&format!("kind = \"observations\"\nseparator = \";\"\n{rest}{SOURCE}{columns}"))
        .unwrap()
}

fn by_map(file: &str, map: &Map) -> Result<Table, Error> {
    read(file.as_bytes(), map, &BTreeSet::new(), &KnownIds::default(), "PAK")
}

fn numbers(table: &Table) -> Vec<f64> {
    let Records::Observations(series) = &table.records else { panic!("observations") };
    series.observations.iter().map(|one| one.value).collect()
}

const COMMAS: &str =
    "name;when;value;state\na;2015;62,61988125;ESP\na;2016;34,008;ES\na;2015;1.234,5;FRA\n";

#[test]
fn numbers_are_read_in_the_form_that_the_map_declares() {
    let both = values("decimal = \",\"\nthousands = \".\"\n");
    let table = by_map(COMMAS, &both).unwrap();
    assert_eq!(numbers(&table), [62.619_881_25, 34.008, 1234.5]);
    assert_eq!(table.diagnostics, []);
    let comma = by_map(COMMAS, &values("decimal = \",\"\n")).unwrap();
    assert_eq!(numbers(&comma), [62.619_881_25, 34.008]);
    let scaled =
        by_map(COMMAS, &values("decimal = \",\"\nthousands = \".\"\nscale = { value = 10 }\n"));
    assert_eq!(numbers(&scaled.unwrap()), [626.198_812_5, 340.08, 12345.0]);
    for (thousands, text) in
        [("\"'\"", "1'234,5"), ("\" \"", "1\u{202f}234,5"), ("\"’\"", "1’234,5")]
    {
        let map = values(&format!("decimal = \",\"\nthousands = {thousands}\n"));
        let file = format!("name;when;value;state\na;2015;{text};ESP\n");
        assert_eq!(numbers(&by_map(&file, &map).unwrap()), [1234.5], "{text}");
    }
}

#[test]
fn a_number_of_another_form_than_declared_is_left_out_and_never_read_by_itself() {
    let table = by_map(COMMAS, &values("")).unwrap();
    assert_eq!(numbers(&table), [0.0; 0]);
    assert_eq!(table.diagnostics.len(), 3);
    for diagnostic in &table.diagnostics {
        assert!(!diagnostic.kept && diagnostic.issue == Issue::WrongType, "{diagnostic}");
        assert!(
            diagnostic.to_string().contains("row left out")
                && diagnostic.expected.contains("decimal"),
            "{diagnostic}"
        );
    }
    let words = by_map("name;when;value;state\na;2015;many;ESP\n", &values("")).unwrap();
    assert!(!words.diagnostics[0].kept, "{}", words.diagnostics[0]);
}

#[test]
fn a_column_that_contradicts_its_declared_form_stops_the_file() {
    let file = "name;when;value;state\na;2015;1.234;ESP\na;2016;1.5;ESP\n";
    let error = by_map(file, &values("decimal = \",\"\nthousands = \".\"\n")).unwrap_err();
    let said = error.to_string();
    assert!(
        said.contains("value (value)") && said.contains("1.234") && said.contains("1.5"),
        "{said}"
    );
    assert_eq!(numbers(&by_map(file, &values("")).unwrap()), [1.234, 1.5]);
}

#[test]
fn maps_with_marks_of_numbers_that_cannot_be_meant_are_refused() {
    for rest in [
        "decimal = \"x\"\n",
        "thousands = \".\"\n",
        "decimal = \",\"\nthousands = \",\"\n",
        "thousands = \"1\"\n",
    ] {
        let columns = "columns = { indicator = \"a\", date = \"b\", value = \"c\" }\n";
        let error =
            Map::parse(&format!("kind = \"observations\"\n{rest}{SOURCE}{columns}")).unwrap_err();
        assert!(error.to_string().contains("decimal"), "{rest}: {error}");
    }
}

/// A map of events with identifiers in words.
fn war(rest: &str) -> Map {
    let columns = "columns = { id = \"code\", date_start = \"day\", best = \"dead\", latitude = \"lat\", \
        longitude = \"lon\", country = \"state\" }\nfixed = { type_of_violence = \"1\", adm_2 = \"A\" }\n";
    Map::parse(&format!("kind = \"events\"\n{rest}{SOURCE}{columns}")).unwrap()
}

fn ged_of(table: &Table) -> &Ged {
    let Records::Events(ged) = &table.records else { panic!("events") };
    ged
}

#[test]
fn points_with_decimal_commas_are_read_or_their_rows_left_out() {
    let file = "code;day;dead;lat;lon;state\nX1;20/09/2024;3;34,008;71,578;Pakistan\n\
        X2;05/10/2024;1.200;34,008;71,578;Pakistan\n";
    let map = |rest: &str| war(&format!("separator = \";\"\ndate_forms = [\"%d/%m/%Y\"]\n{rest}"));
    let table = by_map(file, &map("decimal = \",\"\nthousands = \".\"\n")).unwrap();
    assert_eq!(ged_of(&table).events.latitude, [34.008, 34.008]);
    assert_eq!(ged_of(&table).events.deaths_best, [3, 1200]);
    assert_eq!(table.diagnostics, []);
    let silent = by_map(file, &map("")).unwrap();
    assert_eq!(ged_of(&silent).events.len(), 0);
    assert!(silent.diagnostics[0].column.contains("lat"), "{}", silent.diagnostics[0]);
}

#[test]
fn a_duplicate_is_named_by_the_identifier_of_its_source() {
    let file = "code,day,dead,lat,lon,state\nPAK1,2024-01-31,3,1,1,Pakistan\nPAK2,2024-01-31,5,1,1,Pakistan\n\
        PAK1 ,2024-01-31,7,1,1,Pakistan\npak1,2024-01-31,9,1,1,Pakistan\n";
    let table = by_map(file, &war("")).unwrap();
    assert_eq!(ged_of(&table).events.deaths_best, [3, 5, 9]);
    let [diagnostic] = &table.diagnostics[..] else { panic!("{:?}", table.diagnostics) };
    assert_eq!(
        (diagnostic.row, diagnostic.column.as_str(), diagnostic.found.as_str()),
        (4, "id (code)", "PAK1")
    );
    assert!(!diagnostic.kept);
}

#[test]
fn a_column_of_dates_by_type_needs_no_form_of_the_map() {
    let file = "code,day,dead,lat,lon,state\nX1,2024-03-05,3,1,1,DRC\nX2,2024-03-06T23:30:00+05:00,1,1,1,DRC\n";
    let map = war("date_forms = [\"%Y-%d-%m\"]\n");
    let typed = Typed { dates: ["day".to_owned()].into(), ..Typed::default() };
    let none = (BTreeSet::new(), KnownIds::default());
    let table =
        read_typed(file.as_bytes(), &typed, &map, &none.0, &none.1, "", &sanad_core::Silent)
            .unwrap();
    assert_eq!(starts(ged_of(&table)), ["2024-03-05", "2024-03-06"]);
    assert_eq!(table.diagnostics, []);
}

#[test]
fn a_column_of_numbers_by_type_has_no_decimal_comma_whatever_the_map_says() {
    let file = "name;when;value;state\na;2015;1.234;ESP\na;2016;1.5;ESP\n";
    let map = values("decimal = \",\"\nthousands = \".\"\n");
    let typed = Typed { numbers: ["value".to_owned()].into(), ..Typed::default() };
    let none = (BTreeSet::new(), KnownIds::default());
    let table =
        read_typed(file.as_bytes(), &typed, &map, &none.0, &none.1, "", &sanad_core::Silent)
            .unwrap();
    assert_eq!(numbers(&table), [1.234, 1.5]);
}

#[test]
fn of_two_forms_of_dates_the_column_chooses() {
    let map = war("date_forms = [\"%d/%m/%Y\", \"%m/%d/%Y\", \"%d %B %Y\"]\n");
    let file = |days: [&str; 3]| {
        let rows = days.iter().enumerate();
        let rows = rows.map(|(at, day)| format!("X{at},{day},3,1,1,Pakistan\n"));
        format!("code,day,dead,lat,lon,state\n{}", rows.collect::<String>())
    };
    let table = by_map(&file(["2/1/2024", "1/31/2024", "5 March 2024"]), &map).unwrap();
    assert_eq!(starts(ged_of(&table)), ["2024-02-01", "2024-01-31", "2024-03-05"]);
    let table = by_map(&file(["2/1/2024", "31/1/2024", "3/3/2024"]), &map).unwrap();
    assert_eq!(starts(ged_of(&table)), ["2024-01-02", "2024-01-31", "2024-03-03"]);
    assert!(by_map(&file(["2/1/2024", "3/4/2024", "5 March 2024"]), &map).is_err());
    assert!(by_map(&file(["2/1/2024", "13/4/2024", "4/13/2024"]), &map).is_err());
    // Without forms, days as a spreadsheet saves them are settled in the same way.
    let table = by_map(&file(["2/1/2024", "1/31/2024", "2024-03-05"]), &war("")).unwrap();
    assert_eq!(starts(ged_of(&table)), ["2024-02-01", "2024-01-31", "2024-03-05"]);
}

#[test]
fn tags_and_lines_above_the_header_are_passed_over_by_a_map_too() {
    let file = "Export of today\n\ncode,day,dead,lat,lon,state\n#event+id,#date,#affected+killed,#geo+lat,,#country\n\
        X1,2024-03-05,3,1,1,Burma\nX2,2024-03-32,3,1,1,Burma\n";
    let table = by_map(file, &war("")).unwrap();
    assert_eq!((table.rows_read, ged_of(&table).events.len()), (2, 1));
    assert_eq!(ged_of(&table).events.row, [4]);
    assert_eq!(table.diagnostics[0].row, 5);
}
