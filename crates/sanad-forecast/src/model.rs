//! What every model is to a back-test: a function from the past to draws.

use crate::draws::{Draws, Request};
use crate::error::Error;
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

    /// Draws for several origins of one panel, in the order given. Equal to calling
    /// [`Model::forecast`] at each; a model whose training can be shared between origins does so.
    ///
    /// # Errors
    /// As [`Model::forecast`], and if an origin lies outside the panel.
    fn forecast_windows(
        &self,
        panel: &Panel,
        origins: &[usize],
        request: &Request,
    ) -> Result<Vec<Draws>, Error> {
        origins.iter().map(|&origin| self.forecast(&panel.up_to(origin)?, request)).collect()
    }
}
