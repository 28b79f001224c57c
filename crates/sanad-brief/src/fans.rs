//! Recorded months with the bands of what may come, one panel per place.

use sanad_core::Month;
use sanad_figure::{Band, Fan, FanPanel, Figure, Heading, Months, PanelScale, fan};

use crate::Result;

/// Bounds of a band by month; `None` where there is none.
type Bounds = Vec<Option<[f64; 2]>>;

/// A place's recorded deaths, then the median and the bands that hold 50 and 90 % of the draws; all
/// by month over the span of the figure.
pub(crate) fn panel(
    name: &str,
    observed: &[Option<f64>],
    median: &[Option<f64>],
    [half, most]: &[Bounds; 2],
) -> FanPanel {
    let band = |percent, bounds: &Bounds| Band { percent, bounds: bounds.clone() };
    FanPanel {
        label: name.to_owned(),
        observed: observed.to_vec(),
        median: median.to_vec(),
        bands: vec![band(50, half), band(90, most)],
    }
}

/// The figure from `first` to `last`, both included, in deaths per month, each panel on its own scale.
pub(crate) fn figure(
    heading: &Heading,
    [first, last]: [Month; 2],
    panels: &[FanPanel],
) -> Result<Figure> {
    let months = Months { first: first.id(), len: Month::range(first, last).count() };
    let chart = Fan { months, panels, unit: "deaths per month", scale: PanelScale::Own };
    Ok(fan(heading, &chart)?)
}
