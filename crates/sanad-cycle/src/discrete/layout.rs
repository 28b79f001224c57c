//! Where each parameter of one target's likelihood stands, where its search starts and how far it
//! may go.
//!
//! Order: levels (one, or one per place), day features, weights (≥ 0, by source and then by shape),
//! ln half-lives, the mark exponent, ln r.

use super::kernel::Shape;
use super::series::Series;
use super::settings::{Counts, Marks, Settings};
use sanad_numbers::Bounds;

/// Median in days and deviation of the logarithm of a weak prior of half-lives.
pub(super) const HALF_LIFE_PRIOR: (f64, f64) = (7.0, 1.5);

/// One weight: which source it weighs, which of the kernel's shapes, which half-life if free.
#[derive(Debug, Clone, Copy)]
pub(super) struct WeightPart {
    pub(super) source: usize,
    pub(super) shape: usize,
    pub(super) half_life: Option<usize>,
}

/// Which position of the parameter vector means what: levels of places, features of the
/// background, weights of links, half-lives, the exponent of the marks, ln r; with starts and
/// bounds.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) places: usize,
    pub(super) features: usize,
    pub(super) parts: Vec<WeightPart>,
    pub(super) half_lives: usize,
    pub(super) estimates_exponent: bool,
    pub(super) counts: Counts,
    pub(super) start: Vec<f64>,
    pub(super) bounds: Bounds,
    settings: Settings,
}

impl Layout {
    /// The layout of one kind's parameters, with a start at its mean rate.
    pub(super) fn new(
        series: &Series,
        settings: &Settings,
        target: usize,
        features: usize,
    ) -> Self {
        let extent = series.extent();
        let sources = (0..extent.kinds)
            .filter(|&source| settings.links.allows(target, source) && series.total(source) > 0)
            .collect::<Vec<_>>();
        let (parts, half_lives) = parts(settings, &sources);
        let mut out = Self {
            places: if settings.background.place_levels { extent.places } else { 1 },
            features,
            half_lives,
            estimates_exponent: settings.marks == Marks::Estimated && !parts.is_empty(),
            parts,
            counts: settings.counts,
            start: Vec::new(),
            bounds: Bounds { lower: Vec::new(), upper: Vec::new() },
            settings: settings.clone(),
        };
        out.add_background(series, target);
        out.add_links(series, target);
        out
    }

    /// One more parameter, started within its bounds.
    fn push(&mut self, start: f64, lower: f64, upper: f64) {
        self.start.push(start.clamp(lower, upper));
        self.bounds.lower.push(lower);
        self.bounds.upper.push(upper);
    }

    /// A level for each place and a coefficient for each feature, started at what the links leave
    /// of the mean.
    fn add_background(&mut self, series: &Series, target: usize) {
        let extent = series.extent();
        let share = if self.parts.is_empty() { 1.0 } else { 0.6 };
        for place in 0..self.places {
            let inside = |r: &&super::Record| self.places == 1 || r.place == place;
            let events = series.records(target).iter().filter(inside).count() as f64;
            let cells = (extent.cells() / self.places) as f64;
            let rate = share * (events + 0.1) / cells;
            self.push(rate.ln(), -30.0, 10.0);
        }
        for _ in 0..self.features {
            self.push(0.0, -30.0, 30.0);
        }
    }

    /// A weight for each link, then the half-lives, the exponent and ln r, as far as they are free.
    fn add_links(&mut self, series: &Series, target: usize) {
        for part in self.parts.clone() {
            let ratio = series.total(target) as f64 / series.total(part.source) as f64;
            self.push(0.4 * ratio / self.parts.len() as f64, 0.0, 1e3 * ratio);
        }
        if let super::Kernel::Geometric { shortest_days, longest_days, .. } = &self.settings.kernel
        {
            let (low, high) = (shortest_days.ln(), longest_days.ln());
            for _ in 0..self.half_lives {
                self.push(0.5 * (low + high), low, high);
            }
        }
        if self.estimates_exponent {
            self.push(0.1, -3.0, 3.0);
        }
        if self.counts == Counts::NegativeBinomial {
            self.push(3.0_f64.ln(), 1e-3_f64.ln(), 1e5_f64.ln());
        }
    }

    /// Position of the first link's weight, after levels and features.
    pub(super) fn first_weight(&self) -> usize {
        self.places + self.features
    }

    /// Position of the first half-life's logarithm, after the weights.
    pub(super) fn first_half_life(&self) -> usize {
        self.first_weight() + self.parts.len()
    }

    /// First of the parameters in which the mean is neither linear nor log-linear.
    pub(super) fn first_curved(&self) -> usize {
        self.first_half_life()
    }

    /// Position of a place's level; all places share one where there is only one.
    pub(super) fn level(&self, place: usize) -> usize {
        if self.places == 1 { 0 } else { place }
    }

    /// Whether the filtered sources change with the parameters.
    pub(super) fn has_free_shape(&self) -> bool {
        self.half_lives > 0 || self.estimates_exponent
    }

    /// The exponent η of the marks (1 + size)^η at `x`; 0 where sizes are ignored.
    pub(super) fn exponent(&self, x: &[f64]) -> f64 {
        match self.settings.marks {
            Marks::Ignored => 0.0,
            Marks::Fixed(exponent) => exponent,
            Marks::Estimated if self.estimates_exponent => {
                x[self.first_half_life() + self.half_lives]
            }
            Marks::Estimated => 0.0,
        }
    }

    /// Half-life in days of a part whose half-life is free.
    pub(super) fn half_life_days(&self, x: &[f64], part: usize) -> Option<f64> {
        self.parts[part].half_life.map(|at| x[self.first_half_life() + at].exp())
    }

    /// The shape of a link at `x`.
    pub(super) fn shape(&self, x: &[f64], part: usize) -> Shape {
        let half_life = self.half_life_days(x, part).unwrap_or(1.0);
        self.settings.kernel.shapes(half_life)[self.parts[part].shape]
    }

    /// Weights of the link from one source: indices into the parameters.
    pub(super) fn link(&self, source: usize) -> Vec<usize> {
        (0..self.parts.len())
            .filter(|&k| self.parts[k].source == source)
            .map(|k| self.first_weight() + k)
            .collect()
    }
}

/// The links of a kind as weights, each with the position of its half-life, and the number of
/// half-lives.
fn parts(settings: &Settings, sources: &[usize]) -> (Vec<WeightPart>, usize) {
    let free = settings.kernel.has_free_half_life();
    let mut parts = Vec::new();
    for (order, &source) in sources.iter().enumerate() {
        for shape in 0..settings.kernel.weights() {
            let at = if settings.kernel.is_shared() { 0 } else { order };
            parts.push(WeightPart { source, shape, half_life: free.then_some(at) });
        }
    }
    let half_lives = match (free, settings.kernel.is_shared()) {
        (false, _) => 0,
        (true, true) => usize::from(!sources.is_empty()),
        (true, false) => sources.len(),
    };
    (parts, half_lives)
}
