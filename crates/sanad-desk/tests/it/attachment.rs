//! Attachments: copies without metadata, and originals that nobody at the desk opens.

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use proptest::prelude::*;
use sanad_desk::FileId;
use sanad_desk::attachment::{
    AttachmentRefused, LONGEST_SIDE, MOST_BYTES, PictureKind, clean, open_cleaned,
    open_original_for_filer, original_wraps, recover_original, seal_cleaned, seal_original,
};
use sanad_desk::vault::{Holder, KeyPair, PasswordCost, PublicKey, Receipt, SecretKey, VaultError};

use crate::numbers::Numbers;

/// What is planted into every place of a picture that is not a pixel.
const MARK: &[u8] = b"PLANTEDMARK";

/// A PNG of samples with so many to a pixel: 1 grey, 3 colours, 4 colours with alpha.
pub(crate) fn png(width: u32, height: u32, samples: &[u8]) -> Vec<u8> {
    let channels = samples.len() / (width * height) as usize;
    let colours = match channels {
        1 => 0,
        3 => 2,
        _ => 6,
    };
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
    for row in samples.chunks_exact(width as usize * channels) {
        packed.write_all(&[0]).unwrap();
        packed.write_all(row).unwrap();
    }
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([8, colours, 0, 0, 0]);
    let packed = packed.finish().unwrap();
    let chunks =
        [png_chunk(b"IHDR", &header), png_chunk(b"IDAT", &packed), png_chunk(b"IEND", &[])];
    [b"\x89PNG\r\n\x1a\n".as_slice(), &chunks.concat()].concat()
}

/// A baseline JPEG (ITU T.81) whose blocks of 8 × 8 pixels have one random colour each: no more than
/// the first coefficient of a block is written.
pub(crate) fn jpeg(numbers: &mut Numbers, width: u16, height: u16) -> Vec<u8> {
    let segment = |marker: u8, data: &[u8]| {
        let length = (2 + data.len() as u16).to_be_bytes();
        [&[0xff, marker], length.as_slice(), data].concat()
    };
    let sides = [height.to_be_bytes(), width.to_be_bytes()].concat();
    let frame = [&[8], sides.as_slice(), &[3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]].concat();
    // Twelve codes of four bits for the sizes of differences; one code of one bit for "no more".
    let sizes = [&[0, 0, 0, 0, 12], [0; 12].as_slice(), &(0..12).collect::<Vec<u8>>()].concat();
    let ends = [&[0x10, 1], [0; 15].as_slice(), &[0]].concat();
    let mut bits: Vec<bool> = Vec::new();
    let mut before = [0_i32; 3];
    for _ in 0..usize::from(width.div_ceil(8)) * usize::from(height.div_ceil(8)) {
        for before in &mut before {
            let value = numbers.below(2_000) as i32 - 1_000;
            let difference = value - *before;
            *before = value;
            let size = (32 - difference.unsigned_abs().leading_zeros()) as i32;
            let offset = if difference < 0 { (1 << size) - 1 } else { 0 };
            let mut push = |number: i32, count: i32| {
                bits.extend((0..count).rev().map(|place| number >> place & 1 == 1));
            };
            push(size, 4);
            push(difference + offset, size);
            push(0, 1);
        }
    }
    bits.resize(bits.len().next_multiple_of(8), true);
    let packed =
        bits.chunks(8).map(|byte| byte.iter().fold(0, |sum, &bit| sum << 1 | u8::from(bit)));
    let scan = packed.flat_map(|byte| if byte == 0xff { vec![0xff, 0] } else { vec![byte] });
    [
        vec![0xff, 0xd8],
        segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        segment(0xdb, &[[0].as_slice(), &[1; 64]].concat()),
        segment(0xc0, &frame),
        segment(0xc4, &sizes),
        segment(0xc4, &ends),
        segment(0xda, &[3, 1, 0, 2, 0, 3, 0, 0, 63, 0]),
        scan.collect(),
        vec![0xff, 0xd9],
    ]
    .concat()
}

/// A picture of random pixels.
fn picture(
    kind: PictureKind,
    numbers: &mut Numbers,
    width: u32,
    height: u32,
    alpha: bool,
) -> Vec<u8> {
    if kind == PictureKind::Jpeg {
        return jpeg(numbers, width as u16, height as u16);
    }
    let channels = if alpha { 4 } else { 3 };
    let mut samples: Vec<u8> =
        (0..width * height * channels).map(|_| numbers.below(256) as u8).collect();
    if alpha {
        // Colours that nobody sees: the mark, in pixels of alpha 0.
        for (place, pixel) in samples.chunks_exact_mut(4).enumerate() {
            pixel[3] = if place % 2 == 0 { 0 } else { 255 };
            if pixel[3] == 0 {
                pixel[..3].fill(MARK[place % MARK.len()]);
            }
        }
    }
    png(width, height, &samples)
}

/// The pixels of a PNG, by a decoder that is not the desk's.
fn pixels_of(bytes: &[u8]) -> Vec<u8> {
    zune_png::PngDecoder::new(Cursor::new(bytes)).decode_raw().unwrap()
}

/// The checksum of a PNG chunk (ISO 15948, annex D).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 }
        })
    })
}

fn png_chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [name.as_slice(), data].concat();
    [&(data.len() as u32).to_be_bytes(), named.as_slice(), &crc(&named).to_be_bytes()].concat()
}

/// A TIFF block with a description, an orientation and a place that holds the mark.
fn exif(orientation: u16) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0\x02\0".to_vec();
    let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        let numbers = [tag.to_le_bytes(), kind.to_le_bytes()].concat();
        [numbers.as_slice(), &count.to_le_bytes(), &value].concat()
    };
    let [low, high] = orientation.to_le_bytes();
    tiff.extend(entry(0x010e, 2, MARK.len() as u32, 38_u32.to_le_bytes()));
    tiff.extend(entry(0x0112, 3, 1, [low, high, 0, 0]));
    tiff.extend([0; 4]);
    tiff.extend(MARK);
    tiff
}

/// Plants the mark into a PNG: text, compressed text, EXIF, a profile, a private chunk, a time, and
/// bytes after the end.
fn plant_png(bytes: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let text = [b"Comment\0".as_slice(), MARK].concat();
    let international = [b"XML:com.adobe.xmp\0\0\0\0\0".as_slice(), MARK].concat();
    let chunks = [
        png_chunk(b"tEXt", &text),
        png_chunk(b"iTXt", &international),
        png_chunk(b"eXIf", &exif(1)),
        png_chunk(b"prVt", MARK),
        png_chunk(b"tIME", &[7, 0xea, 1, 2, 3, 4, 5]),
    ];
    // The header chunk is 8 + 25 bytes; what follows it is ours.
    let mut planted = bytes[..33].to_vec();
    for chunk in chunks.iter().filter(|_| numbers.below(4) > 0) {
        planted.extend(chunk);
    }
    planted.extend(&bytes[33..]);
    planted.extend(MARK);
    planted
}

/// Plants the mark into a JPEG: EXIF, XMP, Photoshop's block, a profile, a comment, and a second
/// file after the end.
fn plant_jpeg(bytes: &[u8], numbers: &mut Numbers, orientation: u16) -> Vec<u8> {
    let segment = |marker: u8, head: &[u8], data: &[u8]| {
        let length = (2 + head.len() + data.len()) as u16;
        [&[0xff, marker], length.to_be_bytes().as_slice(), head, data].concat()
    };
    let segments = [
        segment(0xe1, b"Exif\0\0", &exif(orientation)),
        segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0", MARK),
        segment(0xed, b"Photoshop 3.0\0", MARK),
        segment(0xef, b"", MARK),
        segment(0xfe, b"", MARK),
    ];
    let mut planted = bytes[..2].to_vec();
    for (place, segment) in segments.iter().enumerate() {
        if place == 0 || numbers.below(4) > 0 {
            planted.extend(segment);
        }
    }
    planted.extend(&bytes[2..]);
    planted.extend(MARK);
    planted.extend(bytes);
    planted
}

/// What a PNG consists of besides pixels: names of chunks, then bytes after the end.
fn png_parts(bytes: &[u8]) -> (Vec<String>, usize) {
    let (mut rest, mut names) = (&bytes[8..], Vec::new());
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        names.push(String::from_utf8(after[..4].to_vec()).unwrap());
        rest = &after[4 + length + 4..];
        if names.last().unwrap() == "IEND" {
            break;
        }
    }
    (names, rest.len())
}

fn holds_mark(bytes: &[u8]) -> bool {
    bytes.windows(MARK.len()).any(|window| window == MARK)
}

#[test]
fn nothing_but_pixels_is_left_in_a_corpus_of_planted_pictures() {
    let mut numbers = Numbers(11);
    let (mut cleaned, mut planted_in) = (0, 0);
    for round in 0..300 {
        let kind = if round % 2 == 0 { PictureKind::Png } else { PictureKind::Jpeg };
        let (width, height) = (1 + numbers.below(40) as u32, 1 + numbers.below(40) as u32);
        let alpha = kind == PictureKind::Png && round % 4 == 0;
        let plain = picture(kind, &mut numbers, width, height, alpha);
        let planted = match kind {
            PictureKind::Png => plant_png(&plain, &mut numbers),
            PictureKind::Jpeg => plant_jpeg(&plain, &mut numbers, 1),
        };
        planted_in += usize::from(holds_mark(&planted));
        let copy = clean(&planted).unwrap();
        assert_eq!((copy.width, copy.height), (width, height), "round {round}");
        assert!(!holds_mark(&copy.bytes), "round {round}");
        let (names, after) = png_parts(&copy.bytes);
        assert_eq!((names.join(" ").as_str(), after), ("IHDR IDAT IEND", 0), "round {round}");
        // The same pixels give the same copy, whatever was planted: nothing else came through.
        assert_eq!(clean(&plain).unwrap(), copy, "round {round}");
        cleaned += 1;
    }
    assert_eq!((cleaned, planted_in), (300, 300));
}

#[test]
fn pixels_come_through_as_they_were() {
    let samples: Vec<u8> = (0..9 * 7 * 3).map(|sample| (sample * 31 % 251) as u8).collect();
    let copy = clean(&png(9, 7, &samples)).unwrap();
    assert_eq!(pixels_of(&copy.bytes), samples);
    let grey: Vec<u8> = (0..9 * 7).map(|sample| (sample * 3) as u8).collect();
    let copy = clean(&png(9, 7, &grey)).unwrap();
    assert_eq!(pixels_of(&copy.bytes), grey.iter().flat_map(|&one| [one; 3]).collect::<Vec<_>>());
}

#[test]
fn colours_that_nobody_sees_are_gone() {
    let mut numbers = Numbers(3);
    let bytes = picture(PictureKind::Png, &mut numbers, 16, 16, true);
    let pixels = pixels_of(&clean(&bytes).unwrap().bytes);
    assert_eq!(pixels.len(), 16 * 16 * 3, "no alpha");
    for (place, pixel) in pixels.chunks_exact(3).enumerate() {
        assert_eq!(place % 2 == 0, pixel == [255; 3], "pixel {place}");
    }
}

#[test]
fn a_picture_that_was_held_sideways_is_turned_before_its_metadata_goes() {
    let mut numbers = Numbers(4);
    let plain = picture(PictureKind::Jpeg, &mut numbers, 20, 10, false);
    let turned = clean(&plant_jpeg(&plain, &mut numbers, 6)).unwrap();
    assert_eq!((turned.width, turned.height), (10, 20));
}

#[test]
fn a_large_picture_is_made_smaller_and_a_larger_one_is_refused() {
    let flat = |width: u32, height: u32| png(width, height, &vec![7; (width * height) as usize]);
    let copy = clean(&flat(4_000, 1_000)).unwrap();
    assert_eq!((copy.width, copy.height), (LONGEST_SIDE, 400));
    assert!(pixels_of(&copy.bytes).iter().all(|colour| *colour == 7));
    // A small file of many pixels: what it says of its size is believed before it is unpacked.
    let mut bomb = flat(1, 1);
    bomb[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    let sum = crc(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&sum.to_be_bytes());
    let refused = clean(&bomb).unwrap_err();
    assert!(
        matches!(refused, AttachmentRefused::TooManyPixels { .. } | AttachmentRefused::Damaged),
        "{refused:?}"
    );
    let mut many = flat(1, 1);
    many[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
    let sum = crc(&many[12..29]);
    many[29..33].copy_from_slice(&sum.to_be_bytes());
    let refused = clean(&many).unwrap_err();
    assert!(
        matches!(refused, AttachmentRefused::TooManyPixels { width: 30_000, .. }),
        "{refused:?}"
    );
}

#[test]
fn what_is_no_picture_is_refused_by_its_bytes_whatever_it_is_called() {
    for bytes in [
        b"%PDF-1.7 invented".as_slice(),
        b"GIF89a",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"RIFF0000WEBPVP8 ",
        b"II*\0invented",
        b"PK\x03\x04",
    ] {
        assert_eq!(clean(bytes), Err(AttachmentRefused::Kind));
    }
    assert_eq!(clean(&[]), Err(AttachmentRefused::Empty));
    let large = vec![0; MOST_BYTES + 1];
    assert!(matches!(clean(&large), Err(AttachmentRefused::TooLarge { .. })));
    assert_eq!(clean(&[0xff, 0xd8, 0xff, 0xe0]), Err(AttachmentRefused::Damaged));
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_of_pictures_fall(
        place in 0_usize..2_000, value: u8, cut in 0_usize..2_000, is_png: bool
    ) {
        let kind = if is_png { PictureKind::Png } else { PictureKind::Jpeg };
        let mut bytes = picture(kind, &mut Numbers(5), 12, 12, false);
        let length = bytes.len();
        bytes[place % length] = value;
        bytes.truncate(1 + cut % length);
        if let Ok(copy) = clean(&bytes) {
            let again = clean(&copy.bytes).unwrap();
            prop_assert_eq!((again.width, again.height), (copy.width, copy.height));
        }
    }
}

/// A filer, two custodians, and an officer with the file's key.
struct Holders {
    receipt: sanad_desk::vault::ReceiptKeys,
    key: SecretKey,
    pairs: BTreeMap<String, KeyPair>,
}

impl Holders {
    fn new() -> Holders {
        let receipt = Receipt::random().unwrap().keys(&[1; 16], PasswordCost::FOR_TESTS).unwrap();
        let pairs = ["ann", "ben"].map(|name| (name.to_owned(), KeyPair::random().unwrap()));
        Holders { receipt, key: SecretKey::random().unwrap(), pairs: pairs.into() }
    }

    fn custodians(&self) -> BTreeMap<String, PublicKey> {
        self.pairs.iter().map(|(name, pair)| (name.clone(), pair.public)).collect()
    }
}

#[test]
fn a_copy_opens_with_the_files_key_at_its_own_place_alone() {
    let holders = Holders::new();
    let file = FileId([4; 16]);
    let bytes = picture(PictureKind::Png, &mut Numbers(6), 9, 9, false);
    let copy = clean(&bytes).unwrap();
    let kept = seal_cleaned(&holders.key, file, 1, 1, &copy).unwrap();
    let opened = open_cleaned(&holders.key, file, &kept).unwrap();
    assert_eq!(opened.as_slice(), copy.bytes.as_slice());
    assert_eq!(kept.sealed.len(), 64 * 1024 + 40, "sizes are blurred");
    let other = SecretKey::random().unwrap();
    assert_eq!(open_cleaned(&other, file, &kept).unwrap_err(), VaultError::NotOpened);
    assert!(open_cleaned(&holders.key, FileId([5; 16]), &kept).is_err());
    let mut moved = kept.clone();
    moved.number = 2;
    assert!(open_cleaned(&holders.key, file, &moved).is_err());
}

#[test]
fn an_original_opens_for_the_filer_and_for_two_custodians_and_for_nobody_at_the_desk() {
    let holders = Holders::new();
    let file = FileId([4; 16]);
    let original = b"%PDF-1.7 invented, with a name in its metadata";
    let kept =
        seal_original(file, 2, 1, original, &holders.receipt, &holders.custodians()).unwrap();
    assert!(!kept.sealed.windows(8).any(|window| window == &original[..8]));
    assert_eq!(
        open_original_for_filer(file, &kept, &holders.receipt).unwrap().as_slice(),
        original
    );
    let secret = |name: &str| &holders.pairs[name].secret;
    let opened =
        recover_original(file, &kept, ("ann", secret("ann")), ("ben", secret("ben"))).unwrap();
    assert_eq!(opened.as_slice(), original);
    // The desk's staff has the file's key, and no wrap of the original's.
    assert!(open_cleaned(&holders.key, file, &kept).is_err());
    let wraps = original_wraps(&kept).unwrap();
    assert!(wraps.0.keys().all(|holder| !matches!(holder, Holder::Seat { .. })));
    // One custodian twice is not two.
    assert!(recover_original(file, &kept, ("ann", secret("ann")), ("ann", secret("ann"))).is_err());
    assert!(recover_original(file, &kept, ("ann", secret("ann")), ("ben", secret("ann"))).is_err());
    let mut changed = kept.clone();
    for place in (0..kept.sealed.len()).step_by(97) {
        changed.sealed[place] ^= 1;
        // Another wrap than the filer's may be damaged; then what opens is still the original.
        if let Ok(opened) = open_original_for_filer(file, &changed, &holders.receipt) {
            assert_eq!(opened.as_slice(), original);
        }
        changed.sealed[place] ^= 1;
    }
}
