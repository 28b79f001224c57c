//! What every form gives back, and how its drawings become one fragment of HTML.

use std::fmt::Write as _;

use crate::colour::PAPER;
use crate::error::Error;
use crate::svg::{Anchor, Canvas, escape, n};
use crate::text;

/// What a figure says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// Prefix of every id in the figure: a lowercase letter, then lowercase letters, digits and
    /// hyphens. Two figures of one HTML file must not share it.
    pub id: String,
    /// Says what the figure shows, as a statement ("Deaths rose after 2007 in the former FATA").
    pub title: String,
    /// Unit, source and coverage.
    pub caption: String,
    /// The same for a reader who cannot see it (`<desc>`): what is on the axes, what stands out.
    pub description: String,
}

impl Heading {
    /// A heading from its four texts.
    pub fn new(id: &str, title: &str, caption: &str, description: &str) -> Self {
        Heading {
            id: id.to_owned(),
            title: title.to_owned(),
            caption: caption.to_owned(),
            description: description.to_owned(),
        }
    }

    /// Refuses an identifier that could not name an element: a small letter first, then small
    /// letters, digits and hyphens.
    fn check(&self) -> Result<(), Error> {
        let mut chars = self.id.chars();
        let head = chars.next().is_some_and(|c| c.is_ascii_lowercase());
        let tail = chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if head && tail { Ok(()) } else { Err(Error::BadId { id: self.id.clone() }) }
    }
}

/// A finished figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// Prefix of its ids.
    pub id: String,
    /// What it shows.
    pub title: String,
    /// Unit, source, coverage.
    pub caption: String,
    /// A fragment for inlining in HTML: a `<div class="sanad-figure">` with one or more `<svg>`.
    /// It needs [`crate::stylesheet`] once in the file, which chooses the wide or the narrow
    /// drawing by the width of the screen and the wide one for print.
    pub svg: String,
    /// The figure's data, complete, as RFC 4180 CSV with a header row; missing is an empty cell.
    pub csv: String,
    standalone: String,
}

impl Figure {
    /// One SVG file of its own: style inside, title and caption drawn, wide drawing.
    pub fn standalone_svg(&self) -> &str {
        &self.standalone
    }

    /// The same as PNG, on white, at three pixels for each of its units and at fewer where it is very
    /// tall. Its font is in the program, and the same figure gives the same bytes on every machine.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] for a figure of more than sixteen million units.
    pub fn standalone_png(&self) -> Result<Vec<u8>, Error> {
        crate::raster::png(&self.standalone)
    }

    /// The whole `<figure>`: title, drawing, caption, and the data as a link that needs neither
    /// network nor scripts.
    pub fn to_html(&self) -> String {
        format!(
            r#"<figure class="sanad-frame" id="{id}"><h3 class="sanad-title">{title}</h3>{svg}<figcaption class="sanad-caption">{caption} <a class="sanad-data" download="{id}.csv" href="{link}">Data (CSV)</a></figcaption></figure>"#,
            id = self.id,
            title = escape(&self.title),
            svg = self.svg,
            caption = escape(&self.caption),
            link = self.csv_link(),
        )
    }

    /// The CSV as a `data:` link.
    pub fn csv_link(&self) -> String {
        let mut link = String::from("data:text/csv;charset=utf-8,");
        for byte in self.csv.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b',' => {
                    link.push(char::from(byte));
                }
                other => {
                    let _ = write!(link, "%{other:02X}");
                }
            }
        }
        link
    }
}

/// Which of the two layouts a drawing is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// Desktop and paper.
    Wide,
    /// Phones.
    Narrow,
}

impl Size {
    /// The two sizes of every figure, in the order in which they stand in the page.
    pub(crate) const BOTH: [Size; 2] = [Size::Wide, Size::Narrow];

    /// Width of the viewBox.
    pub(crate) fn width(self) -> f64 {
        if self.is_wide() { 760.0 } else { 328.0 }
    }

    /// Whether this is the layout for a page, not for a telephone.
    pub(crate) fn is_wide(self) -> bool {
        self == Size::Wide
    }

    /// `wide` or `narrow`, by layout.
    pub(crate) fn pick<T>(self, wide: T, narrow: T) -> T {
        if self.is_wide() { wide } else { narrow }
    }

    /// Size of labels. A phone of 360 px shows the narrow drawing at its own size.
    pub(crate) fn label(self) -> f64 {
        self.pick(13.0, 12.0)
    }

    /// Size of axis text and notes.
    pub(crate) fn small(self) -> f64 {
        self.pick(12.0, 11.0)
    }

    /// A letter that keeps identifiers of the two layouts apart.
    fn letter(self) -> &'static str {
        self.pick("w", "n")
    }
}

/// When a drawing is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Visibility {
    At(Size),
    Always,
}

/// One drawing of a figure.
#[derive(Debug, Clone)]
struct Piece {
    shown: Visibility,
    canvas: Canvas,
    size: [f64; 2],
}

/// Collects the drawings of a figure.
#[derive(Debug, Clone)]
pub(crate) struct DrawingSheet {
    heading: Heading,
    pieces: Vec<Piece>,
    row: bool,
}

impl DrawingSheet {
    /// An empty sheet under a heading.
    ///
    /// # Errors
    /// If the heading's identifier could not name an element.
    pub(crate) fn new(heading: &Heading) -> Result<Self, Error> {
        heading.check()?;
        Ok(DrawingSheet { heading: heading.clone(), pieces: Vec::new(), row: false })
    }

    /// Pieces stand beside each other where there is room.
    pub(crate) fn in_a_row(mut self) -> Self {
        self.row = true;
        self
    }

    /// A canvas for one layout.
    pub(crate) fn canvas(&self, size: Size) -> Canvas {
        Canvas::new(format!("{}-{}{}", self.heading.id, size.letter(), self.pieces.len()))
    }

    /// A canvas that both layouts share.
    pub(crate) fn shared_canvas(&self) -> Canvas {
        Canvas::new(format!("{}-s{}", self.heading.id, self.pieces.len()))
    }

    /// Adds a drawing of one layout.
    pub(crate) fn add(&mut self, size: Size, canvas: Canvas, height: f64) {
        self.add_sized(size, canvas, [size.width(), height]);
    }

    /// Adds a drawing of one layout that is not as wide as the layout.
    pub(crate) fn add_sized(&mut self, shown: Size, canvas: Canvas, size: [f64; 2]) {
        self.pieces.push(Piece { shown: Visibility::At(shown), canvas, size });
    }

    /// Adds a drawing shown in both layouts.
    pub(crate) fn add_shared(&mut self, canvas: Canvas, size: [f64; 2]) {
        self.pieces.push(Piece { shown: Visibility::Always, canvas, size });
    }

    /// Draws one layout; `draw` gives the height that it used.
    pub(crate) fn draw(&mut self, size: Size, draw: impl FnOnce(&mut Canvas) -> f64) {
        let mut canvas = self.canvas(size);
        let height = draw(&mut canvas);
        self.add(size, canvas, height);
    }

    /// Draws both layouts at their full widths; `draw` gives the height that it used.
    pub(crate) fn both(&mut self, draw: impl Fn(&mut Canvas, Size) -> f64) {
        self.both_sized(|canvas, size| [size.width(), draw(canvas, size)]);
    }

    /// Draws both layouts; `draw` gives the width and the height that it used.
    pub(crate) fn both_sized(&mut self, draw: impl Fn(&mut Canvas, Size) -> [f64; 2]) {
        for size in Size::BOTH {
            let mut canvas = self.canvas(size);
            let used = draw(&mut canvas, size);
            self.add_sized(size, canvas, used);
        }
    }

    /// The figure: both layouts for a page, one file that stands alone, and its data.
    pub(crate) fn finish(self, csv: String) -> Figure {
        let svgs: String = self.pieces.iter().map(|p| self.element(p)).collect();
        let class = if self.row { "sanad-figure sanad-row" } else { "sanad-figure" };
        let standalone = self.standalone();
        Figure {
            svg: format!(r#"<div class="{class}">{svgs}</div>"#),
            csv,
            standalone,
            id: self.heading.id,
            title: self.heading.title,
            caption: self.heading.caption,
        }
    }

    /// One drawing as an element of the page, shown at its size only.
    fn element(&self, piece: &Piece) -> String {
        let class = match piece.shown {
            Visibility::At(Size::Wide) => "sf sf-wide",
            Visibility::At(Size::Narrow) => "sf sf-narrow",
            Visibility::Always => "sf sf-both",
        };
        let basis = self.basis(piece);
        let id = &piece.canvas.id;
        format!(
            r#"<svg class="{class}"{basis} xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" role="img" aria-labelledby="{id}-t {id}-d"><title id="{id}-t">{title}</title><desc id="{id}-d">{desc}</desc>{defs}{body}</svg>"#,
            w = n(piece.size[0]),
            h = n(piece.size[1]),
            title = escape(&self.heading.title),
            desc = escape(&self.heading.description),
            defs = defs(&piece.canvas),
            body = piece.canvas.body,
        )
    }

    /// In a row, pieces share the width by their own widths; alone, a small one is not blown up.
    fn basis(&self, piece: &Piece) -> String {
        let wide = n(piece.size[0]);
        match (self.row, piece.shown) {
            (true, _) => format!(r#" style="flex:{wide} 1 0""#),
            (false, Visibility::Always) => {
                format!(r#" style="max-width:{}px""#, n(piece.size[0] * 1.35))
            }
            (false, Visibility::At(_)) => String::new(),
        }
    }

    /// All drawings below one another in one SVG file with title and caption, for use outside the
    /// page.
    fn standalone(&self) -> String {
        let kept: Vec<&Piece> =
            self.pieces.iter().filter(|p| p.shown != Visibility::At(Size::Narrow)).collect();
        let width = kept.iter().fold(0.0_f64, |w, p| w.max(p.size[0])).max(Size::Wide.width());
        let mut canvas = Canvas::new(format!("{}-f", self.heading.id));
        let mut y = 8.0;
        y = paragraph(&mut canvas, &self.heading.title, y, width, 17.0, "sf-strong");
        let (mut x, mut row_height) = (0.0, 0.0_f64);
        let mut nested = String::new();
        for piece in kept {
            if x > 0.0 && (!self.row || x + piece.size[0] > width) {
                (x, y, row_height) = (0.0, y + row_height, 0.0);
            }
            nested.push_str(&nest(piece, x, y));
            x += piece.size[0];
            row_height = row_height.max(piece.size[1]);
        }
        y = paragraph(&mut canvas, &self.heading.caption, y + row_height, width, 12.0, "sf-muted");
        format!(
            r##"<svg class="sanad-figure" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-labelledby="{id}-t {id}-d"><title id="{id}-t">{title}</title><desc id="{id}-d">{desc}</desc><style>{css}</style><rect width="{w}" height="{h}" fill="{PAPER}"/><g class="sf">{body}</g>{nested}</svg>"##,
            w = n(width),
            h = n(y),
            id = canvas.id,
            title = escape(&self.heading.title),
            desc = escape(&self.heading.description),
            css = crate::style::stylesheet(),
            body = canvas.body,
        )
    }
}

/// Patterns that the drawing uses.
fn defs(canvas: &Canvas) -> String {
    if canvas.defs.is_empty() { String::new() } else { format!("<defs>{}</defs>", canvas.defs) }
}

/// A drawing placed within the file that stands alone.
fn nest(piece: &Piece, x: f64, y: f64) -> String {
    let [w, h] = piece.size;
    format!(
        r#"<svg class="sf" x="{}" y="{}" width="{}" height="{}" viewBox="0 0 {} {}">{}{}</svg>"#,
        n(x),
        n(y),
        n(w),
        n(h),
        n(w),
        n(h),
        defs(&piece.canvas),
        piece.canvas.body
    )
}

/// A text in lines below one another; returns where it ends.
fn paragraph(canvas: &mut Canvas, text: &str, top: f64, width: f64, size: f64, class: &str) -> f64 {
    let mut y = top;
    for line in text::wrap(text, size * 1.06, width - 16.0) {
        y += size * 1.35;
        canvas.text([8.0, y], Anchor::Start, size, class, &line);
    }
    y + size
}
