//! Whole paths of a filter's members: what each had at every saved time, and where it came from.

use super::filter::MagnitudeSource;
use super::set_filter::{SetFilter, SetSetup};
use crate::engine::program::Register;

/// What a filter's members had on the way, and their places among the members of the step before.
#[derive(Debug, Clone, Default)]
pub(super) struct PathRecord {
    /// By saved time: the registers of [`registers`], each with all members.
    saved: Vec<Vec<f64>>,
    /// By saved time: each member's place at the saved time before; `None` where all stayed.
    parents: Vec<Option<Vec<u32>>>,
    /// The same since the last saved time.
    since: Option<Vec<u32>>,
}

/// The registers that are kept: the outputs, then of each observed variable its value and the size of
/// its noise, if that is one.
fn registers(shared: &SetSetup<'_, '_>) -> Vec<Register> {
    let observed = shared.setup.observed.iter().flat_map(|variable| {
        let size = match variable.magnitude {
            MagnitudeSource::Register(register) => Some(register),
            MagnitudeSource::Number(_) => None,
        };
        [Some(variable.register), size].into_iter().flatten()
    });
    shared.setup.outputs.iter().copied().chain(observed).collect()
}

impl PathRecord {
    /// Keeps the stocks that have noise as they stand after a step.
    pub(super) fn keep_stocks(&mut self, shared: &SetSetup<'_, '_>, filter: &SetFilter<'_, '_>) {
        let stocks = shared.setup.stocks.iter();
        self.saved.push(stocks.flat_map(|stock| filter.values(stock.state)).collect());
        self.parents.push(filter.parents().map(<[u32]>::to_vec));
    }

    /// The stocks on the way of the member at a place after the last step: by step after the first
    /// and stock.
    pub(super) fn stocks(&self, shared: &SetSetup<'_, '_>, last: usize) -> Vec<f64> {
        let stocks = shared.setup.stocks.len();
        let mut path = vec![0.0; self.saved.len().saturating_sub(1) * stocks];
        let mut place = last;
        for step in (1..self.saved.len()).rev() {
            let members = self.saved[step].len() / stocks.max(1);
            for stock in 0..stocks {
                path[(step - 1) * stocks + stock] = self.saved[step][stock * members + place];
            }
            place = self.parents[step].as_ref().map_or(place, |own| own[place] as usize);
        }
        path
    }

    /// Keeps the members as they stand after a step.
    pub(super) fn keep(&mut self, shared: &SetSetup<'_, '_>, filter: &SetFilter<'_, '_>) {
        if let Some(parents) = filter.parents() {
            let before = self.since.take();
            let place = |&parent: &u32| before.as_ref().map_or(parent, |own| own[parent as usize]);
            self.since = Some(parents.iter().map(place).collect());
        }
        if filter.step().is_multiple_of(shared.plan.save_every) {
            let kept = registers(shared);
            self.saved.push(kept.iter().flat_map(|&register| filter.values(register)).collect());
            self.parents.push(self.since.take());
        }
    }

    /// The path of the member at a place after the last step: by saved time the outputs, and what a
    /// record would show of each observed variable.
    pub(super) fn line(&self, shared: &SetSetup<'_, '_>, last: usize, key: u32) -> Vec<f64> {
        let own = |parents: &Option<Vec<u32>>, place: usize| {
            parents.as_ref().map_or(place, |parents| parents[place] as usize)
        };
        // Drawn anew since the last saved time: the member's place then.
        let mut place = own(&self.since, last);
        let mut places = vec![0; self.saved.len()];
        for saved in (0..self.saved.len()).rev() {
            places[saved] = place;
            place = own(&self.parents[saved], place);
        }
        let outputs = shared.setup.outputs.len();
        let mut line = Vec::new();
        for (saved, (values, place)) in self.saved.iter().zip(&places).enumerate() {
            let members = (values.len() / registers(shared).len().max(1)).max(1);
            let mut kept = values.iter().copied().skip(*place).step_by(members);
            line.extend(kept.by_ref().take(outputs));
            for (number, variable) in shared.setup.observed.iter().enumerate() {
                // The order is that of `registers`: the value, and its size where that is a register.
                let Some(mean) = kept.next() else { continue };
                let size = match variable.magnitude {
                    MagnitudeSource::Number(size) => size,
                    MagnitudeSource::Register(_) => {
                        let Some(size) = kept.next() else { continue };
                        size
                    }
                };
                let step = (saved * shared.plan.save_every) as u32;
                let mut stream = shared.streams.at(key, step, 3 + number as u32);
                line.push(variable.density.draw(mean, size, &mut stream));
            }
        }
        line
    }
}
