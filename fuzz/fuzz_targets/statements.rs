//! Coded statements as CSV and JSON lines: no panic, every row is kept or has a diagnostic, and no
//! text but slugs and links to listed hosts comes in.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use sanad_source::statements::{NEWS_HOSTS, read};

const HEADER: &[u8] =
    b"id,date,organisation,coder,outlet,languages,audiences,medium,target,frames,\
claimed_events,claimed_from,claimed_to,link\n";

fuzz_target!(|data: &[u8]| {
    let actors = ["a".to_owned(), "gov".to_owned()].into();
    for table in [data.to_vec(), [HEADER, data].concat()] {
        let Ok(corpus) = read(&table, &actors) else { continue };
        let rejected = corpus.diagnostics.iter().filter(|remark| !remark.kept);
        let left_out: BTreeSet<u64> = rejected.map(|remark| remark.row).collect();
        assert_eq!(corpus.rows_read, (corpus.statements.len() + left_out.len()) as u64);
        for one in &corpus.statements {
            let slug = |text: &str| {
                text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            };
            assert!(actors.contains(&one.organisation) && slug(&one.coder));
            assert!(
                one.frames.iter().chain(&one.audiences).chain(&one.languages).all(|it| slug(it))
            );
            if let Some(link) = &one.link {
                let host = link.strip_prefix("https://").unwrap().split('/').next().unwrap();
                assert!(
                    NEWS_HOSTS.iter().any(|it| host == *it || host.ends_with(&format!(".{it}")))
                );
                assert!(!link[8..].contains("//"));
            }
        }
    }
});
