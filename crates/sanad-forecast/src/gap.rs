//! Forecasts of places from the end of a gap in which only sums over groups of them were known.
//!
//! A source may stop telling where things happened and go on telling how much. [`AfterGap`] joins
//! the two: the sums of groups are forecast from their whole past, and each draw of a sum is dealt out to the
//! places of the group by shares from before the gap. [`BeforeGap`] is what a model knows that
//! has the places alone: it stops where the gap begins.
//!
//! The shares are uncertain in the way in which places took turns: each draw takes its shares from one past
//! month of the group, picked with weights that halve with age, joined with a long-run mean in which
//! every place has a part. What is dealt out is then multinomial:
//!
//! > y ~ Multinomial(T, (1 − λ) · x_m / Σx_m + λ · ((1 − ε) · x̄ / Σx̄ + ε / n))
//!
//! where T is the drawn sum, x_m the group's counts in the picked month, x̄ their means with the same
//! weights, n the number of places, λ = [`LONG_RUN`] and ε = [`EVEN`]. Settings are judgements, made
//! before anything was scored with them.

use rand_distr::{Binomial, Distribution};
use sanad_core::random::{Stream, Streams};

use crate::draws::{Draws, Request};
use crate::error::{Error, same_len};
use crate::model::Model;
use crate::panel::{Panel, Past};

/// Age at which a month before the gap weighs half, in months.
pub const HALF_LIFE_MONTHS: f64 = 60.0;
/// Part of each draw's shares that is the long-run mean, 0 to 1.
pub const LONG_RUN: f64 = 0.25;
/// Part of the long-run mean that all places have alike, 0 to 1.
pub const EVEN: f64 = 0.02;

/// A model that sees places only up to where a gap began.
pub struct BeforeGap<M> {
    /// The model.
    pub model: M,
    /// Length of the gap, in months before the origin.
    pub gap_months: usize,
}

impl<M: Model> Model for BeforeGap<M> {
    fn name(&self) -> String {
        format!("{}-before-gap", self.model.name())
    }

    fn forecast(&self, past: &Past<'_>, request: &Request) -> Result<Draws, Error> {
        self.model.forecast(&before(past, self.gap_months)?, request)
    }
}

/// Sums of groups forecast by a model from their whole past, dealt out by shares from before a gap.
///
/// ```
/// use sanad_forecast::gap::AfterGap;
/// use sanad_forecast::{Benchmark, Model, Panel, Request};
///
/// // Two places of one group. In the gap of two months only their sum is known, 6 a month.
/// let target = vec![2.0, 2.0, 2.0, 6.0, 6.0, 0.0, 0.0, 0.0, 0.0, 0.0];
/// let panel = Panel::new(1, 2, 5, target)?.with_groups(vec![0, 0])?;
/// let model = AfterGap { model: Benchmark::OwnLast { months: 2 }, gap_months: 2 };
/// let draws = model.forecast(&panel.up_to(4)?, &Request::new(1..=1, 100, 1)?)?;
/// let sums = (0..100).map(|draw| draws.cell(0, 0)[draw] + draws.cell(1, 0)[draw]);
/// assert!(sums.into_iter().all(|sum| sum == 6));
/// # Ok::<(), sanad_forecast::Error>(())
/// ```
pub struct AfterGap<M> {
    /// The model of the sums.
    pub model: M,
    /// Length of the gap, in months before the origin.
    pub gap_months: usize,
}

impl<M: Model> Model for AfterGap<M> {
    fn name(&self) -> String {
        format!("{}-after-gap", self.model.name())
    }

    /// Draws of every place.
    ///
    /// The sums of the panel's groups are read from the places themselves, through the gap: give a panel
    /// whose values there add up to what is known of the groups, whichever place holds them.
    ///
    /// # Errors
    /// As the model's, and if the gap is longer than the past.
    fn forecast(&self, past: &Past<'_>, request: &Request) -> Result<Draws, Error> {
        let sums = sums(past)?;
        let levels = self.model.forecast(&sums.up_to(past.origin())?, request)?;
        deal_out(&levels, &before(past, self.gap_months)?, request)
    }
}

/// What was known before a gap that ends with the origin.
fn before<'a>(past: &Past<'a>, gap_months: usize) -> Result<Past<'a>, Error> {
    let origin = past.origin().checked_sub(gap_months);
    past.back_to(origin.ok_or_else(|| Error::history(past.origin(), "more months than the gap"))?)
}

/// The panel of the groups' sums. A month in which some place of a group is missing is missing.
fn sums(past: &Past<'_>) -> Result<Panel, Error> {
    let months = past.origin() + 1;
    let groups = groups_of(past);
    let mut values = vec![0.0; groups * months];
    for (place, &group) in past.groups().iter().enumerate() {
        for (month, value) in past.series(place).iter().enumerate() {
            values[group as usize * months + month] += value;
        }
    }
    Panel::new(past.origin_month_id() - past.origin() as i32, groups, months, values)
}

/// How many groups the places are in.
fn groups_of(past: &Past<'_>) -> usize {
    past.groups().iter().max().map_or(0, |&last| last as usize + 1)
}

/// Deals the draws of groups out to their places, by shares seen in `past`.
///
/// # Errors
/// If `levels` are not of the panel's groups.
pub fn deal_out(levels: &Draws, past: &Past<'_>, request: &Request) -> Result<Draws, Error> {
    same_len("groups of the draws", levels.places(), groups_of(past))?;
    let streams = Streams::new(request.seed(), &format!("gap/{}", past.origin_month_id()));
    let [steps, draws] = [levels.steps(), levels.draws()];
    let mut values = vec![0_u32; past.places() * steps * draws];
    for group in 0..levels.places() {
        let members: Vec<usize> =
            (0..past.places()).filter(|&place| past.groups()[place] as usize == group).collect();
        let shares = GroupShares::of(past, &members);
        for step in 0..steps {
            for (draw, &sum) in levels.cell(group, step).iter().enumerate() {
                let mut stream = streams.at(group as u32, step as u32, draw as u32);
                let dealt = shares.deal(sum, &mut stream);
                for (&place, count) in members.iter().zip(dealt) {
                    values[(place * steps + step) * draws + draw] = count;
                }
            }
        }
    }
    Draws::from_values(past.places(), steps, draws, values)
}

/// How the places of a group shared its counts before the gap.
struct GroupShares {
    /// Shares by place in each month that had any, oldest first.
    by_month: Vec<Vec<f64>>,
    /// Weights of those months, added up.
    cumulated: Vec<f64>,
    /// Long-run shares by place.
    long_run: Vec<f64>,
}

impl GroupShares {
    /// The shares of these places in all months up to the origin.
    fn of(past: &Past<'_>, members: &[usize]) -> Self {
        let mut by_month: Vec<Vec<f64>> = Vec::new();
        let mut cumulated = Vec::new();
        let mut mean = vec![0.0; members.len()];
        let mut weights = 0.0;
        for month in 0..=past.origin() {
            let counts: Vec<f64> = members.iter().map(|&place| past.series(place)[month]).collect();
            let sum: f64 = counts.iter().sum();
            // A month of which some place is not known says nothing of shares; its sum is no number.
            if sum.is_nan() || sum <= 0.0 {
                continue;
            }
            let weight = 0.5_f64.powf((past.origin() - month) as f64 / HALF_LIFE_MONTHS);
            weights += weight;
            for (mean, count) in mean.iter_mut().zip(&counts) {
                *mean += weight * count;
            }
            by_month.push(counts.iter().map(|count| count / sum).collect());
            cumulated.push(weights);
        }
        Self { by_month, cumulated, long_run: with_even_part(&mean) }
    }

    /// A sum dealt out to the places, by the shares of one month.
    fn deal(&self, sum: u32, stream: &mut Stream) -> Vec<u32> {
        // A group that never had any count has no month to pick.
        let month = self.cumulated.last().map(|weights| {
            let wanted = stream.open01() * weights;
            &self.by_month[self.cumulated.partition_point(|&so_far| so_far < wanted)]
        });
        let share = |place: usize| {
            let long_run = self.long_run[place];
            month.map_or(long_run, |month| (1.0 - LONG_RUN) * month[place] + LONG_RUN * long_run)
        };
        multinomial(sum, &(0..self.long_run.len()).map(share).collect::<Vec<_>>(), stream)
    }
}

/// Shares of a mean, with a part that all places have alike.
fn with_even_part(mean: &[f64]) -> Vec<f64> {
    let (sum, even) = (mean.iter().sum::<f64>(), 1.0 / mean.len().max(1) as f64);
    let share =
        |&mean: &f64| if sum > 0.0 { (1.0 - EVEN) * mean / sum + EVEN * even } else { even };
    mean.iter().map(share).collect()
}

/// Counts of each place, one binomial after the other: of what is left, each place has its share among
/// the places that are left.
fn multinomial(sum: u32, shares: &[f64], stream: &mut Stream) -> Vec<u32> {
    let mut left = sum;
    let mut share_left: f64 = shares.iter().sum();
    let last = shares.len().saturating_sub(1);
    let one = |(place, &share): (usize, &f64)| {
        let chance = if share_left > 0.0 { (share / share_left).clamp(0.0, 1.0) } else { 0.0 };
        let taken = match left {
            0 => 0,
            _ if place == last => left,
            // A chance between 0 and 1 is always accepted.
            _ => Binomial::new(u64::from(left), chance)
                .map_or(0, |binomial| binomial.sample(stream) as u32),
        };
        left -= taken.min(left);
        share_left -= share;
        taken
    };
    shares.iter().enumerate().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Benchmark;

    /// Three places in two groups over eight months.
    fn panel() -> Panel {
        let a = [4.0, 0.0, 8.0, 4.0, 9.0, 9.0, 9.0, 9.0];
        let b = [0.0, 4.0, 0.0, 4.0, 0.0, 0.0, 0.0, 0.0];
        let c = [1.0; 8];
        let target = [a, b, c].concat();
        Panel::new(1, 3, 8, target).unwrap().with_groups(vec![0, 0, 1]).unwrap()
    }

    fn model() -> AfterGap<Benchmark> {
        AfterGap { model: Benchmark::OwnLast { months: 4 }, gap_months: 4 }
    }

    #[test]
    fn places_add_up_to_their_group_in_every_draw() {
        let (panel, request) = (panel(), Request::new(1..=2, 500, 7).unwrap());
        let draws = model().forecast(&panel.up_to(7).unwrap(), &request).unwrap();
        for step in 0..2 {
            let pair = draws.cell(0, step).iter().zip(draws.cell(1, step));
            assert!(pair.clone().all(|(a, b)| a + b == 9));
            assert!(pair.clone().any(|(a, b)| *a > 0 && *b > 0));
            assert!(draws.cell(2, step).iter().all(|&count| count == 1));
        }
    }

    #[test]
    fn a_month_of_which_a_place_is_not_known_says_nothing_of_shares() {
        let values = [[4.0, 0.0, f64::NAN, 4.0], [0.0, 4.0, 8.0, 4.0]].concat();
        let panel = Panel::new(1, 2, 4, values).unwrap();
        let shares = GroupShares::of(&panel.up_to(3).unwrap(), &[0, 1]);
        assert_eq!(shares.by_month, [[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]]);
    }

    #[test]
    fn what_happened_to_places_inside_the_gap_changes_nothing() {
        let request = Request::new(1..=3, 200, 7).unwrap();
        let known = panel();
        let swapped: Vec<f64> = (0..3)
            .flat_map(|place| (0..8).map(move |month| (place, month)))
            .map(|(place, month)| match (place, month) {
                (0, 4..) => known.value(1, month).unwrap(),
                (1, 4..) => known.value(0, month).unwrap(),
                _ => known.value(place, month).unwrap(),
            })
            .collect();
        let other = Panel::new(1, 3, 8, swapped).unwrap().with_groups(vec![0, 0, 1]).unwrap();
        let forecast = |panel: &Panel| model().forecast(&panel.up_to(7).unwrap(), &request);
        assert_eq!(forecast(&known).unwrap(), forecast(&other).unwrap());
    }

    #[test]
    fn a_gap_longer_than_the_past_is_an_error() {
        let (panel, request) = (panel(), Request::new(1..=1, 10, 7).unwrap());
        let model = AfterGap { gap_months: 8, ..model() };
        assert!(model.forecast(&panel.up_to(7).unwrap(), &request).is_err());
    }

    #[test]
    fn a_group_that_was_always_quiet_is_dealt_out_evenly() {
        let quiet = Panel::new(1, 2, 2, vec![0.0; 4]).unwrap();
        let levels = Draws::from_values(1, 1, 1_000, vec![1; 1_000]).unwrap();
        let request = Request::new(1..=1, 1_000, 3).unwrap();
        let dealt = deal_out(&levels, &quiet.up_to(1).unwrap(), &request).unwrap();
        let first: u32 = dealt.cell(0, 0).iter().sum();
        assert!((400..600).contains(&first), "{first}");
    }
}
