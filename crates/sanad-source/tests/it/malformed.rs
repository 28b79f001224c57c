//! What the readers say about malformed files. Accept changed wording with
//! `INSTA_UPDATE=always cargo test -p sanad-source`.

use core::fmt::Write as _;

use sanad_core::diagnostic::Diagnostic;
use sanad_source::{Error, boundaries, ged};

use crate::boundaries::file;
use crate::table::Table;

/// One block per input: its name, then the error or what became of the rows.
#[derive(Default)]
struct Report {
    text: String,
    inputs: usize,
}

impl Report {
    fn error(&mut self, name: &str, error: &Error) {
        self.inputs += 1;
        let _ = writeln!(self.text, "{name}\n  error: {error}");
        let mut cause = std::error::Error::source(error);
        while let Some(inner) = cause {
            let first = inner.to_string().lines().next().unwrap_or_default().to_owned();
            let _ = writeln!(self.text, "  because: {first}");
            cause = inner.source();
        }
    }

    fn diagnostics(&mut self, name: &str, kept: usize, read: u64, diagnostics: &[Diagnostic]) {
        self.inputs += 1;
        let _ = writeln!(self.text, "{name}\n  kept {kept} of {read}");
        for diagnostic in diagnostics {
            let _ = writeln!(self.text, "  {diagnostic}");
        }
    }

    fn ged(&mut self, name: &str, bytes: impl AsRef<[u8]>) {
        match ged::read(bytes.as_ref(), &ged::Options::default()) {
            Ok(ged) => self.diagnostics(name, ged.events.len(), ged.rows_read, &ged.diagnostics),
            Err(error) => self.error(name, &error),
        }
    }

    fn boundaries(&mut self, name: &str, bytes: impl AsRef<[u8]>) {
        match boundaries::read(bytes.as_ref()) {
            Ok(read) => {
                self.diagnostics(
                    name,
                    read.boundaries.len(),
                    read.features_read,
                    &read.diagnostics,
                );
            }
            Err(error) => self.error(name, &error),
        }
    }
}

fn utf16(text: &str, little: bool) -> Vec<u8> {
    let order = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
    core::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(order).collect()
}

/// A table, its last line end kept out.
fn text(table: &Table) -> String {
    table.text().trim_end().to_owned()
}

#[test]
fn tables_that_are_none() {
    let mut report = Report::default();
    let good = Table::of(2).text();
    report.ged("no byte", "");
    report.ged("blank lines only", "\n\r\n  \n");
    report.ged("a byte order mark only", "\u{feff}");
    report.ged("a header only", Table::of(0).text());
    report.ged("a header without its line end", text(&Table::of(0)));
    report.ged("UTF-16, little end first", utf16(&good, true));
    report.ged("UTF-16, big end first", utf16(&good, false));
    report.ged("UTF-16 without a mark", &utf16(&good, true)[2..]);
    report.ged("a ZIP archive", b"PK\x03\x04\x14\x00\x00\x00");
    report.ged("a gzip archive", b"\x1f\x8b\x08\x00");
    report.ged("a Parquet file", b"PAR1\x15\x04");
    report.ged("a web page", "<!DOCTYPE html><html><body>404</body></html>");
    report.ged("an answer of the API", r#"{"TotalCount": 1, "Result": []}"#);
    report.ged("semicolons", good.replace(',', ";"));
    report.ged("tabulators", good.replace(',', "\t"));
    report.ged("random bytes", [0x9d, 0x11, 0x80, 0x7f, 0xff, 0x02]);
    report.ged("another table", "country,year,value\nSomewhere,2020,3\n");
    report.ged("no best", Table::of(1).without("best").text());
    report.ged(
        "misspelt columns",
        Table::of(1).renamed("latitude", "lattitude").renamed("date_end", "dateend").text(),
    );
    report.ged("best twice", Table::of(1).renamed("source_headline", "best").text());
    report.ged("a quotation in the header left open", format!("\"{good}"));
    report.ged("a header of commas", ",".repeat(1 << 20));
    report.ged("a row of 17 MB", format!("{good}3,\"{}\"\n", "x".repeat(17 << 20)));
    report.ged("a header of 17 MB", "y".repeat(17 << 20));
    insta::assert_snapshot!(report.text);
    assert_eq!(report.inputs, 24);
}

#[test]
fn rows_that_break_a_rule() {
    let mut report = Report::default();
    let mut one = |name: &str, column: &str, value: &str| {
        report.ged(name, Table::of(2).with(1, column, value).text());
    };
    one("no id", "id", "");
    one("an id that is no number", "id", "PAK-1");
    one("an id below zero", "id", "-4");
    one("an id that came before", "id", "1");
    one("another type of violence", "type_of_violence", "4");
    one("no type of violence", "type_of_violence", "");
    one("a day that no month has", "date_start", "2010-02-30");
    one("no day", "date_end", "NULL");
    one("an ambiguous day", "date_start", "3/4/2010");
    one("a day in words", "date_start", "31 March 2010");
    one("a year out of all range", "date_end", "9999-12-31");
    one("an end before its start", "date_end", "2010-03-30");
    one("another precision of dates", "date_prec", "9");
    one("another precision of places", "where_prec", "0");
    one("no precision of places", "where_prec", "");
    one("NaN for a latitude", "latitude", "NaN");
    one("infinity for a longitude", "longitude", "inf");
    one("a latitude off the globe", "latitude", "95.5");
    one("a decimal comma", "longitude", "\"69,8\"");
    one("deaths below zero", "deaths_civilians", "-2");
    one("no best estimate", "best", "");
    one("half a death", "best", "2.5");
    one("deaths beyond belief", "high", "5000001");
    one("deaths in words", "deaths_a", "several");
    one("low above best", "low", "4");
    one("best above high", "high", "2");
    one("parts that do not add up", "deaths_unknown", "7");
    one("no country number", "country_id", "");
    one("a country number beyond the list", "country_id", "123456");
    one("an actor number in words", "side_b_new_id", "TTP");
    one("a comma too many", "side_b", "Side, B");
    one("a long and odd text for a number", "best", &"\u{1}9".repeat(90));
    report.ged(
        "no point and no district",
        Table::of(2).with(1, "latitude", "").with(1, "longitude", "").with(1, "adm_2", "").text(),
    );
    report.ged(
        "many faults in one row",
        Table::of(2).with(1, "id", "x").with(1, "best", "-1").with(1, "low", "9").text(),
    );
    report.ged("a last row cut short", &text(&Table::of(2))[..text(&Table::of(2)).len() - 40]);
    report.ged("a last row cut inside a quotation", text(&Table::of(2).with(1, "low", "\"3")));
    report.ged("a quotation left open", Table::of(4).with(1, "side_a", "\"Side A").text());
    let mut bytes = Table::of(2).with(1, "adm_2", "D@strict").text().into_bytes();
    bytes.iter_mut().filter(|byte| **byte == b'@').for_each(|byte| *byte = 0xe9);
    report.ged("a name in another encoding", bytes);
    report.ged("a byte of zero in a number", Table::of(2).with(1, "best", "3\u{0}").text());
    insta::assert_snapshot!(report.text);
    assert_eq!(report.inputs, 39);
}

#[test]
fn borders_that_break_a_rule() {
    let mut report = Report::default();
    let district = r#"{"ADM2_EN":"D","ADM2_PCODE":"XX101","ADM1_PCODE":"XX1"}"#;
    let ring = "[[0,0],[3,0],[3,3],[0,3],[0,0]]";
    let polygon = |rings: &str| format!(r#"{{"type":"Polygon","coordinates":[{rings}]}}"#);
    let good = file(&[(district, &polygon(ring))]);
    report.boundaries("no byte", "");
    report.boundaries("UTF-16", utf16(&good, true));
    report.boundaries("bytes that are not UTF-8", b"{\"type\": \"\xe9\"}");
    report.boundaries("a ZIP archive", b"PK\x03\x04");
    report.boundaries("KML", "<?xml version=\"1.0\"?><kml/>");
    report.boundaries("cut short", &good[..good.len() - 9]);
    report.boundaries("NaN in JSON", good.replacen("3,3", "NaN,3", 1));
    report.boundaries("no collection", r#"{"type":"Polygon","coordinates":[]}"#);
    report.boundaries("a list", "[1, 2]");
    report.boundaries("no features", file(&[]));
    report.boundaries("nested without end", "[".repeat(100_000));
    report.boundaries(
        "metres",
        good.replacen(
            "{",
            r#"{"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::3857"}},"#,
            1,
        ),
    );
    report.boundaries(
        "other attributes",
        file(&[(r#"{"ADMIN":"Fiji","ISO":"FJ"}"#, &polygon(ring))]),
    );
    report.boundaries("no attributes", file(&[("null", &polygon(ring))]));
    let mut with = |name: &str, properties: &str, geometry: &str| {
        report.boundaries(name, file(&[(district, &polygon(ring)), (properties, geometry)]));
    };
    let next = r#"{"ADM2_EN":"E","ADM2_PCODE":"XX102","ADM1_PCODE":"XX1"}"#;
    with("the same code twice", district, &polygon(ring));
    with("no geometry", next, "null");
    with("a point", next, r#"{"type":"Point","coordinates":[1,2]}"#);
    with("no ring", next, &polygon(""));
    with("an open ring", next, &polygon("[[0,0],[3,0],[3,3],[0,3]]"));
    with("a ring of two points", next, &polygon("[[0,0],[3,0],[0,0]]"));
    with("a ring that is one point", next, &polygon("[[1,1],[1,1],[1,1],[1,1]]"));
    with("an empty ring", next, &polygon("[]"));
    with("a ring off the globe", next, &polygon("[[0,0],[200,0],[3,3],[0,0]]"));
    with("a bow tie", next, &polygon("[[0,0],[3,3],[3,0],[0,3],[0,0]]"));
    with("a spike", next, &polygon("[[0,0],[3,0],[3,3],[3,5],[3,3],[0,3],[0,0]]"));
    with("a hole outside", next, &polygon(&format!("{ring},[[7,7],[8,7],[8,8],[7,8],[7,7]]")));
    with("a hole that is no ring", next, &polygon(&format!("{ring},[[1,1],[2,2],[1,1]]")));
    with("a coordinate in words", next, &polygon("[[0,0],[\"3\",0],[3,3],[0,0]]"));
    with("a single number for a point", next, &polygon("[[0],[3,0],[3,3],[0,0]]"));
    with(
        "villages",
        r#"{"ADM3_EN":"E","ADM3_PCODE":"XX10101","ADM2_PCODE":"XX101"}"#,
        &polygon(ring),
    );
    with(
        "another type of shape",
        r#"{"shapeName":"E","shapeID":"9","shapeType":"REGION"}"#,
        &polygon(ring),
    );
    with("a shape without identifier", r#"{"shapeName":"E","shapeType":"ADM2"}"#, &polygon(ring));
    with("no name", r#"{"ADM2_EN":"","ADM2_PCODE":"XX102"}"#, &polygon(ring));
    with(
        "a bad day",
        r#"{"ADM2_EN":"E","ADM2_PCODE":"XX102","validOn":"last year"}"#,
        &polygon(ring),
    );
    insta::assert_snapshot!(report.text);
    assert_eq!(report.inputs, 34);
}
