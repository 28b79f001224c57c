//! Causal diagrams: concepts and the signed links said to hold between them.

use crate::colour;
use crate::csv::Csv;
use crate::error::{Error, check};
use crate::figure::{DrawingSheet, Figure, Heading, Size};
use crate::svg::{Anchor, Canvas, n};
use crate::text;

/// What a test said of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// Stated, not tested.
    Stated,
    /// A part of a model, as computed from its equations.
    Modelled,
    /// Supported by its test.
    Supported,
    /// Contradicted by its test.
    Contradicted,
    /// Its test did not tell.
    Inconclusive,
}

impl LinkState {
    /// Every state, in the order of the key.
    const ALL: [LinkState; 5] = [
        LinkState::Supported,
        LinkState::Contradicted,
        LinkState::Inconclusive,
        LinkState::Stated,
        LinkState::Modelled,
    ];

    /// The words of the key.
    fn as_str(self) -> &'static str {
        match self {
            LinkState::Stated => "stated, not tested",
            LinkState::Modelled => "in the model",
            LinkState::Supported => "supported",
            LinkState::Contradicted => "contradicted",
            LinkState::Inconclusive => "inconclusive",
        }
    }

    /// The colour of a link.
    fn colour(self) -> &'static str {
        match self {
            LinkState::Stated => colour::PALE,
            LinkState::Modelled => colour::DARK,
            LinkState::Supported => colour::BLUE,
            LinkState::Contradicted => colour::RUST,
            LinkState::Inconclusive => colour::SLATE,
        }
    }

    /// The dashes of a link, which tell states apart without colour.
    fn dash(self) -> &'static str {
        match self {
            LinkState::Stated | LinkState::Modelled | LinkState::Supported => "",
            LinkState::Contradicted => r#" stroke-dasharray="7 3""#,
            LinkState::Inconclusive => r#" stroke-dasharray="2 3""#,
        }
    }

    /// The width of a link: what was decided is drawn thicker.
    fn width(self) -> f64 {
        match self {
            LinkState::Supported | LinkState::Contradicted => 2.4,
            LinkState::Inconclusive => 1.4,
            LinkState::Modelled => 1.2,
            LinkState::Stated => 1.0,
        }
    }
}

/// What more of a cause gives of its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Polarity {
    /// More.
    Positive,
    /// Less.
    Negative,
    /// More here and less there.
    Mixed,
    /// Nothing was seen.
    Unknown,
}

impl Polarity {
    /// Positive where true, negative where false.
    #[must_use]
    pub fn from_sign(positive: bool) -> Self {
        if positive { Polarity::Positive } else { Polarity::Negative }
    }

    /// The sign in the drawing.
    fn drawn(self) -> &'static str {
        match self {
            Polarity::Positive => "+",
            Polarity::Negative => "−",
            Polarity::Mixed => "±",
            Polarity::Unknown => "?",
        }
    }

    /// The sign in the data, in ASCII.
    fn written(self) -> &'static str {
        match self {
            Polarity::Negative => "-",
            other => other.drawn(),
        }
    }
}

/// A signed link from one concept to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Index of the cause.
    pub from: usize,
    /// Index of the effect.
    pub to: usize,
    /// What more of the cause gives of the effect.
    pub polarity: Polarity,
    /// Whether the effect builds up over time: two strokes cross the link, as the field draws it.
    pub delayed: bool,
    /// What its test said.
    pub state: LinkState,
    /// One line for the tooltip and the CSV.
    pub note: String,
}

/// Input of [`causal_diagram`].
#[derive(Debug, Clone)]
pub struct CausalDiagram<'a> {
    /// Concepts, placed clockwise from the top in this order; at most 16.
    pub concepts: &'a [String],
    /// Links; a link from a concept to itself is an error.
    pub links: &'a [Link],
}

/// Draws concepts on an oval and links as arrows with a +, −, ± or ? beside their heads.
///
/// CSV: `from, to, sign, delayed, state, note`.
///
/// # Errors
///
/// Without concepts or with more than sixteen, or with a link from or to one that is not listed or
/// to itself.
///
/// ```
/// use sanad_figure::{CausalDiagram, Heading, Link, LinkState, Polarity, causal_diagram};
///
/// let link = Link {
///     from: 0,
///     to: 1,
///     polarity: Polarity::Positive,
///     delayed: true,
///     state: LinkState::Stated,
///     note: "in the text only".to_owned(),
/// };
/// let figure = causal_diagram(
///     &Heading::new("map", "What acts on what", "As the text says.", "Two concepts."),
///     &CausalDiagram {
///         concepts: &["grievance".to_owned(), "violence".to_owned()],
///         links: &[link],
///     },
/// )?;
/// assert!(figure.csv.contains("grievance,violence,+,true,"));
/// # Ok::<(), sanad_figure::Error>(())
/// ```
pub fn causal_diagram(heading: &Heading, chart: &CausalDiagram<'_>) -> Result<Figure, Error> {
    check::not_empty("concepts", chart.concepts)?;
    check::within("number of concepts", chart.concepts.len() as f64, 1.0, 16.0)?;
    for (index, l) in chart.links.iter().enumerate() {
        check::index("from of a link", l.from, chart.concepts.len())?;
        check::index("to of a link", l.to, chart.concepts.len())?;
        if l.from == l.to {
            return Err(Error::Disordered { what: "link to itself".to_owned(), index });
        }
    }
    let mut sheet = DrawingSheet::new(heading)?;
    sheet.both(|canvas, size| draw(canvas, chart, size));
    Ok(sheet.finish(data(chart)))
}

/// A concept's box: centre and half extents.
struct NodeBox {
    at: [f64; 2],
    half: [f64; 2],
    lines: Vec<String>,
}

/// Concepts on an ellipse with their links; returns the drawing's height.
fn draw(c: &mut Canvas, chart: &CausalDiagram<'_>, size: Size) -> f64 {
    let top = key(c, chart, size);
    let levels = (chart.concepts.len() / 2) as f64;
    let tall = (64.0 + levels * size.pick(94.0, 104.0)).max(size.pick(360.0, 300.0));
    let nodes = place(chart, [size.width() / 2.0, top + tall / 2.0], tall, size);
    let bends = bends(chart.links);
    // What was tested lies over what was only stated.
    for tested in [false, true] {
        for (l, &bend) in chart.links.iter().zip(&bends) {
            if (l.state != LinkState::Stated) == tested {
                draw_link(c, chart, l, bend, &nodes);
            }
        }
    }
    for node in &nodes {
        draw_node(c, node, size);
    }
    let mut signs: Vec<[f64; 2]> = Vec::new();
    for (l, &bend) in chart.links.iter().zip(&bends) {
        let at = sign_spot(l, bend, &nodes, &signs);
        draw_sign(c, l, at, size);
        signs.push(at);
    }
    top + tall
}

/// The states that occur, with their strokes; returns where the drawing may begin.
fn key(c: &mut Canvas, chart: &CausalDiagram<'_>, size: Size) -> f64 {
    let (mut x, mut y) = (0.0, 13.0);
    for state in LinkState::ALL {
        if !chart.links.iter().any(|l| l.state == state) {
            continue;
        }
        let wide = text::width(state.as_str(), size.label(), false) + 50.0;
        if x > 0.0 && x + wide > size.width() {
            (x, y) = (0.0, y + size.label() + 6.0);
        }
        c.line([x, y - 4.5], [x + 26.0, y - 4.5], "sf-span", &stroke(state));
        c.text([x + 32.0, y], Anchor::Start, size.label(), "", state.as_str());
        x += wide;
    }
    let note = note(chart.links);
    if x > 0.0 && x + text::width(&note, size.small(), false) > size.width() {
        (x, y) = (0.0, y + size.label() + 6.0);
    }
    for (k, line) in text::wrap(&note, size.small(), size.width() - x).iter().enumerate() {
        y += if k > 0 { size.label() + 3.0 } else { 0.0 };
        c.text([x, y], Anchor::Start, size.small(), "sf-muted", line);
    }
    y + 14.0
}

/// What the signs mean that are drawn.
fn note(links: &[Link]) -> String {
    let mut note = "+ more gives more, − more gives less".to_owned();
    if links.iter().any(|l| l.polarity == Polarity::Mixed) {
        note.push_str(", ± both");
    }
    if links.iter().any(|l| l.polarity == Polarity::Unknown) {
        note.push_str(", ? no effect seen");
    }
    if links.iter().any(|l| l.delayed) {
        note.push_str(", ‖ over time");
    }
    note
}

/// Attributes of a link's line.
fn stroke(state: LinkState) -> String {
    format!(r#"stroke="{}" stroke-width="{}"{}"#, state.colour(), state.width(), state.dash())
}

/// Concepts clockwise on an oval, at even heights so that boxes of one side never overlap.
fn place(chart: &CausalDiagram<'_>, centre: [f64; 2], tall: f64, size: Size) -> Vec<NodeBox> {
    let count = chart.concepts.len();
    let wide = size.pick(136.0, 92.0);
    let radius = [size.width() / 2.0 - wide / 2.0 - 2.0, tall / 2.0 - 32.0];
    let levels = (count / 2).max(1);
    let mut nodes: Vec<NodeBox> = Vec::new();
    for (i, label) in chart.concepts.iter().enumerate() {
        let level = i.min(count - i);
        let t = 2.0 * level as f64 / levels as f64 - 1.0;
        let is_alone = i == 0 || 2 * i == count;
        let side = if 2 * i < count { 1.0 } else { -1.0 };
        let out = if is_alone {
            0.0
        } else {
            (radius[0] * (1.0 - t * t).sqrt()).max(wide / 2.0 + size.pick(40.0, 22.0))
        };
        let at = [centre[0] + side * out, centre[1] + radius[1] * t];
        let mut lines = text::wrap(label, size.label(), wide - 12.0);
        lines.truncate(3);
        let half = [wide / 2.0, lines.len() as f64 * size.label() * 0.62 + 7.0];
        nodes.push(NodeBox { at, half, lines });
    }
    nodes
}

/// A concept in its box.
fn draw_node(c: &mut Canvas, node: &NodeBox, size: Size) {
    let [x, y] = node.at;
    let [w, h] = node.half;
    let paint = format!(r#"rx="4" stroke="{}" stroke-width="1""#, colour::INK);
    c.rect([x - w, y - h, 2.0 * w, 2.0 * h], colour::WHITE, &paint, "");
    let step = size.label() * 1.24;
    let first = y - (node.lines.len() as f64 - 1.0) * step / 2.0 + size.label() * 0.35;
    for (k, line) in node.lines.iter().enumerate() {
        c.text([x, first + k as f64 * step], Anchor::Middle, size.label(), "", line);
    }
}

/// Where a ray from the box's centre towards `to` leaves the box, with a little air.
fn leave(node: &NodeBox, to: [f64; 2]) -> [f64; 2] {
    let d = [to[0] - node.at[0], to[1] - node.at[1]];
    let t = [0, 1]
        .map(|k| if d[k].abs() > 1e-9 { (node.half[k] + 3.0) / d[k].abs() } else { f64::INFINITY });
    let t = t[0].min(t[1]).min(1.0);
    [node.at[0] + d[0] * t, node.at[1] + d[1] * t]
}

/// How far each link is bent: links between the same two concepts are bent apart.
fn bends(links: &[Link]) -> Vec<f64> {
    let same = |a: &Link, b: &Link| a.from == b.from && a.to == b.to;
    let earlier = |k: usize| links[..k].iter().filter(|other| same(other, &links[k])).count();
    (0..links.len()).map(|k| 0.14 + 0.12 * earlier(k) as f64).collect()
}

/// Start, control point and end of a link: bent to its right, so that opposite links part.
fn curve(l: &Link, bend: f64, nodes: &[NodeBox]) -> [[f64; 2]; 3] {
    let (a, b) = (&nodes[l.from], &nodes[l.to]);
    let mid = [(a.at[0] + b.at[0]) / 2.0, (a.at[1] + b.at[1]) / 2.0];
    let d = [b.at[0] - a.at[0], b.at[1] - a.at[1]];
    let control = [mid[0] - d[1] * bend, mid[1] + d[0] * bend];
    [leave(a, control), control, leave(b, control)]
}

/// A link as a curve between two boxes, with an arrowhead, and a mark where it acts with delay.
fn draw_link(c: &mut Canvas, chart: &CausalDiagram<'_>, l: &Link, bend: f64, nodes: &[NodeBox]) {
    let [s, q, e] = curve(l, bend, nodes);
    let (dx, dy) = (e[0] - q[0], e[1] - q[1]);
    let length = dx.hypot(dy).max(1e-9);
    let (ux, uy) = (dx / length, dy / length);
    let base = [e[0] - 9.0 * ux, e[1] - 9.0 * uy];
    let d =
        format!("M{} {}Q{} {} {} {}", n(s[0]), n(s[1]), n(q[0]), n(q[1]), n(base[0]), n(base[1]));
    let tip = format!(
        "{} → {} ({}), {}: {}",
        chart.concepts[l.from],
        chart.concepts[l.to],
        l.polarity.drawn(),
        l.state.as_str(),
        l.note
    );
    c.path(&d, &format!(r#"fill="none" {}"#, stroke(l.state)), &tip);
    let head = format!(
        "M{} {}L{} {}L{} {}Z",
        n(e[0]),
        n(e[1]),
        n(base[0] - 4.2 * uy),
        n(base[1] + 4.2 * ux),
        n(base[0] + 4.2 * uy),
        n(base[1] - 4.2 * ux)
    );
    c.path(&head, &format!(r#"fill="{}""#, l.state.colour()), "");
    if l.delayed {
        draw_delay(c, l, [s, q, base]);
    }
}

/// Two strokes across the link, a third of the way along.
fn draw_delay(c: &mut Canvas, l: &Link, [s, q, e]: [[f64; 2]; 3]) {
    let t = 0.33_f64;
    let middle =
        [0, 1].map(|k| (1.0 - t).powi(2) * s[k] + 2.0 * t * (1.0 - t) * q[k] + t * t * e[k]);
    let along = [0, 1].map(|k| (1.0 - t) * (q[k] - s[k]) + t * (e[k] - q[k]));
    let length = along[0].hypot(along[1]).max(1e-9);
    let unit = along.map(|part| part / length);
    let paint = format!(r#"stroke="{}" stroke-width="1.6""#, l.state.colour());
    for ahead in [-2.0, 2.0] {
        let at = [middle[0] + ahead * unit[0], middle[1] + ahead * unit[1]];
        let ends = [5.0, -5.0].map(|side| [at[0] - side * unit[1], at[1] + side * unit[0]]);
        c.line(ends[0], ends[1], "", &paint);
    }
}

/// A point on the link for its sign, near the head if it is clear of boxes and other signs there.
fn sign_spot(l: &Link, bend: f64, nodes: &[NodeBox], signs: &[[f64; 2]]) -> [f64; 2] {
    let [s, q, e] = curve(l, bend, nodes);
    let at = |t: f64| {
        [0, 1].map(|k| (1.0 - t) * (1.0 - t) * s[k] + 2.0 * t * (1.0 - t) * q[k] + t * t * e[k])
    };
    let clear = |p: [f64; 2]| {
        let off_box = |b: &NodeBox| (0..2).any(|k| (p[k] - b.at[k]).abs() >= b.half[k] + 9.0);
        nodes.iter().all(off_box) && signs.iter().all(|o| (p[0] - o[0]).hypot(p[1] - o[1]) >= 17.0)
    };
    let tried = [0.74, 0.66, 0.58, 0.5, 0.42, 0.34, 0.26, 0.82];
    tried.into_iter().map(at).find(|p| clear(*p)).unwrap_or_else(|| at(0.5))
}

/// The sign of a link in a small circle on it.
fn draw_sign(c: &mut Canvas, l: &Link, at: [f64; 2], size: Size) {
    let paint = format!(r#"stroke="{}" stroke-width="1""#, l.state.colour());
    c.circle(at, 7.5, &format!(r#"fill="{}" {paint}"#, colour::PAPER), "");
    c.text([at[0], at[1] + 4.6], Anchor::Middle, size.label(), "sf-strong", l.polarity.drawn());
}

/// The links as CSV.
fn data(chart: &CausalDiagram<'_>) -> String {
    let mut csv = Csv::new(&["from", "to", "sign", "delayed", "state", "note"]);
    for l in chart.links {
        csv.row([
            chart.concepts[l.from].clone(),
            chart.concepts[l.to].clone(),
            l.polarity.written().to_owned(),
            l.delayed.to_string(),
            l.state.as_str().to_owned(),
            l.note.clone(),
        ]);
    }
    csv.finish()
}
