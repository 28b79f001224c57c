//! The chunks of a PNG (ISO 15948, 5).

use flate2::Crc;

/// The first bytes of every PNG.
pub(super) const PNG_START: [u8; 8] = [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n'];
/// The name of the header.
pub(super) const HEADER: &[u8; 4] = b"IHDR";
/// The name of pixels.
pub(super) const IMAGE: &[u8; 4] = b"IDAT";
/// The name of the end.
pub(super) const END: &[u8; 4] = b"IEND";

/// The chunks without which pixels cannot be read: header, palette, what of it is transparent,
/// pixels, end.
const OF_PIXELS: [&[u8; 4]; 5] = [HEADER, b"PLTE", b"tRNS", IMAGE, END];

/// Appends a chunk: length, name, data, checksum over name and data.
pub(super) fn write_chunk(bytes: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
    let mut sum = Crc::new();
    sum.update(name);
    sum.update(data);
    bytes.extend((data.len() as u32).to_be_bytes());
    bytes.extend(name);
    bytes.extend(data);
    bytes.extend(sum.sum().to_be_bytes());
}

/// The same picture with nothing in it but what pixels are read from, and the block of EXIF where
/// there is one. Nothing for a file that is cut off.
pub(super) fn pixel_chunks(bytes: &[u8]) -> Option<(Vec<u8>, Option<&[u8]>)> {
    let mut rest = bytes.strip_prefix(&PNG_START)?;
    let (mut kept, mut exif) = (PNG_START.to_vec(), None);
    loop {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (name, after) = after.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (data, after) = after.split_at_checked(length)?;
        let (_, after) = after.split_first_chunk::<4>()?;
        if OF_PIXELS.contains(&name) {
            write_chunk(&mut kept, name, data);
        } else if name == b"eXIf" {
            exif = Some(data);
        }
        if name == END {
            return Some((kept, exif));
        }
        rest = after;
    }
}
