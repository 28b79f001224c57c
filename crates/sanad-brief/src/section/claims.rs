//! The text on trial: its causal claims with what the record says of each, as data.

mod map;
mod markup;
mod page;
pub(crate) mod words;

pub use crate::content::claims::*;
pub use map::causal_map;
pub use page::{claim_page, index_page};

pub(crate) use map::{branching_matrix as branching_figure, chart as chart_figure};
pub(crate) use markup::section;
