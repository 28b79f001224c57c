//! Counter-based random streams: the same draw for the same key, in any order, on any thread.
//!
//! A [`Streams`] is a seed and a purpose; [`Streams::at`] gives the [`Stream`] of one
//! (place, step, draw). No state is shared between streams, so a result does not depend on how
//! work is split over threads.
//!
//! The generator is Philox 4×32 with ten rounds: J. K. Salmon, M. A. Moraes, R. O. Dror and
//! D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC '11 (2011). It is not meant for
//! secrets.

use core::convert::Infallible;

use rand_core::TryRng;

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: usize = 10;

/// One block of Philox 4×32-10: four 32-bit words from a 128-bit counter and a 64-bit key.
#[must_use]
pub fn philox4x32(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for round in 0..ROUNDS {
        if round > 0 {
            key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
        }
        let low = u64::from(counter[0]) * u64::from(MULTIPLIERS[0]);
        let high = u64::from(counter[2]) * u64::from(MULTIPLIERS[1]);
        counter = [
            (high >> 32) as u32 ^ counter[1] ^ key[0],
            high as u32,
            (low >> 32) as u32 ^ counter[3] ^ key[1],
            low as u32,
        ];
    }
    counter
}

/// A seed together with the purpose its draws serve.
///
/// Two purposes under one seed share no draws, so adding a random choice in one part of a program
/// leaves every other part's draws as they were.
///
/// ```
/// use rand_core::Rng;
/// use sanad_core::random::Streams;
///
/// let streams = Streams::new(42, "forecast");
/// let first = streams.at(7, 3, 0).next_u64();
/// let again = Streams::new(42, "forecast").at(7, 3, 0).next_u64();
/// assert_eq!(first, again);
/// assert_ne!(first, streams.at(7, 3, 1).next_u64());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Streams {
    key: [u32; 2],
}

impl Streams {
    /// Streams of `seed` for `purpose` (any short, stable text).
    #[must_use]
    pub fn new(seed: u64, purpose: &str) -> Self {
        let mixed = purpose.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, |state, byte| {
            // FNV-1a; only has to separate a handful of purposes before Philox mixes the rest.
            (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self { key: [mixed as u32, (mixed >> 32) as u32] }
    }

    /// The stream of one (place, step, draw), or of any other three indices.
    #[must_use]
    pub fn at(self, place: u32, step: u32, draw: u32) -> Stream {
        Stream { key: self.key, counter: [0, place, step, draw], block: [0; 4], used: 4 }
    }
}

/// A random stream of 2³⁴ 32-bit words; implements [`rand_core::Rng`].
#[derive(Debug, Clone)]
pub struct Stream {
    key: [u32; 2],
    counter: [u32; 4],
    block: [u32; 4],
    used: usize,
}

impl Stream {
    /// The next 32 random bits.
    pub fn word(&mut self) -> u32 {
        if self.used == self.block.len() {
            self.block = philox4x32(self.counter, self.key);
            self.counter[0] = self.counter[0].wrapping_add(1);
            self.used = 0;
        }
        self.used += 1;
        self.block[self.used - 1]
    }

    /// A number uniform on the open interval (0, 1), with 52 random bits; never 0 and never 1.
    ///
    /// ```
    /// let mut stream = sanad_core::random::Streams::new(1, "doc").at(0, 0, 0);
    /// let uniform = stream.open01();
    /// assert!(uniform > 0.0 && uniform < 1.0);
    /// ```
    pub fn open01(&mut self) -> f64 {
        let bits = (u64::from(self.word()) << 32 | u64::from(self.word())) >> 12;
        (bits as f64 + 0.5) * (1.0 / 4_503_599_627_370_496.0)
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.word())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let low = u64::from(self.word());
        Ok(u64::from(self.word()) << 32 | low)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(4) {
            let word = self.word().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::Rng;

    /// The known-answer vectors that the Random123 distribution publishes for philox4x32-10.
    #[test]
    fn philox_matches_the_published_vectors() {
        assert_eq!(
            philox4x32([0; 4], [0; 2]),
            [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
        );
        assert_eq!(
            philox4x32([u32::MAX; 4], [u32::MAX; 2]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        assert_eq!(
            philox4x32(
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0]
            ),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn purposes_and_indices_separate_streams() {
        let first = |streams: Streams, place, step, draw| streams.at(place, step, draw).next_u64();
        let base = Streams::new(7, "a");
        let words = [
            first(base, 0, 0, 0),
            first(base, 1, 0, 0),
            first(base, 0, 1, 0),
            first(base, 0, 0, 1),
            first(Streams::new(7, "b"), 0, 0, 0),
            first(Streams::new(8, "a"), 0, 0, 0),
        ];
        let mut distinct = words.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), words.len());
    }

    #[test]
    fn uniforms_have_the_mean_and_variance_of_a_uniform() {
        let mut stream = Streams::new(3, "uniform").at(0, 0, 0);
        let draws: Vec<f64> = (0..100_000).map(|_| stream.open01()).collect();
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        let variance =
            draws.iter().map(|u| (u - mean).powi(2)).sum::<f64>() / (draws.len() - 1) as f64;
        assert!((mean - 0.5).abs() < 0.003, "{mean}");
        assert!((variance - 1.0 / 12.0).abs() < 0.001, "{variance}");
    }

    #[test]
    fn bytes_are_the_words_in_little_endian_order() {
        let mut bytes = [0_u8; 6];
        Streams::new(5, "bytes").at(0, 0, 0).fill_bytes(&mut bytes);
        let mut stream = Streams::new(5, "bytes").at(0, 0, 0);
        assert_eq!(bytes[..4], stream.word().to_le_bytes());
        assert_eq!(bytes[4..], stream.word().to_le_bytes()[..2]);
    }
}
