//! Rows into columns of events, with the rules of the codebook.

use core::ops::RangeInclusive;

use sanad_core::country::Country;
use sanad_core::diagnostic::{Diagnostic, Issue};
use sanad_core::event::Events;
use sanad_core::missing::{LONGEST_WORD_BYTES, is_missing_name};

use super::header::{Field, HeaderColumns};
use super::scan::{Scan, Scanner};
use super::text::Texts;
use crate::value::{self, DayEvidence, DayOrder, Value, WrittenDay};

/// The most deaths that one event can have; the deadliest single event on record in UCDP GED is
/// far below it, so that more is a slip of a column.
pub(super) const DEATHS_LIMIT: i64 = 5_000_000;

/// The fields held as [`Texts`], in the order of [`StretchRows::texts`].
pub(super) const TEXT_FIELDS: [Field; 5] =
    [Field::SideA, Field::SideB, Field::Country, Field::Adm1, Field::Adm2];

/// What stands in a field of a day.
pub(super) const DAY_EXPECTED: &str = "a day such as 2021-01-05 between 1946 and 2100 (with slashes \
    only where day and month cannot be exchanged)";

/// The fields that hold a day.
pub(super) const DAY_FIELDS: [Field; 2] = [Field::DateStart, Field::DateEnd];

/// What one stretch of bytes holds. Rows are numbered from 0 within it.
pub(super) struct StretchRows {
    /// Where its first record begins.
    pub(super) start: usize,
    /// Where the first record after it begins.
    pub(super) stop: usize,
    /// Whether the bytes end inside the record at `stop`.
    pub(super) cut: bool,
    /// Row of a record above the size limit.
    pub(super) too_long: Option<u64>,
    pub(super) rows: u64,
    pub(super) deaths_in: i64,
    pub(super) events: Events,
    pub(super) texts: [Texts; 5],
    pub(super) diagnostics: Vec<Diagnostic>,
    /// What the cells of `date_start` and `date_end` say about the order of day and month.
    pub(super) day_evidence: [DayEvidence; 2],
    /// Events whose days need that order.
    pub(super) unordered: Vec<UnorderedDays>,
}

/// The days of an event as a spreadsheet saved them. The event stands under a day that may be wrong
/// until the order of day and month is known.
#[derive(Debug, Clone)]
pub(super) struct UnorderedDays {
    /// Position of the event among those kept.
    pub(super) event: usize,
    /// Start and end as they are written.
    pub(super) written: [WrittenDay; 2],
    /// The cells, for remarks.
    pub(super) found: [String; 2],
}

/// A stretch of bytes to read: records that begin in `start..end` of `data`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch<'a> {
    pub(super) data: &'a [u8],
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether nothing follows `data`.
    pub(super) last: bool,
    pub(super) row_limit_bytes: usize,
}

impl StretchRows {
    /// Reads a stretch. Where the first record begins is taken on trust.
    pub(super) fn read(columns: &HeaderColumns, stretch: Stretch<'_>) -> Self {
        let mut part = Self::empty(stretch.start);
        let mut scanner = Scanner::new();
        while part.stop < stretch.end {
            match scanner.next(stretch.data, part.stop, stretch.last) {
                Scan::Record { length, .. } if length > stretch.row_limit_bytes => {
                    part.too_long = Some(part.rows);
                    break;
                }
                Scan::Record { next, open, .. } => {
                    part.row(columns, &scanner, open);
                    part.rows += 1;
                    part.stop = next;
                }
                Scan::Incomplete => {
                    part.cut = true;
                    break;
                }
                Scan::End => {
                    part.stop = stretch.data.len();
                    break;
                }
            }
        }
        part
    }

    /// A stretch before its first row.
    fn empty(start: usize) -> Self {
        Self {
            start,
            stop: start,
            cut: false,
            too_long: None,
            rows: 0,
            deaths_in: 0,
            events: Events::default(),
            texts: core::array::from_fn(|_| Texts::new()),
            diagnostics: Vec::new(),
            day_evidence: Default::default(),
            unordered: Vec::new(),
        }
    }

    /// Reads one record: an event, or a diagnostic of why it is none.
    fn row(&mut self, columns: &HeaderColumns, scanner: &Scanner, open: bool) {
        if open || scanner.len() != columns.width() {
            self.diagnostics.push(field_count(self.rows, columns, scanner, open));
            return;
        }
        let first_remark = self.diagnostics.len();
        let written = DAY_FIELDS.map(|field| WrittenDay::of(field_of(columns, scanner, field)));
        for ((evidence, field), written) in
            self.day_evidence.iter_mut().zip(DAY_FIELDS).zip(written)
        {
            evidence.add_written(self.rows, field_of(columns, scanner, field), written);
        }
        let mut row = OpenRow {
            columns,
            scanner,
            number: self.rows,
            diagnostics: &mut self.diagnostics,
            rejected: false,
            written,
        };
        if let Value::Is(best) = value::whole(row.bytes(Field::Best)) {
            self.deaths_in = self.deaths_in.saturating_add(best.max(0));
        }
        let numbers = row.numbers();
        let rejected = row.rejected;
        match numbers.filter(|_| !rejected) {
            Some(numbers) => {
                row.check_texts();
                if written.iter().any(|day| matches!(day, WrittenDay::Numbers(..))) {
                    let found = DAY_FIELDS.map(|field| {
                        let bytes = field_of(columns, scanner, field);
                        String::from_utf8_lossy(&bytes[..bytes.len().min(64)]).into_owned()
                    });
                    self.unordered.push(UnorderedDays { event: self.events.len(), written, found });
                }
                numbers.push_to(&mut self.events, self.rows);
                for (texts, field) in self.texts.iter_mut().zip(TEXT_FIELDS) {
                    texts.push(text(columns, scanner, field));
                }
            }
            None => self.diagnostics[first_remark..]
                .iter_mut()
                .for_each(|diagnostic| diagnostic.kept = false),
        }
    }
}

/// The diagnostic of a record with another number of fields than the header.
fn field_count(number: u64, columns: &HeaderColumns, scanner: &Scanner, open: bool) -> Diagnostic {
    let found = if open {
        format!("{} fields and a quotation mark left open", scanner.len())
    } else {
        format!("{} fields", scanner.len())
    };
    let expected = format!("{} fields, as in the header", columns.width());
    Diagnostic::rejected(number, "row", Issue::FieldCount, &found, &expected)
}

/// The bytes of a field; none where the file has no column for it.
fn field_of<'a>(columns: &HeaderColumns, scanner: &'a Scanner, field: Field) -> &'a [u8] {
    columns.position(field).map_or(&b""[..], |column| scanner.field(column))
}

/// The bytes of a field of names; none where it holds a word for nothing, as programs write it: Nan is a
/// province of Thailand.
fn text<'a>(columns: &HeaderColumns, scanner: &'a Scanner, field: Field) -> &'a [u8] {
    let bytes = field_of(columns, scanner, field);
    // Longer texts, which most are, need no look at the words.
    let is_missing =
        bytes.len() <= LONGEST_WORD_BYTES && core::str::from_utf8(bytes).is_ok_and(is_missing_name);
    if is_missing { b"" } else { bytes }
}

/// The values of a row that are numbers.
struct Numbers {
    id: i64,
    start_day: i32,
    end_day: i32,
    date_prec: u8,
    violence: u8,
    conflict_id: i64,
    dyad_id: i64,
    side_a_id: i64,
    side_b_id: i64,
    country_id: i32,
    where_prec: u8,
    point: (f64, f64),
    parts: [i32; 4],
    best: i32,
    low: i32,
    high: i32,
}

impl Numbers {
    /// Adds the numbers of an event to the columns.
    fn push_to(self, events: &mut Events, number: u64) {
        events.id.push(self.id);
        events.row.push(number as u32);
        events.start_day.push(self.start_day);
        events.end_day.push(self.end_day);
        events.date_prec.push(self.date_prec);
        events.violence.push(self.violence);
        events.conflict_id.push(self.conflict_id);
        events.dyad_id.push(self.dyad_id);
        events.side_a_id.push(self.side_a_id);
        events.side_b_id.push(self.side_b_id);
        events.country_id.push(self.country_id);
        events.where_prec.push(self.where_prec);
        events.latitude.push(self.point.0);
        events.longitude.push(self.point.1);
        events.deaths_a.push(self.parts[0]);
        events.deaths_b.push(self.parts[1]);
        events.deaths_civilians.push(self.parts[2]);
        events.deaths_unknown.push(self.parts[3]);
        events.deaths_best.push(self.best);
        events.deaths_low.push(self.low);
        events.deaths_high.push(self.high);
    }
}

/// A row while it is read: its bytes and the remarks about it.
struct OpenRow<'a> {
    columns: &'a HeaderColumns,
    scanner: &'a Scanner,
    number: u64,
    diagnostics: &'a mut Vec<Diagnostic>,
    rejected: bool,
    /// Its days as they are written.
    written: [WrittenDay; 2],
}

impl<'a> OpenRow<'a> {
    /// A field of the row.
    fn bytes(&self, field: Field) -> &'a [u8] {
        field_of(self.columns, self.scanner, field)
    }

    /// Leaves the row out, with the reason.
    fn reject(&mut self, field: Field, issue: Issue, expected: &str) {
        self.rejected = true;
        self.note(field, issue, expected);
    }

    /// Notes something about a row that is kept, or why it is not.
    fn note(&mut self, field: Field, issue: Issue, expected: &str) {
        // The excerpt is cut to a few characters; a field can be megabytes long.
        let bytes = self.bytes(field);
        let found = String::from_utf8_lossy(&bytes[..bytes.len().min(512)]);
        let diagnostic = Diagnostic::noted(self.number, field.name(), issue, &found, expected);
        self.diagnostics.push(diagnostic);
    }

    /// All numbers, or nothing when one of them makes the row useless. Every field is looked
    /// at, so that all remarks about a row come at once.
    fn numbers(&mut self) -> Option<Numbers> {
        let id = self.required(Field::Id, 0..=i64::MAX, "the event's number, 0 or more");
        let violence = self.violence();
        let days = self.days();
        let where_prec = self.where_prec();
        let country_id = self.country_id();
        let date_prec = self.date_prec(days);
        let deaths = self.deaths();
        let point = self.point(where_prec);
        let (start_day, end_day) = days?;
        let (parts, best, low, high) = deaths?;
        Some(Numbers {
            id: id?,
            start_day,
            end_day,
            date_prec,
            violence: violence?,
            conflict_id: self.identifier(Field::Conflict),
            dyad_id: self.identifier(Field::Dyad),
            side_a_id: self.identifier(Field::SideAId),
            side_b_id: self.identifier(Field::SideBId),
            country_id: country_id?,
            where_prec,
            point,
            parts,
            best,
            low,
            high,
        })
    }

    /// A whole number without which the row is useless.
    fn required(
        &mut self,
        field: Field,
        range: RangeInclusive<i64>,
        expected: &str,
    ) -> Option<i64> {
        let issue = match value::whole(self.bytes(field)) {
            Value::Is(number) if range.contains(&number) => return Some(number),
            Value::Is(_) => Issue::OutOfRange,
            Value::Missing => Issue::Missing,
            Value::Wrong => Issue::WrongType,
        };
        self.reject(field, issue, expected);
        None
    }

    /// UCDP's type of violence: 1 state-based, 2 between organisations, 3 one-sided.
    fn violence(&mut self) -> Option<u8> {
        let issue = match value::whole(self.bytes(Field::Violence)) {
            Value::Is(code @ 1..=3) => return Some(code as u8),
            Value::Missing => Issue::Missing,
            _ => Issue::UnknownCode,
        };
        let expected = "1 (state-based), 2 (non-state) or 3 (one-sided)";
        self.reject(Field::Violence, issue, expected);
        None
    }

    /// A precision from 1 to `limit`; anything else counts as `least`, the least exact one.
    fn precision(&mut self, field: Field, limit: i64, least: u8) -> u8 {
        let issue = match value::whole(self.bytes(field)) {
            Value::Is(code) if (1..=limit).contains(&code) => return code as u8,
            Value::Is(_) => Issue::UnknownCode,
            Value::Missing => Issue::Missing,
            Value::Wrong => Issue::WrongType,
        };
        self.note(field, issue, &format!("1 to {limit}; counted as {least}"));
        least
    }

    /// How exactly the place is known. Without the column it follows from what is named: a district
    /// is as exact as one, and a bare point no better than its province, because nothing says how far
    /// from it things happened.
    fn where_prec(&mut self) -> u8 {
        if self.columns.has(Field::WherePrec) {
            return self.precision(Field::WherePrec, 7, 6);
        }
        let filled = |field| !text(self.columns, self.scanner, field).is_empty();
        let description = self.bytes(Field::WhereCoordinates);
        let names_the_country = filled(Field::WhereCoordinates)
            && description.eq_ignore_ascii_case(self.bytes(Field::Country));
        match () {
            () if filled(Field::Adm2) => 3,
            () if filled(Field::Adm1) => 4,
            () if names_the_country || !filled(Field::Latitude) => 6,
            () => 4,
        }
    }

    /// How exactly the days are known. Without the column it follows from their distance, by the
    /// codebook's classes: the day, 2 to 6 days, a week, a month, more.
    fn date_prec(&mut self, days: Option<(i32, i32)>) -> u8 {
        if self.columns.has(Field::DatePrec) {
            return self.precision(Field::DatePrec, 5, 5);
        }
        match days.map_or(i32::MAX, |(start, end)| end.saturating_sub(start)) {
            0 => 1,
            1..=5 => 2,
            6 => 3,
            7..=30 => 4,
            _ => 5,
        }
    }

    /// The country's Gleditsch–Ward number. Without the column it is that of the country's code, else
    /// of its name.
    fn country_id(&mut self) -> Option<i32> {
        if self.columns.has(Field::CountryId) {
            let expected = "a Gleditsch–Ward number, 1 to 9999";
            return self.required(Field::CountryId, 1..=9_999, expected).map(|id| id as i32);
        }
        let known = [Field::Iso3, Field::Country].into_iter().find_map(|field| {
            let name = core::str::from_utf8(self.bytes(field)).ok()?;
            Country::of_name_or_code(name)?.gwno
        });
        if known.is_none() {
            let field = if self.columns.has(Field::Country) { Field::Country } else { Field::Iso3 };
            self.reject(field, Issue::UnknownCode, "a country of Gleditsch and Ward's list");
        }
        known
    }

    /// An identifier that a row can do without.
    fn identifier(&mut self, field: Field) -> i64 {
        match value::whole(self.bytes(field)) {
            Value::Is(number) if number >= 0 => number,
            Value::Is(-1) | Value::Missing => -1,
            _ => {
                self.note(field, Issue::WrongType, "an identifier, 0 or more; counted as none");
                -1
            }
        }
    }

    /// First and last day of the event.
    fn days(&mut self) -> Option<(i32, i32)> {
        let [start, end] = [0, 1].map(|at| self.day(DAY_FIELDS[at], self.written[at]));
        let (start, end) = (start?, end?);
        let ordered = self.written.iter().all(|day| matches!(day, WrittenDay::Is(_)));
        if ordered && end < start {
            let expected =
                format!("a day not before date_start, {}", sanad_core::event::number_day(start));
            self.reject(Field::DateEnd, Issue::Backwards, &expected);
            return None;
        }
        Some((start, end))
    }

    /// A day; one whose order is not known yet in whichever order it has.
    fn day(&mut self, field: Field, written: WrittenDay) -> Option<i32> {
        let either =
            [DayOrder::MonthFirst, DayOrder::DayFirst].map(|order| written.in_order(order));
        let issue = match either {
            [Value::Is(day), _] | [_, Value::Is(day)] => return Some(day),
            [Value::Missing, _] => Issue::Missing,
            _ => Issue::BadDate,
        };
        self.reject(field, issue, DAY_EXPECTED);
        None
    }

    /// Latitude and longitude, or NaN for both. A row without a point is kept where its place
    /// is known otherwise: by the name of the district, or because nothing finer than the
    /// province is known.
    fn point(&mut self, where_prec: u8) -> (f64, f64) {
        if !self.columns.has(Field::Latitude) || !self.columns.has(Field::Longitude) {
            return (f64::NAN, f64::NAN);
        }
        let latitude = self.coordinate(Field::Latitude, 90.0);
        let longitude = self.coordinate(Field::Longitude, 180.0);
        match (latitude, longitude) {
            (Ok(latitude), Ok(longitude)) => return (latitude, longitude),
            (latitude, longitude) => {
                let named = !text(self.columns, self.scanner, Field::Adm2).is_empty();
                let known = where_prec >= 4 || named;
                self.no_point(Field::Latitude, latitude.err(), known, "-90 to 90");
                self.no_point(Field::Longitude, longitude.err(), known, "-180 to 180");
            }
        }
        (f64::NAN, f64::NAN)
    }

    /// Degrees within a limit to either side.
    fn coordinate(&self, field: Field, limit: f64) -> Result<f64, Issue> {
        match value::decimal(self.bytes(field)) {
            Value::Is(degrees) if degrees.abs() <= limit => Ok(degrees),
            Value::Is(_) => Err(Issue::BadCoordinate),
            Value::Missing => Err(Issue::Missing),
            Value::Wrong => Err(Issue::WrongType),
        }
    }

    /// Notes a coordinate that is missing or no degrees; leaves the row out where nothing else says
    /// where it was.
    fn no_point(&mut self, field: Field, issue: Option<Issue>, known: bool, range: &str) {
        let Some(issue) = issue else { return };
        if known {
            self.note(field, issue, &format!("degrees, {range}; kept without a point"));
        } else {
            self.reject(field, issue, &format!("degrees, {range}; no district is named either"));
        }
    }

    /// The four parts, best, low and high.
    fn deaths(&mut self) -> Option<([i32; 4], i32, i32, i32)> {
        /// The dead of side A, of side B, civilians and unknown, which add up to the best
        /// estimate.
        const PARTS: [Field; 4] =
            [Field::DeathsA, Field::DeathsB, Field::DeathsCivilians, Field::DeathsUnknown];
        let best = self.count(Field::Best);
        let parts =
            PARTS.map(|field| if self.columns.has(field) { self.count(field) } else { Some(0) });
        let [low, high] = [Field::Low, Field::High]
            .map(|field| if self.columns.has(field) { self.count(field) } else { best });
        let [Some(a), Some(b), Some(civilians), Some(unknown)] = parts else { return None };
        let (best, low, high) = (best?, low?, high?);
        let mut parts = [a, b, civilians, unknown];
        if PARTS.iter().any(|field| !self.columns.has(*field)) {
            // What no column that is there counts died on a side that the file does not tell.
            parts[3] += (best - a - b - civilians - unknown).max(0);
        }
        let sum: i64 = parts.iter().map(|part| i64::from(*part)).sum();
        if sum != i64::from(best) {
            let expected = format!("the sum of the deaths of each side, {sum}");
            self.note(Field::Best, Issue::OutOfRange, &expected);
        }
        if low > best {
            self.note(Field::Low, Issue::EstimateOrder, &format!("at most best, {best}"));
        }
        if best > high {
            self.note(Field::High, Issue::EstimateOrder, &format!("at least best, {best}"));
        }
        Some((parts, best, low, high))
    }

    /// A number of dead.
    fn count(&mut self, field: Field) -> Option<i32> {
        self.required(field, 0..=DEATHS_LIMIT, "a count from 0 to 5,000,000")
            .map(|count| count as i32)
    }

    /// Notes texts that are not UTF-8.
    fn check_texts(&mut self) {
        for field in TEXT_FIELDS {
            if core::str::from_utf8(self.bytes(field)).is_err() {
                self.note(field, Issue::BadText, "UTF-8; what could be read was kept");
            }
        }
    }
}
