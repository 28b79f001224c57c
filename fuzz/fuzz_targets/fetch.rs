//! What publishers send that is no data: lists of releases, pages of JSON, beginnings of files,
//! catalogues. No panic; a list names addresses of the web and files of no other folder; a page read
//! twice is the same page.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sanad_fetch::{Catalogue, Envelope, Expectation, FileKind, Lookup, look_at_start};
use url::Url;

const ENVELOPES: [Envelope; 8] = [
    Envelope::Ucdp,
    Envelope::WorldBank,
    Envelope::Unhcr,
    Envelope::Idmc,
    Envelope::Views,
    Envelope::Acled,
    Envelope::Dtm,
    Envelope::Ioda,
];

/// Every way to read a list that the shipped catalogue uses.
static LOOKUPS: LazyLock<Vec<Lookup>> = LazyLock::new(|| {
    let sources = Catalogue::shipped().expect("the shipped catalogue").sources;
    sources.into_iter().filter_map(|data_set| data_set.lookup).collect()
});

fuzz_target!(|data: &[u8]| {
    let base = Url::parse("https://example.org/downloads/").expect("an address");
    for lookup in LOOKUPS.iter() {
        let Ok(found) = lookup.read(data, &base, &str::to_owned) else { continue };
        assert!(!found.is_empty());
        for listed in &found {
            assert!(listed.md5.as_ref().is_none_or(|md5| md5.len() == 32));
            assert!(!listed.address.is_empty());
        }
        assert_eq!(lookup.read(data, &base, &str::to_owned).as_ref(), Ok(&found));
    }
    for envelope in ENVELOPES {
        let page = envelope.read(data, 3);
        assert_eq!(page, envelope.read(data, 3));
    }
    for kind in [FileKind::Any, FileKind::Csv, FileKind::Zip, FileKind::Json, FileKind::Page] {
        let expected = Expectation { kind, ..Expectation::default() };
        let _ = look_at_start(data, &expected);
    }
    if let Ok(text) = core::str::from_utf8(data) {
        let _ = Catalogue::parse(text);
    }
});
