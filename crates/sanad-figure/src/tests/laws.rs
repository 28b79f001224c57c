//! Laws: same input same bytes, tiles are a layout, CSV equals inputs, bad input is an error.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::samples;
use crate::*;

#[test]
fn same_input_gives_the_same_bytes() {
    for strained in [false, true] {
        assert_eq!(samples::all(strained), samples::all(strained));
    }
}

fn places() -> impl Strategy<Value = Vec<Centroid>> {
    let place = (60.0..76.0f64, 24.0..37.0f64, 0usize..4);
    proptest::collection::vec(place, 1..40)
        .prop_map(|v| v.into_iter().map(|(lon, lat, group)| Centroid { lon, lat, group }).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn each_place_has_exactly_one_tile(places in places()) {
        let layout = tile_layout(&places).unwrap();
        let cells: BTreeSet<[usize; 2]> = layout.cells.iter().copied().collect();
        prop_assert_eq!(cells.len(), places.len());
        for c in &cells {
            prop_assert!(c[0] < layout.extent[0] && c[1] < layout.extent[1]);
        }
    }

    #[test]
    fn every_group_is_one_piece_wherever_its_places_lie(places in places()) {
        let layout = tile_layout(&places).unwrap();
        prop_assert_eq!(layout.quality.groups_broken, 0);
    }

    #[test]
    fn a_layout_is_the_same_every_time(places in places()) {
        prop_assert_eq!(tile_layout(&places).unwrap(), tile_layout(&places).unwrap());
    }

    #[test]
    fn csv_holds_every_monthly_value_exactly(
        values in proptest::collection::vec(proptest::option::of(0.0..1e12f64), 1..60)
    ) {
        let months = Months::starting(1999, 11, values.len());
        let series = [Series { label: "a, \"b\"".to_owned(), values: values.clone() }];
        let chart = StackedMonths { months, series: &series, unit: "u", markers: &[] };
        let figure = stacked_months(&Heading::new("f", "t", "c", "d"), &chart).unwrap();
        let mut lines = figure.csv.split("\r\n");
        prop_assert_eq!(lines.next(), Some("month,group,value"));
        for (i, v) in values.iter().enumerate() {
            let line = lines.next().unwrap();
            let (head, cell) = line.rsplit_once(',').unwrap();
            prop_assert_eq!(head, format!("{},\"a, \"\"b\"\"\"", months.iso(i)));
            prop_assert_eq!(cell.parse::<f64>().ok(), *v);
        }
        prop_assert_eq!(lines.collect::<Vec<_>>(), vec![""]);
    }

    #[test]
    fn labels_of_any_text_keep_the_markup_whole(label in "\\PC{0,40}") {
        let bars = [Bar { label, estimate: Some(Estimate::new(0.0, 1.0, 2.0)), highlighted: false }];
        let chart = BarsWithIntervals { bars: &bars, unit: "u", percent: false };
        let figure = bars_with_intervals(&Heading::new("f", "t", "c", "d"), &chart).unwrap();
        prop_assert_eq!(figure.svg.matches("<text").count(), figure.svg.matches("</text>").count());
        prop_assert_eq!(figure.svg.matches('<').count(), figure.svg.matches('>').count());
    }
}

#[test]
fn tiles_follow_the_compass() {
    let corners = [(60.0, 36.0), (70.0, 36.0), (60.0, 26.0), (70.0, 26.0)];
    let places = corners.map(|(lon, lat)| Centroid { lon, lat, group: 0 });
    let layout = tile_layout(&places).unwrap();
    assert_eq!(layout.cells, [[0, 0], [1, 0], [0, 1], [1, 1]]);
    assert_eq!(layout.quality.neighbours_kept, 1.0);
    assert!(layout.quality.bearing_error_mean_degrees < 6.0);
}

#[test]
fn each_group_of_a_tile_map_is_named_however_dense_the_map_is() {
    let places: Vec<Centroid> = (0..36)
        .map(|i| Centroid {
            lon: 60.0 + f64::from(i % 6),
            lat: 30.0 - f64::from(i / 6),
            group: i as usize,
        })
        .collect();
    let groups: Vec<String> = (0..36).map(|i| format!("Region-number-{i}")).collect();
    let tile =
        |i: u32| Tile { name: format!("P{i}"), abbreviation: format!("P{i}"), value: Some(1.0) };
    let tiles: Vec<Tile> = (0..36).map(tile).collect();
    let map = TileMap {
        tiles: &tiles,
        layout: &tile_layout(&places).unwrap(),
        groups: &groups,
        classes: &Classes::log_like(12.0, Format::Count),
        unit: "deaths",
        listed: 0,
    };
    let figure = tile_map(&Heading::new("f", "t", "c", "d"), &map).unwrap();
    for name in &groups {
        assert_eq!(figure.svg.matches(&format!(">{name}<")).count(), 2, "{name}: wide and narrow");
    }
}

fn stack(months: usize, values: Vec<Option<f64>>) -> Result<Figure, Error> {
    let series = [Series { label: "s".to_owned(), values }];
    let months = Months::starting(2020, 1, months);
    let chart = StackedMonths { months, series: &series, unit: "u", markers: &[] };
    stacked_months(&Heading::new("f", "t", "c", "d"), &chart)
}

#[test]
fn nan_is_refused_with_its_place() {
    let error = stack(2, vec![Some(1.0), Some(f64::NAN)]).unwrap_err();
    assert_eq!(error, Error::NotFinite { what: "series s".to_owned(), index: 1 });
    assert!(error.is_bad_number() && !error.is_empty_input());
}

#[test]
fn lengths_must_match() {
    let error = stack(3, vec![Some(1.0)]).unwrap_err();
    assert_eq!(error.to_string(), "series s: expected 3 values, found 1");
}

#[test]
fn negative_counts_are_refused() {
    assert!(stack(1, vec![Some(-1.0)]).unwrap_err().is_bad_number());
}

#[test]
fn an_empty_list_is_told_apart() {
    assert!(tile_layout(&[]).unwrap_err().is_empty_input());
    let heading = Heading::new("f", "t", "c", "d");
    assert!(reliability(&heading, &[]).unwrap_err().is_empty_input());
}

#[test]
fn ids_that_could_break_a_page_are_refused() {
    for id in ["", "1a", "a b", "A", "a\"", "a_b"] {
        let heading = Heading::new(id, "t", "c", "d");
        let bin = ReliabilityBin { forecast: 0.1, observed: None, count: 0 };
        assert!(matches!(reliability(&heading, &[bin]), Err(Error::BadId { .. })), "{id}");
    }
}

#[test]
fn intervals_out_of_order_are_refused() {
    let bars = [Bar {
        label: "b".to_owned(),
        estimate: Some(Estimate::new(2.0, 1.0, 3.0)),
        highlighted: false,
    }];
    let chart = BarsWithIntervals { bars: &bars, unit: "u", percent: false };
    let error = bars_with_intervals(&Heading::new("f", "t", "c", "d"), &chart).unwrap_err();
    assert_eq!(error, Error::Disordered { what: "b".to_owned(), index: 0 });
}

#[test]
fn missing_is_hatched_and_zero_is_not() {
    let missing = stack(3, vec![Some(1.0), None, Some(0.0)]).unwrap();
    let complete = stack(3, vec![Some(1.0), Some(0.0), Some(0.0)]).unwrap();
    assert!(missing.svg.contains("no data") && missing.svg.contains("-miss)"));
    assert!(!complete.svg.contains("no data") && !complete.svg.contains("-miss)"));
}

#[test]
fn simplified_neighbours_leave_no_gap() {
    let wavy: Vec<[f64; 2]> = (0..=200)
        .map(|i| [1.0 + 0.05 * (f64::from(i) * 0.3).sin(), f64::from(i) / 200.0])
        .collect();
    let mut west = vec![[0.0, 0.0]];
    west.extend(&wavy);
    west.extend([[0.0, 1.0], [0.0, 0.0]]);
    let mut east = vec![[2.0, 1.0]];
    east.extend(wavy.iter().rev());
    east.extend([[2.0, 0.0], [2.0, 1.0]]);
    let region = |name: &str, ring| Region {
        name: name.to_owned(),
        group: 0,
        polygons: vec![vec![ring]],
        value: Some(1.0),
    };
    let regions = [region("w", west), region("e", east)];
    let area = |tolerance: f64| {
        let map = Choropleth {
            regions: &regions,
            groups: &["g".to_owned()],
            disputed: &[],
            boundaries: &[],
            classes: &Classes::log_like(1.0, Format::Count),
            unit: "u",
            listed: 0,
            tolerance,
        };
        let figure = choropleth(&Heading::new("f", "t", "c", "d"), &map).unwrap();
        let paths = figure.svg.split("<path d=\"").skip(1).take(2);
        let total: f64 = paths.map(|p| path_area(p.split('"').next().unwrap())).sum();
        (total, figure.svg.len())
    };
    let ((exact, long), (coarse, short)) = (area(0.0), area(4.0));
    assert!((exact - coarse).abs() < 1e-6 * exact, "{exact} {coarse}");
    assert!(short < long / 2);
}

/// Area of a path of one ring in relative steps, `M0 0l1 0l0 1z`.
fn path_area(d: &str) -> f64 {
    let mut at = [0.0, 0.0];
    let mut ring: Vec<[f64; 2]> = Vec::new();
    for step in d.trim_matches(['M', 'z']).split('l') {
        let cut = step.char_indices().skip(1).find(|(_, c)| matches!(c, ' ' | '-')).unwrap().0;
        let (x, y) = step.split_at(cut);
        at = [at[0] + x.parse::<f64>().unwrap(), at[1] + y.trim().parse::<f64>().unwrap()];
        ring.push(at);
    }
    let twice: f64 = (0..ring.len())
        .map(|i| {
            let (p, q) = (ring[i], ring[(i + 1) % ring.len()]);
            p[0] * q[1] - q[0] * p[1]
        })
        .sum();
    twice.abs() / 2.0
}
