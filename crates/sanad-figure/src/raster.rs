//! A figure as pixels, for programs that take no SVG.
//!
//! `resvg` draws the file that stands alone, with one font that is in the program: nothing is looked
//! for on the machine, so that the same figure has the same pixels everywhere. Letters that the font
//! does not have, those beyond Latin, Greek and Cyrillic, are drawn as empty boxes.

use std::sync::{Arc, LazyLock};

use png::{BitDepth, ColorType, Compression, Encoder, Filter};
use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use crate::error::Error;

/// Pixels for each unit of the drawing, from the one that is wanted to the one for the tallest
/// figures. Three are 350 to the inch where a figure is as wide as the text of an A4 page.
const SCALES: [u32; 3] = [3, 2, 1];
/// Units of white around the drawing, whose panels begin at its very edge.
const MARGIN: f32 = 12.0;
/// Pixels of one picture; while it is drawn, each takes four bytes.
const MOST_PIXELS: u64 = 16_000_000;
/// Rules that are laid over those of the figure. Noto Sans is wider than Helvetica, by whose widths
/// the forms leave room: by 6 % where it is regular, and 14 % where it is bold. A letter of Helvetica
/// is half as wide as high, so that these two take back 4 and 6 %.
const NARROWER: &str = "text{letter-spacing:-.02em}.sf-strong{letter-spacing:-.03em}";

/// The one font, regular and bold.
static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    for font in [notosans::REGULAR_TTF, notosans::BOLD_TTF] {
        fonts.load_font_source(fontdb::Source::Binary(Arc::new(font)));
    }
    fonts.set_sans_serif_family("Noto Sans");
    Arc::new(fonts)
});

/// The PNG of an SVG file of this crate, on white.
///
/// # Errors
///
/// [`Error::TooLarge`] beyond [`MOST_PIXELS`] at one pixel a unit, [`Error::NotDrawn`] for a file that
/// is none.
pub(crate) fn png(svg: &str) -> Result<Vec<u8>, Error> {
    let tree = tree(svg)?;
    let (scale, [width, height]) = size([tree.size().width(), tree.size().height()])?;
    let mut pixels = Pixmap::new(width, height)
        .ok_or_else(|| Error::NotDrawn { why: format!("{width} × {height} pixels") })?;
    pixels.fill(Color::WHITE);
    let scale = scale as f32;
    let place = Transform::from_scale(scale, scale).pre_translate(MARGIN, MARGIN);
    resvg::render(&tree, place, &mut pixels.as_mut());
    encoded(&pixels)
}

/// The parts of an SVG file of this crate, its texts in the letters of the one font.
///
/// # Errors
///
/// [`Error::NotDrawn`] for a file that is none.
fn tree(svg: &str) -> Result<Tree, Error> {
    let options = Options {
        fontdb: Arc::clone(&FONTS),
        style_sheet: Some(NARROWER.to_owned()),
        ..Options::default()
    };
    Tree::from_str(svg, &options).map_err(|wrong| Error::NotDrawn { why: wrong.to_string() })
}

/// Pixels for each unit, and the size in pixels with the margin of a drawing of this size in units.
///
/// # Errors
///
/// [`Error::TooLarge`] where even one pixel a unit is too many.
fn size(units: [f32; 2]) -> Result<(u32, [u32; 2]), Error> {
    let whole = units.map(|length| f64::from(length) + 2.0 * f64::from(MARGIN));
    let at = |scale: u32| whole.map(|length| (length * f64::from(scale)).ceil() as u32);
    let fits = |[width, height]: [u32; 2]| u64::from(width) * u64::from(height) <= MOST_PIXELS;
    let found = SCALES.into_iter().map(|scale| (scale, at(scale))).find(|(_, size)| fits(*size));
    found.ok_or_else(|| Error::TooLarge { size: at(1), most: MOST_PIXELS })
}

/// Pixels as PNG, without the channel for what shines through: the ground is white.
///
/// # Errors
///
/// [`Error::NotDrawn`], which writing into memory does not give.
fn encoded(pixels: &Pixmap) -> Result<Vec<u8>, Error> {
    let failed = |wrong: png::EncodingError| Error::NotDrawn { why: wrong.to_string() };
    let colours: Vec<u8> =
        pixels.data().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, pixels.width(), pixels.height());
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    // Charts are areas of one colour: repeats are found best in the pixels as they are.
    encoder.set_compression(Compression::Balanced);
    encoder.set_filter(Filter::NoFilter);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(&colours).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use resvg::usvg::{Group, Node, Text};

    use super::*;
    use crate::colour::{INK, MISSING};
    use crate::tests::samples;

    /// Every text below a group.
    fn texts<'t>(group: &'t Group, found: &mut Vec<&'t Text>) {
        for node in group.children() {
            match node {
                Node::Group(inner) => texts(inner, found),
                Node::Text(text) => found.push(text),
                _ => {}
            }
        }
    }

    /// How many pixels of the first `rows` rows have a colour of the style.
    fn pixels_of(picture: &Pixmap, colour: &str, rows: u32) -> usize {
        let part = |at: usize| u8::from_str_radix(&colour[at..at + 2], 16).unwrap();
        let wanted = [part(1), part(3), part(5), 255];
        let kept = (rows * picture.width()) as usize;
        picture.data().chunks_exact(4).take(kept).filter(|pixel| *pixel == wanted).count()
    }

    #[test]
    fn a_picture_is_three_times_as_large_as_its_drawing_and_has_its_title_and_hatches_on_white() {
        let mut hatched = 0;
        for figure in samples::all(false) {
            let file = figure.standalone_png().unwrap();
            assert!(file.starts_with(b"\x89PNG\r\n\x1a\n"), "{}", figure.id);
            let picture = Pixmap::decode_png(&file).unwrap();
            let units = tree(figure.standalone_svg()).unwrap().size();
            let whole = [units.width(), units.height()].map(|length| 3.0 * (length + 24.0));
            let [width, height] = whole.map(|length| length.ceil() as u32);
            assert_eq!([picture.width(), picture.height()], [width, height], "{}", figure.id);
            for corner in [picture.pixel(0, 0), picture.pixel(width - 1, height - 1)] {
                let corner = corner.unwrap();
                assert_eq!([corner.red(), corner.green(), corner.blue()], [255; 3]);
            }
            assert!(pixels_of(&picture, INK, 3 * 40) > 300, "{}: no title", figure.id);
            if figure.standalone_svg().contains("-miss)") {
                hatched += 1;
                assert!(pixels_of(&picture, MISSING, height) > 20, "{}: no hatch", figure.id);
            }
        }
        assert!(hatched > 2, "{hatched}");
    }

    #[test]
    fn the_same_figure_has_the_same_bytes_on_any_thread() {
        let figures = samples::all(false);
        let files = std::thread::scope(|scope| {
            let drawn: Vec<_> =
                (0..4).map(|_| scope.spawn(|| figures[0].standalone_png().unwrap())).collect();
            drawn.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
        });
        assert!(files.iter().all(|file| *file == files[0]));
        assert!(figures[1].standalone_png().unwrap() != files[0]);
    }

    #[test]
    fn every_letter_is_in_the_font_and_no_text_leaves_the_picture() {
        let mut letters = 0;
        for figure in samples::all(true) {
            let tree = tree(figure.standalone_svg()).unwrap();
            let mut found = Vec::new();
            texts(tree.root(), &mut found);
            assert!(!found.is_empty(), "{}", figure.id);
            for text in found {
                let glyphs: Vec<_> =
                    text.layouted().iter().flat_map(|span| &span.positioned_glyphs).collect();
                let missing: Vec<&str> = glyphs
                    .iter()
                    .filter(|glyph| glyph.id.0 == 0)
                    .map(|glyph| glyph.text.as_str())
                    .collect();
                assert!(missing.is_empty(), "{}: {missing:?}", figure.id);
                let bounds = text.abs_bounding_box();
                let said: String = glyphs.iter().map(|glyph| glyph.text.as_str()).collect();
                let is_within = bounds.left() >= 0.0 && bounds.right() <= tree.size().width();
                assert!(is_within, "{}: {said:?} {bounds:?}", figure.id);
                letters += glyphs.len();
            }
        }
        assert!(letters > 1000, "{letters}");
    }

    #[test]
    fn a_tall_drawing_has_fewer_pixels_a_unit_and_one_that_has_too_many_is_refused() {
        assert_eq!(size([760.0, 400.5]).unwrap(), (3, [2352, 1274]));
        assert_eq!(size([760.0, 5000.0]).unwrap(), (2, [1568, 10_048]));
        assert_eq!(size([760.0, 20_000.0]).unwrap(), (1, [784, 20_024]));
        let refused = size([760.0, 22_000.0]).unwrap_err();
        assert_eq!(refused, Error::TooLarge { size: [784, 22_024], most: MOST_PIXELS });
        assert!(size([f32::MAX, 1.0]).is_err());
        assert!(matches!(png("<svg").unwrap_err(), Error::NotDrawn { .. }));
    }
}
