//! What a filer attaches: pictures, of which the desk shows a copy made anew from their pixels, and
//! originals, which nobody at the desk can open.
//!
//! | what | becomes |
//! | --- | --- |
//! | a PNG or JPEG | a cleaned copy ([`clean`]): a new PNG without metadata, at most [`LONGEST_SIDE`] pixels a side |
//! | the same, if the filer wants | besides, a sealed original ([`seal_original`]) for two custodians and the filer |
//! | anything else | refused, or a sealed original alone |
//!
//! The name that a file had on the filer's device is kept nowhere. What a picture *shows* stays in
//! it: faces, signs, a screen in the background. The page on which people attach says so.

mod orientation;
mod picture;
mod png_chunks;
mod sealed;

pub use picture::{CleanedPicture, LONGEST_SIDE, MOST_BYTES, MOST_PIXELS, PictureKind, clean};
pub use sealed::{
    SealOriginalError, open_cleaned, open_original_for_filer, original_wraps, recover_original,
    seal_cleaned, seal_original,
};

/// Why something cannot be attached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AttachmentRefused {
    /// It is empty.
    #[error("the file is empty")]
    Empty,
    /// It is too large.
    #[error("the file has {found} bytes and may have {most}")]
    TooLarge {
        /// Its size in bytes.
        found: usize,
        /// The most.
        most: usize,
    },
    /// It is neither a PNG nor a JPEG, by its first bytes. Its name is not looked at.
    #[error(
        "this is neither a PNG nor a JPEG picture; it can be sealed for the custodians, unread"
    )]
    Kind,
    /// It has too many pixels.
    #[error("the picture has {width} × {height} pixels and may have {most} in all")]
    TooManyPixels {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// The most.
        most: u64,
    },
    /// It is damaged.
    #[error("the picture is damaged and cannot be read")]
    Damaged,
}
