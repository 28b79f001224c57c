//! Partners' files from paper: read whole or refused whole, and what was written is not repeated.

use proptest::prelude::*;
use sanad_desk::DeskConfig;
use sanad_desk::partner::{MOST_ROWS, MOST_TEXT, PaperRefused, read_paper};

fn config() -> DeskConfig {
    let text = include_str!("../../demo/desk.toml");
    let closed = "filings_a_day = 100\n\n[[channel]]\nid = \"warnings\"";
    let text = text.replace(&format!("open = true\n{closed}"), &format!("open = false\n{closed}"));
    DeskConfig::read(&text, "desk.toml").unwrap()
}

fn read(text: &str) -> Result<Vec<(String, String, String)>, PaperRefused> {
    let filings = read_paper(text.as_bytes(), &config())?;
    let parts = filings.into_iter();
    Ok(parts.map(|one| (one.channel, one.district, one.text.as_str().to_owned())).collect())
}

fn faults(text: &str) -> Vec<String> {
    let refused = read(text).unwrap_err();
    refused.0.iter().map(ToString::to_string).collect()
}

#[test]
fn rows_are_read_in_any_order_of_columns_with_quotes_and_line_ends() {
    let own = |parts: [&str; 3]| (parts[0].to_owned(), parts[1].to_owned(), parts[2].to_owned());
    let expected = vec![
        own(["complaints", "upper-valley", "no water, no road\nsince winter"]),
        own(["warnings", "salt-hills", "لکھا ہوا"]),
    ];
    let plain = "channel,district,consent,text\n\
        complaints,upper-valley,yes,\"no water, no road\nsince winter\"\n\
        warnings,salt-hills,yes,لکھا ہوا\n";
    assert_eq!(read(plain).unwrap(), expected);
    let saved_again = "\u{feff}text,consent,channel,district\r\n\
        \"no water, no road\nsince winter\", yes ,complaints,upper-valley\r\n\
        لکھا ہوا,yes,warnings,salt-hills";
    assert_eq!(read(saved_again).unwrap(), expected);
}

#[test]
fn every_fault_is_named_with_row_column_found_and_expected() {
    let said = faults(
        "channel,district,consent,text\n\
         harm,upper-valley,yes,a\n\
         complaints,nowhere,no,\n\
         complaints,upper-valley,,b\n\
         other,upper-valley,yes,c\n\
         complaints,upper-valley,yes,one, two\n",
    );
    assert_eq!(
        said,
        [
            "row 2, column channel: found \"harm\", expected a channel that is open",
            "row 3, column district: found \"nowhere\", expected one of upper-valley, lower-valley, river-plain, salt-hills",
            "row 3, column consent: found \"no\", expected yes: without the person's consent nothing may be filed",
            "row 3, column text: found 0 characters, expected 1 to 20000 characters",
            "row 4, column consent: found nothing, expected yes: without the person's consent nothing may be filed",
            "row 5, column channel: found \"other\", expected the id of a channel of this desk",
            "row 6: found 5 cells, expected 4 cells, as in the header; a text with commas stands in quotation marks",
        ]
    );
}

#[test]
fn one_bad_row_among_many_refuses_the_whole_file() {
    let good = "complaints,upper-valley,yes,a text\n";
    let mut text = format!("channel,district,consent,text\n{}", good.repeat(MOST_ROWS - 1));
    assert_eq!(read(&format!("{text}{good}")).unwrap().len(), MOST_ROWS);
    text.push_str("complaints,upper-valley,maybe,a text\n");
    assert_eq!(faults(&text).len(), 1);
    text.push_str(good);
    assert!(faults(&text)[0].contains("more rows"), "{:?}", faults(&text));
}

#[test]
fn a_file_without_the_columns_or_with_others_is_refused() {
    assert_eq!(
        faults("channel,district,text,name\na,b,c,d\n"),
        [
            "row 1: found the column \"name\", expected channel, district, consent and text alone: take it out",
            "row 1, column consent: found no such column, expected the column, by this name",
        ]
    );
    assert!(faults("channel,channel,district,consent,text\n")[0].contains("a column twice"));
    assert!(faults("channel,district,consent,text\n")[0].contains("nothing below it"));
    for nothing in ["", " \n", "\u{feff}", "\u{feff}\u{feff}", "\u{feff}\u{feff}\n\n"] {
        assert!(faults(nothing)[0].contains("found nothing"), "{nothing:?}");
    }
    let refused =
        read_paper(b"channel,district,consent,text\n\xff,a,b,c\n", &config()).unwrap_err();
    assert!(refused.0[0].to_string().contains("not UTF-8"));
}

#[test]
fn a_table_that_is_marked_twice_as_utf8_is_read() {
    let text =
        "\u{feff}\u{feff}channel,district,consent,text\ncomplaints,upper-valley,yes,No water\n";
    assert_eq!(read(text).unwrap().len(), 1);
}

#[test]
fn what_somebody_wrote_is_not_repeated_in_a_fault() {
    let long = format!("SECRETTEXT {}", "x".repeat(MOST_TEXT));
    let text = format!("channel,district,consent,text\nother,nowhere,no,{long}\n");
    let refused = read(&text).unwrap_err();
    assert_eq!(refused.0.len(), 3);
    assert!(!format!("{refused} {refused:?}").contains("SECRETTEXT"));
    let good = "channel,district,consent,text\ncomplaints,upper-valley,yes,SECRETTEXT\n";
    let filings = read_paper(good.as_bytes(), &config()).unwrap();
    assert!(!format!("{filings:?}").contains("SECRETTEXT"));
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_fall_and_what_is_read_has_consent(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        rows in proptest::collection::vec("(complaints|warnings|x),(upper-valley|y),(yes|no|),[a\",\n]{0,6}", 0..5)
    ) {
        let config = config();
        let _ = read_paper(&bytes, &config);
        let text = format!("channel,district,consent,text\n{}\n", rows.join("\n"));
        if let Ok(filings) = read_paper(text.as_bytes(), &config) {
            prop_assert!(!filings.is_empty());
            prop_assert!(text.matches(",yes,").count() >= filings.len());
            for filing in filings {
                prop_assert!(!filing.text.is_empty());
            }
        }
    }
}
