//! A partner's table: no panic, and what is read has consent, a known channel and its own district.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sanad_desk::DeskConfig;
use sanad_desk::partner::{MOST_ROWS, MOST_TEXT, read_paper};

static CONFIG: LazyLock<DeskConfig> = LazyLock::new(|| {
    let text = include_str!("../../crates/sanad-desk/demo/desk.toml");
    DeskConfig::read(text, "desk.toml").unwrap()
});

fuzz_target!(|data: &[u8]| {
    let header = b"channel,district,consent,text\n";
    for table in [data.to_vec(), [header.as_slice(), data].concat()] {
        match read_paper(&table, &CONFIG) {
            Ok(filings) => {
                assert!(!filings.is_empty() && filings.len() <= MOST_ROWS);
                for filing in &filings {
                    let channel = CONFIG.channel(&filing.channel).unwrap();
                    assert!(channel.is_open && channel.districts.contains(&filing.district));
                    assert!((1..=MOST_TEXT).contains(&filing.text.chars().count()));
                }
                assert_eq!(read_paper(&table, &CONFIG).unwrap(), filings);
            }
            Err(refused) => assert!(!refused.0.is_empty()),
        }
    }
});
