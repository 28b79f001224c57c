//! Outranking: places compared pair by pair, so that no indicator makes good for another.
//!
//! OECD/JRC (2008), § 6.2 (non-compensatory multi-criteria approach): a place gets, against each
//! other place, the weight of the indicators on which it stands higher, and half the weight of
//! ties. Copeland's score counts duels won less duels lost; the Kemeny–Young ranking (Condorcet's
//! principle as read by Young & Levenglick 1978) is the order that agrees with the most weight.

use crate::error::{Error, Result};

/// Pairwise comparison of places.
#[derive(Debug, Clone, PartialEq)]
pub struct Duels {
    places: usize,
    /// Places × places: weight for the row against the column, in [0, 1]; `NaN` where no
    /// indicator covers both.
    weights: Vec<f64>,
}

/// The largest number of places for which [`Duels::kemeny`] searches all orders.
pub const MAX_KEMENY_PLACES: usize = 18;

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
    #[must_use]
    pub fn weight(&self, place: usize, other: usize) -> f64 {
        self.weights[place * self.places + other]
    }

    /// Copeland's score on 0–100: 100 for a place that wins every duel, 50 where it wins as many
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

    /// The Kemeny–Young order, best place first; of several equal ones the first in the order of
    /// places. Exact, by dynamic programming over sets of places.
    ///
    /// # Errors
    /// More than [`MAX_KEMENY_PLACES`] places: finding the order is NP-hard.
    pub fn kemeny(&self) -> Result<Vec<usize>> {
        if self.places > MAX_KEMENY_PLACES {
            return Err(Error::setting("kemeny", "too many places for an exact order"));
        }
        let sets = 1_usize << self.places;
        let mut best = vec![f64::NEG_INFINITY; sets];
        let mut first = vec![0_usize; sets];
        best[0] = 0.0;
        // `best[set]` is the most weight an order of `set` can agree with; its first place is
        // set before all others of the set.
        for set in 1..sets {
            for place in (0..self.places).filter(|place| set >> place & 1 == 1) {
                let rest = set & !(1 << place);
                let agreed = best[rest] + self.agreement(place, rest);
                if agreed > best[set] + 1e-12 {
                    best[set] = agreed;
                    first[set] = place;
                }
            }
        }
        let mut set = sets - 1;
        Ok((0..self.places)
            .map(|_| {
                let place = first[set];
                set &= !(1 << place);
                place
            })
            .collect())
    }

    fn agreement(&self, place: usize, rest: usize) -> f64 {
        (0..self.places)
            .filter(|other| rest >> other & 1 == 1)
            .map(|other| self.weight(place, other))
            .filter(|weight| !weight.is_nan())
            .sum()
    }
}

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
    fn the_kemeny_order_agrees_with_a_search_of_all_orders() {
        let scores: Vec<f64> = (0..25).map(|k| f64::from((k * 17 + k * k) % 23)).collect();
        let duels = Duels::new(&scores, &[1.0, 2.0, 1.5, 0.7, 1.1]).expect("fits");
        let agreed = |order: &[usize]| -> f64 {
            (0..5)
                .flat_map(|i| (i + 1..5).map(move |j| (i, j)))
                .map(|(i, j)| duels.weight(order[i], order[j]))
                .sum()
        };
        let mut top = 0.0_f64;
        for code in 0..5_usize.pow(5) {
            let order: Vec<usize> = (0..5).map(|k| code / 5_usize.pow(k) % 5).collect();
            let distinct = (0..5).all(|place| order.contains(&place));
            if distinct {
                top = top.max(agreed(&order));
            }
        }
        let found = duels.kemeny().expect("few places");
        assert!((agreed(&found) - top).abs() < 1e-9);
    }

    #[test]
    fn a_condorcet_winner_comes_first() {
        let scores = [1.0, 3.0, 3.0, 3.0, 2.0, 2.0, 2.0, 1.0, 1.0];
        let duels = Duels::new(&scores, &[1.0; 3]).expect("fits");
        assert_eq!(duels.kemeny().expect("few"), [0, 1, 2]);
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

    /// OECD/JRC (2008), Tables 25 and 27 (after Moulin 1988): the order is c, b, d, a.
    #[test]
    fn the_handbooks_condorcet_example() {
        let groups = [(3, [0, 1, 2, 3]), (5, [0, 2, 1, 3]), (7, [1, 3, 2, 0]), (6, [2, 1, 3, 0])];
        let duels = profile(&groups, 4);
        assert!((duels.weight(1, 3) - 1.0).abs() < 1e-12);
        assert!((duels.weight(2, 3) - 14.0 / 21.0).abs() < 1e-12);
        assert!((duels.weight(3, 0) - 13.0 / 21.0).abs() < 1e-12);
        assert_eq!(duels.kemeny().expect("few"), [2, 1, 3, 0]);
        assert_eq!(duels.copeland()[2], 100.0);
    }

    /// OECD/JRC (2008), Tables 28 and 30 (Condorcet 1785): a cycle, broken where it is weakest.
    #[test]
    fn the_handbooks_cycle_is_broken_at_its_weakest_duel() {
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
        assert_eq!(duels.kemeny().expect("few"), [1, 2, 0]);
    }

    #[test]
    fn too_many_places_are_refused() {
        let duels = Duels::new(&[0.0; MAX_KEMENY_PLACES + 1], &[1.0]).expect("fits");
        assert!(duels.kemeny().is_err_and(|error| error.is_setting()));
    }
}
