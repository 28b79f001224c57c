//! What runs without a fault and yet gives numbers that may not be meant.
//!
//! A delay of order n is a chain of n stocks, each emptied over time/n; Euler's method follows such
//! a stock only while the step is no longer than that. With a longer one the numbers are those of
//! the step. The checks here compare the times of built-in functions and conveyors with the step: a
//! delay that is written out as stocks and flows is not recognised.

use std::collections::BTreeMap;

use sanad_core::{Progress, Silent};

use crate::compile::Model;
use crate::compile::ir::{CellId, NodeId};
use crate::compile::lower::{Cell, CellKind};
use crate::compile::scope::EntityId;
use crate::compile::time_scale::{ScaleDivision, TimeScale};
use crate::engine::block::BELT_SLOTS;
use crate::error::{Error, Problem, ProblemKind};
use crate::results::Results;
use crate::simulation::{Inputs, RunSettings};

/// Members whose times are compared with the step. The first ones of the ensemble; a time that is
/// short in a later one alone is not seen.
const MEMBERS: usize = 256;
/// Numbers kept for that; longer runs are looked at less often. About four millions, 32 MiB.
const KEPT: usize = 1 << 22;
/// Slack for comparing times, as a share of the step. So that 0.1 · 3 is a whole number of steps of
/// 0.1.
const SLACK: f64 = 1e-6;

impl Model {
    /// Faults that keep no run from running: delays, smooths and conveyors faster than the step
    /// can follow, times that are no whole number of steps, numbers that seem to have a comma for
    /// their point, and Vensim's PULSE where XMILE's is read.
    ///
    /// Times that vary are looked at along a run of the first 256 members. Times that are fixed are
    /// compared without a run; with no members only those are.
    ///
    /// # Errors
    ///
    /// As [`Model::simulation`] and [`Simulation::run`](crate::Simulation::run).
    ///
    /// ```
    /// use sanad_scenario::{Inputs, Limits, Model, RunSettings, read_xmile};
    /// let text = r#"<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
    ///   <sim_specs><start>0</start><stop>8</stop><dt>1</dt></sim_specs>
    ///   <model><variables><aux name="late"><eqn>DELAY3(TIME, 0.5)</eqn></aux></variables></model>
    ///   </xmile>"#;
    /// let model = Model::compile(&read_xmile(text.as_bytes(), &Limits::default())?)?;
    /// let found = model.numerical_problems(1, &Inputs::new(), &RunSettings::default())?;
    /// assert_eq!(found[0].variable(), "late");
    /// # Ok::<(), sanad_scenario::Error>(())
    /// ```
    pub fn numerical_problems(
        &self,
        members: usize,
        inputs: &Inputs,
        settings: &RunSettings,
    ) -> Result<Vec<Problem>, Error> {
        self.numerical_problems_reporting(members, inputs, settings, &Silent)
    }

    /// As [`numerical_problems`](Self::numerical_problems); `progress` hears of the run that looks at
    /// times that vary.
    ///
    /// # Errors
    ///
    /// As [`numerical_problems`](Self::numerical_problems).
    pub fn numerical_problems_reporting(
        &self,
        members: usize,
        inputs: &Inputs,
        settings: &RunSettings,
        progress: &dyn Progress,
    ) -> Result<Vec<Problem>, Error> {
        let mut problems = self.suspicions.clone();
        problems.extend(self.uneven_times(settings));
        problems.extend(self.fast_changes(members.min(MEMBERS), inputs, settings, progress)?);
        Ok(problems)
    }

    /// Times of the run that are no whole number of steps. Start to stop, and the save interval.
    /// Neither has a variable, so that the problem's is empty.
    fn uneven_times(&self, settings: &RunSettings) -> Vec<Problem> {
        let (start, stop, dt) = (self.specs.start, self.specs.stop, self.specs.step());
        let rest = |time: f64| {
            let steps = time / dt;
            ((steps - steps.round()).abs() > SLACK * steps.abs().max(1.0)).then_some(steps)
        };
        let mut problems = Vec::new();
        let mut note =
            |message: String| problems.push(Problem::new(ProblemKind::Numerics, message));
        if let Some(steps) = rest(stop - start) {
            let last = start + steps.floor() * dt;
            note(format!("the run ends at {last}, because {stop} is between two steps of {dt}"));
        }
        if let Some(interval) = settings.save_interval.or(self.specs.save_interval)
            && rest(interval).is_some()
        {
            let kept = (interval / dt).round().max(1.0) * dt;
            note(format!(
                "a row is saved every {kept}, because {interval} is no whole number of steps of {dt}"
            ));
        }
        problems
    }

    /// Delays, smooths and conveyors that change faster than the step can follow; one for each
    /// variable and function, of its shortest time.
    fn fast_changes(
        &self,
        members: usize,
        inputs: &Inputs,
        settings: &RunSettings,
        progress: &dyn Progress,
    ) -> Result<Vec<Problem>, Error> {
        let ranges = self.ranges(members, inputs, settings, progress)?;
        let mut worst: BTreeMap<(EntityId, &str), (f64, Problem)> = BTreeMap::new();
        for scale in &self.time_scales {
            let Some(&(least, most)) = ranges.get(&scale.time) else { continue };
            let Some(message) = too_fast(scale, least, most, self.specs.step()) else { continue };
            let owner = &self.cells[scale.owner as usize];
            let problem = Problem::new(ProblemKind::Numerics, message);
            let problem = problem.of(&self.cell_name(scale.owner), "");
            let known = worst.entry((owner.entity, &scale.name));
            known
                .and_modify(|known| {
                    if least < known.0 {
                        *known = (least, problem.clone());
                    }
                })
                .or_insert((least, problem));
        }
        Ok(worst.into_values().map(|(_, problem)| problem).collect())
    }

    /// Least and most value of every time scale along a run. By the node of the time. A time that
    /// is fixed has the same for both; one that varies is missing where no member is run.
    fn ranges(
        &self,
        members: usize,
        inputs: &Inputs,
        settings: &RunSettings,
        progress: &dyn Progress,
    ) -> Result<BTreeMap<NodeId, (f64, f64)>, Error> {
        let mut ranges = BTreeMap::new();
        let mut varying: Vec<(NodeId, CellId)> = Vec::new();
        let mut probed = None;
        for scale in &self.time_scales {
            if let Some(time) = self.graph.value(scale.time) {
                ranges.insert(scale.time, (time, time));
            } else if !varying.iter().any(|(node, _)| *node == scale.time) {
                // A cell of its own for the time, in a copy, so that it can be an output.
                let model = probed.get_or_insert_with(|| self.clone());
                let owner = &self.cells[scale.owner as usize];
                let (entity, place) = (owner.entity, owner.place);
                let kind = CellKind::Value(scale.time);
                varying.push((scale.time, model.cells.len() as CellId));
                model.cells.push(Cell { entity, place, kind, hidden: true });
            }
        }
        let Some(model) = probed.filter(|_| members > 0) else { return Ok(ranges) };
        let cells: Vec<CellId> = varying.iter().map(|(_, cell)| *cell).collect();
        let results = model.run_cells(&cells, members, inputs, settings, KEPT, progress)?;
        for (output, (node, _)) in varying.iter().enumerate() {
            ranges.insert(*node, range(&results, output, members));
        }
        Ok(ranges)
    }
}

/// The least and the greatest value of an output over members and times. NaN is passed over;
/// infinite and the wrong way round where nothing else is there.
fn range(results: &Results, output: usize, members: usize) -> (f64, f64) {
    let mut range = (f64::INFINITY, f64::NEG_INFINITY);
    for member in 0..members {
        for saved in 0..results.times().len() {
            let value = results.value(member, output, saved);
            range = (range.0.min(value), range.1.max(value));
        }
    }
    range
}

/// What is wrong with a time that is at least `least` and at most `most`, at steps of `dt`. `None`
/// where the step follows it. A belt has a longest time, too.
fn too_fast(scale: &TimeScale, least: f64, most: f64, dt: f64) -> Option<String> {
    let name = &scale.name;
    let parts = match scale.pace {
        ScaleDivision::Stages(order) => order as f64,
        ScaleDivision::Lag | ScaleDivision::Belt => 1.0,
    };
    let part = least / parts;
    if scale.pace == ScaleDivision::Belt && most > BELT_SLOTS as f64 * dt * (1.0 + SLACK) {
        return Some(format!("{name} reaches {most}; {BELT_SLOTS} steps are the most a belt has"));
    }
    if part >= dt * (1.0 - SLACK) {
        return None;
    }
    Some(match scale.pace {
        ScaleDivision::Stages(1) => format!(
            "{name} takes a time of {least}, which is shorter than the step of {dt}, so that its \
             values are those of the step and not of the delay; {}",
            advice(part)
        ),
        ScaleDivision::Stages(order) => format!(
            "{name} takes a time of {least}, in {order} stages of {part} that are shorter than the \
             step of {dt}, so that its values are those of the step and not of the delay; {}",
            advice(part)
        ),
        ScaleDivision::Lag => format!(
            "{name} looks back {least}, which is shorter than the step of {dt}; it looks back one \
             step"
        ),
        ScaleDivision::Belt => format!(
            "{name} is {least}, which is shorter than the step of {dt}; what enters stays one step"
        ),
    })
}

/// Which step would follow a fast part of the model. The longest that takes no more out of a stage
/// than is in it; none for a time of zero or below.
fn advice(part: f64) -> String {
    if part > 0.0 {
        format!("a step of at most {part} follows it")
    } else {
        "no step follows it".to_owned()
    }
}
