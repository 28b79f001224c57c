//! A linear pool of models whose weights are learned by proper scores on past windows only.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::benchmark::Benchmark;
use crate::draws::{Draws, Request};
use crate::error::Error;
use crate::explain::{Explanation, mean_logs};
use crate::model::Model;
use crate::panel::{Panel, Past};
use crate::past_window::{PastPlace, WindowEvidence};
use crate::recalibration::{PastWindow, PoolStretch, RecalibrationSettings, learned};
use crate::regime_of_place::{REGIMES, ViolenceState, regime_of_place};
use crate::weights::{PoolEvidence, PoolWeights};

/// How an ensemble learns its weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EnsembleSettings {
    /// At most this many past windows are used, the latest ones.
    pub windows: usize,
    /// Months between the origins of past windows.
    pub spacing_months: usize,
    /// Months of history before the first past origin.
    pub burn_in_months: usize,
    /// Draws per component in past windows.
    pub draws: usize,
    /// How many cells of a place's own past weigh as much as its regime's weights.
    pub place_prior_cells: f64,
    /// Whether a place at war has weights of its own too; if not, it has its regime's.
    pub own_weights_at_war: bool,
    /// Whether and how the pool's draws are recalibrated by state.
    pub recalibration: Option<RecalibrationSettings>,
}

/// Draws of past windows that are held at once.
const WINDOWS_BYTES: usize = 1 << 30;

impl Default for EnsembleSettings {
    fn default() -> Self {
        Self {
            windows: 20,
            spacing_months: 12,
            burn_in_months: 48,
            draws: 400,
            place_prior_cells: 4.0,
            own_weights_at_war: true,
            recalibration: None,
        }
    }
}

/// A linear pool: each draw of a place is taken, over all steps, from one of the components, in
/// proportion to the weights, so that what is joint over steps in a component stays so.
///
/// Weights are learned at each origin anew. The components forecast past origins, each seeing only
/// what came before it; windows that had ended by the origin are scored; and for each of six
/// regimes of recent history the weights minimise the sum of ignorance, CRPS and log1p-CRPS, each
/// in units of its own mean (see [`EnsembleSettings`]). A place's own past then moves its weights
/// away from its regime's.
///
/// With [`RecalibrationSettings`] the pool's draws are then moved and stretched by state, as would
/// have been best for what the pool forecast in those past windows, each with the weights that were
/// known at its own origin.
pub struct Ensemble {
    name: String,
    components: Vec<Box<dyn Model>>,
    settings: EnsembleSettings,
}

/// The weights an ensemble would use at an origin.
#[derive(Debug, Clone, PartialEq)]
pub struct LearnedWeights {
    /// The components' names.
    pub components: Vec<String>,
    /// Weights by place, each summing to 1.
    pub by_place: Vec<Vec<f64>>,
    /// Weights by regime, from no violence in ten years to war.
    pub by_regime: Vec<Vec<f64>>,
    /// Origins of the past windows that were used.
    pub windows: Vec<usize>,
}

impl Ensemble {
    /// A pool of `components` under `name`.
    ///
    /// # Errors
    /// If there are no components, or a setting is out of range.
    pub fn new(
        name: impl Into<String>,
        components: Vec<Box<dyn Model>>,
        settings: EnsembleSettings,
    ) -> Result<Self, Error> {
        if components.is_empty() {
            return Err(Error::setting("components", 0, "at least 1"));
        }
        if settings.spacing_months == 0 || settings.draws == 0 {
            return Err(Error::setting("spacing_months or draws", 0, "at least 1"));
        }
        if settings.place_prior_cells.is_nan() || settings.place_prior_cells <= 0.0 {
            let value = settings.place_prior_cells;
            return Err(Error::setting("place_prior_cells", value, "above 0"));
        }
        settings.recalibration.map_or(Ok(()), |recalibration| recalibration.check())?;
        Ok(Self { name: name.into(), components, settings })
    }

    /// The weights at the end of `past`, for forecasts like `request`.
    ///
    /// # Errors
    /// If a component fails.
    pub fn weights(&self, past: &Past<'_>, request: &Request) -> Result<LearnedWeights, Error> {
        let mut memory = BTreeMap::new();
        self.weights_with(&mut memory, past, request)
    }

    /// The origins before this one on which the components are weighed, the latest that fit, in order
    /// of time: every window's end lies at or before the origin.
    fn past_origins(&self, origin: usize, request: &Request) -> Vec<usize> {
        let latest = origin.checked_sub(request.last_step());
        let mut origins: Vec<usize> = latest
            .into_iter()
            .flat_map(|latest| {
                (self.settings.burn_in_months..=latest).rev().step_by(self.settings.spacing_months)
            })
            .take(self.settings.windows)
            .collect();
        origins.reverse();
        origins
    }

    /// As [`Ensemble::weights`], remembering the evidence of past windows between origins. What a
    /// past window says does not depend on the origin it is seen from.
    fn weights_with(
        &self,
        memory: &mut BTreeMap<usize, WindowEvidence>,
        past: &Past<'_>,
        request: &Request,
    ) -> Result<LearnedWeights, Error> {
        let windows = self.past_origins(past.origin(), request);
        let unknown: Vec<usize> =
            windows.iter().copied().filter(|origin| !memory.contains_key(origin)).collect();
        // Past windows do not depend on each other; the models' own loops are too short to share.
        for together in unknown.chunks(self.windows_at_once(past, request)) {
            let found = together
                .par_iter()
                .map(|&origin| Ok((origin, self.evidence(past, origin, request)?)))
                .collect::<Result<Vec<_>, Error>>()?;
            memory.extend(found);
        }
        let evidence: Vec<&PoolEvidence> =
            windows.iter().map(|origin| &memory[origin].pool).collect();
        let by_regime: Vec<Vec<f64>> = (0..REGIMES)
            .into_par_iter()
            .map(|regime| PoolWeights::of_regime(&evidence, regime, self.components.len()))
            .collect();
        let by_place = (0..past.places())
            .into_par_iter()
            .map(|place| {
                let regime = regime_of_place(past, place);
                self.weights_of_place(&evidence, place, regime, &by_regime[regime])
            })
            .collect();
        let components = self.components.iter().map(|model| model.name()).collect();
        Ok(LearnedWeights { components, by_place, by_regime, windows })
    }

    /// A place's weights, from its regime's and its own past.
    fn weights_of_place(
        &self,
        evidence: &[&PoolEvidence],
        place: usize,
        regime: usize,
        regime_weights: &[f64],
    ) -> Vec<f64> {
        if ViolenceState::of_regime(regime) == ViolenceState::War
            && !self.settings.own_weights_at_war
        {
            return regime_weights.to_vec();
        }
        PoolWeights::of_place(evidence, place, regime_weights, self.settings.place_prior_cells)
    }

    /// The stretch of each place, learned on the past windows whose evidence `memory` holds.
    fn stretches(
        &self,
        memory: &BTreeMap<usize, WindowEvidence>,
        past: &Past<'_>,
        windows: &[usize],
        request: &Request,
    ) -> Option<Vec<PoolStretch>> {
        let settings = self.settings.recalibration?;
        let of_state = |state: ViolenceState| {
            if !settings.includes(state) {
                return PoolStretch::NONE;
            }
            let seen: Vec<PastWindow> = windows
                .par_iter()
                .filter_map(|origin| self.past_window(memory, windows, *origin, state, request))
                .collect();
            learned(&seen, settings)
        };
        let [low, war] = [ViolenceState::Low, ViolenceState::War].map(of_state);
        let of_place = |place| match ViolenceState::of_regime(regime_of_place(past, place)) {
            ViolenceState::Quiet => PoolStretch::NONE,
            ViolenceState::Low => low,
            ViolenceState::War => war,
        };
        Some((0..past.places()).map(of_place).collect())
    }

    /// What the pool forecast for places in a state in a past window, with the weights of those
    /// windows that had ended by its origin; `None` where no place was in the state.
    fn past_window(
        &self,
        memory: &BTreeMap<usize, WindowEvidence>,
        windows: &[usize],
        origin: usize,
        state: ViolenceState,
        request: &Request,
    ) -> Option<PastWindow> {
        let ended = |before: &&usize| **before + request.last_step() <= origin;
        let evidence: Vec<&PoolEvidence> =
            windows.iter().filter(ended).map(|before| &memory[before].pool).collect();
        let mut by_regime: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        memory[&origin].of_state(state, |own| {
            let of_regime = || PoolWeights::of_regime(&evidence, own.regime, self.components.len());
            let regime_weights = by_regime.entry(own.regime).or_insert_with(of_regime);
            let weights = self.weights_of_place(&evidence, own.place, own.regime, regime_weights);
            allocate(&weights, self.settings.draws)
        })
    }

    /// How many past windows fit into memory side by side.
    fn windows_at_once(&self, past: &Past<'_>, request: &Request) -> usize {
        let values = past.places() * request.steps_len() * self.settings.draws;
        let bytes = values * self.components.len() * size_of::<u32>();
        (WINDOWS_BYTES / bytes.max(1)).max(1)
    }

    /// How each component did in the window after an earlier origin, which ends by `past`'s.
    fn evidence(
        &self,
        past: &Past<'_>,
        origin: usize,
        request: &Request,
    ) -> Result<WindowEvidence, Error> {
        let earlier = past.back_to(origin)?;
        let request = request.with_draws(self.settings.draws);
        let draws = self
            .components
            .iter()
            .map(|model| Self::component_at(model.as_ref(), &earlier, &request))
            .collect::<Result<Vec<_>, Error>>()?;
        let observed: Vec<f64> = (0..past.places())
            .flat_map(|place| request.steps().map(move |step| (place, origin + step)))
            .map(|(place, month)| past.series(place)[month])
            .collect();
        let regimes: Vec<usize> =
            (0..past.places()).map(|place| regime_of_place(&earlier, place)).collect();
        let places = match self.settings.recalibration {
            Some(settings) => {
                let own_last = Benchmark::OwnLast { months: 12 }.forecast(&earlier, &request)?;
                let of_regime = |regime| settings.includes(ViolenceState::of_regime(regime));
                let included = (0..past.places()).filter(|&place| of_regime(regimes[place]));
                let kept = |p: usize| PastPlace::new((p, regimes[p]), &draws, &own_last, &observed);
                included.map(kept).collect()
            }
            None => Vec::new(),
        };
        Ok(WindowEvidence { pool: PoolEvidence::of(&draws, &observed, regimes), places })
    }

    /// A component's forecast; its failure says which component it was.
    fn component_at(model: &dyn Model, past: &Past<'_>, request: &Request) -> Result<Draws, Error> {
        model.forecast(past, request).map_err(|error| Error::component(&model.name(), error))
    }

    /// Draws of the pool. Components are forecast one after the other, so that no more than two
    /// sets of draws are in memory at once.
    fn pool(
        &self,
        weights: &LearnedWeights,
        past: &Past<'_>,
        request: &Request,
    ) -> Result<Draws, Error> {
        let chosen: Vec<Vec<usize>> =
            weights.by_place.par_iter().map(|weights| allocate(weights, request.draws())).collect();
        let mut pool = Draws::zeros(past.places(), request.steps_len(), request.draws());
        for (component, model) in self.components.iter().enumerate() {
            let draws = Self::component_at(model.as_ref(), past, request)?;
            pool.take_from(&draws, |place, draw| chosen[place][draw] == component);
        }
        Ok(pool)
    }

    /// As [`Model::forecast`], with what was learnt at earlier origins kept in `memory`.
    fn forecast_with(
        &self,
        memory: &mut BTreeMap<usize, WindowEvidence>,
        past: &Past<'_>,
        request: &Request,
    ) -> Result<Draws, Error> {
        let weights = self.weights_with(memory, past, request)?;
        let mut pool = self.pool(&weights, past, request)?;
        if let Some(stretches) = self.stretches(memory, past, &weights.windows, request) {
            pool.each_cell_mut(|place, draws| stretches[place].apply(draws));
        }
        Ok(pool)
    }
}

impl Model for Ensemble {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn forecast(&self, past: &Past<'_>, request: &Request) -> Result<Draws, Error> {
        self.forecast_with(&mut BTreeMap::new(), past, request)
    }

    fn explain(
        &self,
        past: &Past<'_>,
        request: &Request,
        reference: &[f64],
    ) -> Result<Vec<Explanation>, Error> {
        let mut memory = BTreeMap::new();
        let weights = self.weights_with(&mut memory, past, request)?;
        let parts = self
            .components
            .iter()
            .map(|model| model.explain(past, request, reference))
            .collect::<Result<Vec<_>, Error>>()?;
        // The mean of a pool is the weighted mean of its components, and so are its parts.
        let pooled = |place: usize| {
            let components = parts.iter().map(|explanations| &explanations[place]);
            Explanation::pooled(components.zip(weights.by_place[place].iter().copied()))
        };
        let mut explained: Vec<Explanation> = (0..past.places()).map(pooled).collect();
        if let Some(stretches) = self.stretches(&memory, past, &weights.windows, request) {
            let mut draws = self.pool(&weights, past, request)?;
            let plain = mean_logs(&draws);
            draws.each_cell_mut(|place, draws| stretches[place].apply(draws));
            let changes =
                mean_logs(&draws).into_iter().zip(plain).map(|(after, before)| after - before);
            explained
                .iter_mut()
                .zip(changes)
                .for_each(|(own, change)| own.add("recalibration", change));
        }
        Ok(explained)
    }

    fn forecast_windows(
        &self,
        panel: &Panel,
        origins: &[usize],
        request: &Request,
        after_each: &dyn Fn(),
    ) -> Result<Vec<Draws>, Error> {
        let mut memory = BTreeMap::new();
        let one = |&origin: &usize| {
            let draws = self.forecast_with(&mut memory, &panel.up_to(origin)?, request);
            after_each();
            draws
        };
        origins.iter().map(one).collect()
    }
}

/// The component of each draw: shares as the weights say, spread evenly over the draws.
fn allocate(weights: &[f64], draws: usize) -> Vec<usize> {
    let mut given = vec![0.0; weights.len()];
    (1..=draws)
        .map(|so_far| {
            let owed = |component: &usize| weights[*component] * so_far as f64 - given[*component];
            let next = (0..weights.len())
                .max_by(|a, b| owed(a).total_cmp(&owed(b)).then(b.cmp(a)))
                .unwrap_or(0);
            given[next] += 1.0;
            next
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allocation_follows_the_weights_and_spreads_them() {
        let chosen = allocate(&[0.5, 0.3, 0.2], 1000);
        let count = |component| chosen.iter().filter(|&&c| c == component).count();
        assert_eq!((count(0), count(1), count(2)), (500, 300, 200));
        let first = chosen[..100].iter().filter(|&&c| c == 0).count();
        assert_eq!(first, 50);
    }
}
