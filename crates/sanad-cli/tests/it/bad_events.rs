//! Event files that are not as their publisher made them.

use std::fs;
use std::io::{BufWriter, Write};

use crate::support::{Lab, OBSERVATORY, events, header, row};

const IMPORT: [&str; 5] = ["import", "ucdp-ged", "bad.csv", "--observatory", OBSERVATORY];

fn refused(name: &str, bytes: impl AsRef<[u8]>) {
    let lab = Lab::new();
    lab.write("bad.csv", bytes);
    lab.refused(name, &IMPORT);
}

fn noted(name: &str, rows: &[String]) {
    let lab = Lab::new();
    lab.write("bad.csv", events(rows));
    lab.noted(name, "ucdp-ged", "bad.csv");
}

fn changed(changes: &[(&str, &str)]) -> String {
    row(changes)
}

#[test]
fn headers_that_are_not_ucdps_are_refused() {
    let sound = events(&[]);
    refused("ged-columns-missing", sound.replace(",best,", ",b,").replace("latitude,", "y,"));
    refused(
        "ged-columns-misspelt",
        sound.replace("latitude", "lattitude").replace("date_end", "date_ende"),
    );
    refused("ged-column-doubled", sound.replace("conflict_new_id", "best"));
    refused("ged-header-only", header() + "\n");
    refused("ged-rows-without-header", row(&[]) + "\n");
    refused("ged-separated-by-bars", sound.replace(',', "|"));
}

#[test]
fn semicolons_and_tabulators_between_fields_are_read() {
    for separator in [";", "\t"] {
        let lab = Lab::new();
        lab.write("anew.csv", events(&[row(&[("id", "1")])]).replace(',', separator));
        lab.done(&["import", "ucdp-ged", "anew.csv"]);
    }
}

#[test]
fn files_of_another_kind_are_refused() {
    let sound = events(&[]);
    let little: Vec<u8> = sound.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = sound.encode_utf16().flat_map(u16::to_be_bytes).collect();
    refused("ged-utf16-with-mark", [&b"\xff\xfe"[..], &little].concat());
    refused("ged-utf16-without-mark", big);
    refused("ged-empty", "");
    refused("ged-blank-lines-only", "\n\r\n\n");
    refused("ged-zip", [&b"PK\x03\x04"[..], &[20, 0, 0, 0, 8, 0]].concat());
    refused("ged-web-page", "<!DOCTYPE html>\n<html><body>Not found</body></html>\n");
    let noise: Vec<u8> =
        (0..4_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    refused("ged-noise", noise);
}

#[test]
fn a_file_that_is_not_there_or_is_a_folder_is_refused() {
    let lab = Lab::new();
    lab.refused("ged-missing-file", &IMPORT);
    lab.write("folder/file", "");
    lab.refused("ged-folder", &["import", "ucdp-ged", "folder", "--observatory", OBSERVATORY]);
}

#[test]
fn values_of_the_wrong_type_leave_their_row_out() {
    noted(
        "ged-wrong-types",
        &[
            changed(&[("id", "first")]),
            changed(&[("id", "2"), ("best", "many")]),
            changed(&[("id", "3"), ("country_id", "XX")]),
            changed(&[("id", "4"), ("country_id", "")]),
            changed(&[("id", "5"), ("type_of_violence", "7")]),
            changed(&[("id", "6"), ("where_prec", "x"), ("date_prec", "9")]),
            changed(&[("id", "7"), ("side_a_new_id", "A")]),
        ],
    );
}

#[test]
fn days_that_no_calendar_has_leave_their_row_out() {
    noted(
        "ged-bad-dates",
        &[
            changed(&[("id", "1"), ("date_start", "2021-02-30")]),
            changed(&[("id", "2"), ("date_start", "04/03/2021")]),
            changed(&[("id", "3"), ("date_end", "")]),
            changed(&[("id", "4"), ("date_end", "1021-03-05")]),
            changed(&[("id", "5"), ("date_end", "yesterday")]),
        ],
    );
    noted("ged-end-before-start", &[changed(&[("id", "1"), ("date_end", "2021-03-01")])]);
}

#[test]
fn points_that_no_place_has_are_told() {
    let unnamed = [("adm_2", "")];
    let with = |more: &[(&'static str, &'static str)]| changed(&[&unnamed[..], more].concat());
    noted(
        "ged-bad-coordinates",
        &[
            with(&[("id", "1"), ("latitude", "NaN")]),
            with(&[("id", "2"), ("longitude", "inf")]),
            with(&[("id", "3"), ("latitude", "91")]),
            with(&[("id", "4"), ("longitude", "-180.5")]),
            changed(&[("id", "5"), ("latitude", "NaN"), ("longitude", "NaN")]),
            with(&[("id", "6"), ("where_prec", "6"), ("latitude", "north")]),
        ],
    );
}

#[test]
fn deaths_that_cannot_be_are_told() {
    noted(
        "ged-bad-deaths",
        &[
            changed(&[("id", "1"), ("best", "-3")]),
            changed(&[("id", "2"), ("deaths_a", "-1")]),
            changed(&[("id", "3"), ("high", "5000001")]),
            changed(&[("id", "4"), ("low", "2.5")]),
            changed(&[("id", "5"), ("best", "99999999999999999999")]),
        ],
    );
    noted(
        "ged-estimates-out-of-order",
        &[
            changed(&[("id", "1"), ("low", "9")]),
            changed(&[("id", "2"), ("high", "1"), ("best", "4")]),
        ],
    );
}

#[test]
fn a_file_of_which_no_row_can_be_kept_is_refused() {
    let rows = [row(&[("best", "?")]), row(&[("id", "2"), ("date_end", "?")])];
    refused("ged-nothing-to-keep", [header(), rows.join("\n")].join("\n"));
}

#[test]
fn ids_that_occur_twice_count_once() {
    noted(
        "ged-duplicate-ids",
        &[changed(&[("id", "7")]), changed(&[("id", "7")]), row(&[("id", "1000")])],
    );
}

#[test]
fn rows_cut_off_or_of_another_width_are_left_out() {
    let whole = row(&[("id", "5")]);
    noted("ged-other-widths", &[format!("{whole},extra"), "1,2,3".to_owned()]);
    let lab = Lab::new();
    let text = events(&[row(&[("id", "5")]), row(&[("id", "6")])]);
    lab.write("bad.csv", &text[..text.len() - 40]);
    lab.noted("ged-truncated", "ucdp-ged", "bad.csv");
    let lab = Lab::new();
    lab.write("bad.csv", events(&[row(&[("id", "5"), ("side_a", "\"never closed")])]));
    lab.noted("ged-quotation-never-closed", "ucdp-ged", "bad.csv");
}

#[test]
fn texts_in_another_encoding_are_kept_with_a_remark() {
    let lab = Lab::new();
    let text = events(&[row(&[("id", "5"), ("adm_2", "Hill-@ district")])]);
    let bytes: Vec<u8> = text.bytes().map(|byte| if byte == b'@' { 0xe9 } else { byte }).collect();
    lab.write("bad.csv", bytes);
    lab.noted("ged-latin1", "ucdp-ged", "bad.csv");
    let lab = Lab::new();
    lab.write("bad.csv", events(&[row(&[("id", "5"), ("best", "3\u{0}")])]));
    lab.noted("ged-nul-in-a-number", "ucdp-ged", "bad.csv");
}

#[test]
fn byte_order_marks_and_line_ends_of_other_systems_are_no_fault() {
    let text = events(&[row(&[("id", "5")])]);
    for (name, bytes) in [
        ("ged-byte-order-mark", format!("\u{feff}{text}")),
        ("ged-crlf", text.replace('\n', "\r\n")),
        ("ged-cr", text.replace('\n', "\r")),
        ("ged-blank-lines-between", text.replace('\n', "\n\n")),
        ("ged-no-last-line-end", text.trim_end().to_owned()),
    ] {
        let lab = Lab::new();
        lab.write("odd.csv", bytes);
        lab.accepted(name, "ucdp-ged", "odd.csv");
    }
}

#[test]
fn a_line_of_200_megabytes_is_refused_without_reading_it_all() {
    let lab = Lab::new();
    let file = fs::File::create(lab.path("bad.csv")).unwrap();
    let mut file = BufWriter::with_capacity(1 << 20, file);
    write!(file, "{}\n{}\n5,\"", header(), row(&[])).unwrap();
    let block = vec![b'x'; 1 << 20];
    for _ in 0..200 {
        file.write_all(&block).unwrap();
    }
    file.into_inner().unwrap();
    lab.refused("ged-line-of-200-megabytes", &IMPORT);
}

#[test]
fn source_cards_that_say_nothing_or_the_wrong_thing_are_refused() {
    for (name, card) in [
        ("card-empty", ""),
        ("card-without-fields", "# nothing is stated yet\n"),
        ("card-unknown-field", "license = \"CC-BY-4.0\"\n"),
        ("card-bad-day", "accessed = \"2021-13-01\"\n"),
        ("card-wrong-type", "version = 22.1\n"),
        ("card-not-toml", "citation: Sundberg and Melander 2013\n"),
        ("card-bad-coverage", "[coverage]\nfrom = \"1989\"\n"),
        (
            "card-backward-coverage",
            "[coverage]\nfrom = \"1999-01\"\nto = \"1989-01\"\ncountries = [770]\n",
        ),
    ] {
        let lab = Lab::new();
        lab.write("sound.csv", events(&[row(&[])]));
        lab.write("card.toml", card);
        lab.refused(
            name,
            &[
                "import",
                "ucdp-ged",
                "sound.csv",
                "--observatory",
                OBSERVATORY,
                "--card",
                "card.toml",
            ],
        );
    }
    let lab = Lab::new();
    lab.write("sound.csv", events(&[row(&[])]));
    let import = ["import", "ucdp-ged", "sound.csv", "--observatory", OBSERVATORY, "--card"];
    lab.refused("card-missing", &[&import[..], &["nowhere.toml"]].concat());
}
