//! Writing SVG elements: escaping, rounding, ids, and a running text-safe canvas.

use std::fmt::Write as _;

pub(crate) use sanad_core::escape::markup as escape;

/// Coordinates are written in tenths of a unit.
pub(crate) fn n(value: f64) -> String {
    let tenths = (value * 10.0).round() as i64;
    let sign = if tenths < 0 { "-" } else { "" };
    let (whole, rest) = (tenths.abs() / 10, tenths.abs() % 10);
    if rest == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
}

/// Where the anchor point of a text lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    /// The word of SVG's `text-anchor`.
    fn name(self) -> &'static str {
        match self {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        }
    }
}

/// One drawing surface; its `id` prefixes every id inside it.
#[derive(Debug, Clone)]
pub(crate) struct Canvas {
    pub(crate) id: String,
    pub(crate) defs: String,
    pub(crate) body: String,
    hatched: bool,
}

impl Canvas {
    /// An empty canvas whose identifiers begin with `id`.
    pub(crate) fn new(id: String) -> Self {
        Canvas { id, defs: String::new(), body: String::new(), hatched: false }
    }

    /// Adds the hatch pattern for missing values once, and returns the paint that uses it.
    pub(crate) fn hatch(&mut self) -> String {
        if !self.hatched {
            self.hatched = true;
            let _ = write!(
                self.defs,
                r##"<pattern id="{}-miss" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="5" height="5" fill="{}"/><rect width="1.6" height="5" fill="{}"/></pattern>"##,
                self.id,
                crate::colour::MISSING_GROUND,
                crate::colour::MISSING
            );
        }
        format!("url(#{}-miss)", self.id)
    }

    /// Opens a group of this class.
    pub(crate) fn open(&mut self, class: &str) {
        let _ = write!(self.body, r#"<g class="{class}">"#);
    }

    /// Closes the group opened last.
    pub(crate) fn close(&mut self) {
        self.body.push_str("</g>");
    }

    /// A rectangle with a paint; `tip` becomes its `<title>`.
    pub(crate) fn rect(&mut self, at: [f64; 4], fill: &str, extra: &str, tip: &str) {
        let [x, y, w, h] = at;
        let head = format!(
            r#"<rect x="{}" y="{}" width="{}" height="{}" fill="{fill}"{}"#,
            n(x),
            n(y),
            n(w.max(0.0)),
            n(h.max(0.0)),
            lead(extra)
        );
        self.finish("rect", &head, tip);
    }

    /// A straight line.
    pub(crate) fn line(&mut self, from: [f64; 2], to: [f64; 2], class: &str, extra: &str) {
        let _ = write!(
            self.body,
            r#"<line x1="{}" y1="{}" x2="{}" y2="{}" class="{class}"{}/>"#,
            n(from[0]),
            n(from[1]),
            n(to[0]),
            n(to[1]),
            lead(extra)
        );
    }

    /// A path; nothing for an empty one.
    pub(crate) fn path(&mut self, d: &str, extra: &str, tip: &str) {
        if d.is_empty() {
            return;
        }
        let head = format!(r#"<path d="{d}"{}"#, lead(extra));
        self.finish("path", &head, tip);
    }

    /// A circle with a tip that shows when it is pointed at.
    pub(crate) fn circle(&mut self, c: [f64; 2], r: f64, extra: &str, tip: &str) {
        let head =
            format!(r#"<circle cx="{}" cy="{}" r="{}"{}"#, n(c[0]), n(c[1]), n(r), lead(extra));
        self.finish("circle", &head, tip);
    }

    /// Text on its baseline; `class` may be empty.
    pub(crate) fn text(
        &mut self,
        at: [f64; 2],
        anchor: Anchor,
        size: f64,
        class: &str,
        text: &str,
    ) {
        let class = if class.is_empty() { String::new() } else { format!(r#" class="{class}""#) };
        let _ = write!(
            self.body,
            r#"<text x="{}" y="{}" font-size="{}" text-anchor="{}"{class}>{}</text>"#,
            n(at[0]),
            n(at[1]),
            n(size),
            anchor.name(),
            escape(text)
        );
    }

    /// Ends an element, with its tip as a `title` where it has one.
    fn finish(&mut self, name: &str, head: &str, tip: &str) {
        if tip.is_empty() {
            let _ = write!(self.body, "{head}/>");
        } else {
            let _ = write!(self.body, "{head}><title>{}</title></{name}>", escape(tip));
        }
    }
}

/// Further attributes with a space in front, or nothing.
fn lead(extra: &str) -> String {
    if extra.is_empty() { String::new() } else { format!(" {extra}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_have_at_most_one_decimal_and_no_negative_zero() {
        assert_eq!([n(1.04), n(-0.04), n(2.25), n(-3.5)], ["1", "0", "2.3", "-3.5"]);
    }

    #[test]
    fn markup_in_labels_is_escaped() {
        assert_eq!(escape("<b> & \"q\"\u{0}"), "&lt;b&gt; &amp; &quot;q&quot;\u{fffd}");
    }
}
