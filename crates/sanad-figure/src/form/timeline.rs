//! Dated records on lanes: an overview to scale, then every record in words.

use std::collections::BTreeMap;

use crate::axis::{Plot, grid_x};
use crate::colour;
use crate::csv::Csv;
use crate::date::{Date, span_text};
use crate::error::{Error, check};
use crate::figure::{DrawingSheet, Figure, Heading, Size};
use crate::scale::{Linear, rows};
use crate::svg::{Anchor, Canvas, n};
use crate::text;

/// Which way a record works on what the lanes are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// It strains: a triangle pointing down.
    Strains,
    /// It eases: a triangle pointing up.
    Eases,
    /// Neither, or not judged: a circle.
    Neutral,
}

impl Sign {
    /// The colour of a record.
    fn colour(self) -> &'static str {
        match self {
            Sign::Strains => colour::RUST,
            Sign::Eases => colour::BLUE,
            Sign::Neutral => colour::SLATE,
        }
    }

    /// The word in the data.
    fn as_str(self) -> &'static str {
        match self {
            Sign::Strains => "strains",
            Sign::Eases => "eases",
            Sign::Neutral => "neutral",
        }
    }
}

/// One record of a [`Timeline`].
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineRecord {
    /// Index of its lane.
    pub lane: usize,
    /// When it was or began.
    pub from: Date,
    /// When it ended, for a span.
    pub until: Option<Date>,
    /// Which way it works.
    pub sign: Sign,
    /// One line of words.
    pub label: String,
}

/// Input of [`timeline`].
#[derive(Debug, Clone)]
pub struct Timeline<'a> {
    /// Names of the lanes, one to four.
    pub lanes: &'a [String],
    /// The records, in any order.
    pub records: &'a [TimelineRecord],
    /// Words for [`Sign::Strains`], [`Sign::Eases`] and [`Sign::Neutral`] in the key.
    pub words: [&'a str; 3],
}

/// Draws all records to scale on their lanes (a mark for a day, a bar for what is only known to the
/// month or year or lasted), and below them every record in words, year by year, one column a lane
/// (one column in all on a phone).
///
/// The words are drawn in blocks of whole years so that paper can break between them. CSV: `lane,
/// from, until, sign, label`, dates as precise as known, in order of time.
///
/// # Errors
///
/// Without lanes or records, with more than four lanes, or a record on a lane that is not there.
///
/// ```
/// use sanad_figure::{Date, Heading, Sign, Timeline, TimelineRecord, timeline};
///
/// let record = TimelineRecord {
///     lane: 0,
///     from: Date::day(2014, 6, 15),
///     until: Some(Date::month(2017, 2)),
///     sign: Sign::Strains,
///     label: "An operation".to_owned(),
/// };
/// let figure = timeline(
///     &Heading::new("chronicle", "What happened", "Dated records.", "One lane."),
///     &Timeline {
///         lanes: &["Governance".to_owned()],
///         records: &[record],
///         words: ["strains", "eases", "neither"],
///     },
/// )?;
/// assert!(figure.csv.contains("Governance,2014-06-15,2017-02,strains,An operation"));
/// # Ok::<(), sanad_figure::Error>(())
/// ```
pub fn timeline(heading: &Heading, chart: &Timeline<'_>) -> Result<Figure, Error> {
    validate(chart)?;
    let mut order: Vec<usize> = (0..chart.records.len()).collect();
    order.sort_by(|a, b| {
        let (x, y) = (&chart.records[*a], &chart.records[*b]);
        x.from.start().total_cmp(&y.from.start()).then(a.cmp(b))
    });
    let mut sheet = DrawingSheet::new(heading)?;
    for size in Size::BOTH {
        sheet.draw(size, |canvas| overview(canvas, chart, &order, size));
        list(&mut sheet, chart, &order, size);
    }
    Ok(sheet.finish(data(chart, &order)))
}

/// Refuses lanes, records and dates that do not fit one another.
fn validate(chart: &Timeline<'_>) -> Result<(), Error> {
    check::not_empty("lanes", chart.lanes)?;
    check::within("number of lanes", chart.lanes.len() as f64, 1.0, 4.0)?;
    check::not_empty("records", chart.records)?;
    for (index, r) in chart.records.iter().enumerate() {
        check::index("lane of a record", r.lane, chart.lanes.len())?;
        r.from.check(&r.label)?;
        if let Some(until) = r.until {
            until.check(&r.label)?;
            if until.end() < r.from.start() {
                return Err(Error::Disordered { what: "dates of records".to_owned(), index });
            }
        }
    }
    Ok(())
}

/// First and last moment of a record, in years.
fn span(r: &TimelineRecord) -> (f64, f64) {
    (r.from.start(), r.until.unwrap_or(r.from).end().max(r.from.end()))
}

/// The mark of a sign: shape and colour say the same.
fn mark(c: &mut Canvas, sign: Sign, at: [f64; 2], r: f64, tip: &str) {
    let [x, y] = at;
    let paint =
        format!(r#"fill="{}" stroke="{}" stroke-width="0.8""#, sign.colour(), colour::PAPER);
    let tri = |up: f64| {
        format!(
            "M{} {}L{} {}L{} {}Z",
            n(x - r * 1.1),
            n(y + up * r * 0.85),
            n(x + r * 1.1),
            n(y + up * r * 0.85),
            n(x),
            n(y - up * r * 1.05)
        )
    };
    match sign {
        Sign::Strains => c.path(&tri(-1.0), &paint, tip),
        Sign::Eases => c.path(&tri(1.0), &paint, tip),
        Sign::Neutral => c.circle(at, r * 0.85, &paint, tip),
    }
}

/// The signs with their words; returns where the drawing may begin.
fn key(c: &mut Canvas, chart: &Timeline<'_>, size: Size) -> f64 {
    let (mut x, mut y) = (6.0, 13.0);
    for (sign, word) in [Sign::Strains, Sign::Eases, Sign::Neutral].into_iter().zip(chart.words) {
        let wide = text::width(word, size.label(), false) + 32.0;
        if x > 6.0 && x + wide > size.width() {
            (x, y) = (6.0, y + size.label() + 6.0);
        }
        mark(c, sign, [x, y - 4.5], 5.0, "");
        c.text(
            [x + 11.0, y],
            Anchor::Start,
            size.label(),
            "",
            &text::fit(word, size.label(), size.width() - x - 11.0, false),
        );
        x += wide;
    }
    let note = "bar: known to the month or year, or lasting";
    if x + text::width(note, size.small(), false) > size.width() {
        (x, y) = (0.0, y + size.label() + 6.0);
    }
    c.text([x, y], Anchor::Start, size.small(), "sf-muted", note);
    y + 8.0
}

/// All records on their lanes over the years; returns the drawing's height.
fn overview(c: &mut Canvas, chart: &Timeline<'_>, order: &[usize], size: Size) -> f64 {
    let mut top = key(c, chart, size);
    let first =
        order.iter().map(|i| span(&chart.records[*i]).0).fold(f64::INFINITY, f64::min).floor();
    let last =
        order.iter().map(|i| span(&chart.records[*i]).1).fold(f64::NEG_INFINITY, f64::max).ceil();
    let mut p = Plot { left: 8.0, top, right: size.width() - 10.0, bottom: top };
    let x = p.x(first, last);
    let mut lanes: Vec<(f64, Vec<(usize, usize)>)> = Vec::new();
    for lane in 0..chart.lanes.len() {
        let own: Vec<usize> =
            order.iter().copied().filter(|i| chart.records[*i].lane == lane).collect();
        let spans: Vec<(f64, f64)> = own.iter().map(|i| drawn(&chart.records[*i], &x)).collect();
        let placed: Vec<(usize, usize)> = own.into_iter().zip(rows(&spans, 0.5)).collect();
        top += size.label() + 12.0;
        let deep = placed.iter().map(|r| r.1 + 1).max().unwrap_or(1);
        lanes.push((top, placed));
        top += deep as f64 * STEP + 6.0;
    }
    p.bottom = top + 4.0;
    year_grid(c, &p, &x, [first, last], size);
    for (lane, (y, placed)) in lanes.iter().enumerate() {
        let label = text::fit(&chart.lanes[lane], size.label(), size.width() - 10.0, true);
        c.text([0.0, y - 6.0], Anchor::Start, size.label(), "sf-strong sf-halo", &label);
        for (i, row) in placed {
            draw_record(c, &chart.records[*i], &x, y + (*row as f64 + 0.5) * STEP);
        }
    }
    p.bottom + size.small() + 20.0
}

/// Height of a row of records.
const STEP: f64 = 9.0;

/// Room a record takes on its row.
fn drawn(r: &TimelineRecord, x: &Linear) -> (f64, f64) {
    let (from, to) = span(r);
    let (a, b) = (x.at(from), x.at(to));
    let mid = (a + b) / 2.0;
    (a.min(mid - 4.5), b.max(mid + 4.5))
}

/// A record as a bar or a point in the colour of its sign.
fn draw_record(c: &mut Canvas, r: &TimelineRecord, x: &Linear, y: f64) {
    let (from, to) = span(r);
    let (a, b) = (x.at(from), x.at(to));
    let tip = format!("{}: {}", span_text(r.from, r.until), r.label);
    if b - a > 9.0 {
        c.rect([a, y - 1.5, b - a, 3.0], r.sign.colour(), r#"fill-opacity="0.75""#, "");
    }
    mark(c, r.sign, [(a + b) / 2.0, y], 4.0, &tip);
}

/// The years as vertical lines, as many as there is room to name.
fn year_grid(c: &mut Canvas, p: &Plot, x: &Linear, range: [f64; 2], size: Size) {
    let per_year = (p.right - p.left) / (range[1] - range[0]).max(1.0);
    let room = text::width("2020", size.small(), false) + 12.0;
    let every = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0];
    let every = every.into_iter().find(|e| e * per_year >= room).unwrap_or(500.0);
    let from = (range[0] / every).ceil() as i64;
    let to = (range[1] / every).floor() as i64;
    for k in from..=to {
        let year = k as f64 * every;
        c.line([x.at(year), p.top + 4.0], [x.at(year), p.bottom], "sf-grid", "");
        let half = room / 2.0 - 6.0;
        let at = [x.at(year).clamp(half, size.width() - half), p.bottom + size.small() + 3.0];
        c.text(at, Anchor::Middle, size.small(), "sf-muted", &format!("{}", year as i64));
    }
    if from > to {
        grid_x(c, p, x, &[], size, false);
    }
}

/// One record in words: its lines and height.
struct EntryLines {
    record: usize,
    lines: Vec<String>,
}

impl EntryLines {
    /// Height of an entry with its date.
    fn height(&self, size: Size) -> f64 {
        (self.lines.len() as f64 + 1.0) * line_height(size) + 7.0
    }
}

/// Distance between two lines of text.
fn line_height(size: Size) -> f64 {
    size.pick(15.5, 15.0)
}

/// All records of a year, by column.
struct Year {
    year: i32,
    columns: Vec<Vec<EntryLines>>,
}

impl Year {
    /// Height of the block's highest column.
    fn height(&self, size: Size) -> f64 {
        let tall = |c: &Vec<EntryLines>| c.iter().map(|e| e.height(size)).sum::<f64>();
        self.columns.iter().map(tall).fold(0.0, f64::max) + size.pick(6.0, 26.0)
    }
}

/// Room for the year before the columns.
const GUTTER: f64 = 48.0;
/// Height at which a block of years ends: about half a page of A4.
const BLOCK: f64 = 440.0;

/// Every record in words, year by year, in blocks that fit a page.
fn list(sheet: &mut DrawingSheet, chart: &Timeline<'_>, order: &[usize], size: Size) {
    let columns = size.pick(chart.lanes.len(), 1);
    let gutter = size.pick(GUTTER, 0.0);
    let wide = (size.width() - gutter) / columns as f64;
    let mut years: BTreeMap<i32, Year> = BTreeMap::new();
    for i in order {
        let r = &chart.records[*i];
        let year = years.entry(r.from.year).or_insert_with(|| Year {
            year: r.from.year,
            columns: (0..columns).map(|_| Vec::new()).collect(),
        });
        let lines = text::wrap(&r.label, size.small(), wide - 30.0);
        year.columns[r.lane % columns].push(EntryLines { record: *i, lines });
    }
    let mut block: Vec<Year> = Vec::new();
    let mut tall = 0.0;
    for year in years.into_values() {
        let next = year.height(size);
        if tall + next > BLOCK && !block.is_empty() {
            add_block(sheet, chart, &block, size);
            block.clear();
            tall = 0.0;
        }
        tall += next;
        block.push(year);
    }
    add_block(sheet, chart, &block, size);
}

/// One block of years as a drawing of its own.
fn add_block(sheet: &mut DrawingSheet, chart: &Timeline<'_>, years: &[Year], size: Size) {
    let mut c = sheet.canvas(size);
    let mut y = 4.0;
    if size.is_wide() {
        let wide = (size.width() - GUTTER) / chart.lanes.len() as f64;
        for (k, lane) in chart.lanes.iter().enumerate() {
            let at = [GUTTER + k as f64 * wide, 16.0];
            let label = text::fit(lane, size.label(), wide - 12.0, true);
            c.text(at, Anchor::Start, size.label(), "sf-strong", &label);
        }
        y = 24.0;
    }
    for year in years {
        c.line([0.0, y], [size.width(), y], "sf-grid", "");
        c.text(
            [0.0, y + size.label() + 5.0],
            Anchor::Start,
            size.label(),
            "sf-strong",
            &year.year.to_string(),
        );
        let gutter = size.pick(GUTTER, 0.0);
        let wide = (size.width() - gutter) / year.columns.len() as f64;
        let top = y + size.pick(2.0, 22.0);
        for (k, entries) in year.columns.iter().enumerate() {
            draw_column(&mut c, chart, entries, [gutter + k as f64 * wide, top], size);
        }
        y += year.height(size);
    }
    sheet.add(size, c, y + 4.0);
}

/// The entries of one lane in one year.
fn draw_column(
    c: &mut Canvas,
    chart: &Timeline<'_>,
    entries: &[EntryLines],
    at: [f64; 2],
    size: Size,
) {
    let mut y = at[1];
    for e in entries {
        let r = &chart.records[e.record];
        let mut base = y + size.small() + 3.0;
        mark(c, r.sign, [at[0] + 7.0, base - 4.0], 5.0, r.sign.as_str());
        let mut dated = span_text(r.from, r.until);
        if !size.is_wide() {
            dated = format!("{dated} · {}", chart.lanes[r.lane]);
        }
        let dated = text::fit(&dated, size.small(), size.width() - at[0] - 18.0, false);
        c.text([at[0] + 17.0, base], Anchor::Start, size.small(), "sf-muted", &dated);
        for line in &e.lines {
            base += line_height(size);
            c.text([at[0] + 17.0, base], Anchor::Start, size.small(), "", line);
        }
        y += e.height(size);
    }
}

/// The records as CSV.
fn data(chart: &Timeline<'_>, order: &[usize]) -> String {
    let mut csv = Csv::new(&["lane", "from", "until", "sign", "label"]);
    for i in order {
        let r = &chart.records[*i];
        csv.row([
            chart.lanes[r.lane].clone(),
            r.from.iso(),
            r.until.map_or(String::new(), Date::iso),
            r.sign.as_str().to_owned(),
            r.label.clone(),
        ]);
    }
    csv.finish()
}
