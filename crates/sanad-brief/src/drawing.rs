//! The figures of a briefing.

use chrono::Datelike;
use sanad_core::Estimate;
use sanad_core::actor::TieKind;
use sanad_core::chronicle::Front;
use sanad_core::{Month, Period, Precision};
use sanad_figure::{
    BandedLine, Centroid, Choropleth, Classes, Csv, Date, DotPanel, Figure, Format, Heading,
    Horizontal, IntervalDots, LinesWithBands, Marker, Months, NetworkOverTime, Organisation,
    Region, Series, Sign, StackedMonths, StripBlock, StripRow, Strips, Tie, Tile, TileMap,
    Timeline, TimelineRecord, choropleth, interval_dots, lines_with_bands, network_over_time,
    stacked_months, strips, tile_layout, tile_map, timeline,
};

use crate::Result;
use crate::content::{
    Briefing, Comparison, DistrictMap, Entry, FrontRow, Fronts, Monthly, National, Network,
    PlaceKind,
};
use crate::text::capital;
use crate::words;

/// The longest span of a record on the time axis: what is known to the year is told in words.
const LONGEST_DRAWN_DAYS: i64 = 62;

/// A run of months as the figures name it.
fn months(from: Month, len: usize) -> Months {
    Months { first: from.id(), len }
}

/// The case's marked events that lie within a run of months.
fn markers(briefing: &Briefing, from: Month, len: usize) -> Vec<Marker> {
    let inside = briefing.markers.iter().filter_map(|marker| {
        let at = usize::try_from(marker.month.id() - from.id()).ok()?;
        (at < len).then(|| Marker::new(at, &marker.label))
    });
    inside.collect()
}

/// Deaths by district, on shapes where they are known and as tiles where not.
pub(crate) fn map(briefing: &Briefing) -> Result<Figure> {
    let map = &briefing.map;
    let (span, unit) = (words::months(map.months), map.kind.one(&map.names));
    let units = map.kind.several(&map.names);
    let greatest = map.districts.iter().filter(|d| d.deaths.is_some());
    let greatest =
        greatest.max_by(|a, b| a.deaths.unwrap_or(0.0).total_cmp(&b.deaths.unwrap_or(0.0)));
    let title = greatest.filter(|d| d.deaths > Some(0.0)).map_or_else(
        || format!("No deaths were recorded in any {unit} in {span}"),
        |d| format!("Deaths in organised violence by {unit}, {span}: most in {}", d.name),
    );
    let shape = map.shapes_from.as_ref().map_or_else(
        || match map.kind {
            PlaceKind::District => format!(
                "One tile per {unit}, {} kept together and near where they lie.",
                map.names.adm1.several
            ),
            _ => format!("One tile per {unit}, near where it lies."),
        },
        |from| format!("Shapes: {from}, simplified."),
    );
    let caption = format!(
        "Deaths, best estimate, all types of violence. {shape} {} deaths could not be placed in a \
         {unit} and are not shown; {} were shared out between {units} that the source does \
         not tell apart. Source: {}.",
        words::whole(map.unplaced_deaths),
        words::whole(map.shared_deaths),
        briefing.headline.source,
    );
    let description = format!(
        "A map of {units}, darker where more people were killed; a list of the {units} with most \
         deaths beside it."
    );
    let heading = Heading::new("districts", &title, &caption, &description);
    let values: Vec<Option<f64>> = map.districts.iter().map(|d| d.deaths).collect();
    let greatest = values.iter().flatten().copied().fold(1.0, f64::max);
    let classes = Classes::log_like(greatest, Format::Count);
    districts(
        &heading,
        map,
        &DistrictValues { values: &values, classes, unit: "deaths, best estimate" },
    )
}

/// What a map of districts shows.
pub(crate) struct DistrictValues<'a> {
    /// One value per district of the map.
    pub(crate) values: &'a [Option<f64>],
    pub(crate) classes: Classes,
    pub(crate) unit: &'a str,
}

/// A map of districts, on shapes where they are known and as tiles where not.
pub(crate) fn districts(
    heading: &Heading,
    map: &DistrictMap,
    shown: &DistrictValues<'_>,
) -> Result<Figure> {
    if map.shapes_from.is_some() { shapes(heading, map, shown) } else { tiles(heading, map, shown) }
}

/// One square for each district, near where it lies: districts stay readable where shapes are not
/// at hand or differ widely in size.
fn tiles(heading: &Heading, map: &DistrictMap, shown: &DistrictValues<'_>) -> Result<Figure> {
    let places: Vec<Centroid> = map
        .districts
        .iter()
        .map(|d| Centroid { lon: d.longitude, lat: d.latitude, group: d.province })
        .collect();
    let layout = tile_layout(&places)?;
    let tiles: Vec<Tile> = map
        .districts
        .iter()
        .zip(shown.values)
        .map(|(d, &value)| Tile { name: d.name.clone(), abbreviation: d.short.clone(), value })
        .collect();
    Ok(tile_map(
        heading,
        &TileMap {
            tiles: &tiles,
            layout: &layout,
            groups: &map.provinces,
            classes: &shown.classes,
            unit: shown.unit,
            listed: 12,
        },
    )?)
}

/// The districts' own shapes, with the borders of provinces and of disputed areas.
fn shapes(heading: &Heading, map: &DistrictMap, shown: &DistrictValues<'_>) -> Result<Figure> {
    let regions: Vec<Region> = map
        .districts
        .iter()
        .zip(shown.values)
        .map(|(d, &value)| Region {
            name: d.name.clone(),
            group: d.province,
            polygons: d.polygons.clone(),
            value,
        })
        .collect();
    Ok(choropleth(
        heading,
        &Choropleth {
            regions: &regions,
            groups: &map.provinces,
            disputed: &map.disputed,
            boundaries: &[],
            classes: &shown.classes,
            unit: shown.unit,
            listed: 12,
            tolerance: 0.4,
        },
    )?)
}

/// Deaths per month, stacked by group.
pub(crate) fn stacked(
    briefing: &Briefing,
    id: &str,
    by: &str,
    note: &str,
    monthly: &Monthly,
) -> Result<Figure> {
    let title = format!("Deaths per month by {by}: {}", words::peak(monthly));
    let series: Vec<Series> =
        monthly.series.iter().map(|(label, values)| Series::complete(label, values)).collect();
    let len = monthly.series.first().map_or(0, |(_, values)| values.len());
    let caption = format!(
        "Deaths per month, best estimate, all types of violence. {note} Source: {}.",
        briefing.headline.source
    );
    let heading = Heading::new(
        id,
        &title,
        &caption,
        "Monthly columns since the first month counted, stacked by group.",
    );
    let markers = markers(briefing, monthly.from, len);
    Ok(stacked_months(
        &heading,
        &StackedMonths {
            months: months(monthly.from, len),
            series: &series,
            unit: "deaths per month",
            markers: &markers,
        },
    )?)
}

/// The national months of another version beside the counts by place.
pub(crate) fn national(briefing: &Briefing, national: &National) -> Result<Figure> {
    let line = |label: &str, values: Vec<Option<f64>>| BandedLine {
        label: label.to_owned(),
        values,
        band: None,
    };
    // Sums over twelve months: two monthly lines over each other would hide their difference.
    let lines = [
        line("later version", rolling(national.deaths_best.iter().copied())),
        line("counted by place", rolling(national.deaths_by_place.iter().copied())),
    ];
    let caption = format!(
        "Deaths, best estimate, sum of twelve months. Counted by place: {}. Later version: {}, \
         national only. The lines differ where the source was revised; they are never joined.",
        briefing.headline.source, national.source
    );
    let title = title_of_national(national);
    let heading = Heading::new(
        "national",
        &title,
        &caption,
        "Two lines over time, one longer than the other, close to each other where both exist.",
    );
    Ok(lines_with_bands(
        &heading,
        &LinesWithBands {
            horizontal: Horizontal::Months(months(national.from, national.deaths_best.len())),
            lines: &lines,
            unit: "deaths in twelve months",
            reference: None,
            percent: false,
        },
    )?)
}

/// Where the counts by place end, and what the later version says of its last twelve months, if it has
/// them all.
fn title_of_national(national: &National) -> String {
    let each = || (0..).map(|month| national.from.plus(month));
    let last_by_place =
        each().zip(&national.deaths_by_place).filter(|(_, deaths)| deaths.is_some()).last();
    let yearly = rolling(national.deaths_best.iter().copied());
    let latest = each().zip(yearly).last().map(|(month, deaths)| match deaths {
        Some(deaths) => format!(
            "a later national version counts {} deaths in the twelve months to {}",
            words::whole(deaths),
            words::month(month)
        ),
        None => format!("a later national version ends in {}", words::month(month)),
    });
    let by_place =
        last_by_place.map(|(month, _)| format!("Counts by place end in {}", words::month(month)));
    match (by_place, latest) {
        (Some(by_place), Some(latest)) => format!("{by_place}; {latest}"),
        (by_place, latest) => capital(&by_place.or(latest).unwrap_or_default()),
    }
}

/// Sums over twelve months that end with each month; nothing while one of the twelve is missing.
fn rolling(values: impl Iterator<Item = Option<f64>>) -> Vec<Option<f64>> {
    let values: Vec<Option<f64>> = values.collect();
    (0..values.len())
        .map(|at| values[at.checked_sub(11)?..=at].iter().copied().sum::<Option<f64>>())
        .collect()
}

/// Rows of a front, those that are the same in every month as one: places that nothing tells apart are
/// one band and not several findings.
fn bands(rows: &[FrontRow]) -> Vec<(String, &FrontRow)> {
    let mut bands: Vec<(Vec<&str>, &FrontRow)> = Vec::new();
    for row in rows {
        let same = |band: &&mut (Vec<&str>, &FrontRow)| {
            band.1.index == row.index && band.1.evidence_share == row.evidence_share
        };
        match bands.iter_mut().find(same) {
            Some(band) => band.0.push(&row.place),
            None => bands.push((vec![&row.place], row)),
        }
    }
    let label = |names: Vec<&str>| match names.len() {
        1 => names[0].to_owned(),
        all if all == rows.len() => format!("all {all} alike"),
        several => format!("{several} alike: {}", names.join(", ")),
    };
    bands.into_iter().map(|(names, row)| (label(names), row)).collect()
}

/// The fronts as strips by province.
pub(crate) fn fronts(briefing: &Briefing, fronts: &Fronts) -> Result<Figure> {
    let blocks: Vec<StripBlock> = fronts
        .blocks
        .iter()
        .map(|block| StripBlock {
            label: format!(
                "{} front · {} of its evidence",
                words::front(block.front),
                words::evidence(block),
            ),
            rows: bands(&block.rows)
                .into_iter()
                .map(|(label, row)| StripRow {
                    label,
                    values: row.index.iter().map(|index| index.map(|m| m.value)).collect(),
                    evidence: row.evidence_share.iter().copied().map(Some).collect(),
                })
                .collect(),
        })
        .collect();
    let len = blocks.first().and_then(|b| b.rows.first()).map_or(0, |row| row.values.len());
    let caption = format!(
        "Index of strain, 0 to 100; darker is more strained. Hatched: less than {} % of the \
         evidence, no index. Places that no value tells apart are one strip. The 90 % intervals and the evidence share of every month are in the \
         data.",
        words::whole(fronts.evidence_floor * 100.0),
    );
    let heading = Heading::new(
        "fronts",
        &format!("Where each front was strained, by {} and month", fronts.places.one),
        &caption,
        &format!(
            "Three blocks of horizontal strips, one strip per {}, one cell per month.",
            fronts.places.one
        ),
    );
    let markers = markers(briefing, fronts.from, len);
    let mut figure = strips(
        &heading,
        &Strips {
            months: months(fronts.from, len),
            blocks: &blocks,
            range: [0.0, 100.0],
            ends: ["least on record", "most on record"],
            low_evidence: fronts.evidence_floor,
            markers: &markers,
        },
    )?;
    figure.csv = fronts_csv(fronts);
    Ok(figure)
}

/// The fronts' data with their intervals, which the strips themselves cannot show.
fn fronts_csv(fronts: &Fronts) -> String {
    let mut csv =
        Csv::new(&["front", "place", "month", "index", "low_90", "high_90", "evidence_share"]);
    for block in &fronts.blocks {
        for row in &block.rows {
            for (at, index) in row.index.iter().enumerate() {
                let [value, low, high] = index.map_or_else(Default::default, |m| {
                    [m.value, m.low, m.high].map(|number| format!("{number:.2}"))
                });
                csv.row([
                    block.front.to_string(),
                    row.place.clone(),
                    fronts.from.plus(at as i32).to_string(),
                    value,
                    low,
                    high,
                    format!("{:.3}", row.evidence_share[at]),
                ]);
            }
        }
    }
    csv.finish()
}

/// Periods compared by region.
pub(crate) fn comparison(briefing: &Briefing, comparison: &Comparison) -> Result<Figure> {
    let panel = |label: &str, rows: &[Vec<Option<Estimate>>]| DotPanel {
        label: label.to_owned(),
        estimates: rows.to_vec(),
    };
    let panels = [
        panel("events per month", &comparison.attacks),
        panel("deaths per month", &comparison.deaths),
    ];
    let caption = format!(
        "Events in which an armed organisation outside the state is a side, and deaths in them \
         (best estimate), per month. Lines: 95 % interval, block bootstrap of three months. \
         Source: {}.",
        briefing.headline.source
    );
    let heading = Heading::new(
        &comparison.id,
        &comparison_title(comparison),
        &caption,
        "For each region one mark per period with its interval, events left, deaths right.",
    );
    Ok(interval_dots(
        &heading,
        &IntervalDots {
            regions: &comparison.regions,
            periods: &comparison.periods,
            panels: &panels,
            interval: "95 % interval",
        },
    )?)
}

/// A title that says how the last period compares with the first in the first region.
fn comparison_title(comparison: &Comparison) -> String {
    let ends = comparison.attacks.first().and_then(|row| Some((*row.first()?, *row.last()?)));
    match ends {
        Some((Some(first), Some(last))) => format!(
            "{}: {}, from {} to {} events per month",
            comparison.title,
            comparison.regions[0],
            sanad_figure::number(first.value, 0),
            sanad_figure::number(last.value, 0),
        ),
        _ => comparison.title.clone(),
    }
}

/// The beginning of a period, as exactly as it is known.
fn date(period: Period) -> Date {
    let day = period.start();
    match period.precision() {
        Precision::Year => Date::year(day.year()),
        Precision::Month => Date::month(day.year(), day.month()),
        Precision::Day | Precision::Interval => Date::day(day.year(), day.month(), day.day()),
    }
}

/// The end of a period of several days; nothing for a day, a month or a year, which [`date`]
/// already names.
fn until(period: Period) -> Option<Date> {
    let day = period.end();
    (period.precision() == Precision::Interval)
        .then(|| Date::day(day.year(), day.month(), day.day()))
}

/// Records known to about a month, on the three fronts.
pub(crate) fn chronicle(entries: &[Entry], text: &str) -> Result<Option<Figure>> {
    let lanes = Front::ALL.iter().map(|&f| format!("{} front", words::front(f)));
    let lanes: Vec<String> = lanes.collect();
    let dated: Vec<&Entry> = entries.iter().filter(|entry| is_drawn(entry)).collect();
    let records: Vec<TimelineRecord> = dated
        .iter()
        .flat_map(|entry| entry.fronts.iter().map(|&front| timeline_record(entry, front)))
        .collect();
    if records.is_empty() {
        return Ok(None);
    }
    let caption = format!(
        "{} records of {text} that are dated to about a month or better; one that bears on two fronts \
         stands on both lanes. A mark is a day, a bar a month or a span. All others are in the \
         table below.",
        dated.len(),
    );
    let heading = Heading::new(
        "chronicle",
        &format!(
            "{} dated events, statements, acts and relations on the three fronts",
            dated.len()
        ),
        &caption,
        "Three lanes with marks over time, and every record in words below.",
    );
    let words = ["strains", "eases", "neither"];
    Ok(Some(timeline(&heading, &Timeline { lanes: &lanes, records: &records, words })?))
}

/// Whether a record is dated well enough to stand on a time axis, and is something that happened.
pub(crate) fn is_drawn(entry: &Entry) -> bool {
    let days = (entry.when.end() - entry.when.start()).num_days();
    !entry.fronts.is_empty() && days <= LONGEST_DRAWN_DAYS && entry.kind != "observation"
}

/// A record in the lane of its front.
fn timeline_record(entry: &Entry, front: Front) -> TimelineRecord {
    TimelineRecord {
        lane: Front::ALL.iter().position(|other| *other == front).unwrap_or(0),
        from: date(entry.when),
        until: until(entry.when),
        sign: match entry.sign {
            -1 => Sign::Strains,
            1 => Sign::Eases,
            _ => Sign::Neutral,
        },
        label: entry.summary.clone(),
    }
}

/// Organisations and their ties over time. Alleged ties, support and parts of an organisation are
/// told in words instead.
pub(crate) fn network(network: &Network) -> Result<Option<Figure>> {
    let mut ties: Vec<Tie> = network.ties.iter().filter_map(tie).collect();
    let years = ties.iter().map(|tie| tie.date.year);
    let (Some(first), Some(last)) = (years.clone().min(), years.max()) else { return Ok(None) };
    let mut tied: Vec<usize> = ties.iter().flat_map(|tie| [tie.from, tie.to]).collect();
    tied.sort_unstable();
    tied.dedup();
    let position = |at: usize| tied.binary_search(&at).unwrap_or(0);
    for tie in &mut ties {
        (tie.from, tie.to) = (position(tie.from), position(tie.to));
    }
    let mut families: Vec<_> = tied.iter().map(|&at| network.organisations[at].family).collect();
    families.sort_unstable();
    families.dedup();
    let organisations: Vec<Organisation> = tied
        .iter()
        .map(|&at| {
            let organisation = &network.organisations[at];
            Organisation {
                label: organisation.label.clone(),
                family: families.iter().position(|f| *f == organisation.family).unwrap_or(0),
                from: organisation.from.map(date),
                until: organisation.to.map(date),
            }
        })
        .collect();
    let names: Vec<String> =
        families.iter().filter_map(|&f| network.families.get(f).cloned()).collect();
    let count = |kind| ties.iter().filter(|tie| tie.kind == kind).count();
    let title = format!(
        "{} organisations: {} ties of alliance, {} splits, {} mergers and {} rivalries, {first} to {last}",
        organisations.len(),
        count(sanad_figure::TieKind::Alliance),
        count(sanad_figure::TieKind::Split),
        count(sanad_figure::TieKind::Merger),
        count(sanad_figure::TieKind::Rivalry),
    );
    let heading = Heading::new(
        "ties",
        &title,
        "Each row is an organisation, each upright line a dated tie, numbered in the list below. \
         Membership of an umbrella and cooperation are drawn as alliance. Source: the case's \
         chronicle, each tie with its citation there. No person is shown.",
        "Rows of organisations grouped by family over a time axis, joined by upright lines.",
    );
    let chart = NetworkOverTime {
        organisations: &organisations,
        families: &names,
        ties: &ties,
        years: [first, last],
    };
    Ok(Some(network_over_time(&heading, &chart)?))
}

/// Whether a tie is told in words because it is not drawn.
pub(crate) fn is_shown(one: &crate::content::Tie) -> bool {
    tie(one).is_none()
}

/// A tie as the network draws it; nothing for one that is not drawn.
fn tie(tie: &crate::content::Tie) -> Option<Tie> {
    let kind = match tie.kind {
        TieKind::Alliance | TieKind::Member | TieKind::Cooperation => {
            sanad_figure::TieKind::Alliance
        }
        TieKind::Merger => sanad_figure::TieKind::Merger,
        TieKind::Split => sanad_figure::TieKind::Split,
        TieKind::Rivalry => sanad_figure::TieKind::Rivalry,
        // An outlet or a unit is no organisation of its own, and support is mostly alleged.
        TieKind::Parent | TieKind::Support => return None,
    };
    (tie.a != tie.b && tie.alleged_by.is_none()).then(|| Tie {
        from: tie.a,
        to: tie.b,
        kind,
        date: date(tie.when),
        until: tie.until.map(date).or_else(|| until(tie.when)),
        label: tie.summary.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn national(deaths_best: Vec<Option<f64>>, deaths_by_place: Vec<Option<f64>>) -> National {
        let from = Month::new(2023, 1).unwrap();
        National { source: "A later version".to_owned(), from, deaths_best, deaths_by_place }
    }

    #[test]
    fn a_year_of_the_national_series_is_summed_only_where_it_is_whole() {
        let by_place = |known: usize| [vec![Some(1.0); known], vec![None; 14 - known]].concat();
        let whole = title_of_national(&national(vec![Some(2.0); 14], by_place(3)));
        assert_eq!(
            whole,
            "Counts by place end in March 2023; a later national version counts 24 deaths in the twelve \
             months to February 2024"
        );
        let mut gap = vec![Some(2.0); 14];
        gap[6] = None;
        let gap = title_of_national(&national(gap, by_place(0)));
        assert_eq!(gap, "A later national version ends in February 2024");
    }
}
