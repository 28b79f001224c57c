//! How a camera was held, which is all that is read of a picture's metadata.

/// What has to be done to a picture so that it stands upright (EXIF 2.3, tag 0x0112).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Orientation {
    /// 1: nothing.
    Upright,
    /// 2: mirrored left to right.
    Mirrored,
    /// 3: turned by half.
    Half,
    /// 4: mirrored top to bottom.
    Flipped,
    /// 5: mirrored along the diagonal from the upper left.
    Transposed,
    /// 6: turned a quarter clockwise.
    Right,
    /// 7: mirrored along the other diagonal.
    Transversed,
    /// 8: turned a quarter anticlockwise.
    Left,
}

impl Orientation {
    /// Whether width and height change places.
    pub(super) fn swaps_sides(self) -> bool {
        use Orientation::{Left, Right, Transposed, Transversed};
        matches!(self, Transposed | Right | Transversed | Left)
    }

    /// Where the pixel that stands upright at a place is in the picture as it was stored, which has
    /// the sides `old`.
    pub(super) fn source(self, (x, y): (u32, u32), old: (u32, u32)) -> (u32, u32) {
        let (last_x, last_y) = (old.0 - 1, old.1 - 1);
        match self {
            Orientation::Upright => (x, y),
            Orientation::Mirrored => (last_x - x, y),
            Orientation::Half => (last_x - x, last_y - y),
            Orientation::Flipped => (x, last_y - y),
            Orientation::Transposed => (y, x),
            Orientation::Right => (y, last_y - x),
            Orientation::Transversed => (last_x - y, last_y - x),
            Orientation::Left => (last_x - y, x),
        }
    }
}

/// The orientation in a block of EXIF; upright where it says none, or nothing that can be read.
pub(super) fn orientation(exif: &[u8]) -> Orientation {
    match orientation_number(exif) {
        Some(2) => Orientation::Mirrored,
        Some(3) => Orientation::Half,
        Some(4) => Orientation::Flipped,
        Some(5) => Orientation::Transposed,
        Some(6) => Orientation::Right,
        Some(7) => Orientation::Transversed,
        Some(8) => Orientation::Left,
        _ => Orientation::Upright,
    }
}

/// The number of tag 0x0112 in the first directory of a TIFF block (TIFF 6.0, 2).
fn orientation_number(exif: &[u8]) -> Option<u16> {
    let tiff = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
    let is_little = match tiff.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let number = |place: usize| -> Option<u16> {
        let bytes = tiff.get(place..place.checked_add(2)?)?.try_into().ok()?;
        Some(if is_little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let long = |place: usize| -> Option<usize> {
        let bytes = tiff.get(place..place.checked_add(4)?)?.try_into().ok()?;
        let value = if is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) };
        usize::try_from(value).ok()
    };
    let directory = long(4)?;
    // Twelve bytes an entry: tag, type, count, value.
    let entries = (0..usize::from(number(directory)?)).map(|entry| directory + 2 + 12 * entry);
    let found = entries
        .take_while(|place| *place < tiff.len())
        .find(|place| number(*place) == Some(0x0112));
    number(found? + 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_turn_puts_the_stored_corner_where_the_standard_says() {
        // A stored picture of 3 × 2; where its first row's first pixel stands afterwards.
        for (orientation, corner) in [
            (Orientation::Upright, (0, 0)),
            (Orientation::Mirrored, (2, 0)),
            (Orientation::Half, (2, 1)),
            (Orientation::Flipped, (0, 1)),
            (Orientation::Transposed, (0, 0)),
            (Orientation::Right, (1, 0)),
            (Orientation::Transversed, (1, 2)),
            (Orientation::Left, (0, 2)),
        ] {
            assert_eq!(orientation.source(corner, (3, 2)), (0, 0), "{orientation:?}");
        }
    }

    #[test]
    fn no_block_of_metadata_makes_the_reader_fall() {
        let mut block = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0".to_vec();
        assert_eq!(orientation(&block), Orientation::Right);
        for place in 0..block.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let kept = std::mem::replace(&mut block[place], value);
                let _ = (orientation(&block), orientation(&block[..place]));
                block[place] = kept;
            }
        }
    }
}
