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

/// A standard normal draw, z = √(−2 ln u₁) · cos(2π u₂) (G. E. P. Box and M. E. Muller, "A note on the
/// generation of random normal deviates", Annals of Mathematical Statistics 29, 1958).
///
/// It takes two uniform numbers of the stream whatever they are, where `StandardNormal` of
/// `rand_distr` takes a number that depends on them; draws that share a stream stay in step.
///
/// ```
/// use sanad_core::random::Streams;
///
/// let mut stream = Streams::new(1, "doc").at(0, 0, 0);
/// assert!(sanad_numbers::normal_of_two(&mut stream).abs() < 6.0);
/// ```
#[must_use]
pub fn normal_of_two(stream: &mut Stream) -> f64 {
    let radius = (-2.0 * stream.open01().ln()).sqrt();
    radius * (core::f64::consts::TAU * stream.open01()).cos()
}
