//! A table of events of any length, by a map.
//!
//! It is read twice. The first reading looks at whole columns, as it does for a table in memory; the
//! second hands its events on part by part. What is held grows with neither.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use sanad_core::Progress;
use sanad_core::source::Coverage;

use super::field_rule::FieldRule;
use super::rewrite::{ColumnEvidence, FieldColumns, Rewriter, open};
use super::{Map, Typed, remarks};
use crate::error::{Error, Result};
use crate::ged::{self, EventExtent, EventPart, Foreknowledge, PART_ROWS, PartTotals};
use crate::sheet::{Sheet, SheetHead};
use crate::value::DayOrder;

/// The beginning of a file in which its header has to stand. 8 MiB.
const HEAD_BYTES: u64 = 8 << 20;

/// The columns of a table of events, with all that is decided by looking at every row.
pub struct LargeTable<'a> {
    map: &'a Map,
    head: SheetHead,
    columns: FieldColumns,
    day_orders: [DayOrder; 2],
    sides: BTreeSet<String>,
}

impl<'a> LargeTable<'a> {
    /// Looks at every row of a CSV of `bytes` bytes. `map` is one of events. What is held grows with the
    /// number of different names of sides alone.
    ///
    /// # Errors
    ///
    /// As [`read`](super::read) for the columns of the map and for a column that cannot be settled, and
    /// [`Error::Read`].
    pub fn judge(
        mut input: impl Read,
        bytes: u64,
        map: &'a Map,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let mut beginning = Vec::new();
        let read = input.by_ref().take(HEAD_BYTES).read_to_end(&mut beginning);
        let read_bytes = beginning.len() as u64;
        read.map_err(|cause| Error::Read { read_bytes, cause })?;
        let (head, mut columns) = {
            let sheet = open(&beginning, map)?;
            (sheet.head(), FieldColumns::find(&sheet, map)?)
        };
        let mut evidence = ColumnEvidence::of(&columns, &Typed::default(), map);
        let mut sheet = Sheet::below(&head, beginning.as_slice().chain(input), bytes)?;
        sheet.report_to(progress);
        let mut sides = BTreeSet::new();
        let rules = ["side_a", "side_b"].map(|field| FieldRule::of(&columns, map, field));
        while let Some(row) = sheet.any_row()? {
            evidence.add(&row);
            for rule in &rules {
                // A side that has no word is a fault, of which the second reading tells.
                let Ok(side) = rule.value(&row) else { continue };
                if !sides.contains(side.as_ref()) {
                    sides.insert(side.into_owned());
                }
            }
        }
        sheet.finish(Vec::new())?;
        evidence.settle(&mut columns, map)?;
        let day_orders = columns.day_orders(map)?;
        Ok(Self { map, head, columns, day_orders, sides })
    }

    /// The names of sides that its rows have, also of rows that will be left out.
    #[must_use]
    pub const fn sides(&self) -> &BTreeSet<String> {
        &self.sides
    }

    /// Reads the same file, of `bytes` bytes, once more and hands on its events part by part, without
    /// those whose identifier is among `deletions`. Together they are what [`read`](super::read) gives.
    /// As in [`ged::read_parts`], `known` has to say which identifiers come more than once: those that
    /// are texts have the number that events have for them.
    ///
    /// Memory: about 100 MB, whatever the length of the file.
    ///
    /// # Errors
    ///
    /// [`Error::Read`], [`Error::RowTooLong`], and what `each` gives.
    pub fn read_parts<E: From<Error>>(
        &self,
        input: impl Read,
        bytes: u64,
        deletions: &BTreeSet<String>,
        progress: &dyn Progress,
        known: &mut Foreknowledge,
        each: impl FnMut(EventPart) -> core::result::Result<(), E>,
    ) -> core::result::Result<PartTotals, E> {
        let mut sheet = Sheet::below(&self.head, input, bytes)?;
        sheet.report_to(progress);
        self.parts_of(sheet, PART_ROWS, deletions, known, each)
    }

    /// Reads a sheet in parts of at least `part_rows` rows.
    pub(super) fn parts_of<R: Read, E: From<Error>>(
        &self,
        mut sheet: Sheet<'_, R>,
        part_rows: usize,
        deletions: &BTreeSet<String>,
        known: &mut Foreknowledge,
        mut each: impl FnMut(EventPart) -> core::result::Result<(), E>,
    ) -> core::result::Result<PartTotals, E> {
        known.restart();
        let rewriter = Rewriter::new(&self.columns, self.map, deletions);
        let (mut extent, mut sums) = (None::<EventExtent>, Sums::default());
        loop {
            let mut table = rewriter.rows(&mut sheet, part_rows)?;
            let is_last = table.rows_read == 0;
            table.diagnostics.splice(..0, sheet.take_remarks());
            table.diagnostics.sort_by_key(|diagnostic| diagnostic.row);
            for (&what, count) in &table.set_aside {
                *sums.set_aside.entry(what).or_insert(0) += count;
            }
            let mut part = EventPart { events: Default::default(), diagnostics: Vec::new() };
            if !table.rows.is_empty() {
                let (read, totals) = ged::read_part(&table.csv, self.day_orders, known)?;
                part = read;
                sums.add(&totals);
                table.finish_events(&mut part.events);
                extent.get_or_insert_default().add(&part.events);
                for diagnostic in &mut part.diagnostics {
                    diagnostic.row = table.row(diagnostic.row);
                }
            }
            part.diagnostics = remarks(&mut table, part.diagnostics, self.map);
            each(part)?;
            if is_last {
                break;
            }
        }
        let (rows_read, _) = sheet.finish(Vec::new())?;
        Ok(PartTotals {
            rows_read,
            records_kept: sums.kept,
            deaths_in: sums.deaths_in,
            deaths_kept: sums.deaths_kept,
            coverage: extent.map_or_else(Coverage::default, |extent| extent.months()),
            release: None,
            set_aside: sums.set_aside,
        })
    }
}

/// Sums over parts.
#[derive(Debug, Default)]
struct Sums {
    kept: u64,
    deaths_in: i64,
    deaths_kept: i64,
    set_aside: BTreeMap<&'static str, u64>,
}

impl Sums {
    fn add(&mut self, of_part: &PartTotals) {
        self.kept += of_part.records_kept;
        self.deaths_in = self.deaths_in.saturating_add(of_part.deaths_in);
        self.deaths_kept = self.deaths_kept.saturating_add(of_part.deaths_kept);
    }
}

#[cfg(test)]
mod tests {
    use sanad_core::Silent;
    use sanad_core::chronicle::KnownIds;

    use super::super::{Records, read};
    use super::*;

    const MAP: &str = "kind = \"events\"\n\
        separator = \";\"\n\
        source = { id = \"x\", title = \"X\", citation = \"X\", licence = \"CC0-1.0\", url = \"\" }\n\
        columns = { id = \"code\", date_start = \"day\", type_of_violence = \"kind\", best = \"dead\", \
        side_a = \"who\", latitude = \"lat\", longitude = \"lon\", means = \"how\" }\n\
        fixed = { country = \"Pakistan\", where_prec = \"1\" }\n\
        words.type_of_violence = { battle = \"1\", attack = \"3\" }\n\
        leave_out = { kind = [\"talks\"] }\n\
        scale = { best = 10.0 }\n";

    /// A table of all that a row can be: sound, doubled, deleted, about something else, too long, with a
    /// word of no list, without a point, with a day that no calendar has.
    fn table(days: [&str; 3]) -> String {
        let mut text = "A title above\ncode;day;kind;dead;who;lat;lon;how\n".to_owned();
        for (at, row) in [
            "a1;{};battle;1;First;30.5;67.25;drone",
            "a2;{};attack;2;Second;30.5;67.25;",
            "a1;{};battle;4;First;30.5;67.25;drone",
            "a3;{};talks;0;Third;30.5;67.25;",
            "a4;{};war;0;Third;30.5;67.25;",
            "gone;{};battle;9;Third;30.5;67.25;",
            "a5;{};battle;5;Fourth;x;;laser",
            "a6;{};battle;5;Fourth;30;67;suicide;more",
            "a7;2020-02-31;battle;5;Fourth;30;67;suicide",
            "a8;{};battle;-1;Fourth;30;67;suicide",
            "a2;{};battle;7;First;31.5;68.25;grenade",
            "a9;{};attack;6;Second;30.5;67.25;",
        ]
        .iter()
        .enumerate()
        {
            text.push_str(&row.replace("{}", days[at % 3]));
            text.push('\n');
        }
        text
    }

    fn sums(totals: (u64, i64, i64), coverage: &sanad_core::source::Coverage) -> String {
        format!("{totals:?} {coverage:?}")
    }

    /// An event as it reads, whatever the codes of its texts.
    fn plainly(events: &sanad_core::event::Events) -> Vec<String> {
        let means = |at: usize| events.means.as_ref().map(|words| words.get(at).to_owned());
        (0..events.len())
            .map(|at| {
                let numbers = (events.id[at], events.row[at], events.start_day[at]);
                let rest = (events.deaths_best[at], events.side_a.get(at), means(at));
                format!("{numbers:?} {rest:?}")
            })
            .collect()
    }

    fn whole(text: &str, map: &Map, deletions: &BTreeSet<String>) -> String {
        let read = match read(text.as_bytes(), map, deletions, &KnownIds::default(), "PAK") {
            Ok(read) => read,
            Err(error) => return error.to_string(),
        };
        let Records::Events(ged) = &read.records else { panic!("{:?}", read.records) };
        let totals = sums((read.rows_read, ged.deaths_in, ged.deaths_kept), &ged.coverage);
        format!("{:#?} {:#?} {totals} {:?}", plainly(&ged.events), read.diagnostics, read.set_aside)
    }

    fn in_parts(text: &str, part_rows: usize, map: &Map, deletions: &BTreeSet<String>) -> String {
        let bytes = text.len() as u64;
        let table = match LargeTable::judge(text.as_bytes(), bytes, map, &Silent) {
            Ok(table) => table,
            Err(error) => return error.to_string(),
        };
        let mut known = Foreknowledge::default();
        loop {
            let sheet = Sheet::below(&table.head, text.as_bytes(), bytes).unwrap();
            let (mut events, mut remarks, mut ids) = (Vec::new(), Vec::new(), Vec::new());
            let each = |part: EventPart| {
                ids.extend(&part.events.id);
                events.extend(plainly(&part.events));
                remarks.extend(part.diagnostics);
                Ok::<(), Error>(())
            };
            let totals = table.parts_of(sheet, part_rows, deletions, &mut known, each).unwrap();
            ids.sort_unstable();
            let repeated: Vec<i64> =
                ids.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
            if !repeated.is_empty() && !known.has_repeated() {
                known.set_repeated(repeated);
                continue;
            }
            assert_eq!(totals.records_kept, events.len() as u64);
            let all = (totals.rows_read, totals.deaths_in, totals.deaths_kept);
            let sums = sums(all, &totals.coverage);
            return format!("{events:#?} {remarks:#?} {sums} {:?}", totals.set_aside);
        }
    }

    #[test]
    fn parts_together_are_what_reading_as_a_whole_gives() {
        let map = Map::parse(MAP).unwrap();
        let deletions = ["gone".to_owned()].into();
        for days in [
            ["2020-02-03", "2020-03-04", "2021-01-01"],
            ["3/2/2020", "13/2/2020", "4/5/2021"],
            ["2/3/2020", "2020-03-04", "2021-01-01"],
            // Nothing settles these, and these contradict each other.
            ["2/3/2020", "4/3/2020", "5/5/2020"],
            ["2/13/2020", "13/2/2020", "5/5/2020"],
        ] {
            let text = table(days);
            let expected = whole(&text, &map, &deletions);
            for part_rows in [1, 2, 3, 5, 100] {
                assert_eq!(in_parts(&text, part_rows, &map, &deletions), expected, "{days:?}");
            }
        }
    }

    #[test]
    fn the_names_of_sides_are_those_of_all_rows() {
        let map = Map::parse(MAP).unwrap();
        let text = table(["2020-02-03"; 3]);
        let table = LargeTable::judge(text.as_bytes(), 1, &map, &Silent).unwrap();
        let found: Vec<&str> = table.sides().iter().map(String::as_str).collect();
        assert_eq!(found, ["", "First", "Fourth", "Second", "Third"]);
    }
}
