//! A linear pool of models whose weights are learned by proper scores on past windows only.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::draws::{Draws, Request};
use crate::error::Error;
use crate::explain::Explanation;
use crate::model::Model;
use crate::panel::{Panel, Past};
use crate::regime_of_place::{REGIMES, regime_of_place};
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
        memory: &mut BTreeMap<usize, PoolEvidence>,
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
        let evidence: Vec<&PoolEvidence> = windows.iter().map(|origin| &memory[origin]).collect();
        let by_regime: Vec<Vec<f64>> = (0..REGIMES)
            .into_par_iter()
            .map(|regime| PoolWeights::of_regime(&evidence, regime, self.components.len()))
            .collect();
        let by_place = (0..past.places())
            .into_par_iter()
            .map(|place| {
                let prior = &by_regime[regime_of_place(past, place)];
                PoolWeights::of_place(&evidence, place, prior, self.settings.place_prior_cells)
            })
            .collect();
        let components = self.components.iter().map(|model| model.name()).collect();
        Ok(LearnedWeights { components, by_place, by_regime, windows })
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
    ) -> Result<PoolEvidence, Error> {
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
        let regimes = (0..past.places()).map(|place| regime_of_place(&earlier, place)).collect();
        Ok(PoolEvidence::of(&draws, &observed, regimes))
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
        memory: &mut BTreeMap<usize, PoolEvidence>,
        past: &Past<'_>,
        request: &Request,
    ) -> Result<Draws, Error> {
        let weights = self.weights_with(memory, past, request)?;
        self.pool(&weights, past, request)
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
        let weights = self.weights(past, request)?;
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
        Ok((0..past.places()).map(pooled).collect())
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
