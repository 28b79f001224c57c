//! What every model is to a back-test: a function from the past to draws.

use crate::draws::{Draws, Request};
use crate::error::Error;
use crate::explain::{Explanation, mean_logs};
use crate::panel::{Panel, Past};

/// A model of counts by place and month.
///
/// A model sees a [`Past`] and nothing else, so it cannot use what came after the origin. The same
/// past and request give the same bits, on any number of threads.
pub trait Model: Send + Sync {
    /// The name in tables and files.
    fn name(&self) -> String;

    /// Draws for every place and step.
    ///
    /// # Errors
    /// If the history is too short for the model, or a setting is out of range.
    fn forecast(&self, past: &Past<'_>, request: &Request) -> Result<Draws, Error>;

    /// What moved each place's forecast away from a reference: the mean over steps of the mean of
    /// ln(1 + count), split over the model's inputs so that the parts add up exactly.
    ///
    /// `reference` is one such mean per place, e.g. [`crate::mean_logs`] of a benchmark's draws. A
    /// model that cannot look inside itself names only itself.
    ///
    /// # Errors
    /// As [`Model::forecast`].
    fn explain(
        &self,
        past: &Past<'_>,
        request: &Request,
        reference: &[f64],
    ) -> Result<Vec<Explanation>, Error> {
        let means = mean_logs(&self.forecast(past, request)?);
        let whole = |(mean, reference): (&f64, &f64)| {
            Explanation::whole(&self.name(), *reference, mean - reference)
        };
        Ok(means.iter().zip(reference).map(whole).collect())
    }

    /// Draws for several origins of one panel, in the order given. Equal to calling
    /// [`Model::forecast`] at each; a model whose training can be shared between origins does so.
    /// `after_each` is called after every origin.
    ///
    /// # Errors
    /// As [`Model::forecast`], and if an origin lies outside the panel.
    fn forecast_windows(
        &self,
        panel: &Panel,
        origins: &[usize],
        request: &Request,
        after_each: &dyn Fn(),
    ) -> Result<Vec<Draws>, Error> {
        let one = |&origin: &usize| {
            let draws = self.forecast(&panel.up_to(origin)?, request);
            after_each();
            draws
        };
        origins.iter().map(one).collect()
    }
}
