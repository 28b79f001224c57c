//! What an ensemble keeps of a past window: how its components did, and, where its draws are
//! recalibrated, what they drew for the places that this is learned from.

use crate::draws::Draws;
use crate::recalibration::{PastWindow, PooledCell};
use crate::regime_of_place::ViolenceState;
use crate::score::{CellScores, Tally};
use crate::weights::PoolEvidence;

/// The evidence of one past window.
#[derive(Debug, Clone)]
pub(crate) struct WindowEvidence {
    /// How each component did, for the weights.
    pub(crate) pool: PoolEvidence,
    /// The places that recalibration is learned from; empty where there is none.
    pub(crate) places: Vec<PastPlace>,
}

/// The components' draws for one place in a past window, and what came.
#[derive(Debug, Clone)]
pub(crate) struct PastPlace {
    /// Place index.
    pub(crate) place: usize,
    /// Its regime at the window's origin.
    pub(crate) regime: usize,
    /// By known step: the draws of each component.
    draws: Vec<Vec<Vec<u32>>>,
    /// By known step: what came.
    observed: Vec<f64>,
    /// By known step: CRPS and interval score of the own last twelve months.
    reference: Vec<[f64; 2]>,
}

impl PastPlace {
    /// Keeps the known steps of a place: `components` are the components' draws of the window,
    /// `own_last` those of the own last twelve months, `observed` places × steps.
    pub(crate) fn new(
        (place, regime): (usize, usize),
        components: &[Draws],
        own_last: &Draws,
        observed: &[f64],
    ) -> Self {
        let mut kept =
            Self { place, regime, draws: Vec::new(), observed: Vec::new(), reference: Vec::new() };
        let mut tally = Tally::default();
        let own = &observed[place * own_last.steps()..(place + 1) * own_last.steps()];
        for (step, &y) in own.iter().enumerate() {
            let scores = CellScores::from_draws(&mut tally, own_last.cell(place, step), y);
            let Some(scores) = scores else { continue };
            let cell = |draws: &Draws| draws.cell(place, step).to_vec();
            kept.draws.push(components.iter().map(cell).collect());
            kept.observed.push(y);
            kept.reference.push([scores.crps, scores.mis_90]);
        }
        kept
    }

    /// The state of the place at the window's origin.
    fn state(&self) -> ViolenceState {
        ViolenceState::of_regime(self.regime)
    }

    /// The pool's forecasts, with the component of each draw as `chosen`.
    fn pooled<'a>(&'a self, chosen: &'a [usize]) -> impl Iterator<Item = PooledCell> + 'a {
        self.draws.iter().zip(&self.observed).map(|(components, &observed)| {
            let drawn = chosen.iter().enumerate().map(|(draw, &of)| components[of][draw]);
            PooledCell::new(&drawn.collect::<Vec<_>>(), observed)
        })
    }
}

impl WindowEvidence {
    /// What the pool forecast for places in a state; `chosen` gives the component of each draw of
    /// a place. `None` where no place with a known step was in the state, or the reference scored 0.
    pub(crate) fn of_state(
        &self,
        state: ViolenceState,
        mut chosen: impl FnMut(&PastPlace) -> Vec<usize>,
    ) -> Option<PastWindow> {
        let places: Vec<&PastPlace> =
            self.places.iter().filter(|own| own.state() == state).collect();
        let cells: Vec<PooledCell> =
            places.iter().flat_map(|own| own.pooled(&chosen(own)).collect::<Vec<_>>()).collect();
        let mut sums = [0.0; 2];
        for scores in places.iter().flat_map(|own| &own.reference) {
            sums = [sums[0] + scores[0], sums[1] + scores[1]];
        }
        let unit = sums.map(|sum| sum / cells.len() as f64);
        // A mean over no cells is NaN, which is not above 0 either.
        let has_unit = unit.iter().all(|&unit| unit > 0.0);
        has_unit.then_some(PastWindow { cells, places: places.len(), unit })
    }
}
