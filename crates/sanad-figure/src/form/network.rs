//! Organisations and their dated ties.
//!
//! Rows are organisations under their family, time runs to the right, a tie is an upright line at
//! its date between its two rows. This was chosen over node-link drawings in periods: dates are
//! read off directly, no tie is hidden under a node, and nothing moves between panels.

use crate::axis::Plot;
use crate::colour;
use crate::csv::Csv;
use crate::date::{Date, span_text};
use crate::error::{Error, check};
use crate::figure::{DrawingSheet, Figure, Heading, Size};
use crate::form::dots::shape;
use crate::scale::{Linear, spread};
use crate::svg::{Anchor, Canvas};
use crate::text;

/// An organisation.
#[derive(Debug, Clone, PartialEq)]
pub struct Organisation {
    /// Name, short enough for a row.
    pub label: String,
    /// Index of its family.
    pub family: usize,
    /// When it began, where known and within the axis.
    pub from: Option<Date>,
    /// When it ended; `None` while it lasts.
    pub until: Option<Date>,
}

/// What a tie is; each has its own colour, dash and end mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TieKind {
    /// They act together.
    Alliance,
    /// One joins the other (or both form a new one).
    Merger,
    /// One comes out of the other.
    Split,
    /// They fight or oppose each other.
    Rivalry,
}

impl TieKind {
    /// Every kind, in the order of the key.
    const ALL: [TieKind; 4] =
        [TieKind::Alliance, TieKind::Merger, TieKind::Split, TieKind::Rivalry];

    /// The word of the key.
    fn as_str(self) -> &'static str {
        match self {
            TieKind::Alliance => "alliance",
            TieKind::Merger => "merger",
            TieKind::Split => "split",
            TieKind::Rivalry => "rivalry",
        }
    }

    /// The colour of a tie.
    fn colour(self) -> &'static str {
        match self {
            TieKind::Alliance => colour::BLUE,
            TieKind::Merger => colour::GREEN,
            TieKind::Split => colour::OCHRE,
            TieKind::Rivalry => colour::ORANGE,
        }
    }

    /// The shape at a tie's ends, which tells kinds apart without colour.
    fn mark(self) -> usize {
        match self {
            TieKind::Alliance => 0,
            TieKind::Merger => 1,
            TieKind::Split => 2,
            TieKind::Rivalry => 3,
        }
    }

    /// The dashes of a tie.
    fn dash(self) -> &'static str {
        match self {
            TieKind::Alliance | TieKind::Merger => "",
            TieKind::Split => r#" stroke-dasharray="5 2.5""#,
            TieKind::Rivalry => r#" stroke-dasharray="1.5 2.5""#,
        }
    }
}

/// A tie between two organisations.
#[derive(Debug, Clone, PartialEq)]
pub struct Tie {
    /// Index of the one (of a split: the old one; of a merger: the one that joins).
    pub from: usize,
    /// Index of the other.
    pub to: usize,
    /// Kind.
    pub kind: TieKind,
    /// When it was or began.
    pub date: Date,
    /// When it ended, where known.
    pub until: Option<Date>,
    /// One line of words for the list.
    pub label: String,
}

/// Input of [`network_over_time`].
#[derive(Debug, Clone)]
pub struct NetworkOverTime<'a> {
    /// Organisations; within a family they are reordered so that ties are short.
    pub organisations: &'a [Organisation],
    /// Names of the families, top to bottom.
    pub families: &'a [String],
    /// Ties.
    pub ties: &'a [Tie],
    /// First and last year of the axis.
    pub years: [i32; 2],
}

/// Draws organisations as rows and ties as numbered upright lines at their dates, with a numbered
/// list of the ties below.
///
/// Ties closer together than a line's width are moved apart by the least that separates them. Ties
/// outside `years` are an error. CSV: `number, from, to, kind, date, until, label`.
///
/// # Errors
///
/// Without organisations, or with a tie to one that is not listed or that begins outside the years.
///
/// ```
/// use sanad_figure::{
///     Date, Heading, NetworkOverTime, Organisation, Tie, TieKind, network_over_time,
/// };
///
/// let organisation = |label: &str| Organisation {
///     label: label.to_owned(),
///     family: 0,
///     from: Some(Date::year(2007)),
///     until: None,
/// };
/// let figure = network_over_time(
///     &Heading::new("ties", "Who joined whom", "Dated ties.", "One row for each organisation."),
///     &NetworkOverTime {
///         organisations: &[organisation("A"), organisation("B")],
///         families: &["first".to_owned()],
///         ties: &[Tie {
///             from: 0,
///             to: 1,
///             kind: TieKind::Merger,
///             date: Date::month(2020, 8),
///             until: None,
///             label: "B joins A".to_owned(),
///         }],
///         years: [2007, 2025],
///     },
/// )?;
/// assert!(figure.csv.contains("1,A,B,merger,2020-08,,B joins A"));
/// # Ok::<(), sanad_figure::Error>(())
/// ```
pub fn network_over_time(heading: &Heading, chart: &NetworkOverTime<'_>) -> Result<Figure, Error> {
    validate(chart)?;
    let order = chronological(chart);
    let layout = NodeRows::arrange(chart);
    let mut sheet = DrawingSheet::new(heading)?;
    for size in Size::BOTH {
        sheet.draw(size, |canvas| draw(canvas, chart, &layout, &order, size));
        list(&mut sheet, chart, &order, size);
    }
    Ok(sheet.finish(data(chart, &order)))
}

/// Refuses years in the wrong order, families that are not listed, and ties to organisations that
/// are not listed or that begin outside the years.
fn validate(chart: &NetworkOverTime<'_>) -> Result<(), Error> {
    check::not_empty("organisations", chart.organisations)?;
    let [first, last] = chart.years.map(f64::from);
    check::ordered("years", [[first, first, last]])?;
    for o in chart.organisations {
        check::index("family of an organisation", o.family, chart.families.len())?;
        o.from.map_or(Ok(()), |d| d.check(&o.label))?;
        o.until.map_or(Ok(()), |d| d.check(&o.label))?;
    }
    for t in chart.ties {
        check::index("from of a tie", t.from, chart.organisations.len())?;
        check::index("to of a tie", t.to, chart.organisations.len())?;
        t.date.check(&t.label)?;
        check::within(&format!("year of {}", t.label), f64::from(t.date.year), first, last)?;
    }
    Ok(())
}

/// Positions of the ties by date.
fn chronological(chart: &NetworkOverTime<'_>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..chart.ties.len()).collect();
    order.sort_by(|a, b| {
        chart.ties[*a].date.start().total_cmp(&chart.ties[*b].date.start()).then(a.cmp(b))
    });
    order
}

/// Order of the organisations, top to bottom.
struct NodeRows {
    order: Vec<usize>,
}

impl NodeRows {
    /// By family; within a family neighbours change places while that shortens the ties.
    fn arrange(chart: &NetworkOverTime<'_>) -> Self {
        let mut order: Vec<usize> = (0..chart.organisations.len()).collect();
        order.sort_by_key(|i| (chart.organisations[*i].family, *i));
        let family = |i: usize| chart.organisations[i].family;
        let mut length = Self::length(chart, &order);
        for _ in 0..order.len() {
            let before = length;
            for k in 0..order.len().saturating_sub(1) {
                if family(order[k]) != family(order[k + 1]) {
                    continue;
                }
                order.swap(k, k + 1);
                let now = Self::length(chart, &order);
                if now < length {
                    length = now;
                } else {
                    order.swap(k, k + 1);
                }
            }
            if length == before {
                break;
            }
        }
        NodeRows { order }
    }

    /// How long all lines of ties are together, which the order of rows makes small.
    fn length(chart: &NetworkOverTime<'_>, order: &[usize]) -> usize {
        let mut row = vec![0; order.len()];
        for (k, i) in order.iter().enumerate() {
            row[*i] = k;
        }
        chart.ties.iter().map(|t| row[t.from].abs_diff(row[t.to])).sum()
    }
}

/// Organisations in rows, ties over the years; returns the drawing's height.
fn draw(
    c: &mut Canvas,
    chart: &NetworkOverTime<'_>,
    layout: &NodeRows,
    order: &[usize],
    size: Size,
) -> f64 {
    let top = key(c, chart, size);
    let names = chart.organisations.iter().map(|o| text::width(&o.label, size.small(), false));
    let left = size.pick((names.fold(0.0, f64::max) + 14.0).min(210.0), 2.0);
    let mut p = Plot { left, top, right: size.width() - 10.0, bottom: top };
    let x = p.x(f64::from(chart.years[0]), f64::from(chart.years[1] + 1));
    let wanted: Vec<f64> = order.iter().map(|i| x.at(chart.ties[*i].date.start())).collect();
    let at = spread(&wanted, 3.5, p.left, p.right);
    let number_rows = (order.len() as f64 * 17.0 / (p.right - p.left)).ceil().max(1.0) as usize;
    p.top = top + number_rows as f64 * 15.0 + 8.0;
    let (row_y, bottom) = place_rows(chart, layout, p.top, size);
    p.bottom = bottom;
    year_lines(c, chart, &p, &x, size);
    draw_lives(c, chart, &row_y, &p, &x);
    numbers(c, order, chart, &at, [top, number_rows as f64, p.left, p.right], &row_y);
    draw_ties(c, chart, order, &at, &row_y);
    draw_names(c, chart, layout, &row_y, &p, size);
    p.bottom + size.small() + 16.0
}

/// The kinds that occur, with their strokes; returns where the drawing may begin.
fn key(c: &mut Canvas, chart: &NetworkOverTime<'_>, size: Size) -> f64 {
    let (mut x, mut y) = (2.0, 13.0);
    for kind in TieKind::ALL {
        if !chart.ties.iter().any(|t| t.kind == kind) {
            continue;
        }
        let wide = text::width(kind.as_str(), size.label(), false) + 46.0;
        if x > 2.0 && x + wide > size.width() {
            (x, y) = (2.0, y + size.label() + 6.0);
        }
        let stroke = stroke(kind);
        c.line([x, y - 4.5], [x + 24.0, y - 4.5], "sf-span", &stroke);
        shape(c, kind.mark(), [x + 12.0, y - 4.5], 4.4, kind.colour(), "");
        c.text([x + 30.0, y], Anchor::Start, size.label(), "", kind.as_str());
        x += wide;
    }
    y + 8.0
}

/// Attributes of a tie's line.
fn stroke(kind: TieKind) -> String {
    format!(r#"stroke="{}" stroke-width="2"{}"#, kind.colour(), kind.dash())
}

/// Baseline height of each organisation's row, and the bottom of the last.
fn place_rows(
    chart: &NetworkOverTime<'_>,
    layout: &NodeRows,
    top: f64,
    size: Size,
) -> (Vec<f64>, f64) {
    let mut at = vec![0.0; chart.organisations.len()];
    let mut y = top;
    let mut family = None;
    for i in &layout.order {
        let own = chart.organisations[*i].family;
        if family != Some(own) {
            y += size.pick(26.0, 28.0);
            family = Some(own);
        }
        y += size.pick(19.0, 30.0);
        at[*i] = y;
    }
    (at, y + 12.0)
}

/// The years as vertical lines, as many as there is room to name.
fn year_lines(c: &mut Canvas, chart: &NetworkOverTime<'_>, p: &Plot, x: &Linear, size: Size) {
    let room = text::width("2020", size.small(), false);
    let per_year = (x.to[1] - x.to[0]) / f64::from(chart.years[1] + 1 - chart.years[0]);
    let every = [1, 2, 5, 10, 20].into_iter().find(|e| f64::from(*e) * per_year >= room + 12.0);
    let every = every.unwrap_or(50);
    for year in (chart.years[0]..=chart.years[1]).filter(|y| y % every == 0) {
        let at = x.at(f64::from(year));
        c.line([at, p.top], [at, p.bottom], "sf-grid", "");
        let label =
            [at.clamp(room / 2.0, size.width() - room / 2.0), p.bottom + size.small() + 4.0];
        c.text(label, Anchor::Middle, size.small(), "sf-muted", &year.to_string());
    }
}

/// A thin line for as long as each organisation is known to exist, with a bar at known ends.
fn draw_lives(c: &mut Canvas, chart: &NetworkOverTime<'_>, row_y: &[f64], p: &Plot, x: &Linear) {
    for (o, y) in chart.organisations.iter().zip(row_y) {
        let from = o.from.map_or(p.left, |d| x.at(d.start())).clamp(p.left, p.right);
        let to = o.until.map_or(p.right, |d| x.at(d.end())).clamp(from, p.right);
        c.line([from, *y], [to, *y], "sf-life", "");
        for (end, is_known) in [(from, o.from.is_some()), (to, o.until.is_some())] {
            if is_known {
                c.line([end, y - 4.0], [end, y + 4.0], "sf-life", "");
            }
        }
    }
}

/// The organisations' names before their rows, families apart.
fn draw_names(
    c: &mut Canvas,
    chart: &NetworkOverTime<'_>,
    layout: &NodeRows,
    row_y: &[f64],
    p: &Plot,
    size: Size,
) {
    let mut family = None;
    for i in &layout.order {
        let o = &chart.organisations[*i];
        let y = row_y[*i];
        if family != Some(o.family) {
            family = Some(o.family);
            let at = [0.0, y - size.pick(20.0, 31.0)];
            let name = text::fit(&chart.families[o.family], size.label(), size.width(), true);
            c.text(at, Anchor::Start, size.label(), "sf-strong sf-halo", &name);
        }
        let (at, anchor, room) = if size.is_wide() {
            ([p.left - 8.0, y + 4.0], Anchor::End, p.left - 10.0)
        } else {
            ([2.0, y - 6.0], Anchor::Start, size.width() - 4.0)
        };
        c.text(
            at,
            anchor,
            size.small(),
            "sf-halo",
            &text::fit(&o.label, size.small(), room, false),
        );
    }
}

/// Ties as vertical lines between two rows, with a mark at both ends.
fn draw_ties(
    c: &mut Canvas,
    chart: &NetworkOverTime<'_>,
    order: &[usize],
    at: &[f64],
    row_y: &[f64],
) {
    for (k, i) in order.iter().enumerate() {
        let t = &chart.ties[*i];
        c.line([at[k], row_y[t.from]], [at[k], row_y[t.to]], "sf-span", &stroke(t.kind));
    }
    for (k, i) in order.iter().enumerate() {
        let t = &chart.ties[*i];
        let tip = format!("{}. {}: {}", k + 1, span_text(t.date, t.until), t.label);
        for end in [t.from, t.to] {
            shape(c, t.kind.mark(), [at[k], row_y[end]], 4.4, t.kind.colour(), &tip);
        }
    }
}

/// The ties' numbers above the plot, spread so that none touch, with leads to their lines.
fn numbers(
    c: &mut Canvas,
    order: &[usize],
    chart: &NetworkOverTime<'_>,
    at: &[f64],
    room: [f64; 4],
    row_y: &[f64],
) {
    let [top, count, left, right] = room;
    let rows = count as usize;
    for r in 0..rows {
        let own: Vec<usize> = (0..order.len()).filter(|k| k % rows == r).collect();
        let wanted: Vec<f64> = own.iter().map(|k| at[*k]).collect();
        let placed = spread(&wanted, 17.0, left + 7.0, right - 1.0);
        for (k, x) in own.iter().zip(placed) {
            let t = &chart.ties[order[*k]];
            let y = top + (r + 1) as f64 * 15.0;
            let end = row_y[t.from].min(row_y[t.to]) - 5.0;
            let lead = format!(
                r##"stroke="{}" stroke-width="0.7" stroke-opacity="0.6""##,
                colour::OUTLINE
            );
            c.line([x, y + 3.0], [at[*k], top + rows as f64 * 15.0 + 10.0], "sf-span", &lead);
            c.line([at[*k], top + rows as f64 * 15.0 + 10.0], [at[*k], end], "sf-span", &lead);
            c.text([x, y], Anchor::Middle, 11.0, "sf-strong sf-halo", &(k + 1).to_string());
        }
    }
}

/// The ties in words, in two columns (one on a phone), in blocks that paper can break between.
fn list(sheet: &mut DrawingSheet, chart: &NetworkOverTime<'_>, order: &[usize], size: Size) {
    let columns = size.pick(2, 1);
    let wide = size.width() / columns as f64;
    let numbered: Vec<(usize, usize)> = order.iter().copied().enumerate().collect();
    for block in numbered.chunks(40) {
        let mut c = sheet.canvas(size);
        let mut bottom = 0.0_f64;
        for (col, part) in block.chunks(block.len().div_ceil(columns)).enumerate() {
            let left = col as f64 * wide;
            let mut y = 4.0;
            for (number, i) in part {
                y = draw_entry(&mut c, &chart.ties[*i], *number + 1, [left, y, wide], size);
            }
            bottom = bottom.max(y);
        }
        sheet.add(size, c, bottom + 4.0);
    }
}

/// A tie in the list below, under its number; returns where it ends.
fn draw_entry(c: &mut Canvas, t: &Tie, number: usize, at: [f64; 3], size: Size) -> f64 {
    let [left, top, wide] = at;
    let mut y = top + size.small() + 3.0;
    c.text([left + 18.0, y], Anchor::End, size.small(), "sf-strong", &number.to_string());
    shape(c, t.kind.mark(), [left + 29.0, y - 4.0], 4.4, t.kind.colour(), t.kind.as_str());
    let said = format!("{}, {}", span_text(t.date, t.until), t.kind.as_str());
    let said = text::fit(&said, size.small(), wide - 52.0, false);
    c.text([left + 40.0, y], Anchor::Start, size.small(), "sf-muted", &said);
    for line in text::wrap(&t.label, size.small(), wide - 52.0) {
        y += size.small() + 3.5;
        c.text([left + 40.0, y], Anchor::Start, size.small(), "", &line);
    }
    y + 6.0
}

/// The ties as CSV.
fn data(chart: &NetworkOverTime<'_>, order: &[usize]) -> String {
    let mut csv = Csv::new(&["number", "from", "to", "kind", "date", "until", "label"]);
    for (k, i) in order.iter().enumerate() {
        let t = &chart.ties[*i];
        csv.row([
            (k + 1).to_string(),
            chart.organisations[t.from].label.clone(),
            chart.organisations[t.to].label.clone(),
            t.kind.as_str().to_owned(),
            t.date.iso(),
            t.until.map_or(String::new(), Date::iso),
            t.label.clone(),
        ]);
    }
    csv.finish()
}
