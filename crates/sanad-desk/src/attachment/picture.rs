//! Pictures, read to their pixels and written anew.

use std::io::{Cursor, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;
use zune_png::PngDecoder;

use super::AttachmentRefused;
use super::orientation::{Orientation, orientation};
use super::png_chunks::{END, HEADER, IMAGE, PNG_START, pixel_chunks, write_chunk};

/// The most bytes of an attachment.
pub const MOST_BYTES: usize = 10 * 1024 * 1024;
/// The most pixels of a picture before it is made smaller: 50 million, 150 to 400 MB while it is
/// read.
pub const MOST_PIXELS: u64 = 50_000_000;
/// The most pixels of a side of a copy. A smaller copy keeps less of the fine pattern by which a
/// picture can be traced to the camera that took it.
pub const LONGEST_SIDE: u32 = 1_600;
/// The most passes over a JPEG. Cameras write about ten; a file with thousands is made to keep the
/// reader busy.
const MOST_SCANS: usize = 64;

/// The kinds of picture that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureKind {
    /// Portable Network Graphics.
    Png,
    /// JPEG.
    Jpeg,
}

impl PictureKind {
    /// The kind that the first bytes tell. What a browser says and what a name ends with can be
    /// anything.
    pub fn of_bytes(bytes: &[u8]) -> Option<PictureKind> {
        match bytes {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(PictureKind::Png),
            [0xff, 0xd8, 0xff, ..] => Some(PictureKind::Jpeg),
            _ => None,
        }
    }
}

/// A picture that was made anew from pixels, as a PNG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CleanedPicture {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// The new file: nothing in it was copied from the old one.
    pub bytes: Vec<u8>,
}

impl CleanedPicture {
    /// The media type for showing any copy.
    pub const MEDIA_TYPE: &str = "image/png";
}

/// Makes a picture anew from its pixels: turned upright, made smaller where it is large, laid on
/// white where it is transparent (colours that nobody sees can hide something), and written as a PNG
/// without metadata, whatever it was before.
///
/// # Errors
///
/// [`AttachmentRefused`].
pub fn clean(bytes: &[u8]) -> Result<CleanedPicture, AttachmentRefused> {
    if bytes.is_empty() {
        return Err(AttachmentRefused::Empty);
    }
    if bytes.len() > MOST_BYTES {
        return Err(AttachmentRefused::TooLarge { found: bytes.len(), most: MOST_BYTES });
    }
    let kind = PictureKind::of_bytes(bytes).ok_or(AttachmentRefused::Kind)?;
    // A reader of foreign bytes that falls over them has found them damaged.
    let read = catch_unwind(AssertUnwindSafe(|| match kind {
        PictureKind::Png => read_png(bytes),
        PictureKind::Jpeg => read_jpeg(bytes),
    }));
    let (pixels, orientation) = read.unwrap_or(Err(AttachmentRefused::Damaged))?;
    let pixels = pixels.smaller().turned(orientation);
    let bytes = pixels.to_png().ok_or(AttachmentRefused::Damaged)?;
    Ok(CleanedPicture { width: pixels.width, height: pixels.height, bytes })
}

/// A PNG of grey and white stripes, for demonstrations; nothing where it cannot be written into memory.
pub(crate) fn striped_png(width: u32, height: u32) -> Option<Vec<u8>> {
    let rows = 0..height as usize;
    let stripe = |row: usize| if (row / 10).is_multiple_of(2) { 0xa0 } else { 0xff };
    let rgb = rows.flat_map(|row| vec![stripe(row); width as usize * 3]).collect();
    Pixels { width, height, rgb }.to_png()
}

fn check_size(width: u32, height: u32) -> Result<(), AttachmentRefused> {
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(AttachmentRefused::TooManyPixels { width, height, most: MOST_PIXELS });
    }
    if width == 0 || height == 0 { Err(AttachmentRefused::Damaged) } else { Ok(()) }
}

fn damaged<E>(_: E) -> AttachmentRefused {
    AttachmentRefused::Damaged
}

fn options() -> DecoderOptions {
    DecoderOptions::new_safe()
        .png_set_strip_to_8bit(true)
        .jpeg_set_out_colorspace(ColorSpace::RGB)
        .jpeg_set_max_scans(MOST_SCANS)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
}

/// The sides of a picture, if it has not too many pixels.
fn sides(dimensions: Option<(usize, usize)>) -> Result<(u32, u32), AttachmentRefused> {
    let (width, height) = dimensions.ok_or(AttachmentRefused::Damaged)?;
    let side = |pixels: usize| u32::try_from(pixels).map_err(damaged);
    let (width, height) = (side(width)?, side(height)?);
    check_size(width, height)?;
    Ok((width, height))
}

fn read_png(bytes: &[u8]) -> Result<(Pixels, Orientation), AttachmentRefused> {
    // The decoder gets to see nothing but pixels.
    let (chunks, exif) = pixel_chunks(bytes).ok_or(AttachmentRefused::Damaged)?;
    let mut decoder = PngDecoder::new_with_options(Cursor::new(chunks), options());
    decoder.decode_headers().map_err(damaged)?;
    let (width, height) = sides(decoder.dimensions())?;
    let colours = decoder.colorspace().ok_or(AttachmentRefused::Damaged)?;
    let samples = decoder.decode_raw().map_err(damaged)?;
    let pixels = Pixels { width, height, rgb: on_white(colours, &samples)? };
    let orientation = exif.map_or(Orientation::Upright, orientation);
    pixels.checked().map(|pixels| (pixels, orientation))
}

/// Eight bits a colour, over white: `new = (colour · alpha + 255 · (255 − alpha)) / 255`, rounded.
fn on_white(colours: ColorSpace, samples: &[u8]) -> Result<Vec<u8>, AttachmentRefused> {
    let laid = |colour: u8, alpha: u8| {
        let (colour, alpha) = (u32::from(colour), u32::from(alpha));
        ((colour * alpha + 255 * (255 - alpha) + 127) / 255) as u8
    };
    match colours {
        ColorSpace::RGB => Ok(samples.to_vec()),
        ColorSpace::Luma => Ok(samples.iter().flat_map(|&grey| [grey; 3]).collect()),
        ColorSpace::LumaA => {
            let (pairs, _) = samples.as_chunks::<2>();
            Ok(pairs.iter().flat_map(|&[grey, alpha]| [laid(grey, alpha); 3]).collect())
        }
        ColorSpace::RGBA => {
            let (pixels, _) = samples.as_chunks::<4>();
            let over = pixels.iter().flat_map(|&[red, green, blue, alpha]| {
                [laid(red, alpha), laid(green, alpha), laid(blue, alpha)]
            });
            Ok(over.collect())
        }
        _ => Err(AttachmentRefused::Damaged),
    }
}

fn read_jpeg(bytes: &[u8]) -> Result<(Pixels, Orientation), AttachmentRefused> {
    let mut decoder = JpegDecoder::new_with_options(Cursor::new(bytes), options());
    decoder.decode_headers().map_err(damaged)?;
    let (width, height) = sides(decoder.dimensions())?;
    let rgb = decoder.decode().map_err(damaged)?;
    let orientation = decoder.exif().map_or(Orientation::Upright, |exif| orientation(exif));
    Pixels { width, height, rgb }.checked().map(|pixels| (pixels, orientation))
}

/// Three bytes a pixel, row by row.
struct Pixels {
    width: u32,
    height: u32,
    rgb: Vec<u8>,
}

impl Pixels {
    /// The same pixels, if there are as many as the sides say.
    fn checked(self) -> Result<Pixels, AttachmentRefused> {
        let expected = self.width as usize * self.height as usize * 3;
        if self.rgb.len() == expected { Ok(self) } else { Err(AttachmentRefused::Damaged) }
    }

    /// A pixel that has to be inside.
    fn pixel(&self, x: u32, y: u32) -> [u8; 3] {
        let place = (y as usize * self.width as usize + x as usize) * 3;
        [self.rgb[place], self.rgb[place + 1], self.rgb[place + 2]]
    }

    /// At most [`LONGEST_SIDE`] a side. Each new pixel is the mean of the old ones that it covers.
    fn smaller(self) -> Pixels {
        let longest = self.width.max(self.height);
        if longest <= LONGEST_SIDE {
            return self;
        }
        let scaled = |side: u32| {
            let new = u64::from(side) * u64::from(LONGEST_SIDE) / u64::from(longest);
            (new as u32).max(1)
        };
        let (width, height) = (scaled(self.width), scaled(self.height));
        let rgb = self.means(width, height);
        Pixels { width, height, rgb }
    }

    fn means(&self, width: u32, height: u32) -> Vec<u8> {
        // The old pixels from ⌊place · old / new⌋ up to the next new pixel's first.
        let first = |place: u32, old: u32, new: u32| {
            (u64::from(place) * u64::from(old) / u64::from(new)) as u32
        };
        let mut rgb = Vec::with_capacity(width as usize * height as usize * 3);
        for y in 0..height {
            let rows = first(y, self.height, height)..first(y + 1, self.height, height);
            for x in 0..width {
                let columns = first(x, self.width, width)..first(x + 1, self.width, width);
                let mut sums = [0_u64; 3];
                for (row, column) in
                    rows.clone().flat_map(|row| columns.clone().map(move |x| (row, x)))
                {
                    for (sum, colour) in sums.iter_mut().zip(self.pixel(column, row)) {
                        *sum += u64::from(colour);
                    }
                }
                let count =
                    u64::from(rows.end - rows.start) * u64::from(columns.end - columns.start);
                rgb.extend(sums.map(|sum| ((sum + count / 2) / count) as u8));
            }
        }
        rgb
    }

    /// Turned as the camera was held.
    fn turned(self, orientation: Orientation) -> Pixels {
        let (width, height) = match orientation.swaps_sides() {
            true => (self.height, self.width),
            false => (self.width, self.height),
        };
        let mut rgb = Vec::with_capacity(self.rgb.len());
        for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
            let (old_x, old_y) = orientation.source((x, y), (self.width, self.height));
            rgb.extend(self.pixel(old_x, old_y));
        }
        Pixels { width, height, rgb }
    }

    /// A PNG (ISO 15948): header, one block of pixels, end. Nothing else.
    fn to_png(&self) -> Option<Vec<u8>> {
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
        for row in self.rgb.chunks_exact(self.width as usize * 3) {
            // Filter 1 writes the difference to the pixel before.
            packed.write_all(&[1]).ok()?;
            let before = [0; 3].iter().chain(row);
            let differences = row.iter().zip(before).map(|(now, before)| now.wrapping_sub(*before));
            packed.write_all(&differences.collect::<Vec<u8>>()).ok()?;
        }
        let mut header = [self.width.to_be_bytes(), self.height.to_be_bytes()].concat();
        // Eight bits a colour, red, green and blue, packed, filtered, not interlaced.
        header.extend([8, 2, 0, 0, 0]);
        let mut bytes = PNG_START.to_vec();
        write_chunk(&mut bytes, HEADER, &header);
        write_chunk(&mut bytes, IMAGE, &packed.finish().ok()?);
        write_chunk(&mut bytes, END, &[]);
        Some(bytes)
    }
}
