//! `sanad case new`: from files that others made to a case that every command takes.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Lab, OBSERVATORY, Outcome};

/// A file of real data, where a machine has it.
fn data(name: &str) -> Option<PathBuf> {
    let usual_folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("SANAD_DATA").map_or(usual_folder, PathBuf::from);
    let path = folder.join(name);
    if path.is_file() {
        return Some(path);
    }
    eprintln!("skipped: no file {}", path.display());
    None
}

/// Eighteen years of events in two provinces, as a spreadsheet saved an export with two rows of tags:
/// semicolons, decimal commas, numbers with decimals, columns in another order, some left out.
fn events() -> String {
    let mut text = "\u{feff}best;id;type_of_violence;side_a_new_id;side_a;side_b_new_id;side_b;where_prec;adm_1;adm_2;\
        latitude;longitude;country;iso3;extra;date_start;date_end\r\n\
        #affected+killed;;;;#group+name;;;;#adm1+name;#adm2+name;#geo+lat;#geo+lon;#country+name;;;;\r\n\
        #x;;;;;;;;;;;;;;;;\r\n"
        .to_owned();
    let mut id = 0;
    for year in 2004..2022 {
        for month in 1..=12 {
            for _ in 0..(year * 7 + month * 5) % 4 {
                id += 1;
                let (deaths, day) = (id * 13 % 5, 1 + id % 27);
                let (province, west) =
                    if id % 3 == 0 { ("Ségou region", 6) } else { ("Mopti region", 4) };
                let district = if id % 2 == 0 { "\"Haut\nFleuve\" cercle" } else { "Bas" };
                let district = district.replace('"', "");
                let _ = write!(
                    text,
                    "{deaths}.0;{id}.0;1.0;432.0;Government of Mali;900.0;ABC;1.0;{province};\"{district}\";14,{};-{west},25;\
                     Mali;MLI;x;{year}-{month:02}-{day:02} 00:00:00.000;{year}-{month:02}-{day:02}\r\n",
                    10 + id % 80
                );
            }
        }
    }
    text
}

fn deaths(text: &str) -> i64 {
    let first = |line: &str| line.split('.').next().and_then(|number| number.parse::<i64>().ok());
    text.lines().filter_map(first).sum()
}

fn new_case(lab: &Lab, more: &[&str]) -> Outcome {
    lab.run(
        &[&["case", "new", "made", "--country", "mali", "--ged", "export.csv"][..], more].concat(),
    )
}

/// Names of everything in a lab's folder.
fn listing(lab: &Lab) -> Vec<String> {
    let entries = fs::read_dir(lab.path("")).expect("a folder");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    names.sort();
    names
}

/// The sum of a column of a table that a command prints as CSV.
fn sum(csv: &str, column: &str) -> i64 {
    let mut lines = csv.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let position = header.iter().position(|name| *name == column).expect("the column");
    let mut sum = 0.0;
    for line in lines {
        // Names of places may hold quoted commas, which stand before the numbers.
        let fields: Vec<&str> = line.rsplit(',').collect();
        sum += fields[header.len() - 1 - position].parse::<f64>().unwrap_or(0.0);
    }
    sum.round() as i64
}

/// Deaths of a panel that are in no place of its unit.
fn unplaced(panel: &str) -> i64 {
    let header = panel.lines().next().expect("a header");
    let rows: Vec<&str> = panel.lines().filter(|line| line.contains("unplaced")).collect();
    sum(&format!("{header}\n{}", rows.join("\n")), "deaths_best")
}

#[test]
fn an_export_becomes_a_case_that_every_command_takes() {
    let lab = Lab::bare();
    let export = events();
    lab.write("export.csv", &export);
    let made = new_case(&lab, &[]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    assert_eq!(made.stdout, "", "talk is for stderr");
    for part in ["wrote made", "(100.0 %)", "sanad brief made"] {
        assert!(made.stderr.contains(part), "{part}: {}", made.stderr);
    }
    assert_eq!(listing(&lab), ["export.csv", "made"]);
    // The case alone.
    for command in [
        &["brief", "made", "--quick", "--out", "brief.html"][..],
        &["forecast", "made", "--unit", "country", "--steps", "1..3", "--draws", "100"],
        &["forecast", "made", "--unit", "adm1", "--steps", "1..3", "--draws", "100"],
        &["why", "made", "--unit", "adm1", "--place", "Mopti", "--month", "2010-03"],
    ] {
        let done = lab.run(command);
        assert_eq!(done.code, Some(0), "{command:?}: {}", done.stderr);
    }
    let page = fs::read_to_string(lab.path("brief.html")).expect("a page");
    assert!(page.contains("Mopti") && page.contains("Ségou"));
    // The case with the events themselves.
    lab.done(&["import", "case", "made"]);
    lab.done(&["import", "ucdp-ged", "export.csv"]);
    for unit in ["country", "adm1", "adm2"] {
        let panel = lab.done(&["panel", "--unit", unit, "--from", "2004-01", "--to", "2021-12"]);
        assert_eq!(sum(&panel, "deaths_best"), deaths(&export), "{unit}");
        assert_eq!(unplaced(&panel), 0, "{unit}");
    }
    let why = lab.done(&["why", "--unit", "adm2", "--place", "ML-mopti-bas", "--month", "2010-04"]);
    assert!(!why.is_empty());
    lab.done(&["brief", "--quick", "--out", "brief.html"]);
    let shipped = lab.run(&[
        "counts",
        "--country",
        "432",
        "--out",
        "again.parquet",
        "--observatory",
        OBSERVATORY,
    ]);
    assert_eq!(shipped.code, Some(0), "{}", shipped.stderr);
}

/// An export with rows as a publisher's own file has them: no tags, commas, days with hours.
struct Export {
    columns: Vec<&'static str>,
    separator: &'static str,
}

impl Export {
    const COLUMNS: [&'static str; 16] = [
        "id",
        "type_of_violence",
        "side_a_new_id",
        "side_a",
        "side_b_new_id",
        "side_b",
        "where_prec",
        "adm_1",
        "adm_2",
        "latitude",
        "longitude",
        "country",
        "country_id",
        "date_start",
        "date_end",
        "best",
    ];

    fn without(columns: &[&str]) -> Self {
        let kept = Self::COLUMNS.into_iter().filter(|name| !columns.contains(name));
        Self { columns: kept.collect(), separator: "," }
    }

    /// Three hundred events over twenty years, every seventh in another country.
    fn text(&self) -> String {
        let mut lines = vec![self.columns.join(self.separator)];
        for id in 1..=300_u32 {
            let is_abroad = id.is_multiple_of(7);
            let (year, month, day) = (2000 + id % 20, 1 + id % 12, 1 + id % 27);
            let west = id.is_multiple_of(3);
            let value = |name: &&str| match *name {
                "id" => id.to_string(),
                "type_of_violence" => "1".to_owned(),
                "side_a_new_id" => "432".to_owned(),
                "side_a" => "Government of Mali".to_owned(),
                "side_b_new_id" => "900".to_owned(),
                "side_b" => "ABC".to_owned(),
                "where_prec" => "1".to_owned(),
                "adm_1" => if west { "Segou region" } else { "Mopti region" }.to_owned(),
                "adm_2" => format!("Cercle {}", id % 4),
                "latitude" => format!("14.{:02}", 10 + id % 80),
                "longitude" => if west { "-6.25" } else { "-4.25" }.to_owned(),
                "country" => if is_abroad { "Burkina Faso" } else { "Mali" }.to_owned(),
                "country_id" => if is_abroad { "439" } else { "432" }.to_owned(),
                "date_start" | "date_end" => format!("{year}-{month:02}-{day:02} 00:00:00.000"),
                "best" => (id % 5).to_string(),
                other => panic!("no column {other}"),
            };
            lines.push(self.columns.iter().map(value).collect::<Vec<_>>().join(self.separator));
        }
        lines.join("\n") + "\n"
    }

    /// Deaths in Mali.
    fn deaths() -> i64 {
        (1..=300_i64).filter(|id| id % 7 != 0).map(|id| id % 5).sum()
    }
}

#[test]
fn exports_of_other_forms_become_cases_or_say_what_they_lack() {
    let whole = || Export::without(&[]).text();
    let by_tabs = Export { separator: "\t", ..Export::without(&["country_id"]) };
    let upper =
        whole().split_once('\n').map(|(head, rest)| format!("{}\n{rest}", head.to_uppercase()));
    for (what, text, is_placed) in [
        ("the publisher's own file", whole(), true),
        ("tabs, and countries by name", by_tabs.text(), true),
        ("capital letters", upper.expect("a header"), true),
        ("no numbers of sides", Export::without(&["side_a_new_id", "side_b_new_id"]).text(), true),
        ("names and no points", Export::without(&["latitude", "longitude"]).text(), true),
        ("points and no names", Export::without(&["adm_1", "adm_2"]).text(), false),
        ("one level of names", Export::without(&["adm_2"]).text(), true),
    ] {
        let lab = Lab::bare();
        lab.write("export.csv", &text);
        let made = new_case(&lab, &[]);
        assert_eq!(made.code, Some(0), "{what}: {}", made.stderr);
        let says_placed = made.stderr.contains("(100.0 %)");
        assert_eq!(says_placed, is_placed, "{what}: {}", made.stderr);
        assert!(is_placed || made.stderr.contains("--boundaries"), "{what}: {}", made.stderr);
        let brief = lab.run(&["brief", "made", "--quick", "--out", "brief.html"]);
        assert_eq!(brief.code, Some(0), "{what}: {}", brief.stderr);
        lab.done(&["import", "case", "made"]);
        let period = ["--from", "2000-01", "--to", "2019-12", "--format", "csv"];
        let panel = lab.done(&[&["panel", "--unit", "country"], &period[..]].concat());
        assert_eq!(sum(&panel, "deaths_best"), Export::deaths(), "{what}");
    }
    for (what, text, part) in [
        ("a renamed column", whole().replacen("best", "fatalities", 1), "best"),
        ("tags above the header", format!("#event+code,#x\n{}", whole()), "right file"),
        ("a header alone", Export::COLUMNS.join(",") + "\n", "no row follows"),
        (
            "no kind of violence",
            Export::without(&["type_of_violence"]).text(),
            "lacks type_of_violence",
        ),
        ("nothing", String::new(), "export.csv"),
    ] {
        let lab = Lab::bare();
        lab.write("export.csv", text);
        let made = new_case(&lab, &[]);
        assert_eq!(made.code, Some(1), "{what}: {}", made.stderr);
        assert!(made.stderr.contains(part), "{what}: {}", made.stderr);
        assert_eq!(listing(&lab), ["export.csv"], "{what}");
    }
}

#[test]
fn nothing_is_written_over_and_a_run_that_fails_leaves_nothing() {
    let lab = Lab::bare();
    lab.write("export.csv", events());
    lab.write("made/mine.txt", "kept");
    let refused = new_case(&lab, &[]);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(refused.stderr.contains("nothing is written over"), "{}", refused.stderr);
    assert_eq!(fs::read_to_string(lab.path("made/mine.txt")).expect("still there"), "kept");
    fs::remove_dir_all(lab.path("made")).expect("a folder of the test");
    lab.write("areas.geojson", areas());
    let names = "name=title,code=id";
    for (more, code, part) in [
        (&["--boundaries", "nowhere.geojson"][..], 1, "nowhere.geojson"),
        (&["--boundaries", "areas.geojson", "--attributes", names][..], 1, "found iso, label"),
        (&["--boundaries", "areas.geojson"][..], 1, "found iso, label"),
        (
            &["--boundaries", "areas.geojson", "--attributes", "name=label"][..],
            2,
            "name or code is missing",
        ),
        (&["--boundaries", "export.csv"][..], 1, "export.csv"),
    ] {
        let refused = new_case(&lab, more);
        assert_eq!(refused.code, Some(code), "{more:?}: {}", refused.stderr);
        assert!(refused.stderr.contains(part), "{more:?}: {}", refused.stderr);
        assert_eq!(listing(&lab), ["areas.geojson", "export.csv"], "{more:?}");
    }
    for (country, code, part) in [
        ("Atlantis", 2, "ISO 3166"),
        ("PER", 1, "the file has MLI"),
        ("ABW", 1, "no Gleditsch–Ward number"),
    ] {
        let refused =
            lab.run(&["case", "new", "made", "--country", country, "--ged", "export.csv"]);
        assert_eq!(refused.code, Some(code), "{country}: {}", refused.stderr);
        assert!(refused.stderr.contains(part), "{country}: {}", refused.stderr);
    }
    let below_a_file =
        ["case", "new", "export.csv/made", "--country", "MLI", "--ged", "export.csv"];
    let refused = lab.run(&below_a_file);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(refused.stderr.contains("one of those above it is a file"), "{}", refused.stderr);
    lab.write("export.csv", events().replace("best;", "bests;"));
    let refused = new_case(&lab, &[]);
    assert!(refused.stderr.contains("best (found \"bests\")"), "{}", refused.stderr);
    assert_eq!(listing(&lab), ["areas.geojson", "export.csv"]);
}

/// Two areas, of which the western holds the points of one province.
fn areas() -> String {
    let area = |west: f64, label: &str, iso: &str| {
        let east = west + 2.0;
        format!(
            "{{\"type\":\"Feature\",\"properties\":{{\"label\":\"{label}\",\"iso\":\"{iso}\"}},\"geometry\":{{\"type\":\"Polygon\",\
             \"coordinates\":[[[{west},13],[{east},13],[{east},16],[{west},16],[{west},13]]]}}}}"
        )
    };
    let both = [area(-7.0, "Segou", "ML-4"), area(-5.0, "Mopti", "ML-5")];
    format!("{{\"type\":\"FeatureCollection\",\"features\":[{}]}}", both.join(","))
}

#[test]
fn borders_of_other_attributes_give_the_case_its_codes_and_are_imported_by_the_same_names() {
    let lab = Lab::bare();
    lab.write("export.csv", events());
    lab.write("areas.geojson", areas());
    let list = "name=label,code=iso";
    let made = new_case(&lab, &["--boundaries", "areas.geojson", "--attributes", list]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let hint = "sanad import boundaries areas.geojson --attributes name=label,code=iso,level=adm1";
    assert!(made.stderr.contains(hint), "{}", made.stderr);
    lab.done(&["import", "case", "made"]);
    lab.done(&[
        "import",
        "boundaries",
        "areas.geojson",
        "--attributes",
        "name=label,code=iso,level=adm1",
    ]);
    lab.done(&["import", "ucdp-ged", "export.csv"]);
    let panel = lab.done(&["panel", "--unit", "adm1", "--from", "2004-01", "--to", "2021-12"]);
    let unplaced = panel.lines().filter(|line| line.contains("unplaced"));
    let without_place: Vec<&str> = unplaced.filter_map(|line| line.split(',').nth(7)).collect();
    assert!(panel.contains("ML-4"), "{panel}");
    assert!(without_place.iter().all(|count| *count == "0.0"), "{without_place:?}");
    assert_eq!(sum(&panel, "deaths_best"), deaths(&events()));
}

#[test]
fn areas_that_a_publisher_calls_its_second_level_are_the_first_of_a_case_that_has_no_other() {
    let lab = Lab::bare();
    let export = events();
    lab.write("export.csv", &export);
    let scheme = |text: &str| {
        let named = text.replace("\"label\":", "\"shapeType\":\"ADM2\",\"shapeName\":");
        named.replace("\"iso\":", "\"shapeID\":")
    };
    lab.write("areas.geojson", scheme(&areas()));
    let made = new_case(&lab, &["--boundaries", "areas.geojson"]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let hint = "sanad import boundaries areas.geojson --attributes level=adm1";
    assert!(made.stderr.contains(hint), "{}", made.stderr);
    let period = ["--unit", "adm1", "--from", "2004-01", "--to", "2021-12", "--format", "csv"];
    // The counts that the case ships, and the events with the borders as the line above brings them in.
    lab.done(&["import", "case", "made"]);
    let shipped = lab.done(&[&["panel"], &period[..]].concat());
    lab.done(&["import", "boundaries", "areas.geojson", "--attributes", "level=adm1"]);
    lab.done(&["import", "ucdp-ged", "export.csv"]);
    let counted = lab.done(&[&["panel"], &period[..]].concat());
    for panel in [shipped, counted] {
        assert_eq!((sum(&panel, "deaths_best"), unplaced(&panel)), (deaths(&export), 0));
        assert!(panel.contains("ML-4"), "{panel}");
    }
}

#[test]
fn the_philippines_come_from_an_export_to_a_briefing() {
    let (Some(ged), Some(areas)) =
        (data("philippines/conflict_data_phl.csv"), data("philippines/phl_adm2.geojson"))
    else {
        return;
    };
    let lab = Lab::bare();
    let (ged, areas) = (ged.to_str().expect("a name"), areas.to_str().expect("a name"));
    let list = "name=adm2_en,code=adm2_pcode,parent=adm1_psgc";
    let arguments = [
        "case",
        "new",
        "made",
        "--country",
        "PHL",
        "--ged",
        ged,
        "--boundaries",
        areas,
        "--attributes",
        list,
    ];
    let made = lab.run(&arguments);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let placed =
        made.stderr.lines().find(|line| line.contains("placed")).expect("a line on placing");
    eprintln!("{placed}");
    let share: f64 = placed
        .rsplit('(')
        .next()
        .and_then(|rest| rest.split(' ').next()?.parse().ok())
        .expect("a share in percent");
    assert!(share >= 95.0, "{placed}");
    lab.done(&["import", "case", "made"]);
    lab.done(&["import", "ucdp-ged", ged]);
    for unit in ["country", "adm1", "adm2"] {
        let panel = lab.done(&["panel", "--unit", unit, "--from", "1989-01", "--to", "2021-12"]);
        assert_eq!(sum(&panel, "deaths_best"), 20_511, "{unit}");
        assert_eq!(sum(&panel, "events"), 4_035, "{unit}");
    }
    for command in [
        &["brief", "made", "--quick", "--out", "brief.html"][..],
        &["why", "made", "--unit", "adm2", "--place", "Sulu", "--month", "2000-09"],
        &["forecast", "made", "--unit", "adm1", "--steps", "1..3", "--draws", "100"],
    ] {
        let done = lab.run(command);
        assert_eq!(done.code, Some(0), "{command:?}: {}", done.stderr);
    }
}

#[test]
fn india_is_counted_in_the_states_that_hold_its_points() {
    let (Some(ged), Some(areas)) =
        (data("india/ucdp_events_india_1989_2026.csv"), data("india/india_admin1.geojson"))
    else {
        return;
    };
    let lab = Lab::bare();
    let (ged, areas) = (ged.to_str().expect("a name"), areas.to_str().expect("a name"));
    let list = "name=name,code=iso_3166_2";
    let arguments = [
        "case",
        "new",
        "made",
        "--country",
        "IND",
        "--ged",
        ged,
        "--boundaries",
        areas,
        "--attributes",
        list,
    ];
    let made = lab.run(&arguments);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    lab.done(&["import", "case", "made"]);
    lab.done(&[
        "import",
        "boundaries",
        areas,
        "--attributes",
        "name=name,code=iso_3166_2,level=adm1",
    ]);
    lab.done(&["import", "ucdp-ged", ged]);
    let period = ["--date-rule", "start", "--from", "1989-01", "--to", "2024-12"];
    let states = lab.done(&[&["panel", "--unit", "adm1"][..], &period].concat());
    let country = lab.done(&[&["panel", "--unit", "country"][..], &period].concat());
    let (all, in_states) = (sum(&country, "deaths_best"), sum(&states, "deaths_best"));
    assert_eq!(in_states, all);
    let outside = unplaced(&states);
    eprintln!(
        "{outside} of {all} deaths ({:.2} %) lie in no state, or are known to the country alone",
        100.0 * outside as f64 / all as f64
    );
    assert!(outside * 10 < all, "{outside} of {all}");
    assert!(states.contains("IN-AS"));
}

#[test]
fn a_case_may_stand_below_folders_that_do_not_exist_yet() {
    let lab = Lab::bare();
    lab.write("export.csv", events());
    let made =
        lab.run(&["case", "new", "cases/west/mali", "--country", "MLI", "--ged", "export.csv"]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    assert!(lab.path("cases/west/mali/case.toml").is_file());
    assert_eq!(listing(&lab), ["cases", "export.csv"], "nothing unfinished is left");
}

#[test]
fn districts_within_the_parts_of_a_province_that_no_source_tells_apart_are_counted_in_it() {
    let lab = Lab::bare();
    // One province of the source is two areas of today, with a district in each.
    let export =
        events().replace("Ségou region", "Delta region").replace("Mopti region", "Delta region");
    lab.write("export.csv", &export);
    lab.write("areas.geojson", areas());
    let list = "name=label,code=iso";
    let made = new_case(&lab, &["--boundaries", "areas.geojson", "--attributes", list]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    assert!(made.stderr.contains("(100.0 %)"), "{}", made.stderr);
    lab.done(&["import", "case", "made"]);
    lab.done(&["import", "ucdp-ged", "export.csv"]);
    for places in ["contemporary", "current"] {
        let months = ["--from", "2004-01", "--to", "2021-12"];
        let panel =
            lab.done(&[&["panel", "--unit", "adm1", "--places", places][..], &months].concat());
        assert_eq!(sum(&panel, "deaths_best"), deaths(&export), "{places}");
        assert_eq!(unplaced(&panel), 0, "{places}: {panel}");
    }
}

#[test]
fn borders_that_were_imported_by_the_wrong_attributes_can_be_imported_again() {
    let lab = Lab::bare();
    lab.write("export.csv", events());
    lab.write("areas.geojson", areas());
    let by = |names: &str| {
        let what = ["import", "boundaries", "areas.geojson", "--attributes", names];
        lab.run(&[&what[..], &["--observatory", OBSERVATORY]].concat())
    };
    let wrong = by("name=iso,code=label,level=adm1");
    assert_eq!(wrong.code, Some(0), "{}", wrong.stderr);
    let right = by("name=label,code=iso,level=adm1");
    assert!(!right.stderr.contains("nothing changed"), "{}", right.stderr);
    let again = by("name=label,code=iso,level=adm1");
    assert!(again.stderr.contains("nothing changed"), "{}", again.stderr);
    let back = by("name=iso,code=label,level=adm1");
    assert!(!back.stderr.contains("nothing changed"), "{}", back.stderr);
}
