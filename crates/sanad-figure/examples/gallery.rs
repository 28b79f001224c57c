//! Writes every form with realistic data into one HTML file, to be looked at.
//!
//! `cargo run -p sanad-figure --example gallery -- OUT.html [FOLDER]`
//!
//! FOLDER may hold `places.csv` (name, abbreviation, group, lon, lat, value), `months_province.csv`
//! and `months_family.csv` (month, then one column per series), and `districts.geojson`; what is
//! absent is replaced by seeded synthetic numbers. Nothing it writes is a finding.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::print_stderr, missing_docs)]

use std::error::Error;
use std::path::{Path, PathBuf};

use sanad_figure::*;

type Res<T> = Result<T, Box<dyn Error>>;

struct Place {
    name: String,
    abbreviation: String,
    group: String,
    lon: f64,
    lat: f64,
    value: Option<f64>,
}

fn places(folder: Option<&Path>) -> Res<Vec<Place>> {
    let Some(text) = read(folder, "places.csv") else { return Ok(synthetic_places()) };
    text.lines()
        .skip(1)
        .map(|line| {
            let f: Vec<&str> = line.trim().split(',').collect();
            Ok(Place {
                name: f[0].to_owned(),
                abbreviation: f[1].to_owned(),
                group: f[2].to_owned(),
                lon: f[3].parse()?,
                lat: f[4].parse()?,
                value: if f[5].is_empty() { None } else { Some(f[5].parse()?) },
            })
        })
        .collect()
}

fn synthetic_places() -> Vec<Place> {
    let mut dice = Dice(7);
    (0..60)
        .map(|i| Place {
            name: format!("Place {i}"),
            abbreviation: format!("P{i}"),
            group: format!("Group {}", (i % 10) / 3),
            lon: 60.0 + (i % 10) as f64 + 0.4 * dice.unit(),
            lat: 25.0 + (i / 10) as f64 + 0.4 * dice.unit(),
            value: if i % 13 == 5 { None } else { Some((dice.unit().powi(4) * 300.0).floor()) },
        })
        .collect()
}

struct Dice(u64);
impl Dice {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}

fn read(folder: Option<&Path>, name: &str) -> Option<String> {
    std::fs::read_to_string(folder?.join(name)).ok()
}

fn tile_maps(folder: Option<&Path>) -> Res<Vec<Figure>> {
    let places = places(folder)?;
    let mut groups: Vec<String> = places.iter().map(|p| p.group.clone()).collect();
    groups.sort();
    groups.dedup();
    let at: Vec<Centroid> = places
        .iter()
        .map(|p| Centroid {
            lon: p.lon,
            lat: p.lat,
            group: groups.iter().position(|g| *g == p.group).unwrap_or(0),
        })
        .collect();
    let started = std::time::Instant::now();
    let layout = tile_layout(&at)?;
    println!(
        "tile layout: {:?}, {} ms, extent {:?}",
        layout.quality,
        started.elapsed().as_millis(),
        layout.extent
    );
    let tiles: Vec<Tile> = places
        .iter()
        .map(|p| Tile {
            name: p.name.clone(),
            abbreviation: p.abbreviation.clone(),
            value: p.value,
        })
        .collect();
    let max = tiles.iter().filter_map(|t| t.value).fold(0.0, f64::max);
    let figure = tile_map(
        &Heading::new(
            "tiles",
            "Most deaths of 2021 fell in a handful of districts along the Afghan border",
            "Deaths in organised violence by district, January to December 2021, best estimate. One tile per district, placed near its true position. Source: UCDP GED 22.1.",
            "Tile map of districts shaded by deaths; the greatest values are listed.",
        ),
        &TileMap {
            tiles: &tiles,
            layout: &layout,
            groups: &groups,
            classes: &Classes::log_like(max, Format::Count),
            unit: "deaths, 2021",
            listed: 12,
        },
    )?;
    Ok(vec![figure])
}

fn heading(id: &str, title: &str, caption: &str) -> Heading {
    Heading::new(id, title, caption, &format!("{title}. {caption}"))
}

fn maps(folder: Option<&Path>) -> Res<Vec<Figure>> {
    let (Some(text), places) = (read(folder, "districts.geojson"), places(folder)?) else {
        return Ok(Vec::new());
    };
    let parsed: serde_json::Value = serde_json::from_str(&text)?;
    let mut groups: Vec<String> = places.iter().map(|p| p.group.clone()).collect();
    groups.sort();
    groups.dedup();
    let ring = |r: &serde_json::Value| -> Vec<[f64; 2]> {
        let points = r.as_array().into_iter().flatten();
        points.map(|p| [p[0].as_f64().unwrap_or(0.0), p[1].as_f64().unwrap_or(0.0)]).collect()
    };
    let polygon = |p: &serde_json::Value| -> Polygon {
        p.as_array().into_iter().flatten().map(ring).collect()
    };
    let mut regions = Vec::new();
    for f in parsed["features"].as_array().into_iter().flatten() {
        let name = f["properties"]["ADM2_EN"].as_str().unwrap_or("").to_owned();
        let group = f["properties"]["ADM1_EN"].as_str().unwrap_or("");
        let shape = &f["geometry"]["coordinates"];
        let polygons = if f["geometry"]["type"] == "Polygon" {
            vec![polygon(shape)]
        } else {
            shape.as_array().into_iter().flatten().map(polygon).collect()
        };
        let value = places.iter().find(|p| p.name == name).and_then(|p| p.value);
        let group = groups.iter().position(|g| g == group).unwrap_or(0);
        regions.push(Region { name, group, polygons, value });
    }
    let max = places.iter().filter_map(|p| p.value).fold(0.0, f64::max);
    let disputed: Vec<usize> = groups
        .iter()
        .enumerate()
        .filter(|(_, g)| g.contains("Kashmir") || g.contains("Gilgit"))
        .map(|(i, _)| i)
        .collect();
    let started = std::time::Instant::now();
    let figure = choropleth(
        &heading(
            "map",
            "Most deaths of 2021 fell in a handful of districts along the Afghan border",
            "Deaths in organised violence by district, January to December 2021, best estimate. Dashed: boundaries not agreed upon. Source: UCDP GED 22.1; boundaries OCHA COD-AB. Boundaries and names do not imply endorsement.",
        ),
        &Choropleth {
            regions: &regions,
            groups: &groups,
            disputed: &disputed,
            boundaries: &[],
            classes: &Classes::log_like(max, Format::Count),
            unit: "deaths, 2021",
            listed: 12,
            tolerance: 0.4,
        },
    )?;
    println!("choropleth drawn in {} ms", started.elapsed().as_millis());
    Ok(vec![figure])
}

fn monthly(folder: Option<&Path>, name: &str) -> (Months, Vec<Series>) {
    let Some(text) = read(folder, name) else { return synthetic_months() };
    let mut lines = text.lines();
    let names: Vec<String> =
        lines.next().unwrap_or("").trim().split(',').skip(1).map(str::to_owned).collect();
    let rows: Vec<Vec<f64>> = lines
        .map(|l| l.trim().split(',').skip(1).map(|v| v.parse().unwrap_or(0.0)).collect())
        .collect();
    let series = names
        .iter()
        .enumerate()
        .map(|(i, n)| {
            Series::complete(
                if n.is_empty() { "Not placed" } else { n },
                &rows.iter().map(|r| r[i]).collect::<Vec<_>>(),
            )
        })
        .collect();
    (Months::starting(1989, 1, rows.len()), series)
}

fn synthetic_months() -> (Months, Vec<Series>) {
    let mut dice = Dice(3);
    let series = (0..6)
        .map(|k| {
            let values: Vec<f64> = (0..396)
                .map(|i| {
                    (dice.unit().powi(3) * 60.0 * f64::from(i) / (60.0 + 30.0 * f64::from(k)))
                        .floor()
                })
                .collect();
            Series::complete(&format!("Group {k}"), &values)
        })
        .collect();
    (Months::starting(1989, 1, 396), series)
}

fn over_months(folder: Option<&Path>) -> Res<Vec<Figure>> {
    let (months, mut families) = monthly(folder, "months_family.csv");
    let (_, mut provinces) = monthly(folder, "months_province.csv");
    for s in &mut families {
        for v in &mut s.values[100..106] {
            *v = None;
        }
    }
    for v in &mut provinces[1].values[40..70] {
        *v = None;
    }
    let at = |y: i32, m: usize| ((y - 1989) * 12) as usize + m - 1;
    let markers = [
        Marker::new(at(2001, 10), "US-led intervention in Afghanistan"),
        Marker::new(at(2007, 7), "Lal Masjid siege"),
        Marker::new(at(2007, 12), "TTP founded"),
        Marker::new(at(2009, 10), "Rah-e-Nijat"),
        Marker::new(at(2014, 6), "Zarb-e-Azb begins"),
        Marker::new(at(2021, 8), "Taliban take Kabul"),
    ];
    let caption = "Deaths in organised violence per month, best estimate, January 1989 to December 2021; months of 1997 blanked to show missing data. Source: UCDP GED 22.1.";
    Ok(vec![
        stacked_months(
            &heading(
                "family",
                "Violence involving Islamist organisations makes up most deaths since 2007",
                caption,
            ),
            &StackedMonths {
                months,
                series: &families,
                unit: "deaths per month, best estimate",
                markers: &markers,
            },
        )?,
        small_multiples(
            &heading(
                "province",
                "The former tribal areas carried the war of 2007 to 2015",
                caption,
            ),
            &SmallMultiples {
                months,
                series: &provinces,
                unit: "deaths per month, best estimate",
                scale: PanelScale::Own,
                markers: &markers[4..5],
            },
        )?,
    ])
}

fn fronts() -> Res<Vec<Figure>> {
    let mut dice = Dice(11);
    let months = Months::starting(2000, 1, 264);
    let names = [
        "Azad Kashmir",
        "Balochistan",
        "Gilgit Baltistan",
        "Islamabad",
        "Khyber Pakhtunkhwa",
        "Punjab",
        "Sindh",
    ];
    let blocks: Vec<StripBlock> = ["Narrative front", "Governance front", "Regional front"]
        .into_iter()
        .map(|b| StripBlock {
            label: b.to_owned(),
            rows: names
                .iter()
                .enumerate()
                .map(|(k, n)| {
                    let mut level = 30.0 + 30.0 * dice.unit();
                    let values: Vec<Option<f64>> = (0..months.len)
                        .map(|i| {
                            level = (level + 3.0 * dice.normal()).clamp(2.0, 98.0);
                            if k == 2 && i < 90 { None } else { Some(level) }
                        })
                        .collect();
                    let evidence = (0..months.len)
                        .map(|i| Some(if i < 60 + 10 * k { 0.3 } else { 0.8 }))
                        .collect();
                    StripRow { label: (*n).to_owned(), values, evidence }
                })
                .collect(),
        })
        .collect();
    Ok(vec![strips(
        &heading(
            "strips",
            "Strain by province and front (synthetic numbers)",
            "Index from 0 to 100 per month; synthetic.",
        ),
        &Strips {
            months,
            blocks: &blocks,
            range: [0.0, 100.0],
            ends: ["accepted", "strained"],
            low_evidence: 0.5,
            markers: &[
                Marker::new(173, "Zarb-e-Azb begins"),
                Marker::new(219, "FATA merges into KP"),
            ],
        },
    )?])
}

fn comparisons() -> Res<Vec<Figure>> {
    let mut dice = Dice(5);
    let regions: Vec<String> =
        ["Former FATA", "Khyber Pakhtunkhwa", "Balochistan", "Sindh", "Punjab"]
            .map(str::to_owned)
            .to_vec();
    let periods: Vec<String> =
        ["before (Jun 2012–May 2014)", "during (Jun 2014–Feb 2017)", "after (Mar 2017–Feb 2019)"]
            .map(str::to_owned)
            .to_vec();
    let mut panel = |label: &str, top: f64| DotPanel {
        label: label.to_owned(),
        estimates: (0..5)
            .map(|i| {
                (0..3)
                    .map(|k| {
                        if i == 4 && k == 0 {
                            return None;
                        }
                        let mid =
                            top * (0.2 + dice.unit()) / f64::from(i + 1) / f64::from(1 + k * k);
                        Some(Estimate::new(mid * 0.7, mid, mid * 1.4))
                    })
                    .collect()
            })
            .collect(),
    };
    let panels = [panel("attacks per month", 20.0), panel("deaths per month", 160.0)];
    let bars: Vec<Bar> = [
        "Weights of the pillars",
        "Normalisation",
        "Imputation of missing surveys",
        "Source coverage",
        "Aggregation rule",
    ]
    .iter()
    .enumerate()
    .map(|(i, n)| Bar {
        label: (*n).to_owned(),
        estimate: if i == 3 {
            None
        } else {
            let m = 0.5 / (i + 1) as f64;
            Some(Estimate::new(m * 0.8, m, (m * 1.25).min(1.0)))
        },
        highlighted: i == 0,
    })
    .collect();
    let bins: Vec<ReliabilityBin> = (0..10)
        .map(|i| {
            let f = 0.05 + 0.1 * f64::from(i);
            let o = (f * 0.9 + 0.03).clamp(0.02, 0.98);
            ReliabilityBin {
                forecast: f,
                observed: if i == 8 {
                    None
                } else {
                    Some(Estimate::new((o - 0.05).max(0.0), o, (o + 0.06).min(1.0)))
                },
                count: if i == 8 { 0 } else { (12_000.0 / f64::from((i + 1) * (i + 1))) as u64 },
            }
        })
        .collect();
    let kinds: Vec<String> = [
        "Attack by organisation",
        "Military operation",
        "Statement",
        "Arrest or ban",
        "Internet shutdown",
        "Border closure",
    ]
    .map(str::to_owned)
    .to_vec();
    let values: Vec<Vec<Option<f64>>> = (0..6)
        .map(|i| {
            (0..6)
                .map(|j| {
                    if i == 4 && j == 2 {
                        None
                    } else {
                        Some((dice.unit().powi(2) * 0.6 * 100.0).round() / 100.0)
                    }
                })
                .collect()
        })
        .collect();
    let notes: Vec<Vec<String>> = values
        .iter()
        .map(|r| {
            r.iter()
                .map(|v| v.map_or(String::new(), |v| format!("{:.2}–{:.2}", v * 0.6, v * 1.5)))
                .collect()
        })
        .collect();
    Ok(vec![
        interval_dots(
            &heading(
                "dots",
                "Attacks and deaths fell during Zarb-e-Azb and kept falling after (synthetic numbers)",
                "Means per month by region; synthetic.",
            ),
            &IntervalDots {
                regions: &regions,
                periods: &periods,
                panels: &panels,
                interval: "95% interval",
            },
        )?,
        bars_with_intervals(
            &heading(
                "bars",
                "The weights of the pillars decide most of the ranking (synthetic)",
                "Total-order Sobol index; synthetic.",
            ),
            &BarsWithIntervals {
                bars: &bars,
                unit: "share of variance, total order, with 95% interval",
                percent: true,
            },
        )?,
        reliability(
            &heading(
                "reliability",
                "Forecast probabilities of at least one death are close to what happened (synthetic)",
                "District-months; synthetic.",
            ),
            &bins,
        )?,
        matrix(
            &heading(
                "branching",
                "How many further records of the column each record of the row brings (synthetic)",
                "Branching ratios with 95 % intervals; synthetic.",
            ),
            &MatrixChart {
                rows: &kinds,
                columns: &kinds,
                values: &values,
                notes: &notes,
                sides: ["cause", "effect"],
                ramp: Ramp::Magnitude,
                decimals: 2,
            },
        )?,
    ])
}

fn futures() -> Res<Vec<Figure>> {
    let mut dice = Dice(23);
    let months = Months::starting(2016, 1, 108);
    let band = |percent: u32, z: f64| Band {
        percent,
        bounds: (0..108)
            .map(|i| {
                (i >= 72).then(|| {
                    let s = z * (0.25 + 0.02 * (i - 72) as f64);
                    [30.0 * (-s).exp(), 30.0 * s.exp()]
                })
            })
            .collect(),
    };
    let panels: Vec<FanPanel> = ["Khyber Pakhtunkhwa", "Balochistan", "Sindh"]
        .into_iter()
        .map(|n| FanPanel {
            label: n.to_owned(),
            observed: (0..108)
                .map(|i| {
                    (i < 72 && !(20..26).contains(&i))
                        .then(|| (30.0 * (0.5 * dice.normal()).exp()).floor())
                })
                .collect(),
            median: (0..108).map(|i| (i >= 72).then_some(30.0)).collect(),
            bands: vec![band(50, 0.67), band(80, 1.28), band(95, 1.96)],
        })
        .collect();
    let lines: Vec<BandedLine> =
        ["Today's course", "Kinetic only", "Legitimacy first", "Kinetic with legitimacy"]
            .into_iter()
            .enumerate()
            .map(|(k, n)| {
                let mid = |i: usize| 60.0 + i as f64 * 0.25 * (1.0 - k as f64);
                BandedLine {
                    label: n.to_owned(),
                    values: (0..108).map(|i| Some(mid(i))).collect(),
                    band: Some(Band {
                        percent: 80,
                        bounds: (0..108)
                            .map(|i| {
                                Some([
                                    mid(i) - 4.0 - i as f64 * 0.06,
                                    mid(i) + 4.0 + i as f64 * 0.06,
                                ])
                            })
                            .collect(),
                    }),
                }
            })
            .collect();
    Ok(vec![
        fan(
            &heading(
                "fan",
                "Deaths may stay where they are; the upper tail grows with the horizon (synthetic)",
                "Deaths per month; synthetic.",
            ),
            &Fan { months, panels: &panels, unit: "deaths per month", scale: PanelScale::Shared },
        )?,
        fan(
            &heading(
                "fan-one",
                "One fan over the whole width (synthetic)",
                "Deaths per month; synthetic.",
            ),
            &Fan { months, panels: &panels[..1], unit: "deaths per month", scale: PanelScale::Own },
        )?,
        lines_with_bands(
            &heading(
                "lines",
                "Legitimacy-first courses part from today's after two years (synthetic)",
                "Index; synthetic.",
            ),
            &LinesWithBands {
                horizontal: Horizontal::Months(months),
                lines: &lines,
                unit: "strain index, 0 to 100, with 80% bands",
                reference: Some((50.0, "benchmark")),
                percent: false,
            },
        )?,
    ])
}

fn records() -> Res<Vec<Figure>> {
    let mut dice = Dice(41);
    let lanes: Vec<String> =
        ["Narrative front", "Governance front", "Regional front"].map(str::to_owned).to_vec();
    let words = [
        "organisation announces a merger of several factions",
        "talks between local elders and commanders end without result",
        "province warns that an operation deepens alienation",
        "mobile internet suspended in several districts",
        "court hears petition on missing persons",
        "crossing reopens for trade after closure",
        "joint statement on border security",
        "military operation begins",
        "new media channel launched in three languages",
        "compensation announced for displaced families",
    ];
    let list: Vec<TimelineRecord> = (0..96)
        .map(|i| {
            let year = if i < 24 {
                2001 + i / 2
            } else if i < 50 {
                2014 + (i - 24) / 4
            } else {
                2021 + (i - 50) / 10
            };
            let month = 1 + (dice.unit() * 12.0) as u32;
            let from = match i % 5 {
                0 => Date::month(year, month),
                1 if i < 50 => Date::year(year),
                _ => Date::day(year, month, 1 + (dice.unit() * 28.0) as u32),
            };
            let until = (i % 17 == 3).then(|| Date::month(year + 2, 6));
            TimelineRecord {
                lane: (dice.unit() * 3.0) as usize,
                from,
                until,
                sign: [Sign::Strains, Sign::Strains, Sign::Eases, Sign::Neutral]
                    [(dice.unit() * 4.0) as usize],
                label: format!("Example record: {}", words[(dice.unit() * 10.0) as usize]),
            }
        })
        .collect();
    let organisations: Vec<Organisation> = [
        ("TTP", 0, Some(2007), None),
        ("Jamaat-ul-Ahrar", 0, Some(2014), None),
        ("Hafiz Gul Bahadur group", 0, Some(2006), None),
        ("Lashkar-e-Islam", 0, Some(2004), None),
        ("ISKP", 1, Some(2015), None),
        ("Al-Qaida", 1, None, None),
        ("Afghan Taliban", 1, None, None),
        ("BLA", 2, Some(2000), None),
        ("BLF", 2, Some(2004), None),
        ("BRG", 2, Some(2007), None),
        ("BRA", 2, Some(2006), Some(2022)),
        ("BNA", 2, Some(2022), None),
        ("LeJ", 3, None, None),
    ]
    .into_iter()
    .map(|(n, f, a, b)| Organisation {
        label: n.to_owned(),
        family: f,
        from: a.map(Date::year),
        until: b.map(Date::year),
    })
    .collect();
    let families: Vec<String> =
        ["Islamist", "Transnational", "Ethno-nationalist", "Sectarian"].map(str::to_owned).to_vec();
    let ties: Vec<Tie> = (0..30)
        .map(|i| {
            let from = (dice.unit() * 13.0) as usize;
            let to = (from + 1 + (dice.unit() * 5.0) as usize) % 13;
            let year = if i < 12 { 2006 + i } else { 2018 + (i - 12) * 7 / 18 };
            let kind = [TieKind::Alliance, TieKind::Merger, TieKind::Split, TieKind::Rivalry]
                [(dice.unit() * 4.0) as usize];
            Tie {
                from,
                to,
                kind,
                date: Date::month(year, 1 + (dice.unit() * 12.0) as u32),
                until: None,
                label: format!(
                    "Example tie between {} and {}",
                    organisations[from].label, organisations[to].label
                ),
            }
        })
        .collect();
    let concepts: Vec<String> = [
        "Perceived legitimacy",
        "Grievance",
        "Recruitment",
        "Attacks",
        "Military operations",
        "Civilian harm",
        "Narrative reach",
        "Regional tension",
        "Governance capacity",
    ]
    .map(str::to_owned)
    .to_vec();
    let link = |from, to, positive, state| Link {
        from,
        to,
        polarity: Polarity::from_sign(positive),
        delayed: false,
        state,
        note: "synthetic".to_owned(),
    };
    let links = [
        link(1, 2, true, LinkState::Supported),
        link(2, 3, true, LinkState::Supported),
        link(3, 4, true, LinkState::Supported),
        link(4, 5, true, LinkState::Inconclusive),
        link(5, 1, true, LinkState::Contradicted),
        link(4, 3, false, LinkState::Inconclusive),
        link(6, 2, true, LinkState::Stated),
        link(7, 6, true, LinkState::Stated),
        link(8, 0, true, LinkState::Stated),
        link(0, 1, false, LinkState::Supported),
        link(3, 8, false, LinkState::Stated),
        link(7, 3, true, LinkState::Contradicted),
    ];
    Ok(vec![
        timeline(
            &heading("timeline", "Records on three fronts (synthetic)", "Synthetic records."),
            &Timeline {
                lanes: &lanes,
                records: &list,
                words: ["strains legitimacy", "eases strain", "neither"],
            },
        )?,
        network_over_time(
            &heading(
                "network",
                "Ties between organisations multiplied after 2018 (synthetic)",
                "Synthetic ties.",
            ),
            &NetworkOverTime {
                organisations: &organisations,
                families: &families,
                ties: &ties,
                years: [2004, 2025],
            },
        )?,
        causal_diagram(
            &heading("causal", "The claims as a diagram (synthetic verdicts)", "Synthetic."),
            &CausalDiagram { concepts: &concepts, links: &links },
        )?,
    ])
}

fn main() -> Res<()> {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let out = args.next().ok_or("usage: gallery OUT.html [FOLDER]")?;
    let folder = args.next();
    let folder = folder.as_deref();
    let mut figures = Vec::new();
    figures.extend(tile_maps(folder)?);
    figures.extend(maps(folder)?);
    figures.extend(over_months(folder)?);
    figures.extend(fronts()?);
    figures.extend(comparisons()?);
    figures.extend(futures()?);
    figures.extend(records()?);
    let mut body = String::new();
    for f in &figures {
        println!("{:<14} svg {:>7} bytes, csv {:>7} bytes", f.id, f.svg.len(), f.csv.len());
        body.push_str(&f.to_html());
        std::fs::write(out.with_file_name(format!("{}.svg", f.id)), f.standalone_svg())?;
        std::fs::write(out.with_file_name(format!("{}.html", f.id)), page(&f.to_html()))?;
    }
    std::fs::write(&out, page(&body))?;
    Ok(())
}

fn page(body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>Gallery</title><style>body{{margin:16px;background:#fff}}main{{max-width:800px;margin:auto}}{}</style><main>{body}</main></html>",
        stylesheet()
    )
}
