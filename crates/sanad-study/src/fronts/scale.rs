//! How long the scale of an indicator is, from one goalpost to the other.

use sanad_case::{DeclaredIndicator, ScaleOf};

/// The scale of an indicator between its goalposts.
#[derive(Debug, Clone, Copy)]
pub(super) struct IndicatorSpan {
    /// From one goalpost to the other, in the unit of the value or in its logarithm.
    length: f64,
    is_log: bool,
}

impl IndicatorSpan {
    /// The whole scale's length in units of the value, at a value. Of a logarithmic scale ln(1 + x)
    /// it is length · (1 + x), because d ln(1 + x) = dx / (1 + x).
    pub(super) fn step_at(self, value: f64) -> f64 {
        if self.is_log { self.length * (1.0 + value.max(0.0)) } else { self.length }
    }
}

/// How long an indicator's scale is, in its own unit or in its logarithm. Goalposts are there: a case
/// with an indicator that has none is refused when it is read.
pub(super) fn scale_of(indicator: &DeclaredIndicator) -> IndicatorSpan {
    let [low, high] = indicator.goalposts.unwrap_or_default();
    match indicator.scale {
        ScaleOf::Linear => IndicatorSpan { length: high - low, is_log: false },
        ScaleOf::Log => {
            IndicatorSpan { length: high.max(0.0).ln_1p() - low.max(0.0).ln_1p(), is_log: true }
        }
    }
}
