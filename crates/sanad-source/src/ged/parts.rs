//! Files of any length: their events are handed on part by part, so that memory does not grow with them.

use std::collections::BTreeMap;

use sanad_core::diagnostic::Diagnostic;
use sanad_core::event::Events;
use sanad_core::source::Coverage;

use super::release::Release;
use crate::value::DayOrder;

/// Events and remarks after which a part is handed on. 65,536: some 8 MB.
pub(crate) const PART_ROWS: usize = 1 << 16;

/// Rows of a file that stand together, read.
#[derive(Debug, Clone)]
pub struct EventPart {
    /// The rows that were kept, in the order of the file. Codes of texts hold for this part alone.
    pub events: Events,
    /// Remarks on rows of this part, in their order.
    pub diagnostics: Vec<Diagnostic>,
}

/// What the parts of a file come to.
#[derive(Debug, Clone)]
pub struct PartTotals {
    /// Rows of the file, as in [`Ged::rows_read`](super::Ged::rows_read).
    pub rows_read: u64,
    /// Rows that were kept.
    pub records_kept: u64,
    /// As in [`Ged::deaths_in`](super::Ged::deaths_in).
    pub deaths_in: i64,
    /// Best estimates of deaths over the rows kept.
    pub deaths_kept: i64,
    /// As in [`Ged::coverage`](super::Ged::coverage).
    pub coverage: Coverage,
    /// What the version says.
    pub release: Option<Release>,
    /// Rows that are sound and no record, by what they are; none of a file without a map.
    pub set_aside: BTreeMap<&'static str, u64>,
}

/// What is known of a file before its rows are handed on, because only all of it can tell: which number
/// of a spreadsheet's days is the month, and which identifiers come more than once.
///
/// A file is read with what is known. Where that was too little, it is read again; a file whose days
/// are in the codebook's form and whose identifiers are its own is read once.
#[derive(Debug, Clone, Default)]
pub struct Foreknowledge {
    pub(super) day_orders: Option<[DayOrder; 2]>,
    /// Identifiers that more than one row has, sorted.
    repeated: Vec<i64>,
    /// Which of them a row had by now.
    met: Vec<bool>,
}

impl Foreknowledge {
    /// Says which identifiers more than one row has: of those the first row counts, and the others are
    /// left out. In any order, each as often as you like.
    pub fn set_repeated(&mut self, mut ids: Vec<i64>) {
        ids.sort_unstable();
        ids.dedup();
        self.repeated = ids;
    }

    /// Whether it was said which identifiers come more than once, and there are any.
    #[must_use]
    pub fn has_repeated(&self) -> bool {
        !self.repeated.is_empty()
    }

    /// Goes back to the first row.
    pub(crate) fn restart(&mut self) {
        self.met = vec![false; self.repeated.len()];
    }

    /// Positions of identifiers that an earlier row has, in order.
    pub(super) fn later_ones(&mut self, ids: &[i64]) -> Vec<usize> {
        if self.repeated.is_empty() {
            return Vec::new();
        }
        let (repeated, met) = (&self.repeated, &mut self.met);
        let mut is_later = |id: &i64| {
            repeated.binary_search(id).is_ok_and(|at| core::mem::replace(&mut met[at], true))
        };
        ids.iter().enumerate().filter_map(|(at, id)| is_later(id).then_some(at)).collect()
    }
}
