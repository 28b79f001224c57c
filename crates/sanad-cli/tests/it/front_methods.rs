//! Each way to join indicators that a case can name, from its `indicators.toml` to what `sanad
//! fronts` prints: against calculations by hand and against the library on the same numbers.

use std::fmt::Write as _;

use sanad_front::sobol::Design;
use sanad_front::treat::Winsorising;
use sanad_front::{
    Aggregation, Alternatives, Framework, Imputation, Index, Indicator, Method, Node,
    Normalisation, Panel, Quantity, Question, Treatment, Weighting, index, sensitivity,
};
use serde_json::Value;

use crate::support::{CASE, Lab, PLACES};

const PROVINCES: [&str; 5] = ["X1", "X2", "X3", "X4", "X5"];
/// 2021-06 to 2021-11.
const MONTHS: usize = 6;
/// December follows, to which the last values are carried.
const PANEL_MONTHS: usize = MONTHS + 1;
const WEIGHTS: [f64; 3] = [3.0, 1.0, 1.0];
const MAX_AGE_MONTHS: u32 = 1;

/// Values between 1 and 4, with one far out and a gap of four months; `None` is a gap.
fn value(place: usize, month: usize, indicator: usize) -> Option<f64> {
    let is_gap = (place, indicator) == (1, 2) && (1..5).contains(&month);
    let base = [[1.0, 2.0, 3.0, 2.5, 1.5], [2.0, 1.0, 3.5, 3.0, 1.2], [3.0, 2.2, 1.0, 2.6, 1.8]];
    let wave = [0.0, 0.4, 0.1, 0.3, 0.2, 0.5];
    let moved = base[indicator][place] + wave[(month + indicator * 2 + place) % MONTHS];
    let is_far = (place, month, indicator) == (4, 3, 0);
    (!is_gap).then_some(if is_far { 9.5 } else { moved })
}

fn declared(tables: &str) -> String {
    let mut text = format!(
        "evidence_floor = 0.25\nreference = \"2021-06/2021-11\"\n\
         chronicle_covers = \"2020-01/2021-12\"\nspread_within = 0.0\nweight_spread = 0.0\n\
         draws = 100\nseed = 1\n{tables}\n\
         [[pillar]]\nid = \"p\"\nfront = \"governance\"\ntitle = \"P\"\n"
    );
    for (indicator, weight) in WEIGHTS.iter().enumerate() {
        let rows: Vec<String> = (0..PROVINCES.len() * MONTHS)
            .filter_map(|cell| {
                let (place, month) = (cell / MONTHS, cell % MONTHS);
                let (id, day) = (PROVINCES[place], format!("2021-{:02}-15", month + 6));
                value(place, month, indicator).map(|x| format!("('{id}','{day}','{day}',{x:?})"))
            })
            .collect();
        write!(
            text,
            "[[indicator]]\nid = \"i{indicator}\"\npillar = \"p\"\ntitle = \"T\"\n\
             unit_of_place = \"adm1\"\nunit_of_time = \"month\"\nrelease_lag_months = 0\n\
             max_age_months = {MAX_AGE_MONTHS}\nscale = \"linear\"\ngoalposts = [0.0, 10.0]\n\
             weight = {weight:?}\nreason = \"R.\"\nsource = \"own\"\ncitation = \"C.\"\n\
             [indicator.sql]\ntables = []\nstatement = \"\"\"SELECT * FROM (VALUES {}) \
             AS t(place_id, date_from, date_to, value)\"\"\"\n",
            rows.join(",")
        )
        .expect("text takes text");
    }
    text
}

/// A case of five provinces whose indicators are joined as the tables say.
fn lab(tables: &str) -> Lab {
    let lab = Lab::new();
    let mut places = PLACES.to_owned();
    for (place, id) in PROVINCES.iter().enumerate().skip(1) {
        places += &format!(
            "\n[[place]]\nid = \"{id}\"\nname = \"Province {place}\"\nlevel = \"adm1\"\nwithin = \"X\"\n\
             \n[[place]]\nid = \"{id}1\"\nname = \"District {place}\"\nlevel = \"adm2\"\nwithin = \"{id}\"\n"
        );
    }
    let case = format!("{CASE}indicators = \"indicators.toml\"\n");
    let files =
        [("case.toml", &*case), ("places.toml", &places), ("indicators.toml", &declared(tables))];
    lab.write_case("case", &files);
    lab.done(&["import", "case", "case"]);
    lab
}

fn fronts(lab: &Lab, more: &[&str]) -> Vec<Value> {
    let printed = lab.done(&[&["fronts", "--format", "json"], more].concat());
    serde_json::from_str(&printed).expect("JSON")
}

/// Index, low and high of the front, by place and month.
fn front(rows: &[Value], place: usize, month: usize) -> [Option<f64>; 3] {
    let month = format!("2021-{:02}", month + 6);
    let is_wanted = |row: &&Value| {
        row["place_id"] == PROVINCES[place] && row["month"] == *month && row["level"] == "front"
    };
    let row = rows.iter().find(is_wanted).expect("a row");
    ["index", "low_90", "high_90"].map(|column| row[column].as_f64())
}

fn panel() -> Panel {
    let mut panel = Panel::new(PROVINCES.len(), PANEL_MONTHS, WEIGHTS.len());
    for (place, month) in (0..PROVINCES.len() * MONTHS).map(|cell| (cell / MONTHS, cell % MONTHS)) {
        for indicator in 0..WEIGHTS.len() {
            let value = value(place, month, indicator).unwrap_or(f64::NAN);
            panel.set(place, month, indicator, value).expect("inside");
        }
    }
    panel
}

fn framework() -> Framework {
    let framework = Framework::builder().front("governance", 1.0).pillar("p", "governance", 1.0);
    let framework = WEIGHTS.iter().enumerate().fold(framework, |framework, (i, &weight)| {
        framework.indicator(
            Indicator::new(format!("i{i}"), "p")
                .weight(weight)
                .goalposts(0.0, 10.0)
                .max_age_months(MAX_AGE_MONTHS),
        )
    });
    framework.build().expect("holds together")
}

fn usual() -> Method {
    Method { evidence_floor: 0.25, reference_months: Some(0..MONTHS), ..Method::default() }
}

fn library(method: &Method) -> Index {
    index(&panel(), &framework(), method).expect("fits")
}

#[test]
fn every_way_that_a_case_names_gives_what_the_library_gives() {
    let z = Normalisation::ZScore { points_per_sd: 12.0 };
    let winsorised = Treatment::Winsorise(Winsorising::default());
    let ways = [
        ("outliers = \"winsorise\"", Method { treatment: winsorised, ..usual() }),
        ("missing = \"leave\"", Method { imputation: Imputation::None, ..usual() }),
        ("missing = \"em\"", Method { imputation: Imputation::ExpectationMaximisation, ..usual() }),
        (
            "normalisation = \"z-score\"\npoints_per_sd = 12.0",
            Method { normalisation: z, ..usual() },
        ),
        ("normalisation = \"rank\"", Method { normalisation: Normalisation::Rank, ..usual() }),
        ("weights = \"equal\"", Method { weighting: Weighting::Equal, ..usual() }),
        ("weights = \"pca\"", Method { weighting: Weighting::PrincipalComponents, ..usual() }),
        (
            "weights = \"benefit-of-the-doubt\"",
            Method { weighting: Weighting::BenefitOfTheDoubt, ..usual() },
        ),
        ("aggregation = \"geometric\"", Method { aggregation: Aggregation::Geometric, ..usual() }),
    ];
    let plain = library(&usual());
    for (rule, method) in ways {
        let rows = fronts(&lab(&format!("[method]\n{rule}\n")), &[]);
        let expected = library(&method);
        let mut is_moved = false;
        for (place, month) in (0..PROVINCES.len() * MONTHS).map(|at| (at / MONTHS, at % MONTHS)) {
            let [found, ..] = front(&rows, place, month);
            let wanted = expected.value(Node::Front(0), place, month);
            let apart = found.zip(wanted).map(|(found, wanted)| (found - wanted).abs());
            assert!(apart.is_some_and(|apart| apart < 1e-9), "{rule} {found:?} {wanted:?}");
            is_moved |= plain.value(Node::Front(0), place, month) != wanted;
        }
        assert!(is_moved, "{rule} changes nothing, so the test could not fail");
    }
}

#[test]
fn weights_and_means_follow_the_calculation_by_hand() {
    // In 2021-06 the province X3 has 3.1, 3.9 and 1.0 on scales of 0 to 10.
    let scores = [0, 1, 2].map(|i| value(2, 0, i).expect("a value") * 10.0);
    let declared = (3.0 * scores[0] + scores[1] + scores[2]) / 5.0;
    let equal = scores.iter().sum::<f64>() / 3.0;
    let logs = scores.map(|score| (1.0 + 0.99 * score).ln());
    let geometric = (((3.0 * logs[0] + logs[1] + logs[2]) / 5.0).exp() - 1.0) / 0.99;
    for (tables, expected) in [
        ("", declared),
        ("[method]\nweights = \"equal\"\n", equal),
        ("[method]\naggregation = \"geometric\"\n", geometric),
    ] {
        let rows = fronts(&lab(tables), &["--from", "2021-06", "--to", "2021-06"]);
        let [found, ..] = front(&rows, 2, 0);
        assert!((found.expect("an index") - expected).abs() < 1e-9, "{tables} {found:?}");
    }
}

#[test]
fn an_interval_reaches_over_the_alternatives_that_a_case_names() {
    let tables = "[alternatives]\nweights = [\"declared\", \"equal\"]\naggregation = []\n";
    let rows = fronts(&lab(tables), &["--from", "2021-06", "--to", "2021-06"]);
    let ends = [Weighting::Given, Weighting::Equal].map(|weighting| {
        let index = library(&Method { weighting, ..usual() });
        index.value(Node::Front(0), 2, 0).expect("an index")
    });
    let [_, low, high] = front(&rows, 2, 0);
    // Draws are single-precision.
    assert!((low.expect("low") - ends[0].min(ends[1])).abs() < 1e-3, "{low:?} {ends:?}");
    assert!((high.expect("high") - ends[0].max(ends[1])).abs() < 1e-3, "{high:?} {ends:?}");
}

#[test]
fn outranking_is_an_alternative_of_the_sensitivity_analysis() {
    let tables = "[alternatives]\naggregation = [\"arithmetic\", \"outranking\"]\n\
                  weights = [\"declared\", \"equal\"]\n";
    let lab = lab(tables);
    let question = Question {
        node: Node::Front(0),
        month: 2,
        alternatives: Alternatives {
            aggregations: vec![Aggregation::Arithmetic, Aggregation::Outranking],
            weightings: vec![Weighting::Given, Weighting::Equal],
            ..Alternatives::default()
        },
        errors_by_pillar: true,
        design: Design { points: 512, seed: 1 },
    };
    let expected = sensitivity(&panel(), &framework(), &usual(), &question).expect("fits");
    let joining = expected
        .factors()
        .iter()
        .position(|factor| *factor == sanad_front::Factor::Aggregation)
        .expect("a factor");
    let rows = fronts(&lab, &["--sensitivity", "2021-08"]);
    let of_joining: Vec<&Value> =
        rows.iter().filter(|row| row["factor"] == "way of joining").collect();
    assert_eq!(of_joining.len(), PROVINCES.len());
    let mut largest = 0.0_f64;
    for (place, row) in of_joining.iter().enumerate() {
        for (column, quantity) in [("value_total", Quantity::Value), ("rank_total", Quantity::Rank)]
        {
            let wanted = expected.total(joining, place, quantity);
            let found = row[column].as_f64();
            assert_eq!(found.is_some(), wanted.is_some(), "{column} of {place}");
            let (found, wanted) = (found.unwrap_or(0.0), wanted.unwrap_or(0.0));
            assert!((found - wanted).abs() < 1e-9, "{column} {found} {wanted}");
            largest = largest.max(found);
        }
    }
    assert!(largest > 0.5, "{largest}");
    // Intervals draw among the other ways.
    let rows = fronts(&lab, &["--from", "2021-06", "--to", "2021-06"]);
    assert!(front(&rows, 2, 0).iter().all(Option::is_some));
}

#[test]
fn outranking_as_the_method_is_refused_with_what_to_do() {
    let lab = Lab::new();
    let case = format!("{CASE}indicators = \"indicators.toml\"\n");
    let text = declared("[method]\naggregation = \"outranking\"\n");
    lab.write_case("case", &[("case.toml", &case), ("indicators.toml", &text)]);
    lab.refused(
        "outranking_as_the_method",
        &["import", "case", "case", "--observatory", crate::support::OBSERVATORY],
    );
}
