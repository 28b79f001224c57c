//! Polygons as well-known binary, the form in which Parquet and databases hold them.
//!
//! Source: OGC 06-103r4, "Simple feature access, part 1", section 8: byte 1 for little-endian, a
//! 32-bit type (3 polygon, 6 multipolygon), 32-bit counts, 64-bit floats.

use geo::{Coord, LineString, MultiPolygon, Polygon};

use crate::error::{Error, Result};

/// The byte order that is written and read.
const LITTLE_ENDIAN: u8 = 1;
/// The number of a polygon.
const POLYGON: u32 = 3;
/// The number of a shape of several polygons.
const MULTI_POLYGON: u32 = 6;

/// A shape as little-endian well-known binary.
///
/// ```
/// use geo::polygon;
/// use sanad_source::boundaries::{decode_wkb, encode_wkb};
///
/// let shape = polygon![(x: 0.0, y: 0.0), (x: 1.0, y: 0.0), (x: 0.0, y: 1.0)].into();
/// assert_eq!(decode_wkb(&encode_wkb(&shape))?, shape);
/// # Ok::<(), sanad_source::Error>(())
/// ```
#[must_use]
pub fn encode_wkb(shape: &MultiPolygon<f64>) -> Vec<u8> {
    let mut bytes = Vec::new();
    start(&mut bytes, MULTI_POLYGON, shape.0.len());
    for polygon in shape {
        start(&mut bytes, POLYGON, 1 + polygon.interiors().len());
        for ring in core::iter::once(polygon.exterior()).chain(polygon.interiors()) {
            bytes.extend_from_slice(&(ring.0.len() as u32).to_le_bytes());
            for point in &ring.0 {
                bytes.extend_from_slice(&point.x.to_le_bytes());
                bytes.extend_from_slice(&point.y.to_le_bytes());
            }
        }
    }
    bytes
}

/// Byte order, type and number of parts.
fn start(bytes: &mut Vec<u8>, kind: u32, count: usize) {
    bytes.push(LITTLE_ENDIAN);
    bytes.extend_from_slice(&kind.to_le_bytes());
    bytes.extend_from_slice(&(count as u32).to_le_bytes());
}

/// A shape from little-endian well-known binary.
///
/// # Errors
///
/// [`Error::Wkb`] when the bytes end early, go on, or hold something else.
pub fn decode_wkb(bytes: &[u8]) -> Result<MultiPolygon<f64>> {
    let mut reader = WkbReader { bytes, offset: 0 };
    let count = reader.start(MULTI_POLYGON)?;
    let polygons: Vec<Polygon<f64>> =
        (0..count).map(|_| reader.polygon()).collect::<Result<_>>()?;
    if reader.offset < bytes.len() {
        return Err(reader.error("bytes after the end"));
    }
    Ok(MultiPolygon(polygons))
}

/// Bytes, and how far they are read.
struct WkbReader<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl WkbReader<'_> {
    /// What is wrong at the place reached.
    const fn error(&self, found: &'static str) -> Error {
        Error::Wkb { offset: self.offset, found }
    }

    /// The next N bytes.
    fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        let chunk = self.bytes.get(self.offset..).and_then(|rest| rest.first_chunk::<N>());
        let chunk = *chunk.ok_or_else(|| self.error("the end of the bytes"))?;
        self.offset += N;
        Ok(chunk)
    }

    /// The next whole number.
    fn number(&mut self) -> Result<u32> {
        self.take().map(u32::from_le_bytes)
    }

    /// Order of bytes, type and count.
    fn start(&mut self, kind: u32) -> Result<u32> {
        if self.take::<1>()?[0] != LITTLE_ENDIAN {
            self.offset -= 1;
            return Err(self.error("another order of bytes"));
        }
        if self.number()? != kind {
            self.offset -= 4;
            return Err(self.error("another type of geometry"));
        }
        self.number()
    }

    /// The next polygon: an outer ring, then its holes.
    fn polygon(&mut self) -> Result<Polygon<f64>> {
        let count = self.start(POLYGON)?;
        let mut rings = (0..count).map(|_| self.ring()).collect::<Result<Vec<_>>>()?.into_iter();
        let outer = rings.next().unwrap_or_else(|| LineString(Vec::new()));
        Ok(Polygon::new(outer, rings.collect()))
    }

    /// The next ring.
    fn ring(&mut self) -> Result<LineString<f64>> {
        let count = self.number()?;
        let point = |_| Ok(Coord { x: self.float()?, y: self.float()? });
        (0..count).map(point).collect::<Result<_>>().map(LineString)
    }

    /// The next number of double precision.
    fn float(&mut self) -> Result<f64> {
        self.take().map(f64::from_le_bytes)
    }
}
