//! Parts of a file into one, in order.

use std::collections::{BTreeMap, BTreeSet};

use rayon::slice::ParallelSliceMut;
use sanad_core::diagnostic::{Diagnostic, Issue};
use sanad_core::event::{Events, Words};

use super::Ged;
use super::coverage::{self, EventExtent};
use super::header::Field;
use super::parts::{EventPart, Foreknowledge, PartTotals};
use super::release::Release;
use super::rows::{DAY_EXPECTED, DAY_FIELDS, StretchRows, UnorderedDays};
use super::text::Dictionary;
use crate::error::Result;
use crate::value::{DayEvidence, DayOrder, Value};

/// Applies an expression to every column of numbers.
macro_rules! for_numbers {
    (|$name:ident| $each:expr) => {
        for_numbers!(@ $name, $each; id row start_day end_day date_prec violence conflict_id
            dyad_id side_a_id side_b_id country_id where_prec latitude longitude deaths_a
            deaths_b deaths_civilians deaths_unknown deaths_best deaths_low deaths_high)
    };
    (@ $name:ident, $each:expr; $($column:ident)+) => {
        $({ macro_rules! $name { ($of:expr) => { $of.$column } } $each })+
    };
}

/// Everything read so far.
pub(super) struct Whole {
    events: Events,
    dictionaries: [Dictionary; 5],
    diagnostics: Vec<Diagnostic>,
    rows: u64,
    first_row: u64,
    deaths_in: i64,
    day_evidence: [DayEvidence; 2],
    unordered: Vec<UnorderedDays>,
    /// Whether a day needed an order that was not known when its part was taken.
    undecided: bool,
    /// What the parts that were taken come to.
    extent: EventExtent,
    kept: u64,
    deaths_kept: i64,
}

impl Whole {
    /// Nothing yet; the first row will have number `first_row`.
    pub(super) fn new(first_row: u64, diagnostics: Vec<Diagnostic>) -> Self {
        Self {
            events: Events::default(),
            dictionaries: Default::default(),
            diagnostics,
            rows: 0,
            first_row,
            deaths_in: 0,
            day_evidence: Default::default(),
            unordered: Vec::new(),
            undecided: false,
            extent: EventExtent::default(),
            kept: 0,
            deaths_kept: 0,
        }
    }

    /// The number that the next row will have.
    pub(super) const fn next_row(&self) -> u64 {
        self.first_row + self.rows
    }

    /// Adds the part that follows.
    pub(super) fn add(&mut self, mut part: StretchRows) {
        let offset = self.next_row();
        part.events.row.iter_mut().for_each(|row| {
            *row = u32::try_from(u64::from(*row) + offset).unwrap_or(u32::MAX);
        });
        part.diagnostics.iter_mut().for_each(|diagnostic| diagnostic.row += offset);
        let events_before = self.events.len();
        for (all, of_part) in self.day_evidence.iter_mut().zip(part.day_evidence) {
            all.append(of_part, offset);
        }
        part.unordered.iter_mut().for_each(|one| one.event += events_before);
        self.unordered.append(&mut part.unordered);
        for_numbers!(|column| column!(self.events).append(&mut column!(part.events)));
        let columns = words(&mut self.events);
        let texts = part.texts.into_iter().zip(&mut self.dictionaries);
        for (column, (texts, dictionary)) in columns.into_iter().zip(texts) {
            texts.append_to(column, dictionary);
        }
        self.diagnostics.append(&mut part.diagnostics);
        self.rows += part.rows;
        self.deaths_in = self.deaths_in.saturating_add(part.deaths_in);
    }

    /// How many events and remarks are held.
    pub(super) fn held(&self) -> usize {
        self.events.len() + self.diagnostics.len()
    }

    /// Puts days in the order that the columns have, leaves out rows whose id came before, and closes
    /// the file.
    ///
    /// # Errors
    ///
    /// [`Error::DateOrder`](crate::Error::DateOrder).
    pub(super) fn finish(mut self, release: Option<Release>) -> Result<Ged> {
        let orders = self.day_orders()?;
        self.settle(orders, repeated_ids);
        Ok(Ged {
            coverage: coverage::infer(&EventExtent::of(&self.events), release),
            deaths_kept: deaths(&self.events),
            rows_read: self.rows,
            events: self.events,
            diagnostics: self.diagnostics,
            deaths_in: self.deaths_in,
            release,
        })
    }

    /// Hands out the events and remarks that are held, with what is known of the whole file. Nothing
    /// where a day needs an order that is not known: these rows have to be read again.
    pub(super) fn take_part(&mut self, known: &mut Foreknowledge) -> Option<EventPart> {
        self.undecided |= known.day_orders.is_none() && !self.unordered.is_empty();
        let part = self.take(known.day_orders.unwrap_or([DayOrder::MonthFirst; 2]), known);
        (!self.undecided).then_some(part)
    }

    /// Hands out the events and remarks that are held, with days in these orders.
    pub(super) fn take(&mut self, orders: [DayOrder; 2], known: &mut Foreknowledge) -> EventPart {
        self.settle(orders, |events| known.later_ones(&events.id));
        self.unordered.clear();
        let events = core::mem::take(&mut self.events);
        let diagnostics = core::mem::take(&mut self.diagnostics);
        self.extent.add(&events);
        self.kept += events.len() as u64;
        self.deaths_kept = self.deaths_kept.saturating_add(deaths(&events));
        EventPart { events, diagnostics }
    }

    /// What all parts together come to. Nothing where the rows have to be read again, with what `known`
    /// says now.
    ///
    /// # Errors
    ///
    /// [`Error::DateOrder`](crate::Error::DateOrder).
    pub(super) fn totals(
        &self,
        known: &mut Foreknowledge,
        release: Option<Release>,
    ) -> Result<Option<PartTotals>> {
        if known.day_orders.is_none() {
            let orders = self.day_orders()?;
            if self.undecided {
                known.day_orders = Some(orders);
                return Ok(None);
            }
        }
        Ok(Some(self.sums(release)))
    }

    /// What the parts that were handed out come to.
    pub(super) fn sums(&self, release: Option<Release>) -> PartTotals {
        PartTotals {
            rows_read: self.rows,
            records_kept: self.kept,
            deaths_in: self.deaths_in,
            deaths_kept: self.deaths_kept,
            coverage: coverage::infer(&self.extent, release),
            release,
            set_aside: BTreeMap::new(),
        }
    }

    /// Which number is the month, for both columns of days.
    fn day_orders(&self) -> Result<[DayOrder; 2]> {
        let columns: [(&str, &DayEvidence); 2] =
            core::array::from_fn(|at| (DAY_FIELDS[at].name(), &self.day_evidence[at]));
        let orders = DayEvidence::orders(&columns)?;
        Ok([orders[0], orders[1]])
    }

    /// Settles what the rows that are held leave open: the order of their days, and which of them an
    /// earlier row has already.
    fn settle(&mut self, orders: [DayOrder; 2], repeated: impl FnOnce(&Events) -> Vec<usize>) {
        let dictionaries = core::mem::take(&mut self.dictionaries);
        for (column, dictionary) in words(&mut self.events).into_iter().zip(dictionaries) {
            column.values = dictionary.into_values();
        }
        let mut faults = self.order_days(orders);
        self.leave_out(&mut faults);
        let repeated = repeated(&self.events);
        let mut faults: Vec<(usize, Diagnostic)> =
            repeated.into_iter().map(|at| (at, duplicate(&self.events, at))).collect();
        self.leave_out(&mut faults);
    }

    /// Gives events their days in the order that the columns have; those that have none then, by
    /// position, with a remark.
    fn order_days(&mut self, orders: [DayOrder; 2]) -> Vec<(usize, Diagnostic)> {
        let mut faults = Vec::new();
        for one in &self.unordered {
            let row = u64::from(self.events.row[one.event]);
            let wrong = |at: usize, issue: Issue, expected: &str| {
                let field = DAY_FIELDS[at].name();
                (one.event, Diagnostic::rejected(row, field, issue, &one.found[at], expected))
            };
            let days = [0, 1].map(|at| one.written[at].in_order(orders[at]));
            match days {
                [Value::Is(start), Value::Is(end)] if start <= end => {
                    self.events.start_day[one.event] = start;
                    self.events.end_day[one.event] = end;
                }
                [Value::Is(start), Value::Is(_)] => {
                    let start = sanad_core::event::number_day(start);
                    let expected = format!("a day not before date_start, {start}");
                    faults.push(wrong(1, Issue::Backwards, &expected));
                }
                [Value::Is(_), _] => faults.push(wrong(1, Issue::BadDate, DAY_EXPECTED)),
                _ => faults.push(wrong(0, Issue::BadDate, DAY_EXPECTED)),
            }
        }
        faults
    }

    /// Leaves out the events at these positions, in order, and says so of everything that was
    /// remarked upon their rows.
    fn leave_out(&mut self, faults: &mut Vec<(usize, Diagnostic)>) {
        if faults.is_empty() {
            return;
        }
        let rows: BTreeSet<u64> = faults.iter().map(|(_, diagnostic)| diagnostic.row).collect();
        self.diagnostics
            .iter_mut()
            .for_each(|diagnostic| diagnostic.kept &= !rows.contains(&diagnostic.row));
        let positions: Vec<usize> = faults.iter().map(|(at, _)| *at).collect();
        self.diagnostics.extend(faults.drain(..).map(|(_, diagnostic)| diagnostic));
        self.diagnostics.sort_by_key(|diagnostic| diagnostic.row);
        leave_out(&mut self.events, &positions);
    }
}

/// The columns of texts, in the order of [`TEXT_FIELDS`](super::rows::TEXT_FIELDS).
fn words(events: &mut Events) -> [&mut Words; 5] {
    [
        &mut events.side_a,
        &mut events.side_b,
        &mut events.country,
        &mut events.adm1,
        &mut events.adm2,
    ]
}

/// Best estimates of deaths of all events.
fn deaths(events: &Events) -> i64 {
    events.deaths_best.iter().map(|best| i64::from(*best)).sum()
}

/// Positions of events whose id an earlier event has, in order.
fn repeated_ids(events: &Events) -> Vec<usize> {
    let mut ids: Vec<(i64, u32)> =
        events.id.iter().enumerate().map(|(at, id)| (*id, at as u32)).collect();
    ids.par_sort_unstable();
    let mut repeated: Vec<usize> = ids
        .windows(2)
        .filter(|pair| pair[0].0 == pair[1].0)
        .map(|pair| pair[1].1 as usize)
        .collect();
    repeated.sort_unstable();
    repeated
}

/// The diagnostic of an event whose identifier was read before.
fn duplicate(events: &Events, at: usize) -> Diagnostic {
    let found = events.id[at].to_string();
    let row = u64::from(events.row[at]);
    let expected = "a number that no earlier row has";
    Diagnostic::rejected(row, Field::Id.name(), Issue::DuplicateId, &found, expected)
}

/// Takes the events at these positions out of every column.
fn leave_out(events: &mut Events, positions: &[usize]) {
    let mut keep = vec![true; events.len()];
    positions.iter().for_each(|at| keep[*at] = false);
    for_numbers!(|column| retain(&mut column!(events), &keep));
    for column in words(events) {
        retain(&mut column.codes, &keep);
        forget_unused(column);
    }
}

/// Keeps the values of a column that are marked.
fn retain<T>(column: &mut Vec<T>, keep: &[bool]) {
    let mut kept = keep.iter();
    column.retain(|_| *kept.next().unwrap_or(&false));
}

/// Drops texts that no row has any more.
fn forget_unused(words: &mut Words) {
    let mut dictionary = Dictionary::new();
    let values = core::mem::take(&mut words.values);
    for code in &mut words.codes {
        *code = dictionary.code(&values[*code as usize]);
    }
    words.values = dictionary.into_values();
}
