//! Tails and median of many draws without sorting them.

const BUCKETS: usize = 512;

/// Finds order statistics by counting into buckets; the counts are reused.
pub(crate) struct Selector {
    counts: [u32; BUCKETS],
    inside: Vec<f32>,
}

impl Selector {
    pub(crate) fn new() -> Self {
        Self { counts: [0; BUCKETS], inside: Vec::new() }
    }

    /// Lower tail, median and upper tail of the draws that are not `NaN` (type 7 of Hyndman & Fan
    /// 1996); `NaN` where there are none.
    pub(crate) fn central(&mut self, draws: &[f32], tail: f64) -> [f32; 3] {
        let (mut low, mut high, mut kept) = (f32::INFINITY, f32::NEG_INFINITY, 0_usize);
        for &draw in draws {
            low = low.min(draw);
            high = high.max(draw);
            kept += usize::from(!draw.is_nan());
        }
        if kept == 0 {
            return [f32::NAN; 3];
        }
        if low == high {
            return [low; 3];
        }
        let scale = (BUCKETS - 1) as f32 / (high - low);
        self.count(draws, low, scale);
        [tail, 0.5, 1.0 - tail].map(|probability| {
            let position = probability * (kept - 1) as f64;
            let at = (position as usize).min(kept - 1);
            let lower = self.order_statistic(draws, low, scale, at);
            let fraction = (position - at as f64) as f32;
            if fraction == 0.0 || at + 1 == kept {
                return lower;
            }
            let upper = self.order_statistic(draws, low, scale, at + 1);
            lower + fraction * (upper - lower)
        })
    }

    fn count(&mut self, draws: &[f32], low: f32, scale: f32) {
        self.counts = [0; BUCKETS];
        for &draw in draws.iter().filter(|draw| !draw.is_nan()) {
            self.counts[bucket(draw, low, scale)] += 1;
        }
    }

    fn order_statistic(&mut self, draws: &[f32], low: f32, scale: f32, at: usize) -> f32 {
        let mut below = 0_usize;
        let mut wanted = 0;
        while below + self.counts[wanted] as usize <= at {
            below += self.counts[wanted] as usize;
            wanted += 1;
        }
        self.inside.clear();
        let of_bucket = draws.iter().filter(|d| !d.is_nan() && bucket(**d, low, scale) == wanted);
        self.inside.extend(of_bucket);
        *self.inside.select_nth_unstable_by(at - below, f32::total_cmp).1
    }
}

fn bucket(draw: f32, low: f32, scale: f32) -> usize {
    (((draw - low) * scale) as usize).min(BUCKETS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sanad_core::random::Streams;

    #[test]
    fn selection_agrees_with_sorting() {
        let mut selector = Selector::new();
        for case in 0..200_u32 {
            let mut stream = Streams::new(1, "selection").at(case, 0, 0);
            let size = 1 + case as usize * 3;
            let draws: Vec<f32> = (0..size)
                .map(|k| match (case + k as u32) % 5 {
                    0 if case % 3 == 0 => f32::NAN,
                    1 => 7.0,
                    _ => (stream.open01() as f32).powi(1 + case as i32 % 4) * 100.0,
                })
                .collect();
            let mut sorted: Vec<f64> = draws.iter().map(|&draw| f64::from(draw)).collect();
            let expected = crate::interval::central(&mut sorted, 0.05);
            let found = selector.central(&draws, 0.05);
            for (a, b) in found.into_iter().zip(expected) {
                assert!(f64::from(a).is_nan() && b.is_nan() || (f64::from(a) - b).abs() < 1e-4);
            }
        }
    }
}
