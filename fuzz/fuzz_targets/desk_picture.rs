//! A picture that somebody attaches: no panic, and a copy has the limits of a copy and is read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sanad_desk::attachment::{LONGEST_SIDE, PictureKind, clean};

fuzz_target!(|data: &[u8]| {
    let Ok(copy) = clean(data) else { return };
    assert!(PictureKind::of_bytes(data).is_some());
    assert!(copy.width.max(copy.height) <= LONGEST_SIDE);
    let again = clean(&copy.bytes).unwrap();
    assert_eq!(again, copy);
});
