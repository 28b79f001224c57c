//! Time rescaling: under the true model the compensator turns each kind's events into a Poisson
//! process of rate one (E. N. Brown et al., "The time-rescaling theorem and its application to
//! neural spike train data analysis", Neural Computation 14, 2002).

use super::{Events, Hawkes};
use crate::error::{Error, check_len};

/// Residuals of one kind: the increase of its compensator between successive events, which are
/// independent Exp(1) if `process` made `events`. Test them with [`crate::ks_exponential`].
///
/// # Errors
/// If the numbers of kinds differ.
pub fn residuals(process: &Hawkes, events: &Events, target: usize) -> Result<Vec<f64>, Error> {
    check_len("events", process.kinds(), events.kinds())?;
    let mut walks: Vec<Walk> = (0..process.kinds()).map(|_| Walk::default()).collect();
    let mut last = 0.0;
    let mut out = Vec::with_capacity(events.times(target).len());
    for &now in events.times(target) {
        let mut sum = process.baseline()[target] * (now - last);
        for (source, walk) in walks.iter_mut().enumerate() {
            let decay = process.decay()[(target, source)];
            sum += process.branching()[(target, source)]
                * walk.advance(decay, now, events.times(source));
        }
        out.push(sum);
        last = now;
    }
    Ok(out)
}

/// Σ over earlier source events of the part of the kernel not yet spent.
#[derive(Default)]
struct Walk {
    time: f64,
    left: f64,
    seen: usize,
}

impl Walk {
    /// Mass of all source events' kernels between the last call and `now`.
    fn advance(&mut self, decay: f64, now: f64, sources: &[f64]) -> f64 {
        let before = self.left;
        self.left *= (-decay * (now - self.time)).exp();
        let mut spent = before - self.left;
        while self.seen < sources.len() && sources[self.seen] < now {
            let left = (-decay * (now - sources[self.seen])).exp();
            spent += 1.0 - left;
            self.left += left;
            self.seen += 1;
        }
        self.time = now;
        spent
    }
}
