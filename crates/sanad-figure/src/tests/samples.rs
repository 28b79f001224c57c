//! One figure of every form, small (for goldens) and strained (long names, extremes, gaps).

use crate::*;

fn heading(id: &str) -> Heading {
    Heading::new(id, &format!("Sample {id}"), "Unit and source.", "What stands out.")
}

fn words(names: &[&str]) -> Vec<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}

pub(super) fn centroids(count: usize) -> Vec<Centroid> {
    (0..count)
        .map(|i| {
            let (c, r) = (i % 6, i / 6);
            Centroid {
                lon: 60.0 + c as f64 + 0.13 * ((i * 7) % 5) as f64,
                lat: 24.0 + r as f64 + 0.11 * ((i * 5) % 7) as f64,
                group: c / 2,
            }
        })
        .collect()
}

fn tiles(strained: bool) -> Figure {
    let count = if strained { 36 } else { 6 };
    let layout = tile_layout(&centroids(count)).unwrap();
    let tiles: Vec<Tile> = (0..count)
        .map(|i| Tile {
            name: if strained {
                format!("A district with quite a long name {i}")
            } else {
                format!("D{i}")
            },
            abbreviation: if strained { "WWWW".to_owned() } else { format!("D{i}") },
            value: if i % 5 == 1 { None } else { Some((i * i * i) as f64) },
        })
        .collect();
    let groups = if strained {
        words(&["Khyber Pakhtunkhwa and the former agencies", "Balochistan", "X"])
    } else {
        words(&["West", "Middle", "East"])
    };
    let classes = Classes::log_like(46_656.0, Format::Count);
    let unit =
        if strained { "deaths in organised violence in the last twelve months" } else { "deaths" };
    tile_map(
        &heading("tiles"),
        &TileMap {
            tiles: &tiles,
            layout: &layout,
            groups: &groups,
            classes: &classes,
            unit,
            listed: 5,
        },
    )
    .unwrap()
}

pub(super) fn square(lon: f64, lat: f64) -> Polygon {
    vec![vec![[lon, lat], [lon + 1.0, lat], [lon + 1.0, lat + 1.0], [lon, lat + 1.0], [lon, lat]]]
}

fn shapes(strained: bool) -> Figure {
    let mut holed = square(62.0, 30.0);
    holed.push(vec![[62.3, 30.3], [62.6, 30.3], [62.6, 30.6], [62.3, 30.6], [62.3, 30.3]]);
    let value = [Some(12.0), None, Some(0.0)];
    let regions: Vec<Region> = [vec![square(60.0, 30.0)], vec![square(61.0, 30.0)], vec![holed]]
        .into_iter()
        .enumerate()
        .map(|(i, polygons)| Region {
            name: format!("R{i}"),
            group: i / 2,
            polygons,
            value: value[i].map(|v| if strained { v * 1e7 } else { v }),
        })
        .collect();
    let lines = [Boundary { points: vec![[60.0, 30.5], [63.0, 30.5]], disputed: true }];
    choropleth(
        &heading("map"),
        &Choropleth {
            regions: &regions,
            groups: &words(&[
                "West",
                if strained { "A very long name of a province in the east" } else { "East" },
            ]),
            disputed: &[1],
            boundaries: &lines,
            classes: &Classes::log_like(100.0, Format::Count),
            unit: "deaths",
            listed: 2,
            tolerance: 0.4,
        },
    )
    .unwrap()
}

pub(super) fn series(strained: bool) -> (Months, Vec<Series>) {
    let len = if strained { 432 } else { 24 };
    let top = if strained { 9.87e6 } else { 9.0 };
    let series = (0..if strained { 8 } else { 2 })
        .map(|k| Series {
            label: if strained {
                format!("A family of organisations with a long name {k}")
            } else {
                format!("S{k}")
            },
            values: (0..len)
                .map(|i| (i / 5 != 2 || k > 0).then(|| ((i * 7 + k * 3) % 11) as f64 / 11.0 * top))
                .map(|v| v.map(f64::floor))
                .collect(),
        })
        .collect();
    (Months::starting(1989, 1, len), series)
}

fn markers(strained: bool) -> Vec<Marker> {
    if !strained {
        return vec![Marker::new(12, "act")];
    }
    let at = [0, 3, 5, 200, 205, 300, 420, 430, 431];
    at.iter()
        .map(|m| Marker::new(*m, &format!("An event with a long label in month {m}")))
        .collect()
}

fn monthly(strained: bool) -> Vec<Figure> {
    let (months, series) = series(strained);
    let markers = markers(strained);
    let unit = "deaths per month";
    let stack = StackedMonths { months, series: &series, unit, markers: &markers };
    let scale = if strained { PanelScale::Own } else { PanelScale::Shared };
    let panels = SmallMultiples { months, series: &series, unit, scale, markers: &markers };
    vec![
        stacked_months(&heading("stack"), &stack).unwrap(),
        small_multiples(&heading("panels"), &panels).unwrap(),
    ]
}

fn fronts(strained: bool) -> Figure {
    let (months, series) = series(strained);
    let row = |s: &Series| StripRow {
        label: s.label.clone(),
        values: s.values.iter().map(|v| v.map(|v| (v * 7.0) % 100.0)).collect(),
        evidence: (0..months.len).map(|i| Some(if i < 4 { 0.2 } else { 0.9 })).collect(),
    };
    let blocks = [StripBlock { label: "Front".to_owned(), rows: series.iter().map(row).collect() }];
    strips(
        &heading("strips"),
        &Strips {
            months,
            blocks: &blocks,
            range: [0.0, 100.0],
            ends: ["accepted", "strained"],
            low_evidence: 0.5,
            markers: &markers(strained),
        },
    )
    .unwrap()
}

fn comparisons(strained: bool) -> Vec<Figure> {
    let k = if strained { 1e8 } else { 1.0 };
    let long = if strained { " with a name that is far too long for its place" } else { "" };
    let names: Vec<String> = ["A", "B"].map(|n| format!("{n}{long}")).to_vec();
    let e = |m: f64| Some(Estimate::new(m * 0.5 * k, m * k, m * 1.5 * k));
    let panels = [
        DotPanel {
            label: format!("attacks{long}"),
            estimates: vec![vec![e(1.0), e(2.0)], vec![None, e(3.0)]],
        },
        DotPanel {
            label: "deaths".to_owned(),
            estimates: vec![vec![e(10.0), e(5.0)], vec![e(4.0), e(0.0)]],
        },
    ];
    let dots = IntervalDots {
        regions: &names,
        periods: &names,
        panels: &panels,
        interval: "95% interval",
    };
    let bars = [
        Bar { label: names[0].clone(), estimate: e(1.0), highlighted: true },
        Bar {
            label: names[1].clone(),
            estimate: Some(Estimate::new(-2.0 * k, -k, 0.5 * k)),
            highlighted: false,
        },
        Bar { label: "C".to_owned(), estimate: None, highlighted: false },
    ];
    let bins = [
        ReliabilityBin {
            forecast: 0.0,
            observed: Some(Estimate::new(0.0, 0.01, 0.02)),
            count: 900_000,
        },
        ReliabilityBin { forecast: 0.5, observed: None, count: 0 },
        ReliabilityBin { forecast: 1.0, observed: Some(Estimate::new(0.8, 1.0, 1.0)), count: 9 },
    ];
    let values = vec![vec![Some(0.25), None], vec![Some(-k), Some(0.0)]];
    let table = MatrixChart {
        rows: &names,
        columns: &names,
        values: &values,
        notes: &[],
        sides: ["cause", "effect"],
        ramp: Ramp::Change,
        decimals: 2,
    };
    vec![
        interval_dots(&heading("dots"), &dots).unwrap(),
        bars_with_intervals(
            &heading("bars"),
            &BarsWithIntervals { bars: &bars, unit: "share", percent: !strained },
        )
        .unwrap(),
        reliability(&heading("reliability"), &bins).unwrap(),
        matrix(&heading("matrix"), &table).unwrap(),
    ]
}

fn futures(strained: bool) -> Vec<Figure> {
    let months = Months::starting(2024, 1, 12);
    let top = if strained { 3e9 } else { 3.0 };
    let future = |i: usize| i >= 8;
    let panel = |label: &str| FanPanel {
        label: label.to_owned(),
        observed: (0..12).map(|i| (i < 7).then_some(i as f64 * top)).collect(),
        median: (0..12).map(|i| future(i).then_some(4.0 * top)).collect(),
        bands: vec![
            Band {
                percent: 50,
                bounds: (0..12).map(|i| future(i).then_some([3.0 * top, 5.0 * top])).collect(),
            },
            Band {
                percent: 95,
                bounds: (0..12).map(|i| future(i).then_some([0.0, 9.0 * top])).collect(),
            },
        ],
    };
    let panels =
        [panel("North"), panel("A province with a name that is far too long for its panel")];
    let shown = if strained { &panels[..] } else { &panels[..1] };
    let lines: Vec<BandedLine> = (0..if strained { 8 } else { 2 })
        .map(|k| BandedLine {
            label: if strained {
                format!("A scenario with a long name, number {k}")
            } else {
                format!("L{k}")
            },
            values: vec![Some(0.0), Some(-top), None, Some(top * (k + 1) as f64)],
            band: Some(Band {
                percent: 80,
                bounds: vec![None, Some([-2.0 * top, 0.0]), None, None],
            }),
        })
        .collect();
    let horizontal =
        Horizontal::Numbers { label: "days".to_owned(), values: vec![-2.0, 0.0, 1.0, 7.0] };
    let chart = LinesWithBands {
        horizontal,
        lines: &lines,
        unit: "index",
        reference: Some((1.0, "target")),
        percent: false,
    };
    vec![
        fan(
            &heading("fan"),
            &Fan { months, panels: shown, unit: "deaths", scale: PanelScale::Shared },
        )
        .unwrap(),
        lines_with_bands(&heading("lines"), &chart).unwrap(),
    ]
}

fn records(strained: bool) -> Vec<Figure> {
    let count = if strained { 120 } else { 3 };
    let lanes = words(&["Narrative", "Governance", "Regional"]);
    let list: Vec<TimelineRecord> = (0..count)
        .map(|i| TimelineRecord {
            lane: i % 3,
            from: match i % 3 {
                0 => Date::day(2025 - (i as i32) / 12, 12, 31),
                1 => Date::month(2014 + (i as i32) / 12, 6),
                _ => Date::year(2010),
            },
            until: (i % 7 == 1).then(|| Date::year(2026)),
            sign: [Sign::Strains, Sign::Eases, Sign::Neutral][i % 3],
            label: if strained {
                format!("Record {i} says in many words what happened and who was party to it")
            } else {
                format!("Record {i}")
            },
        })
        .collect();
    let organisations: Vec<Organisation> = (0..if strained { 24 } else { 3 })
        .map(|i| Organisation {
            label: if strained {
                format!("An organisation with a long name {i}")
            } else {
                format!("O{i}")
            },
            family: i % 2,
            from: (i % 3 == 0).then(|| Date::year(2010)),
            until: (i % 5 == 2).then(|| Date::year(2020)),
        })
        .collect();
    let kinds = [TieKind::Alliance, TieKind::Merger, TieKind::Split, TieKind::Rivalry];
    let ties: Vec<Tie> = (0..if strained { 60 } else { 2 })
        .map(|i| Tie {
            from: i % organisations.len(),
            to: (i * 5 + 1) % organisations.len(),
            kind: kinds[i % 4],
            date: if strained { Date::month(2025, 12) } else { Date::month(2015 + i as i32, 3) },
            until: None,
            label: format!("Tie {i}"),
        })
        .collect();
    let concepts: Vec<String> = (0..if strained { 16 } else { 3 })
        .map(|i| if strained { format!("Perceived unaccountability {i}") } else { format!("C{i}") })
        .collect();
    let states = [
        LinkState::Stated,
        LinkState::Supported,
        LinkState::Contradicted,
        LinkState::Inconclusive,
        LinkState::Modelled,
    ];
    let polarities = [Polarity::Positive, Polarity::Negative, Polarity::Mixed, Polarity::Unknown];
    let links: Vec<Link> = (0..concepts.len())
        .map(|i| Link {
            from: i,
            to: (i + 1 + i % (concepts.len() - 1)) % concepts.len(),
            polarity: polarities[i % 4],
            delayed: i % 3 == 2,
            state: states[i % 5],
            note: "note".to_owned(),
        })
        .filter(|l| l.from != l.to)
        .collect();
    let network = NetworkOverTime {
        organisations: &organisations,
        families: &words(&["First", "Second"]),
        ties: &ties,
        years: [2005, 2025],
    };
    vec![
        timeline(
            &heading("timeline"),
            &Timeline { lanes: &lanes, records: &list, words: ["strains", "eases", "neither"] },
        )
        .unwrap(),
        network_over_time(&heading("network"), &network).unwrap(),
        causal_diagram(&heading("causal"), &CausalDiagram { concepts: &concepts, links: &links })
            .unwrap(),
    ]
}

/// One figure of every form.
pub(crate) fn all(strained: bool) -> Vec<Figure> {
    let mut out = vec![tiles(strained), shapes(strained), fronts(strained)];
    out.extend(monthly(strained));
    out.extend(comparisons(strained));
    out.extend(futures(strained));
    out.extend(records(strained));
    out
}
