//! The causal map and the charts of claims.

use sanad_core::Estimate;
use sanad_figure::{
    BandedLine, CausalDiagram, Figure, Heading, Horizontal, LinesWithBands, Link, LinkState,
    MatrixChart, Months, Polarity, Ramp, causal_diagram, lines_with_bands, matrix,
};

use super::{Branching, Trial, TrialChart, TriedClaim};
use crate::Result;
use sanad_core::Verdict;

/// The text's causal map with each arrow drawn by its verdict.
///
/// # Errors
///
/// [`Error::Figure`](crate::Error::Figure) when there are no concepts, or more than can be drawn.
pub fn causal_map(trial: &Trial) -> Result<Figure> {
    let links: Vec<Link> = trial.claims.iter().map(link).collect();
    let title = format!(
        "{} causal claims on trial: {} supported, {} contradicted, {} inconclusive, {} not testable with the data at hand",
        trial.claims.len(),
        trial.count(Verdict::Supported),
        trial.count(Verdict::Contradicted),
        trial.count(Verdict::Inconclusive),
        trial.count(Verdict::NotTestable),
    );
    let caption = format!(
        "Arrows are claims of {}, in our wording, drawn by what the record says. Supported means that the \
         predicted pattern is there, not that the mechanism is shown. Source of the counts: {}.",
        trial.text, trial.source,
    );
    let description = "Concepts on an oval joined by arrows; thick blue arrows are supported claims, thick \
         dashed orange ones contradicted, dotted grey ones inconclusive, thin grey ones not tested.";
    let heading = Heading::new("causal-map", &title, &caption, description);
    Ok(causal_diagram(&heading, &CausalDiagram { concepts: &trial.concepts, links: &links })?)
}

/// A claim as an arrow from cause to effect, in the colour of its verdict.
fn link(claim: &TriedClaim) -> Link {
    Link {
        from: claim.from,
        to: claim.to,
        polarity: Polarity::from_sign(claim.positive),
        delayed: false,
        state: match claim.verdict {
            Verdict::Supported => LinkState::Supported,
            Verdict::Contradicted => LinkState::Contradicted,
            Verdict::Inconclusive => LinkState::Inconclusive,
            Verdict::NotTestable => LinkState::Stated,
        },
        note: claim.wording.clone(),
    }
}

/// The branching matrix: causes in rows, effects in columns.
pub(crate) fn branching_matrix(branching: &Branching) -> Result<Figure> {
    let note = |cell: &Option<Estimate>| match cell {
        Some(m) if m.low.is_nan() => "at zero".to_owned(),
        Some(m) => format!("{:.2} to {:.2}", m.low, m.high),
        None => "too few".to_owned(),
    };
    let values: Vec<Vec<Option<f64>>> = branching
        .values
        .iter()
        .map(|row| row.iter().map(|row| row.map(|m| m.value)).collect())
        .collect();
    let notes: Vec<Vec<String>> =
        branching.values.iter().map(|row| row.iter().map(note).collect()).collect();
    let title = format!(
        "What one event brings within four weeks, beyond trend, season and weekday (spectral radius {:.2})",
        branching.spectral_radius
    );
    let too_few = branching.values.iter().flatten().any(Option::is_none);
    let hatched = if too_few { " Hatched: too few events of the effect to tell." } else { "" };
    let caption = format!("{}{hatched}", branching.model);
    let heading = Heading::new(
        "branching",
        &title,
        &caption,
        "A table of numbers, causes in rows and effects in columns, darker where one event brings more.",
    );
    let chart = MatrixChart {
        rows: &branching.kinds,
        columns: &branching.kinds,
        values: &values,
        notes: &notes,
        sides: ["cause", "effect"],
        ramp: Ramp::Magnitude,
        decimals: 2,
    };
    Ok(matrix(&heading, &chart)?)
}

/// The months that a test looked at.
pub(crate) fn chart(claim: &TriedClaim, chart: &TrialChart) -> Result<Figure> {
    let lines: Vec<BandedLine> = chart
        .lines
        .iter()
        .map(|(label, values)| BandedLine {
            label: label.clone(),
            values: values.clone(),
            band: None,
        })
        .collect();
    let months = chart.lines.iter().map(|line| line.1.len()).max().unwrap_or(0);
    let heading = Heading::new(
        &format!("claim-{}", claim.id),
        "The months that the test looked at",
        "What the lines are is told under “The test”.",
        "Lines over months: what was counted and what the test made of it.",
    );
    let drawn = LinesWithBands {
        horizontal: Horizontal::Months(Months { first: chart.from.id(), len: months }),
        lines: &lines,
        unit: &chart.unit,
        reference: None,
        percent: false,
    };
    Ok(lines_with_bands(&heading, &drawn)?)
}
