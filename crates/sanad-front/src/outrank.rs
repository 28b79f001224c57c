//! Outranking: places compared pair by pair, so that no indicator makes good for another.
//!
//! OECD/JRC (2008), § 6.2 (non-compensatory multi-criteria approach): a place gets, against each
//! other place, the weight of the indicators on which it stands higher, and half the weight of
//! ties. Copeland's score counts duels won less duels lost.

use crate::error::{Error, Result};

/// Pairwise comparison of places.
#[derive(Debug, Clone, PartialEq)]
pub struct Duels {
    places: usize,
    /// Places × places: weight for the row against the column, in [0, 1]; `NaN` where no
    /// indicator covers both.
    weights: Vec<f64>,
}

impl Duels {
    /// Compares `scores` (places × indicators, row-major, `NaN` for gaps) under `weights`; a pair
    /// is judged by the indicators that both places have.
    ///
    /// # Errors
    /// Where the lengths do not agree.
    pub fn new(scores: &[f64], weights: &[f64]) -> Result<Self> {
        let indicators = weights.len();
        if indicators == 0 || !scores.len().is_multiple_of(indicators) {
            return Err(Error::shape("scores per place", indicators, scores.len()));
        }
        let rows: Vec<&[f64]> = scores.chunks(indicators).collect();
        let duels = rows
            .iter()
            .flat_map(|own| rows.iter().map(|other| duel(own, other, weights)))
            .collect();
        Ok(Self { places: rows.len(), weights: duels })
    }

    /// Weight for `place` against `other`, in [0, 1].
    ///
    /// ```
    /// use sanad_front::outrank::Duels;
    ///
    /// // The second place stands higher on an indicator of weight 3, and ties on one of weight 1.
    /// let duels = Duels::new(&[1.0, 5.0, 2.0, 5.0], &[3.0, 1.0])?;
    /// assert_eq!(duels.weight(1, 0), 3.5 / 4.0);
    /// # Ok::<(), sanad_front::Error>(())
    /// ```
    #[must_use]
    pub fn weight(&self, place: usize, other: usize) -> f64 {
        self.weights[place * self.places + other]
    }

    /// Copeland's score on 0–100, 50 + 50 · (won − lost) / met: 100 for a place that wins every duel, 50 where it wins as many
    /// as it loses; `NaN` for a place that meets nobody.
    ///
    /// ```
    /// use sanad_front::outrank::Duels;
    ///
    /// let scores = [3.0, 3.0, 1.0, 2.0, 2.0, 2.0, 1.0, 1.0, 3.0];
    /// let copeland = Duels::new(&scores, &[1.0, 1.0, 1.0])?.copeland();
    /// assert_eq!(copeland, [100.0, 50.0, 0.0]);
    /// # Ok::<(), sanad_front::Error>(())
    /// ```
    #[must_use]
    pub fn copeland(&self) -> Vec<f64> {
        (0..self.places)
            .map(|place| {
                let met = (0..self.places)
                    .filter(|&other| other != place && !self.weight(place, other).is_nan());
                let (mut net, mut duels) = (0.0, 0.0);
                for other in met {
                    net += won(self.weight(place, other)) - won(self.weight(other, place));
                    duels += 1.0;
                }
                50.0 + 50.0 * net / duels
            })
            .collect()
    }
}

/// The weight of the indicators on which `own` stands higher, with half the weight of ties, over the
/// weight of all that both have; `NaN` where there are none.
fn duel(own: &[f64], other: &[f64], weights: &[f64]) -> f64 {
    let (mut for_own, mut all) = (0.0, 0.0);
    for ((own, other), weight) in own.iter().zip(other).zip(weights) {
        if own.is_nan() || other.is_nan() {
            continue;
        }
        all += weight;
        for_own += if own > other {
            *weight
        } else if own < other {
            0.0
        } else {
            weight / 2.0
        };
    }
    for_own / all
}

/// 1 for a duel won, 0 for one lost or tied; 1e-12 keeps a tie from hanging on rounding.
fn won(weight: f64) -> f64 {
    f64::from(u8::from(weight > 0.5 + 1e-12))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duels_of_a_pair_sum_to_one() {
        let duels = Duels::new(&[1.0, 5.0, 2.0, 5.0], &[3.0, 1.0]).expect("fits");
        assert_eq!(duels.weight(1, 0), 3.5 / 4.0);
        assert_eq!(duels.weight(0, 1) + duels.weight(1, 0), 1.0);
    }

    #[test]
    fn a_condorcet_winner_comes_first() {
        let scores = [1.0, 3.0, 3.0, 3.0, 2.0, 2.0, 2.0, 1.0, 1.0];
        let duels = Duels::new(&scores, &[1.0; 3]).expect("fits");
        assert_eq!(duels.copeland()[0], 100.0);
    }

    /// Scores of places from groups of indicators that order them alike, best place first.
    fn profile(groups: &[(usize, [usize; 4])], places: usize) -> Duels {
        let weights: Vec<f64> = groups.iter().map(|(count, _)| *count as f64).collect();
        let scores: Vec<f64> = (0..places)
            .flat_map(|place| groups.iter().map(move |(_, order)| (place, order)))
            .map(|(place, order)| {
                -(order.iter().position(|&other| other == place).expect("listed") as f64)
            })
            .collect();
        Duels::new(&scores, &weights).expect("fits")
    }

    /// OECD/JRC (2008), Tables 25 and 27 (after Moulin 1988): c wins every duel.
    #[test]
    fn the_handbooks_condorcet_example() {
        let groups = [(3, [0, 1, 2, 3]), (5, [0, 2, 1, 3]), (7, [1, 3, 2, 0]), (6, [2, 1, 3, 0])];
        let duels = profile(&groups, 4);
        assert!((duels.weight(1, 3) - 1.0).abs() < 1e-12);
        assert!((duels.weight(2, 3) - 14.0 / 21.0).abs() < 1e-12);
        assert!((duels.weight(3, 0) - 13.0 / 21.0).abs() < 1e-12);
        assert_eq!(duels.copeland()[2], 100.0);
    }

    /// OECD/JRC (2008), Tables 28 and 30 (Condorcet 1785): a cycle, in which every place wins one
    /// duel and loses one.
    #[test]
    fn the_handbooks_cycle_leaves_its_places_level() {
        let groups = [
            (23, [0, 1, 2, 3]),
            (17, [1, 2, 0, 3]),
            (2, [1, 0, 2, 3]),
            (10, [2, 0, 1, 3]),
            (8, [2, 1, 0, 3]),
        ];
        let duels = profile(&groups, 3);
        let weights = [duels.weight(0, 1), duels.weight(1, 2), duels.weight(2, 0)];
        for (found, count) in weights.into_iter().zip([33.0, 42.0, 35.0]) {
            assert!((found - count / 60.0).abs() < 1e-12);
        }
        assert_eq!(duels.copeland(), [50.0; 3]);
    }
}
