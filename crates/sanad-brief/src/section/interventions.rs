//! Pictures of what an intervention left in the record.

use sanad_core::Month;
use sanad_figure::{
    BandedLine, Figure, Heading, Horizontal, LinesWithBands, Months, lines_with_bands,
};

use crate::Result;

/// Lines over time: what was counted, and what a method made of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Lines {
    /// Name of the picture: lower-case letters, digits and hyphens.
    pub id: String,
    /// What it shows.
    pub title: String,
    /// What a reader must know.
    pub note: String,
    /// First month.
    pub from: Month,
    /// Months of a value: 1, or 3 for quarters.
    pub months_each: usize,
    /// What the values are.
    pub unit: String,
    /// Name and values of each line, gaps where there is none.
    pub lines: Vec<(String, Vec<Option<f64>>)>,
}

/// Draws the lines; a value of several months is drawn at the first of them.
///
/// # Errors
///
/// If there is nothing to draw.
pub fn figure(lines: &Lines) -> Result<Figure> {
    let heading = Heading::new(
        &lines.id,
        &lines.title,
        &lines.note,
        "Lines over months: what was counted and what the method made of it.",
    );
    let each = lines.months_each.max(1);
    let spread = |values: &[Option<f64>]| -> Vec<Option<f64>> {
        values.iter().flat_map(|value| std::iter::repeat_n(*value, each)).collect()
    };
    let drawn: Vec<BandedLine> = lines
        .lines
        .iter()
        .map(|(label, values)| BandedLine {
            label: label.clone(),
            values: spread(values),
            band: None,
        })
        .collect();
    let len = drawn.iter().map(|line| line.values.len()).max().unwrap_or(0);
    let chart = LinesWithBands {
        horizontal: Horizontal::Months(Months { first: lines.from.id(), len }),
        lines: &drawn,
        unit: &lines.unit,
        reference: None,
        percent: false,
    };
    Ok(lines_with_bands(&heading, &chart)?)
}
