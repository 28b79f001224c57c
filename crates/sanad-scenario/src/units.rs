//! Units of measure: what every equation must balance to (XMILE 1.0, section 3.3.6).
//!
//! Numbers in equations have no units, zero and infinity excepted, which fit any. A variable
//! without units is not checked, and neither is what is computed from it; such variables are
//! listed. Graphical functions change units freely.
//!
//! Checking says what is wrong and changes nothing: a model whose units clash runs all the same.
//! There is no conversion between units: months and years are two units, and an equation that mixes
//! them is said to clash.

mod algebra;
mod infer;

pub use algebra::Unit;
pub use infer::UnitReport;

pub(crate) use algebra::UnitTable;
