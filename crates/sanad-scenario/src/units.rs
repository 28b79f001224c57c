//! Units of measure: what every equation must balance to (XMILE 1.0, section 3.3.6).
//!
//! Numbers in equations have no units, zero and infinity excepted, which fit any. A variable
//! without units is not checked, and neither is what is computed from it; such variables are
//! listed. Graphical functions change units freely.

mod algebra;
mod infer;

pub use algebra::Unit;
pub use infer::UnitReport;

pub(crate) use algebra::UnitTable;
