//! Charts and maps of conflict data as SVG and PNG: one place for the look, and no case knowledge.
//!
//! Every form takes plain arrays and a [`Heading`] and gives a [`Figure`]: title, caption, an SVG
//! fragment for inlining in HTML, and its data, complete, as CSV. The crate is pure: it reads and
//! writes no file, and the same input gives the same bytes.
//!
//! | form | for |
//! | --- | --- |
//! | [`tile_map`] | a magnitude per place, one square tile each, when shapes are unknown or too uneven |
//! | [`choropleth`] | the same on true shapes |
//! | [`stacked_months`] | a monthly total by group |
//! | [`small_multiples`] | monthly series, one panel each |
//! | [`strips`] | an index by row and month, with its evidence share |
//! | [`interval_dots`] | periods compared within regions, with intervals |
//! | [`timeline`] | dated records on lanes |
//! | [`network_over_time`] | organisations and their dated ties |
//! | [`fan`], [`lines_with_bands`] | forecasts and paths with bands |
//! | [`bars_with_intervals`], [`reliability`], [`matrix`] | comparisons, calibration, tables of numbers |
//! | [`causal_diagram`] | signed links between concepts |
//!
//! # The look
//!
//! Dark on white, thin grid, direct labels where there is room, colours from [`colour`]. Nearly
//! every form is drawn twice, 760 and 328 units wide, and [`stylesheet`] shows the one that fits,
//! without scripts: text is never under 11 px on a screen of 360 px. Missing values are hatched grey
//! and never share a shade with zero. Ids begin with the figure's own id, every CSS rule with a
//! class of this crate, so figures can share one HTML file.
//!
//! # Example
//!
//! ```
//! use sanad_figure::{Heading, Marker, Months, Series, StackedMonths, stacked_months};
//!
//! let series = [
//!     Series::complete("North", &[3.0, 0.0, 5.0]),
//!     Series { label: "South".to_owned(), values: vec![Some(1.0), None, Some(2.0)] },
//! ];
//! let figure = stacked_months(
//!     &Heading::new("deaths", "Deaths rose in March", "Deaths per month.", "Columns by month."),
//!     &StackedMonths {
//!         months: Months::starting(2025, 1, 3),
//!         series: &series,
//!         unit: "deaths per month",
//!         markers: &[Marker::new(1, "ceasefire")],
//!     },
//! )?;
//! assert!(figure.svg.contains("no data"));
//! assert!(figure.csv.contains("2025-02,South,\r\n"));
//! # Ok::<(), sanad_figure::Error>(())
//! ```
//!
//! # Errors
//!
//! Every form refuses an empty list it needs, lists of unequal length, numbers that are not finite
//! or cannot be shown (a negative count), intervals out of order, indices past the end and ids that
//! could break a page, each as its own variant of [`Error`]. Nothing is clipped or left out quietly.
//!
//! # Why the elements are written here
//!
//! `plotters` draws to SVG through a pixel-like backend: no classes, no `<title>`/`<desc>`, no
//! patterns (needed for "missing"), no ids to keep unique, no second layout for phones, and text
//! placed by metrics of a font found at run time, so that bytes differ between machines. What it
//! would save (axes) is the least part of these forms. So SVG is written directly; the assignment
//! behind the tile map comes from `pathfinding`.
//!
//! # As PNG
//!
//! [`Figure::standalone_png`] draws the same file with `resvg`, which knows the styles, patterns and
//! nested drawings that the forms use, and with a font in the program (`notosans`: Noto Sans; NOTICE
//! has its licences). It has the letters of Latin, Greek and Cyrillic; the figures of the
//! shipped cases have no others.
//!
//! # What it does not do
//!
//! It computes no statistics (it draws the intervals it is given), chooses no words beyond axis
//! numbers and legends, reads no boundary file, and has no interaction beyond the browser's own
//! tooltips (`<title>`). To look at every form: `cargo run -p sanad-figure --example gallery --
//! gallery.html`.
#![warn(missing_docs)]

mod axis;
pub mod colour;
mod csv;
mod date;
mod error;
mod figure;
mod form;
mod raster;
mod scale;
mod shape;
mod style;
mod svg;
#[cfg(test)]
mod tests;
mod text;
mod tiles;

pub use axis::Marker;
pub use csv::{Csv, cell};
pub use date::Date;
pub use error::Error;
pub use figure::{Figure, Heading};
pub use form::bars::{Bar, BarsWithIntervals, bars_with_intervals};
pub use form::causal::{CausalDiagram, Link, LinkState, Polarity, causal_diagram};
pub use form::choropleth::{Boundary, Choropleth, Polygon, Region, choropleth};
pub use form::dots::{DotPanel, IntervalDots, interval_dots};
pub use form::fan::{Fan, FanPanel, fan};
pub use form::lines::{BandedLine, Horizontal, LinesWithBands, lines_with_bands};
pub use form::matrix::{MatrixChart, Ramp, matrix};
pub use form::monthly::{
    PanelScale, SmallMultiples, StackedMonths, small_multiples, stacked_months,
};
pub use form::network::{NetworkOverTime, Organisation, Tie, TieKind, network_over_time};
pub use form::reliability::{ReliabilityBin, reliability};
pub use form::strips::{StripBlock, StripRow, Strips, strips};
pub use form::tile_map::{Tile, TileMap, tile_map};
pub use form::timeline::{Sign, Timeline, TimelineRecord, timeline};
pub use form::{Band, Series};
pub use sanad_core::Estimate;
pub use scale::{Classes, Format, Months};
pub use style::{page_variables, stylesheet};
pub use text::number;
pub use tiles::{Centroid, TileLayout, TileQuality, tile_layout};
