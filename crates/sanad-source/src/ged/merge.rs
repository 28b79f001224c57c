//! Parts of a file into one, in order.

use rayon::slice::ParallelSliceMut;
use sanad_core::diagnostic::{Diagnostic, Issue};
use sanad_core::event::{Events, Words};

use super::Ged;
use super::coverage;
use super::header::Field;
use super::release::Release;
use super::rows::Part;
use super::text::Dictionary;

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
}

impl Whole {
    /// Nothing yet; the first row will have number `first_row`.
    pub(super) fn new(first_row: u64, diagnostics: Vec<Diagnostic>) -> Self {
        Self {
            events: Events::default(),
            dictionaries: core::array::from_fn(|_| Dictionary::new()),
            diagnostics,
            rows: 0,
            first_row,
            deaths_in: 0,
        }
    }

    /// The number that the next row will have.
    pub(super) const fn next_row(&self) -> u64 {
        self.first_row + self.rows
    }

    /// Adds the part that follows.
    pub(super) fn add(&mut self, mut part: Part) {
        let offset = self.next_row();
        part.events.row.iter_mut().for_each(|row| {
            *row = u32::try_from(u64::from(*row) + offset).unwrap_or(u32::MAX);
        });
        part.diagnostics.iter_mut().for_each(|remark| remark.row += offset);
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

    /// Leaves out rows whose id came before, and closes the file.
    pub(super) fn finish(mut self, release: Option<Release>) -> Ged {
        let columns = words(&mut self.events);
        for (column, dictionary) in columns.into_iter().zip(self.dictionaries) {
            column.values = dictionary.into_values();
        }
        let repeated = repeated_ids(&self.events);
        if !repeated.is_empty() {
            self.diagnostics.extend(repeated.iter().map(|at| duplicate(&self.events, *at)));
            self.diagnostics.sort_by_key(|remark| remark.row);
            leave_out(&mut self.events, &repeated);
        }
        Ged {
            coverage: coverage::infer(&self.events, release),
            deaths_kept: self.events.deaths_best.iter().map(|best| i64::from(*best)).sum(),
            rows_read: self.rows,
            events: self.events,
            diagnostics: self.diagnostics,
            deaths_in: self.deaths_in,
            release,
        }
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

fn duplicate(events: &Events, at: usize) -> Diagnostic {
    let found = events.id[at].to_string();
    let row = u64::from(events.row[at]);
    let expected = "a number that no earlier row has";
    Diagnostic::rejected(row, Field::Id.name(), Issue::DuplicateId, &found, expected)
}

fn leave_out(events: &mut Events, positions: &[usize]) {
    let mut keep = vec![true; events.len()];
    positions.iter().for_each(|at| keep[*at] = false);
    for_numbers!(|column| retain(&mut column!(events), &keep));
    for column in words(events) {
        retain(&mut column.codes, &keep);
        forget_unused(column);
    }
}

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
