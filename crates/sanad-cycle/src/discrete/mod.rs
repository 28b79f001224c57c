//! Excitation between kinds of event dated by day.
//!
//! The number of events of kind i in place p on day t, given the days before, is Poisson or
//! negative binomial with mean
//!
//! λᵢ(p, t) = exp(levelᵢ(p) + fᵢ(t)) + Σⱼ nᵢⱼ Σ_{l ≥ 1} gᵢⱼ(l) Mⱼ(p, t − l),
//!
//! with a flexible background ([`Background`]), branching coefficients n ≥ 0, kernels g of mass one
//! over whole days of lag ([`Kernel`]), and source series M that count events by their size
//! ([`Marks`]), spread over the days they may have happened on and over the places they reach
//! ([`Reach`]). This is the integer-valued analogue of a Hawkes process (R. Ferland, A. Latour &
//! D. Oraichi, "Integer-valued GARCH process", J. Time Ser. Anal. 27, 2006; M. Kirchner, "Hawkes
//! and INAR(∞) processes", Stoch. Proc. Appl. 126, 2016).
//!
//! # What it does not do
//!
//! Excitation within a day is not modelled: the order of a day's events is not in the data. There
//! is no inhibition: an act that lowers a rate shows as a link at zero and has to be looked for
//! by an interrupted series. An excitation coefficient is a statement about timing beyond the
//! background given; it is not by itself a cause.

mod adjusted;
mod background;
mod compare;
mod directions;
mod fit;
mod joint;
mod kernel;
mod layout;
mod likelihood;
mod posterior;
mod profile;
mod residual;
mod series;
mod settings;
mod simulate;
mod sources;
mod spread;

pub use background::Background;
pub use compare::{Comparison, LinkTest, ModelScore, compare, link_test};
pub use directions::{LinkDiagnosis, detectable_branching, diagnose};
pub use fit::{Fit, TargetFit, fit, fit_reporting, fit_target};
pub use kernel::Kernel;
pub use posterior::{Mixing, Posterior, Sampling, sample_posterior};
pub use profile::Profile;
pub use residual::pit;
pub use series::{Extent, Record, Series};
pub use settings::{Counts, Marks, Reach, Settings};
pub use simulate::{World, bootstrap, percentile_interval};
