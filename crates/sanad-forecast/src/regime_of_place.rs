//! Six regimes of recent history, by which an ensemble's weights differ.

use crate::panel::Past;

/// Number of regimes.
pub(crate) const REGIMES: usize = 6;

/// The regime of a place at the origin.
pub(crate) fn regime_of_place(past: &Past<'_>, place: usize) -> usize {
    regime_of_series(past.series(place))
}

/// 0: no violence in ten years; 1: none in the last year; 2: in at most three of its twelve
/// months; 3: in at most eight; 4: in more, under 50 deaths a month; 5: 50 or more a month.
pub(crate) fn regime_of_series(series: &[f64]) -> usize {
    // Missing values compare as false and add nothing.
    let last = |months: usize| &series[series.len().saturating_sub(months)..];
    let violent = |months| last(months).iter().filter(|&&value| value > 0.0).count();
    let deaths: f64 = last(12).iter().filter(|value| !value.is_nan()).sum();
    match (violent(120), violent(12)) {
        (0, _) => 0,
        (_, 0) => 1,
        (_, 1..=3) => 2,
        (_, 4..=8) => 3,
        _ if deaths < 600.0 => 4,
        _ => 5,
    }
}

/// How violent a place is at the origin, coarser than the regimes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ViolenceState {
    /// No death in the last twelve months.
    Quiet,
    /// Deaths, but not war.
    Low,
    /// Deaths in nine months or more of the last twelve, and 600 of them or more.
    War,
}

impl ViolenceState {
    /// The state that a regime belongs to.
    pub(crate) fn of_regime(regime: usize) -> Self {
        match regime {
            0 | 1 => Self::Quiet,
            2..=4 => Self::Low,
            _ => Self::War,
        }
    }
}
