//! The index against a second implementation (`bench/front/reference.py`), and its joins against
//! numbers that the R package COINr prints.

use sanad_front::treat::Winsorising;
use sanad_front::{
    Aggregation, Direction, Framework, Imputation, Indicator, Method, Node, Normalisation, Panel,
    Treatment, index,
};

const FIXTURE: &str = include_str!("fixtures/reference.csv");
const PLACES: usize = 9;
const MONTHS: usize = 8;
const NEGATIVE: [bool; 7] = [false, true, false, false, true, false, false];
const WEIGHTS: [f64; 7] = [1.0, 2.0, 0.5, 1.0, 1.0, 3.0, 1.0];
const AGES: [u32; 7] = [0, 2, 6, 0, 3, 1, 0];
const PILLARS: [&str; 7] = ["p", "p", "p", "q", "q", "r", "r"];

fn cell(place: usize, month: usize, indicator: usize) -> f64 {
    let mixed = place * 7919 + month * 10473 + indicator * 12997 + place * month * indicator * 31;
    let code = mixed % 1009;
    let value = code as f64 / 7.0 + indicator as f64 * 3.0;
    match code {
        _ if code.is_multiple_of(4) => f64::NAN,
        _ if (indicator == 0 || indicator == 3) && code % 101 == 7 => value * 40.0,
        _ => value,
    }
}

fn panel() -> Panel {
    let values = (0..7)
        .flat_map(|i| (0..PLACES).map(move |p| (i, p)))
        .flat_map(|(i, p)| (0..MONTHS).map(move |m| cell(p, m, i)))
        .collect();
    Panel::from_values(PLACES, MONTHS, 7, values).expect("lengths agree")
}

fn framework() -> Framework {
    let builder = Framework::builder()
        .front("f", 1.0)
        .front("g", 3.0)
        .pillar("p", "f", 1.0)
        .pillar("q", "g", 2.0)
        .pillar("r", "g", 1.0);
    (0..7)
        .fold(builder, |builder, k| {
            let direction = if NEGATIVE[k] { Direction::Negative } else { Direction::Positive };
            builder.indicator(
                Indicator::new(format!("i{k}"), PILLARS[k])
                    .weight(WEIGHTS[k])
                    .direction(direction)
                    .max_age_months(AGES[k]),
            )
        })
        .build()
        .expect("holds together")
}

fn method(words: &[&str]) -> Method {
    Method {
        imputation: match words[0] {
            "none" => Imputation::None,
            "last_value" => Imputation::LastValue,
            _ => Imputation::ExpectationMaximisation,
        },
        treatment: match words[1] {
            "none" => Treatment::None,
            _ => Treatment::Winsorise(Winsorising::default()),
        },
        normalisation: match words[2] {
            "min_max" => Normalisation::MinMax,
            "z_score" => Normalisation::ZScore { points_per_sd: 15.0 },
            _ => Normalisation::Rank,
        },
        aggregation: match words[3] {
            "arithmetic" => Aggregation::Arithmetic,
            _ => Aggregation::Geometric,
        },
        evidence_floor: 0.4,
        ..Method::default()
    }
}

#[test]
fn every_alternative_agrees_with_the_second_implementation() {
    let (panel, framework) = (panel(), framework());
    let nodes = framework.nodes();
    let mut last = (String::new(), None);
    let mut compared = 0;
    for line in FIXTURE.lines().skip(1) {
        let words: Vec<&str> = line.split(',').collect();
        let key = words[..4].join(",");
        if last.0 != key {
            let result = index(&panel, &framework, &method(&words)).expect("fits");
            last = (key, Some(result));
        }
        let [node, place, month] = [4, 5, 6].map(|k| words[k].parse::<usize>().expect("a number"));
        let found = last.1.as_ref().and_then(|result| result.value(nodes[node], place, month));
        let expected: Option<f64> = words[7].parse().ok();
        let agree = match (found, expected) {
            (Some(a), Some(b)) => (a - b).abs() < 1e-9,
            (None, None) => true,
            _ => false,
        };
        assert!(agree, "{line}: {found:?}");
        compared += 1;
    }
    assert_eq!(compared, 3 * 2 * 3 * 2 * 6 * 6);
}

/// COINr's vignette on aggregation prints, for its ASEM example, pillars, sub-indices and index of
/// five countries with three digits: `connectivity` is the mean of five pillars, `sustainability`
/// of three, the index of both. (The package's raw data are not to be had as text.)
#[test]
fn joins_give_the_numbers_printed_for_asem() {
    // Financial, institutional, people-to-people, physical, political; environment, social,
    // economic; connectivity, sustainability, index.
    let printed = [
        [12.6, 52.4, 39.5, 34.8, 52.5, 31.9, 71.9, 55.7, 38.4, 53.2, 45.8],
        [26.2, 77.5, 54.1, 41.1, 78.2, 69.5, 72.8, 62.9, 55.4, 68.4, 61.9],
        [48.2, 75.6, 43.3, 72.0, 80.8, 53.0, 86.2, 50.1, 64.0, 63.1, 63.5],
        [13.3, 26.5, 5.85, 22.9, 32.4, 81.7, 27.5, 64.6, 20.2, 57.9, 39.0],
        [24.6, 75.9, 27.1, 28.4, 67.5, 55.7, 53.3, 61.7, 44.7, 56.9, 50.8],
    ];
    let mut builder = Framework::builder().front("conn", 1.0).front("sust", 1.0);
    for k in 0..8 {
        let front = if k < 5 { "conn" } else { "sust" };
        builder = builder
            .pillar(format!("p{k}"), front, 1.0)
            .indicator(Indicator::new(format!("i{k}"), format!("p{k}")).goalposts(0.0, 100.0));
    }
    let framework = builder.build().expect("holds together");
    let values: Vec<f64> = (0..8).flat_map(|k| printed.iter().map(move |row| row[k])).collect();
    let panel = Panel::from_values(5, 1, 8, values).expect("lengths agree");
    let result = index(&panel, &framework, &Method::default()).expect("fits");
    for (place, row) in printed.iter().enumerate() {
        for (k, node) in [Node::Front(0), Node::Front(1), Node::Overall].into_iter().enumerate() {
            let off = (result.value(node, place, 0).expect("complete") - row[8 + k]).abs();
            assert!(off < 0.1, "{place} {node:?} {off}");
        }
    }
}
