//! Files as publishers ship them and as spreadsheets save them again, through every importer.

use std::io::{Cursor, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::bad_tables::{FORMATS, MAP, import, sound};
use crate::support::{Lab, OBSERVATORY, events, row};

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn zipped(members: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in members {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Every importer that reads a file of others, and a sound file of it.
fn importers() -> Vec<(&'static str, String)> {
    let tables = FORMATS.iter().map(|(format, text, _)| (*format, sound(format, text)));
    let border = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"ADM1_EN":
        "North","ADM1_PCODE":"XX1"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],
        [0,1],[0,0]]]}}]}"#;
    let others = [("ucdp-ged", events(&[])), ("boundaries", border.to_owned())];
    tables.chain(others).collect()
}

#[test]
fn every_importer_reads_a_file_that_is_packed() {
    for (format, text) in importers() {
        let lab = Lab::new();
        lab.write("map.toml", MAP);
        lab.write("packed.gz", gzip(&text));
        lab.write("packed.zip", zipped(&[("code book.pdf", "%PDF"), ("data/Table.csv", &text)]));
        for file in ["packed.gz", "packed.zip"] {
            let outcome = lab.run(&import(format, file));
            assert_eq!(outcome.code, Some(0), "{format} {file}: {}", outcome.stderr);
            assert!(outcome.stderr.contains("imported as"), "{format} {file}: {}", outcome.stderr);
        }
        lab.write("two.zip", zipped(&[("a.csv", &text), ("b.csv", &text)]));
        let outcome = lab.run(&import(format, "two.zip"));
        assert_eq!(outcome.code, Some(1), "{format}: {}", outcome.stderr);
        assert!(outcome.stderr.contains("a.csv, b.csv"), "{format}: {}", outcome.stderr);
    }
}

#[test]
fn the_version_of_a_release_is_read_off_the_file_in_an_archive() {
    let lab = Lab::new();
    lab.write("download.zip", zipped(&[("GEDEvent_v21_0_3.csv", &events(&[]))]));
    lab.done(&["import", "ucdp-ged", "download.zip"]);
    let sources = lab.done(&["sources", "--format", "csv"]);
    assert!(sources.contains("21.0.3"), "{sources}");
}

#[cfg(unix)]
#[test]
fn no_importer_reads_a_device_without_end() {
    for (format, _) in importers() {
        let lab = Lab::new();
        lab.write("map.toml", MAP);
        let outcome = lab.run(&import(format, "/dev/zero"));
        assert_eq!(outcome.code, Some(1), "{format}: {}", outcome.stderr);
        assert!(outcome.stderr.contains("it is a device"), "{format}: {}", outcome.stderr);
    }
    let lab = Lab::new();
    lab.write("good.csv", "code,day,kind,dead,state\nx1,2021-03-04,1,5,PAK\n");
    for options in [["--map", "/dev/zero"], ["--card", "/dev/zero"]] {
        let words = ["import", "table", "good.csv", "--observatory", OBSERVATORY];
        lab.write("map.toml", MAP);
        let words = [&words[..], &options].concat();
        let words = if options[0] == "--map" {
            words
        } else {
            [&words[..], &["--map", "map.toml"]].concat()
        };
        let outcome = lab.run(&words);
        assert_eq!(outcome.code, Some(1), "{options:?}: {}", outcome.stderr);
    }
}

#[test]
fn what_was_left_out_is_called_so_in_the_table_of_diagnostics_too() {
    let lab = Lab::new();
    lab.write(
        "map.toml",
        "kind = \"observations\"\nseparator = \";\"\n\
         source = { id = \"x\", title = \"X\", citation = \"X\", licence = \"CC0-1.0\", url = \"\" }\n\
         columns = { indicator = \"name\", date = \"when\", value = \"much\", iso3 = \"state\" }\n",
    );
    lab.write(
        "values.csv",
        "name;when;much;state\na;2015;62,61988125;ESP\na;2016;many;ESP\na;2017;5;ESP\n",
    );
    let words =
        ["import", "table", "values.csv", "--map", "map.toml", "--observatory", OBSERVATORY];
    let outcome = lab.run(&words);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert_eq!(
        outcome.stderr.matches("(wrong-type, row left out)").count(),
        2,
        "{}",
        outcome.stderr
    );
    let query =
        "SELECT source_row, kept FROM diagnostics WHERE issue = 'wrong-type' ORDER BY source_row";
    let rows = lab.done(&["sql", "--format", "csv", query]);
    assert_eq!(rows, "source_row,kept\n2,false\n3,false\n");
}

#[test]
fn events_that_a_spreadsheet_saved_have_all_their_deaths_or_none() {
    let lab = Lab::new();
    let days = |days: [&str; 3]| {
        let each = days.iter().enumerate().map(|(at, day)| {
            row(&[
                ("id", &(at + 1).to_string()),
                ("date_start", day),
                ("date_end", day),
                ("best", "3"),
            ])
        });
        let rows: Vec<String> = each.collect();
        events(&rows)
            .lines()
            .filter(|line| !line.starts_with("1000,"))
            .collect::<Vec<_>>()
            .join("\n")
    };
    lab.write("settled.csv", days(["1/31/2020 0:00", "2/1/2020 0:00", "2/13/2020 0:00"]));
    lab.done(&["import", "ucdp-ged", "settled.csv", "--strict"]);
    lab.write("unsettled.csv", days(["1/3/2020", "2/1/2020", "2/12/2020"]));
    let outcome = lab.run(&["import", "ucdp-ged", "unsettled.csv", "--observatory", OBSERVATORY]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("YYYY-MM-DD"), "{}", outcome.stderr);
}
