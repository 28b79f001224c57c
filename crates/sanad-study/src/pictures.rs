//! Pictures of interventions, ties and the chronicle.
//!
//! Of interventions there are series with what was fitted to them, and districts against others.
//!
//! A picture holds the numbers that the tables print and nothing else; its name says which row it
//! is of. Slopes, ratios and p-values stand in the caption, because a line cannot show them.

use sanad_brief::parts;
use sanad_case::{Case, DeclaredFamily, KindReading};
use sanad_core::actor::Actor;
use sanad_core::chronicle::ChronicleRecord;
use sanad_core::place::LevelName;
use sanad_cycle::discrete::percentile_interval;
use sanad_figure::{
    Band, BandedLine, Figure, Heading, Horizontal, LinesWithBands, Months, lines_with_bands,
};

use super::interventions::{ChangeRow, Control, ControlRow, Others};
use crate::chronicle::{Listed, entries, network};
use crate::error::Result;

/// Share of the placebos' gaps inside their band, in percent. With few placebos a wider one would
/// be the range itself.
const PLACEBO_BAND: u32 = 80;

/// A picture under the name of its file, without ending.
type NamedFigure = (String, Figure);

/// A line of a chart; `None` among the values is a gap.
fn line(label: &str, values: Vec<Option<f64>>, band: Option<Band>) -> BandedLine {
    BandedLine { label: label.to_owned(), values, band }
}

/// Values none of which is missing.
fn all(values: &[f64]) -> Vec<Option<f64>> {
    values.iter().copied().map(Some).collect()
}

/// The chronicle of a case on three lanes; nothing where no record is dated to about a month.
///
/// Records that the case's text does not describe are left out; all are drawn where it follows none.
/// No record of violence is needed.
///
/// # Errors
///
/// `Error::Brief` where the lanes cannot be drawn.
pub fn chronicle_figure(case: &Case, records: &[ChronicleRecord]) -> Result<Option<Figure>> {
    Ok(parts::chronicle(&entries(case, records), &crate::briefing::text(case))?)
}

/// Organisations and their ties over time, as the chronicle records them; nothing where there are
/// none. No record of violence is needed.
///
/// # Errors
///
/// `Error::Brief` where the ties cannot be drawn.
pub fn tie_figure(
    actors: &[Actor],
    families: &[DeclaredFamily],
    records: &[ChronicleRecord],
) -> Result<Option<Figure>> {
    Ok(parts::network(&network(Listed { actors, families }, records))?)
}

/// The months of one region and measure; nothing where no change could be fitted.
///
/// Three lines: what was counted, what was fitted with its 95 % band after the start, and what the
/// earlier course would have given. `title` is the intervention's.
///
/// # Errors
///
/// `Error::Figure` where the lines cannot be drawn.
pub fn change_figure(row: &ChangeRow, title: &str) -> Result<Option<NamedFigure>> {
    let Ok(change) = &row.change else { return Ok(None) };
    let course = &change.course;
    let lines = [
        line("counted", all(&course.counted), None),
        line("fitted", all(&course.with), Some(Band { percent: 95, bounds: course.band.clone() })),
        line("had nothing changed", course.without.clone(), None),
    ];
    let slug = row.measure.name().replace(' ', "-");
    let read = row.reading.filter(|reading| *reading != KindReading::LeftOut);
    let read = read.map_or_else(String::new, |reading| format!("_{}", reading.as_str()));
    let name = format!("{}_{}_{slug}{read}", row.intervention, row.region);
    let rest = row.reading.map_or_else(String::new, |reading| {
        format!(" Events that are not told apart: {}.", reading.title())
    });
    let heading = Heading::new(
        &name.replace('_', "-"),
        &format!("{title}: {}", row.region_title),
        &format!(
            "Changed from {}. Just after over just before {:.2} ({:.2} to {:.2}); a year in, over the earlier \
             course, {:.2} ({:.2} to {:.2}); growth a month times {:.3} ({:.3} to {:.3}). Band: 95 % interval of the \
             change. {} of {} placebo dates show as large a change.{rest}",
            row.start,
            change.level.ratio.value,
            change.level.ratio.low,
            change.level.ratio.high,
            change.after_horizon.ratio.value,
            change.after_horizon.ratio.low,
            change.after_horizon.ratio.high,
            change.slope.ratio.value,
            change.slope.ratio.low,
            change.slope.ratio.high,
            change.placebos[0],
            change.placebos[1],
        ),
        "Lines over months: what was counted, what was fitted with a change of level and slope, and \
         what the earlier course would have given.",
    );
    let months = Months { first: course.from.id(), len: course.counted.len() };
    let drawn = LinesWithBands {
        horizontal: Horizontal::Months(months),
        lines: &lines,
        unit: &format!("{}, a month", row.counted),
        reference: None,
        percent: false,
    };
    Ok(Some((name, lines_with_bands(&heading, &drawn)?)))
}

/// Districts aimed at beside their mix of others, and the gap beside those of placebos in place.
///
/// None where no control could be made.
///
/// # Errors
///
/// As `change_figure`.
pub fn control_figures(
    row: &ControlRow,
    title: &str,
    places: &LevelName,
) -> Result<Vec<NamedFigure>> {
    let Ok(found) = &row.found else { return Ok(Vec::new()) };
    let with = match row.others {
        Others::All => "all",
        Others::NotReached => "not-reached",
    };
    let name = |what: &str| format!("{}_{what}_{with}", row.intervention);
    let named = |what: &str| Named { id: name(what).replace('_', "-"), title, places };
    Ok(vec![
        (name("control"), control_figure(row, found, &named("control"))?),
        (name("placebos"), gaps(row, found, &named("placebos"))?),
    ])
}

/// What the pictures of a comparison are called, and what its places are.
struct Named<'a> {
    /// The identifier of the picture.
    id: String,
    /// The title of the intervention.
    title: &'a str,
    /// What the case calls the places that are compared.
    places: &'a LevelName,
}

/// The districts aimed at and their mix, in means before.
fn control_figure(row: &ControlRow, found: &Control, named: &Named<'_>) -> Result<Figure> {
    let LevelName { one, several } = named.places;
    let lines =
        [line("aimed at", all(&found.treated), None), line("mix of others", all(&found.mix), None)];
    let caption = format!(
        "{}. Events by quarter, each {one} as a share of its own mean before. Mix: {}. Root mean square gap {:.2} \
         before and {:.2} after.",
        about(row, found, several),
        found.weights,
        found.gap_before,
        found.gap_after
    );
    let description = format!(
        "Two lines over quarters: the {several} aimed at, and the mix of other {several} that tracked \
         them best before."
    );
    let heading = Heading::new(
        &named.id,
        &format!("{}: against a mix of other {several}", named.title),
        &caption,
        &description,
    );
    quarters(&heading, found, &lines, "events, mean before = 1", None)
}

/// The gap between districts and mix, before the median and the middle 80 % of the placebos' gaps.
fn gaps(row: &ControlRow, found: &Control, named: &Named<'_>) -> Result<Figure> {
    let LevelName { one, several } = named.places;
    let own = found.treated.iter().zip(&found.mix).map(|(aimed, mix)| aimed - mix);
    let blocks = 0..found.treated.len();
    let middle = |at: usize, percent: u32| {
        let gaps: Vec<f64> = found.placebo_gaps.iter().map(|gaps| gaps[at]).collect();
        percentile_interval(&gaps, f64::from(percent) / 100.0)
    };
    let medians = blocks.clone().map(|at| middle(at, 0).map(|(median, _)| median)).collect();
    let bounds = blocks.map(|at| middle(at, PLACEBO_BAND).map(|(low, high)| [low, high])).collect();
    let lines = [
        line("aimed at", own.map(Some).collect(), None),
        line("placebos", medians, Some(Band { percent: PLACEBO_BAND, bounds })),
    ];
    let caption = format!(
        "{}. Each {one} less its own mix, in shares of its mean before. Placebos: every other {one} treated as \
         though it had been aimed at, median and {PLACEBO_BAND} % of them; their effects run from {} to {}. \
         {} of {} earlier dates give as large an effect.",
        about(row, found, several),
        signed(found.placebo_effects[0]),
        signed(found.placebo_effects[1]),
        found.time_placebos[0],
        found.time_placebos[1]
    );
    let description = format!(
        "A line over quarters: the {several} aimed at less their mix; a band: the same of {several} \
         where nothing began."
    );
    let heading = Heading::new(
        &named.id,
        &format!("{}: the gap beside placebos in place", named.title),
        &caption,
        &description,
    );
    quarters(&heading, found, &lines, "gap, in means before", Some((0.0, "no gap")))
}

/// Which districts are compared with which, the effect and its p-value: the beginning of a caption.
fn about(row: &ControlRow, found: &Control, several: &str) -> String {
    let with = match row.others {
        Others::All => format!("all other {several} with events enough"),
        Others::NotReached => format!("other {several} that it did not reach"),
    };
    format!(
        "{} against {with} ({}): effect {}, p in place {:.2}",
        row.treated,
        found.donors,
        signed(found.effect),
        found.p_value
    )
}

/// A number with its sign and a true minus.
fn signed(value: f64) -> String {
    format!("{value:+.2}").replace('-', "−")
}

/// A chart over quarters, counted from the start: the first block after it is 0.
fn quarters(
    heading: &Heading,
    found: &Control,
    lines: &[BandedLine],
    unit: &str,
    reference: Option<(f64, &str)>,
) -> Result<Figure> {
    let first = -(found.blocks[0] as f64);
    let drawn = LinesWithBands {
        horizontal: Horizontal::Numbers {
            label: "quarters since the first whole month after".to_owned(),
            values: (0..found.treated.len()).map(|at| first + at as f64).collect(),
        },
        lines,
        unit,
        reference,
        percent: false,
    };
    Ok(lines_with_bands(heading, &drawn)?)
}
