//! The sign of an effect, found by moving one value of a reference run.
//!
//! At a moment with values v, an expression e and a cause c, the sign is that of e(v with c + h) −
//! e(v with c − h). h is 0.1 % of the cause's size; where that moves nothing (a step, a condition,
//! a flat part of a curve) it is 10 %. Of a cause that is zero, h is 0.001 and 0.1 in its own unit.

use crate::compile::Model;
use crate::compile::ir::{CellId, NodeId, Op, operands};
use crate::engine::block::{Plan, run_block};
use crate::engine::program::{run_program, start_program};
use crate::engine::special::{Moment, evaluate};
use crate::error::Error;
use crate::graph::Polarity;
use sanad_core::random::Streams;

/// Moments looked at. At most, at equal distances from the start on.
const MOMENTS: usize = 17;
/// Relative moves tried; the larger one is for effects behind a threshold. Shares of the cause's
/// value, either way.
const MOVES: [f64; 2] = [1e-3, 0.1];

/// The values of all cells at moments of the model's own run. Every cell is kept, hidden states
/// too, because a link may begin at one.
pub(super) struct ReferenceRun<'m> {
    model: &'m Model,
    moments: Vec<Moment>,
    /// By moment and cell.
    values: Vec<Vec<f64>>,
}

/// Points that effects are looked at side by side. The width of the block that the reference run
/// is; only its first member is read.
const W: usize = 8;

impl<'m> ReferenceRun<'m> {
    /// The model run once, which gives the values around which effects are looked at. With the
    /// model's own method, the constants as written and seed 0.
    ///
    /// # Errors
    ///
    /// If the values kept, or the memory of a delay, exceed the limit.
    pub(super) fn new(model: &'m Model) -> Result<Self, Error> {
        let cells: Vec<CellId> = (0..model.cells.len() as CellId).collect();
        let run = run_program(model, &cells)?;
        let start = start_program(model, &run.states)?;
        let defaults: Vec<f64> = model.constants.iter().map(|constant| constant.value).collect();
        let dt = model.specs.step();
        let steps = model.specs.whole_steps();
        let save_every = steps.div_ceil(MOMENTS - 1).max(1);
        let streams = Streams::new(0, "scenario: model");
        let plan = Plan {
            run: &run,
            start: &start,
            tables: &model.tables,
            devices: &model.devices,
            defaults: &defaults,
            varied: &[],
            method: model.specs.method,
            start_time: model.specs.start,
            dt,
            steps,
            save_every,
            streams,
            history_limit: model.limits.kept_values,
            after_steps: &|_| (),
        };
        let row = cells.len() * W;
        let size = row.saturating_mul(plan.saves());
        if size > model.limits.kept_values {
            return Err(Error::too_large("reference run", size, model.limits.kept_values));
        }
        let mut rows = vec![0.0; size];
        run_block::<W>(&plan, 0, &[], &mut rows)?;
        let values =
            rows.chunks_exact(row.max(1)).map(|row| row.iter().step_by(W).copied().collect());
        let moment = |save: usize| {
            let step = save * save_every;
            let time = model.specs.start + step as f64 * dt;
            Moment { time, dt, step: step as u32, streams }
        };
        Ok(Self {
            model,
            moments: (0..plan.saves()).map(moment).collect(),
            values: values.collect(),
        })
    }

    /// The direction in which `node` moves with `cause`. `Unseen` where no move at any moment
    /// changes it, or the cause is finite at none; `Mixed` as soon as two moments disagree.
    pub(super) fn polarity(&self, node: NodeId, cause: CellId) -> Polarity {
        let order = self.reached(node);
        let mut found = Polarity::Unseen;
        for (moment, values) in self.moments.iter().zip(&self.values) {
            let base = values[cause as usize];
            if !base.is_finite() {
                continue;
            }
            for relative in MOVES {
                let reach = relative * if base == 0.0 { 1.0 } else { base.abs() };
                let at = |value: f64| self.evaluate(&order, moment, values, cause, value);
                let change = at(base + reach) - at(base - reach);
                let sign = if change > 0.0 {
                    Polarity::Positive
                } else if change < 0.0 {
                    Polarity::Negative
                } else {
                    continue;
                };
                found = found.in_parallel_with(sign);
                break;
            }
            if found == Polarity::Mixed {
                break;
            }
        }
        found
    }

    /// Nodes under `node` in an order of evaluation. Rising numbers, since a node is made after its
    /// operands; `node` itself comes last.
    fn reached(&self, node: NodeId) -> Vec<NodeId> {
        let mut seen = std::collections::BTreeSet::new();
        let mut stack = vec![node];
        while let Some(node) = stack.pop() {
            if seen.insert(node) {
                operands(self.model.graph.op(node), &mut |operand| stack.push(operand));
            }
        }
        seen.into_iter().collect()
    }

    /// A value computed anew with one cause moved a little. Everything else is as it was at the
    /// moment: the cause's own effects on other cells are not followed here, but by the links that
    /// they are.
    fn evaluate(
        &self,
        order: &[NodeId],
        moment: &Moment,
        values: &[f64],
        cause: CellId,
        moved: f64,
    ) -> f64 {
        let mut known: std::collections::BTreeMap<NodeId, f64> = std::collections::BTreeMap::new();
        for &node in order {
            let of = |operand: NodeId| known[&operand];
            let value = match self.model.graph.op(node) {
                Op::Constant(bits) => f64::from_bits(*bits),
                Op::Parameter(place) => self.model.constants[*place as usize].value,
                Op::Cell(cell) if *cell == cause => moved,
                Op::Cell(cell) => values[*cell as usize],
                Op::Time => moment.time,
                Op::Unary(function, a) => function.apply(of(*a)),
                Op::Binary(function, a, b) => function.apply(of(*a), of(*b)),
                Op::Select(a, b, c) => {
                    if of(*a) != 0.0 {
                        of(*b)
                    } else {
                        of(*c)
                    }
                }
                Op::Lookup(table, a) => self.model.tables[*table as usize].at(of(*a)),
                Op::Index(items) => {
                    let number = of(items[0]).round();
                    let inside = number >= 1.0 && number <= (items.len() - 2) as f64;
                    of(if inside { items[number as usize + 1] } else { items[1] })
                }
                Op::Special(special, items) => {
                    let given: Vec<f64> = items.iter().map(|&item| of(item)).collect();
                    evaluate(*special, &given, moment, 0)
                }
            };
            known.insert(node, value);
        }
        order.last().map_or(f64::NAN, |last| known[last])
    }
}
