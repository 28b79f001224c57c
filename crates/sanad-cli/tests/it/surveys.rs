//! Surveys: what respondents said comes out as estimates, and no row of a respondent in any file of the
//! observatory or any line that the program prints.

use std::path::PathBuf;

use crate::support::{Lab, OBSERVATORY};

/// Stands in cells of respondents and nowhere else. Only digits and letters, so that nothing rewrites it.
const CANARY: &str = "zq739152";
/// A name of a place with too few respondents.
const SMALL: &str = "Tinyplace";

const MAP: &str = r#"
[source]
id = "own-survey"
title = "Own survey"
citation = "Own"
licence = "not for passing on"
url = ""

[sample]
weight = "w"
strata = ["s"]
cluster = "c"

[place]
iso3 = "PAK"
column = "p"
level = "adm1"
names = { 1 = "Northland", 2 = "Southland", 3 = "Tinyplace" }

[time]
column = "day"
unit = "month"

[[share]]
id = "trusts_courts"
title = "trusts the courts"
column = "courts"
answers = ["1", "2"]
counts = ["1"]

[[list]]
id = "pays"
title = "pays an armed organisation"
column = "count"
treatment = "arm"
control = "a"
treated = "b"
control_items = 3
"#;

const HEADER: &str = "name,w,s,c,p,day,courts,arm,count\n";

/// Forty respondents of each of two places, nine of a third, and rows with a canary in every column. Every row
/// names its respondent, in a column that the map does not read.
fn respondents() -> String {
    let row = |i: usize, place: usize| {
        let (answer, arm, count) = (1 + i % 2, ["a", "b"][i / 2 % 2], i % 4);
        format!("{CANARY}n{i},1.5,{place},{},{place},2018-03-04,{answer},{arm},{count}\n", i / 4)
    };
    let sound = [(40, 1), (40, 2), (9, 3)];
    let sound = sound.iter().flat_map(|&(number, place)| (0..number).map(move |i| row(i, place)));
    let columns = HEADER.matches(',').count() + 1;
    let spoilt = (1..columns).map(|column| {
        let whole = row(0, 1);
        let mut fields: Vec<String> = whole.trim().split(',').map(str::to_owned).collect();
        fields[column] = format!("{CANARY}c{column}");
        fields.join(",") + "\n"
    });
    let odd = [
        format!("{CANARY},1,1,1,1,2018-03-04,1,a,1,{CANARY}\n"),
        "x,1,1,1,1,2018-03-04,7391527391,a,1\n".to_owned(),
        "x,-7391527391,1,1,1,2018-03-04,1,a,1\n".to_owned(),
        format!("x,1,1,1,1,2018-03-04,1,a,\"{CANARY}\n"),
    ];
    HEADER.to_owned() + &sound.chain(spoilt).chain(odd).collect::<String>()
}

/// Asserts that a text repeats nothing of a respondent.
fn is_clean(what: &str, text: &[u8]) {
    for canary in [CANARY, "7391527391"] {
        let is_there = text.windows(canary.len()).any(|part| part == canary.as_bytes());
        assert!(!is_there, "{what} repeats a cell of a respondent");
    }
}

fn import<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let usual = ["import", "survey", "people.csv", "--map", "map.toml"];
    [&usual[..], &["--show", "100", "--observatory", OBSERVATORY], more].concat()
}

#[test]
fn no_row_of_a_respondent_comes_out_anywhere() {
    let lab = Lab::new();
    lab.write("people.csv", respondents());
    lab.write("map.toml", MAP);
    for more in [&["--strict"][..], &[]] {
        let outcome = lab.run(&import(more));
        is_clean("stdout", outcome.stdout.as_bytes());
        is_clean("stderr", outcome.stderr.as_bytes());
        assert_eq!(outcome.code, Some(i32::from(!more.is_empty())), "{}", outcome.stderr);
        // A strict import shows its first diagnostic alone.
        let says_kinds = outcome.stderr.contains("found \"a text\"");
        assert!(says_kinds || !more.is_empty(), "{}", outcome.stderr);
    }
    for (path, bytes) in lab.contents() {
        is_clean(&path.display().to_string(), &bytes);
        is_clean("a path", path.display().to_string().as_bytes());
    }
    // Parquet packs its texts: the tables are read as well.
    for table in ["observations", "diagnostics"] {
        let statement = format!("SELECT * FROM {table}");
        let shown = lab.done(&["sql", &statement, "--format", "csv"]);
        assert!(shown.lines().count() > 3, "{table}: {shown}");
        is_clean(table, shown.as_bytes());
    }
}

#[test]
fn no_cell_under_ten_comes_out_and_none_can_be_worked_out() {
    let lab = Lab::new();
    lab.write("people.csv", respondents());
    lab.write("map.toml", MAP);
    assert_eq!(lab.run(&import(&[])).code, Some(0));
    let statement = "SELECT indicator, place_name, value FROM observations \
        WHERE source = 'own-survey' ORDER BY 1, 2";
    let shown = lab.done(&["sql", statement, "--format", "csv"]);
    assert!(!shown.contains(SMALL), "{shown}");
    let numbers = shown.lines().filter(|line| line.contains(".respondents"));
    for line in numbers.clone() {
        let number: f64 = line.rsplit(',').next().unwrap().parse().unwrap();
        assert!(number >= 10.0, "{line}");
    }
    // The country and one place: with both, the third could be worked out.
    assert_eq!(numbers.filter(|line| line.contains("trusts_courts")).count(), 2, "{shown}");
    for (path, bytes) in lab.contents() {
        let name = SMALL.as_bytes();
        assert!(!bytes.windows(name.len()).any(|part| part == name), "{}", path.display());
    }
}

#[test]
fn a_file_without_a_header_is_refused_without_its_first_row() {
    let lab = Lab::new();
    lab.write("map.toml", MAP);
    let whole = respondents();
    for (name, file) in [
        ("survey-headless", whole.split_once('\n').unwrap().1.to_owned()),
        ("survey-other-separator", whole.replace(',', ";")),
        ("survey-header-only", HEADER.to_owned()),
    ] {
        lab.write("people.csv", file);
        is_clean(name, lab.run(&import(&[])).stderr.as_bytes());
        lab.refused(name, &import(&[]));
    }
    lab.write("people.csv", &whole);
    lab.write("map.toml", MAP.replace("counts = [\"1\"]", "counts = [\"3\"]"));
    lab.refused("survey-map-counts", &import(&[]));
    lab.refused(
        "survey-map-none",
        &["import", "survey", "people.csv", "--observatory", OBSERVATORY],
    );
}

/// The pooled differences of the published experiment, through the map that is shipped.
#[test]
fn the_endorsement_experiment_of_2009_is_read_by_the_map_that_is_shipped() {
    let usual_folder = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let data = std::env::var_os("SANAD_DATA").map_or_else(usual_folder, PathBuf::from);
    let Ok(file) = std::fs::read(data.join("surveys/pakistan_endorsement_2009.csv")) else {
        eprintln!(
            "skipped: the endorsement experiment of 2009 is not on this machine (SANAD_DATA)"
        );
        return;
    };
    let lab = Lab::new();
    lab.write("people.csv", file);
    lab.write("map.toml", include_str!("../../../../maps/endorsement-pakistan-2009.toml"));
    let outcome = lab.run(&import(&["--strict"]));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let statement = "SELECT indicator, round(value, 3) AS value FROM observations \
        WHERE indicator LIKE 'endorsed_approval_%' AND indicator NOT LIKE '%.respondents' \
        AND indicator NOT LIKE '%_polio' AND indicator NOT LIKE '%_fcr' \
        AND indicator NOT LIKE '%_durand' AND indicator NOT LIKE '%_curriculum' ORDER BY 1";
    let shown = lab.done(&["sql", statement, "--format", "csv"]);
    let expected = "indicator,value\nendorsed_approval_afghanistan,-0.077\n\
        endorsed_approval_alqaida,-0.05\nendorsed_approval_kashmir,-0.046\n\
        endorsed_approval_sectarian,-0.039\n";
    assert_eq!(shown.replace("\r\n", "\n"), expected);
}

const INDICATORS: &str = r#"
evidence_floor = 0.3
reference = "2018-01/2021-12"
chronicle_covers = "2018-01/2021-12"
spread_within = 0.2
weight_spread = 0.2
draws = 100
seed = 1

[[pillar]]
id = "acceptance"
front = "governance"
title = "Acceptance"

[[indicator]]
id = "confidence-courts"
pillar = "acceptance"
title = "trust in the courts"
survey = true
strain = "lowers"
unit_of_place = "country"
unit_of_time = "month"
release_lag_months = 2
max_age_months = 48
scale = "linear"
goalposts = [0.0, 1.0]
reason = "R."
source = "own-survey"
citation = "C."
series = { indicator = "trusts_courts" }

[[indicator]]
id = "confidence-police"
pillar = "acceptance"
title = "trust in the police"
survey = true
strain = "lowers"
unit_of_place = "country"
unit_of_time = "month"
release_lag_months = 2
max_age_months = 48
scale = "linear"
goalposts = [0.0, 1.0]
reason = "R."
source = "own-survey"
citation = "C."
series = { indicator = "trusts_police" }
"#;

/// What people said enters a pillar of acceptance with its age, and the briefing says when they were last
/// asked what, and where never.
#[test]
fn answers_enter_the_front_with_their_age_and_the_briefing_says_when_people_were_last_asked() {
    let lab = Lab::new();
    lab.write("people.csv", respondents());
    lab.write("map.toml", MAP);
    let case = crate::support::CASE.replace("XXX", "PAK");
    let case = format!("{case}indicators = \"indicators.toml\"\n");
    lab.write_case("case", &[("case.toml", &case), ("indicators.toml", INDICATORS)]);
    lab.done(&["import", "case", "case"]);
    // A release with events of 2018 and of 2021 covers the months between, in which people were asked.
    let event = |id: &str, day: &str| {
        crate::support::row(&[("id", id), ("date_start", day), ("date_end", day)])
    };
    lab.write(
        "GEDEvent_v23_1.csv",
        crate::support::events(&[event("2", "2018-01-01"), event("3", "2021-12-01")]),
    );
    lab.done(&["import", "ucdp-ged", "GEDEvent_v23_1.csv"]);
    let before =
        lab.run(&["brief", "--quick", "--out", "before.html", "--observatory", OBSERVATORY]);
    assert_eq!(before.code, Some(0), "{}", before.stderr);
    let before = std::fs::read_to_string(lab.path("before.html")).unwrap();
    assert!(before.contains("no survey is imported"), "nothing says that nobody was asked");
    assert_eq!(lab.run(&import(&[])).code, Some(0));

    let shown = lab.done(&["fronts", "--from", "2018-01", "--format", "json"]);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&shown).unwrap();
    let find = |month: &str, node: &str| {
        let is_it = |row: &&serde_json::Value| row["month"] == month && row["node"] == node;
        rows.iter().find(is_it).unwrap_or_else(|| panic!("no row of {month} and {node}"))
    };
    let of = |month: &str| find(month, "confidence-courts");
    // Asked in March, released in May.
    assert!(of("2018-04")["value"].is_null());
    let (young, old) = (of("2018-06"), of("2021-06"));
    assert_eq!(
        [&young["age_months"], &old["age_months"]].map(serde_json::Value::as_i64),
        [Some(3), Some(39)]
    );
    assert_eq!(young["value"], old["value"]);
    let width = |month: &str| {
        let front = find(month, "governance");
        front["high_90"].as_f64().unwrap() - front["low_90"].as_f64().unwrap()
    };
    assert!(width("2021-06") >= width("2018-06"), "an old answer is surer than a young one");

    let after = lab.run(&["brief", "--quick", "--out", "after.html", "--observatory", OBSERVATORY]);
    assert_eq!(after.code, Some(0), "{}", after.stderr);
    let after = std::fs::read_to_string(lab.path("after.html")).unwrap();
    assert!(after.contains("People were last asked in 2018-03"), "the briefing does not say when");
    assert!(
        after.contains("trust in the police") && after.contains("never"),
        "nothing says what nobody was asked"
    );
}
