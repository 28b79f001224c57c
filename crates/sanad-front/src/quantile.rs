//! Tails and median of many draws without sorting them.

/// Number of buckets: enough that the few that hold a wanted rank have few draws.
const BUCKETS: usize = 512;

/// Finds order statistics in two passes: one counts draws into buckets, one gathers the few
/// buckets that hold what is asked for. Buffers are reused.
pub(crate) struct Selector {
    counts: [u32; BUCKETS],
    wanted: [bool; BUCKETS],
    buckets: Vec<u16>,
    gathered: Vec<f32>,
}

impl Selector {
    pub(crate) fn new() -> Self {
        Self {
            counts: [0; BUCKETS],
            wanted: [false; BUCKETS],
            buckets: Vec::new(),
            gathered: Vec::new(),
        }
    }

    /// Lower tail, median and upper tail of the draws that are not `NaN` (type 7 of Hyndman & Fan
    /// 1996); `NaN` where there are none.
    pub(crate) fn central(&mut self, draws: &[f32], tail: f64) -> [f32; 3] {
        let (low, high) = range(draws);
        if low > high {
            return [f32::NAN; 3];
        }
        if low == high {
            return [low; 3];
        }
        let kept = self.count(draws, low, (BUCKETS - 1) as f32 / (high - low));
        let positions = [tail, 0.5, 1.0 - tail].map(|share| share * (kept - 1) as f64);
        let ranks = positions.map(|at| [at as usize, (at as usize + 1).min(kept - 1)]);
        let below = ranks.map(|pair| pair.map(|rank| self.want(rank)));
        self.gather(draws);
        let mut found = [0.0; 3];
        for (k, position) in positions.into_iter().enumerate() {
            let [lower, upper] =
                [0, 1].map(|end| self.gathered[ranks[k][end] - self.skipped(below[k][end])]);
            found[k] = lower + (position - ranks[k][0] as f64) as f32 * (upper - lower);
        }
        found
    }

    /// Counts the draws that are not `NaN` into buckets.
    fn count(&mut self, draws: &[f32], low: f32, scale: f32) -> usize {
        self.counts = [0; BUCKETS];
        self.wanted = [false; BUCKETS];
        self.buckets.clear();
        // NaN becomes bucket 0 in the cast; it is told apart where it matters.
        self.buckets.extend(draws.iter().map(|draw| ((draw - low) * scale) as u16));
        let mut kept = 0;
        for (&bucket, draw) in self.buckets.iter().zip(draws) {
            let known = u32::from(!draw.is_nan());
            self.counts[usize::from(bucket)] += known;
            kept += known as usize;
        }
        kept
    }

    /// Marks the bucket of a rank as wanted and returns it.
    fn want(&mut self, rank: usize) -> usize {
        let (mut below, mut bucket) = (0, 0);
        while below + self.counts[bucket] as usize <= rank {
            below += self.counts[bucket] as usize;
            bucket += 1;
        }
        self.wanted[bucket] = true;
        bucket
    }

    /// The draws of the wanted buckets, sorted.
    fn gather(&mut self, draws: &[f32]) {
        self.gathered.clear();
        for (&bucket, &draw) in self.buckets.iter().zip(draws) {
            if self.wanted[usize::from(bucket)] && !draw.is_nan() {
                self.gathered.push(draw);
            }
        }
        self.gathered.sort_unstable_by(f32::total_cmp);
    }

    /// Draws below a bucket that were not gathered.
    fn skipped(&self, bucket: usize) -> usize {
        let below = self.counts[..bucket].iter().zip(&self.wanted[..bucket]);
        below.filter(|(_, wanted)| !**wanted).map(|(count, _)| *count as usize).sum()
    }
}

/// Lowest and highest draw that is not `NaN`, in eight lanes.
fn range(draws: &[f32]) -> (f32, f32) {
    let (mut low, mut high) = ([f32::INFINITY; 8], [f32::NEG_INFINITY; 8]);
    let mut visit = |lane: usize, draw: f32| {
        low[lane] = if draw < low[lane] { draw } else { low[lane] };
        high[lane] = if draw > high[lane] { draw } else { high[lane] };
    };
    let chunks = draws.chunks_exact(8);
    chunks.remainder().iter().enumerate().for_each(|(lane, &draw)| visit(lane, draw));
    for chunk in chunks {
        (0..8).for_each(|lane| visit(lane, chunk[lane]));
    }
    (
        low.into_iter().fold(f32::INFINITY, f32::min),
        high.into_iter().fold(f32::NEG_INFINITY, f32::max),
    )
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
            let expected = sanad_numbers::central(&mut sorted, 0.05);
            let found = selector.central(&draws, 0.05);
            for (a, b) in found.into_iter().zip(expected) {
                assert!(f64::from(a).is_nan() && b.is_nan() || (f64::from(a) - b).abs() < 1e-4);
            }
        }
    }
}
