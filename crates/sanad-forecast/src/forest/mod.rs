//! A forest of classification trees whose leaves hold outcomes: a learned model of the whole
//! distribution.

use rayon::prelude::*;
use sanad_core::random::Streams;
use sanad_numbers::{normal_cdf, normal_of_two};

use crate::draws::{Draws, Request, bounded};
use crate::error::Error;
use crate::feature::{Features, at};
use crate::hurdle::{Hurdle, largest, largest_anywhere};
use crate::model::Model;
use crate::panel::Past;

mod table;
mod tree;

use table::TrainingTable;
use tree::Tree;

/// A distributional forest (after Meinshausen 2006, *Quantile regression forests*).
///
/// Each tree is grown on a random part of the past cells (place, month, step) by splits that gain
/// most on the entropy of the outcome's bin, the bins being those of the ignorance score; a leaf
/// keeps the outcomes of its rows. A draw takes one tree and one outcome of the leaf that the
/// place's features lead to. Where the place was above [`Forest::SCALE_DEATHS`] a month, an
/// outcome moves with its level, so that a leaf full of small wars does not forecast a small war
/// for a large one.
///
/// Draws are joint over steps as in [`Hurdle`]: a draw uses the same tree and a latent normal
/// shared between steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forest {
    /// Number of trees.
    pub trees: usize,
    /// The fewest rows of a leaf.
    pub leaf_rows: usize,
    /// Rows that each tree is grown on.
    pub tree_rows: usize,
    /// Features tried at each split.
    pub tried: usize,
    /// Months between the training origins.
    pub stride_months: usize,
    /// Months of history before the first training origin.
    pub burn_in_months: usize,
    /// Correlation between steps of the latent normal, in [0, 1).
    pub step_correlation: f64,
}

impl Default for Forest {
    fn default() -> Self {
        Self {
            trees: 100,
            leaf_rows: 30,
            tree_rows: 20_000,
            tried: 10,
            stride_months: 3,
            burn_in_months: 24,
            step_correlation: 0.5,
        }
    }
}

impl Forest {
    /// Monthly deaths from which outcomes move with the place's level.
    pub const SCALE_DEATHS: f64 = 20.0;

    /// Refuses counts of trees, rows and columns that are zero, and a correlation of steps outside [0, 1).
    fn check(&self) -> Result<(), Error> {
        let whole = [
            ("trees", self.trees),
            ("leaf_rows", self.leaf_rows),
            ("tree_rows", self.tree_rows),
            ("tried", self.tried),
            ("stride_months", self.stride_months),
        ];
        if let Some((name, value)) = whole.into_iter().find(|&(_, value)| value == 0) {
            return Err(Error::setting(name, value, "at least 1"));
        }
        if !(0.0..1.0).contains(&self.step_correlation) {
            return Err(Error::setting("step_correlation", self.step_correlation, "in [0, 1)"));
        }
        Ok(())
    }
}

/// The level that outcomes are moved by: ln(1 + recent mean), no less than that of
/// [`Forest::SCALE_DEATHS`].
fn level(features: &[f64]) -> f64 {
    features[at::LEVEL + 2].max(Forest::SCALE_DEATHS.ln_1p())
}

impl Model for Forest {
    fn name(&self) -> String {
        "forest".to_owned()
    }

    fn forecast(&self, past: &Past<'_>, request: &Request) -> Result<Draws, Error> {
        self.check()?;
        let features = Features::of(past);
        let table = TrainingTable::of(self, past, &features, request);
        let purpose = format!("forest/{}", past.origin_month_id());
        let streams = Streams::new(request.seed(), &purpose);
        let trees: Vec<Tree> = (0..self.trees)
            .into_par_iter()
            .map(|tree| Tree::grown(self, &table, streams, tree as u32))
            .collect();
        let largest_anywhere = largest_anywhere(past);
        Ok(Draws::by_place(past.places(), request, |place, out| {
            let cap = Hurdle::place_cap(largest(past, place), largest_anywhere);
            let vector = features.of_place(place, past.origin());
            self.draw(&trees, &table, vector, cap, (place, past, request), streams, out);
        }))
    }
}

impl Forest {
    /// The draws of a place: tree after tree, one outcome of the leaf that the place's features
    /// lead to, at Φ of a latent normal that the steps share in part.
    #[allow(clippy::too_many_arguments, reason = "one call, each argument of another kind")]
    fn draw(
        &self,
        trees: &[Tree],
        table: &TrainingTable,
        vector: &[f64],
        cap: f64,
        (place, past, request): (usize, &Past<'_>, &Request),
        streams: Streams,
        out: &mut [u32],
    ) {
        if table.is_empty() {
            return;
        }
        let shared: Vec<f64> = (0..request.draws())
            .map(|draw| normal_of_two(&mut streams.at(place as u32, 0, draw as u32)))
            .collect();
        let (common, own) = (self.step_correlation.sqrt(), (1.0 - self.step_correlation).sqrt());
        let own_level = level(vector);
        for (step, cell) in request.steps().zip(out.chunks_mut(request.draws())) {
            let row = table.coded(vector, past.origin_month_id(), step);
            let leaves: Vec<&[u32]> = trees.iter().map(|tree| tree.leaf(&row)).collect();
            let mut stream = streams.at(place as u32, step as u32, 0);
            for (draw, (slot, shared)) in cell.iter_mut().zip(&shared).enumerate() {
                let uniform = normal_cdf(common * shared + own * normal_of_two(&mut stream));
                let leaf = leaves[draw % leaves.len()];
                let at = ((uniform * leaf.len() as f64) as usize).min(leaf.len() - 1);
                let (outcome, level) = table.outcome(leaf[at]);
                *slot = bounded(outcome * (own_level - level).exp(), cap);
            }
        }
    }
}
