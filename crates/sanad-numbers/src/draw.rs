//! Draws from named distributions, from a stream that the caller keys.

use rand_distr::{Distribution, Poisson};
use sanad_core::random::Stream;

/// A Poisson draw; a mean of zero gives zero.
///
/// ```
/// use sanad_core::random::Streams;
///
/// let mut stream = Streams::new(1, "doc").at(0, 0, 0);
/// assert_eq!(sanad_numbers::poisson(0.0, &mut stream), 0);
/// assert!(sanad_numbers::poisson(1e6, &mut stream) > 900_000);
/// ```
#[must_use]
pub fn poisson(mean: f64, stream: &mut Stream) -> u64 {
    Poisson::new(mean).map_or(0, |law| law.sample(stream) as u64)
}
