//! What the readers of files say to do works when it is done.
//!
//! Every piece of advice in the sources of the readers is either followed by a test here or has a reason
//! why it cannot be; one that is neither turns [`every_advice_is_followed_or_says_why_not`] red.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use crate::bad_tables::{FORMATS, MAP, import};
use crate::support::{CASE, Lab, OBSERVATORY, events, header, quoted, row};

/// The first words of a piece of advice, and the test that follows it.
const FOLLOWED: &[(&str, fn())] = &[
    ("obtain it again from its publisher", a_damaged_archive_is_replaced_by_a_whole_one),
    ("save its sheet as CSV in UTF-8", a_spreadsheet_is_saved_as_text),
    ("unpack it first", an_archive_that_cannot_be_opened_is_unpacked),
    ("unpack it, or export the data as text", a_packed_file_is_unpacked),
    ("unpack it: gunzip FILE", a_packed_file_is_unpacked),
    ("unpack it: bunzip2 FILE", a_packed_file_is_unpacked),
    ("export it as text", a_packed_file_is_unpacked),
    ("export the layer as text", a_packed_file_is_unpacked),
    ("save it as UTF-8, or convert it: iconv -f UTF-16", a_packed_file_is_unpacked),
    ("download the data file itself", a_packed_file_is_unpacked),
    ("unpack it and give the file that is meant", one_file_of_several_is_given),
    ("convert it, for instance: iconv -f LATIN1", borders_are_converted),
    ("export it again in EPSG:4326", borders_are_converted),
    ("obtain the file again", borders_are_converted),
    ("name one of these", an_attribute_that_is_there_is_named),
    ("leave it out where it is optional", an_empty_file_is_left_out_or_written),
    ("obtain or write the file again", an_empty_file_is_left_out_or_written),
    ("write it, or leave it out of the case", an_empty_file_is_left_out_or_written),
    ("check that this is the right file", another_table_is_imported_by_its_own_word),
    ("remove the one that is not the publisher's", a_column_that_occurs_twice_is_removed),
    ("look for a quotation mark", a_quotation_is_closed),
    ("say which in the map with decimal", a_map_says_its_form_of_numbers),
    ("obtain the file again from its publisher without", days_are_saved_in_full),
    ("take the export files themselves", tables_are_saved_as_the_reader_has_them),
    ("download the CSV instead", tables_are_saved_as_the_reader_has_them),
    ("check its first row", tables_are_saved_as_the_reader_has_them),
    ("save it with commas as separators", tables_are_saved_as_the_reader_has_them),
    ("save it with commas between the fields", tables_are_saved_as_the_reader_has_them),
    ("say which separator it has in the map", a_map_states_the_separator_of_its_table),
    ("give a card", a_card_says_what_a_file_does_not),
    ("add a column indicator with va, pv", a_sheet_says_its_dimension),
    ("correct the row", a_row_of_a_case_is_corrected),
    ("give every month a row", a_row_of_a_case_is_corrected),
    ("name one of these countries", a_country_of_the_file_is_named),
    ("give a file of a finer level, or none", a_country_of_the_file_is_named),
    ("give the borders of that country", a_country_of_the_file_is_named),
    ("give a period or a column, not both", a_map_of_a_survey_is_mended),
    ("give column and treatment, or neither", a_map_of_a_survey_is_mended),
    ("name it under aggregation of [alternatives]", a_method_is_named_as_an_alternative),
];

/// Advice that no test follows, with the reason.
const REASONS: &[(&str, &str)] = &[
    ("check the disk and the file, then try again", "a disk that fails"),
    ("simplify or split it", "it takes a file of two gibibytes"),
    ("write it anew with `sanad ablation --out`", "it takes hours on the shipped case"),
    ("write it anew with `sanad case trials --out`", "it takes minutes on the shipped case"),
    ("write it anew with `sanad case gap-forecast --out`", "it takes minutes on the shipped case"),
    ("add it with the others", "it is a comment in a new case"),
];

/// With what advice begins.
const VERBS: [&str; 27] = [
    "add", "ask", "check", "choose", "convert", "correct", "download", "export", "give", "leave",
    "look", "make", "name", "obtain", "open", "put", "remove", "rename", "save", "say", "set",
    "simplify", "split", "take", "unpack", "use", "write",
];

fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder of sources").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(fs::read_to_string(&path).expect("a source file"));
        }
    }
}

/// Every piece of advice of the crates that read files.
fn advice() -> Vec<String> {
    let mut codes = Vec::new();
    for name in ["sanad-source", "sanad-case"] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name).join("src");
        sources(&root, &mut codes);
    }
    let texts = codes.iter().flat_map(|code| quoted(code));
    let parts = texts.flat_map(|text| text.split("; ").map(str::to_owned).collect::<Vec<_>>());
    let is_advice = |part: &String| {
        let mut words = part.split(' ');
        words.next().is_some_and(|first| VERBS.contains(&first)) && words.next().is_some()
    };
    parts.filter(is_advice).collect()
}

#[test]
fn every_advice_is_followed_or_says_why_not() {
    let advice = advice();
    assert!(advice.len() > 35, "{advice:?}");
    let known = || FOLLOWED.iter().map(|it| it.0).chain(REASONS.iter().map(|it| it.0));
    for said in &advice {
        assert!(known().any(|start| said.starts_with(start)), "nothing follows {said:?}");
    }
    for start in known() {
        assert!(advice.iter().any(|said| said.starts_with(start)), "no such advice: {start:?}");
    }
}

#[test]
fn advice_about_files_of_others_works_when_followed() {
    follow(&FOLLOWED[..20]);
}

#[test]
fn advice_about_rows_maps_and_cases_works_when_followed() {
    follow(&FOLLOWED[20..]);
}

/// Follows each piece of advice; several have one test.
fn follow(advice: &[(&str, fn())]) {
    let mut done: Vec<fn()> = Vec::new();
    for (_, apply) in advice {
        if !done.iter().any(|other| std::ptr::fn_addr_eq(*other, *apply)) {
            done.push(*apply);
            apply();
        }
    }
}

/// Runs a command that fails and says what to do.
#[track_caller]
fn fails(lab: &Lab, arguments: &[&str], advice: &str) {
    let outcome = lab.run(arguments);
    assert_eq!(outcome.code, Some(1), "{arguments:?}: {}", outcome.stderr);
    let said: String = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(advice), "{arguments:?} does not say {advice:?}: {said}");
}

#[track_caller]
fn works(lab: &Lab, arguments: &[&str]) {
    let outcome = lab.run(arguments);
    assert_eq!(outcome.code, Some(0), "{arguments:?}: {}", outcome.stderr);
}

/// A file that is refused with this advice, and one as the advice asks for, which is read.
#[track_caller]
fn replaced(format: &str, bad: &[u8], advice: &str, good: &str) {
    let lab = Lab::new();
    lab.write("map.toml", MAP);
    lab.write("file.csv", bad);
    fails(&lab, &import(format, "file.csv"), advice);
    lab.write("file.csv", good);
    works(&lab, &import(format, "file.csv"));
}

fn sound(format: &str) -> &'static str {
    FORMATS.iter().find(|known| known.0 == format).expect("a format").1
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn zipped(members: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in members {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("memory");
        writer.write_all(text.as_bytes()).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}

fn a_damaged_archive_is_replaced_by_a_whole_one() {
    let whole = gzip(sound("wdi").as_bytes());
    let cut = &whole[..whole.len() - 9];
    let lab = Lab::new();
    lab.write("file.csv.gz", cut);
    fails(&lab, &import("wdi", "file.csv.gz"), "obtain it again from its publisher");
    lab.write("file.csv.gz", &whole);
    works(&lab, &import("wdi", "file.csv.gz"));
}

fn a_spreadsheet_is_saved_as_text() {
    let sheet = zipped(&[("[Content_Types].xml", "<"), ("xl/sheet1.xml", "<")]);
    replaced("wdi", &sheet, "save its sheet as CSV in UTF-8", sound("wdi"));
}

/// The bit of a ZIP archive's entries that says that they are locked, and their method of packing.
fn with_entries_marked(archive: &[u8], flag: u8, method: u8) -> Vec<u8> {
    let mut bytes = archive.to_vec();
    for (mark, flags) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        let place = bytes.windows(4).position(|four| four == mark).expect("an entry");
        bytes[place + flags] |= flag;
        bytes[place + flags + 2] = method;
    }
    bytes
}

fn an_archive_that_cannot_be_opened_is_unpacked() {
    let archive = zipped(&[("a.csv", sound("wdi"))]);
    for (flag, method) in [(1, 8), (0, 97)] {
        let marked = with_entries_marked(&archive, flag, method);
        replaced("wdi", &marked, "unpack it first", sound("wdi"));
    }
}

fn a_packed_file_is_unpacked() {
    let text = sound("wdi");
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    // An archive in an archive in an archive is not opened.
    let thrice = gzip(&gzip(&gzip(text.as_bytes())));
    let in_zips = gzip(&gzip(&zipped(&[("a.csv", text)])));
    for (bytes, advice) in [
        (thrice, "unpack it: gunzip FILE"),
        (in_zips, "unpack it, or export the data as text"),
        (b"BZh91AY&SY".to_vec(), "unpack it: bunzip2 FILE"),
        (b"PAR1....PAR1".to_vec(), "export it as text"),
        (b"SQLite format 3\0".to_vec(), "export the layer as text"),
        ([&b"\xff\xfe"[..], &utf16].concat(), "save it as UTF-8, or convert it: iconv"),
        (b"<html>busy</html>".to_vec(), "download the data file itself"),
    ] {
        replaced("wdi", &bytes, advice, text);
    }
}

fn one_file_of_several_is_given() {
    let text = sound("wdi");
    let two = zipped(&[("a.csv", text), ("b.csv", text)]);
    replaced("wdi", &two, "unpack it and give the file that is meant", text);
}

/// Borders of a province with a name and, where there is one, a reference system.
fn borders(name: &str, system: &str) -> String {
    format!(
        r#"{{"type":"FeatureCollection",{system}"features":[{{"type":"Feature","properties":{{
        "ADM1_EN":"{name}","ADM1_PCODE":"XX1"}},"geometry":{{"type":"Polygon","coordinates":[[[0,0],[1,0],
        [1,1],[0,1],[0,0]]]}}}}]}}"#
    )
}

fn borders_are_converted() {
    let good = borders("Nörd", "");
    let latin1: Vec<u8> = good.chars().map(|letter| letter as u8).collect();
    replaced("boundaries", &latin1, "iconv -f LATIN1 -t UTF-8 FILE", &good);
    let system = r#""crs":{"type":"name","properties":{"name":"EPSG:3857"}},"#;
    let other = borders("North", system);
    replaced("boundaries", other.as_bytes(), "export it again in EPSG:4326", &good);
    replaced("boundaries", &good.as_bytes()[..good.len() - 9], "obtain the file again", &good);
}

fn an_attribute_that_is_there_is_named() {
    let lab = Lab::new();
    lab.write("borders.geojson", borders("North", "").replace("ADM1_EN", "NAME_1"));
    let import = |name: &'static str| {
        let usual = ["import", "boundaries", "borders.geojson", "--observatory", OBSERVATORY];
        [&usual[..], &["--attributes", name]].concat()
    };
    fails(&lab, &import("name=NAME,code=ADM1_PCODE"), "name one of these");
    works(&lab, &import("name=NAME_1,code=ADM1_PCODE"));
}

fn an_empty_file_is_left_out_or_written() {
    for (bytes, advice) in [
        ("", "leave it out where it is optional, otherwise obtain or write it again"),
        ("country_text_id,year,v2x_a\n", "obtain or write the file again"),
    ] {
        replaced("vdem", bytes.as_bytes(), advice, sound("vdem"));
    }
    let lab = Lab::bare();
    let with_brief = format!("{CASE}brief = \"brief.toml\"\n");
    lab.write_case("case", &[("case.toml", &with_brief), ("brief.toml", "")]);
    let import = ["import", "case", "case", "--observatory", OBSERVATORY];
    fails(&lab, &import, "write it, or leave it out of the case");
    lab.write_case("case", &[("case.toml", CASE)]);
    works(&lab, &import);
}

fn another_table_is_imported_by_its_own_word() {
    let lab = Lab::new();
    lab.write("file.csv", sound("keepiton"));
    fails(&lab, &import("vdem", "file.csv"), "check that this is the right file");
    works(&lab, &import("keepiton", "file.csv"));
}

fn a_column_that_occurs_twice_is_removed() {
    let bad = "country_text_id,year,year,v2x_a\nPAK,2021,2022,0.3\n";
    let advice = "remove the one that is not the publisher's";
    replaced("vdem", bad.as_bytes(), advice, sound("vdem"));
}

fn a_quotation_is_closed() {
    let open = row(&[("id", "2"), ("side_b", "\"Some organisation")]);
    let filler = "x".repeat(17 << 20);
    let lab = Lab::new();
    lab.write("events.csv", format!("{}\n{open}\n{filler}\n", header()));
    let import = ["import", "ucdp-ged", "events.csv", "--observatory", OBSERVATORY];
    fails(&lab, &import, "look for a quotation mark that is not closed");
    let closed = row(&[("id", "2"), ("side_b", "\"Some organisation\"")]);
    lab.write("events.csv", format!("{}\n{closed}\n", header()));
    works(&lab, &import);
}

fn a_map_says_its_form_of_numbers() {
    let lab = Lab::new();
    let map = |more: &str| {
        format!(
            "kind = \"observations\"\nseparator = \";\"\n{more}source = {{ id = \"x\", title = \"X\", \
             citation = \"X\", licence = \"CC0-1.0\", url = \"\" }}\n\
             columns = {{ indicator = \"name\", date = \"when\", value = \"much\", iso3 = \"state\" }}\n"
        )
    };
    lab.write("file.csv", "name;when;much;state\na;2015;1.234,5;ESP\na;2016;2.345,5;ESP\n");
    lab.write("map.toml", map("thousands = \",\"\n"));
    let advice = "say which in the map with decimal and thousands";
    let found = lab.run(&import("table", "file.csv"));
    // A comma between thousands contradicts these cells, in the whole file or row by row.
    assert!(found.code == Some(1), "{}", found.stderr);
    let said: String = found.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(advice) || said.contains("nothing in the file could be kept"), "{said}");
    lab.write("map.toml", map("decimal = \",\"\nthousands = \".\"\n"));
    works(&lab, &import("table", "file.csv"));
}

fn a_map_states_the_separator_of_its_table() {
    let lab = Lab::new();
    let map = |separator: &str| {
        format!(
            "kind = \"observations\"\n{separator}source = {{ id = \"x\", title = \"X\", \
             citation = \"X\", licence = \"CC0-1.0\", url = \"\" }}\n\
             columns = {{ indicator = \"name\", date = \"when\", value = \"much\", iso3 = \"state\" }}\n"
        )
    };
    let table = "name,when,much,state\na,2015,1234.5,ESP\n";
    let advice = "say which separator it has in the map";
    for (at, (of_map, of_table, stated)) in [
        ("", ";", "separator = \";\"\n"),
        ("", "\t", "separator = \"\\t\"\n"),
        ("separator = \";\"\n", ",", ""),
        ("separator = \"\\t\"\n", ",", "separator = \",\"\n"),
        ("separator = \"|\"\n", ";", "separator = \";\"\n"),
    ]
    .into_iter()
    .enumerate()
    {
        let file = format!("file-{at}.csv");
        lab.write(&file, table.replace(',', of_table));
        lab.write("map.toml", map(of_map));
        fails(&lab, &import("table", &file), advice);
        lab.write("map.toml", map(stated));
        works(&lab, &import("table", &file));
    }
}

fn days_are_saved_in_full() {
    let with = |days: [&str; 2]| {
        let rows = [("1", days[0]), ("2", days[1])]
            .map(|(id, day)| row(&[("id", id), ("date_start", day), ("date_end", day)]));
        format!("{}\n{}\n", header(), rows.join("\n"))
    };
    let bad = with(["1/3/2020", "2/1/2020"]);
    let good = with(["2020-01-03", "2020-02-01"]);
    let advice = "give its date columns the form YYYY-MM-DD";
    replaced("ucdp-ged", bad.as_bytes(), advice, &good);
    // One day after the 12th tells the order too.
    replaced(
        "ucdp-ged",
        bad.as_bytes(),
        "one day after the 12th",
        &with(["1/31/2020", "2/1/2020"]),
    );
}

fn tables_are_saved_as_the_reader_has_them() {
    let mut gdelt = vec![""; 58];
    for (at, value) in [(0, "1"), (1, "20210304"), (7, "XXX"), (17, "IND"), (26, "190")] {
        gdelt[at] = value;
    }
    for (at, value) in [(28, "19"), (29, "4"), (30, "-10"), (31, "5"), (32, "1"), (33, "5")] {
        gdelt[at] = value;
    }
    let gdelt = gdelt.join("\t") + "\n";
    replaced("gdelt", b"1\t20210304\n", "take the export files themselves", &gdelt);
    let good = events(&[]);
    let wide = format!("{}\n", vec!["a"; 9_000].join(","));
    let bars = good.replace(',', "|");
    for (bad, advice) in [
        ("{\"Result\":[]}", "download the CSV instead"),
        (&wide, "check its first row"),
        (&bars, "save it with commas as separators"),
    ] {
        replaced("ucdp-ged", bad.as_bytes(), advice, &good);
    }
    let statements = sound("statements");
    let bad = statements.replace(',', ";");
    replaced("statements", bad.as_bytes(), "save it with commas between the fields", statements);
}

fn a_card_says_what_a_file_does_not() {
    let lab = Lab::new();
    lab.write("file.csv", sound("statements"));
    let import = import("statements", "file.csv");
    works(&lab, &import);
    assert!(lab.done(&["sources", "--format", "csv"]).contains("not stated; give a card"));
    let counted =
        || lab.done(&["sql", "SELECT count(*) AS n FROM coded_statements", "--format", "csv"]);
    let before = counted();
    // The same file again, with the card; a corrected card is taken in as well.
    for citation in ["A codebook of ours", "A codebook of ours, second edition"] {
        lab.write("card.toml", format!("citation = \"{citation}\"\n"));
        works(&lab, &[&import[..], &["--card", "card.toml"]].concat());
        let sources = lab.done(&["sources", "--format", "csv"]);
        assert!(sources.contains(citation), "{sources}");
        assert_eq!(counted(), before, "{citation}");
    }
}

fn a_sheet_says_its_dimension() {
    let sheet = |more: [&str; 2]| {
        format!(
            "Economy (name),Economy (code),Year,Governance estimate{}\nPakistan,PAK,2021,0.4{}\n",
            more[0], more[1]
        )
    };
    let lab = Lab::new();
    lab.write("file.csv", sheet(["", ""]));
    let found = lab.run(&import("wgi", "file.csv"));
    assert_eq!(found.code, Some(1), "{}", found.stderr);
    let said: String = found.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("add a column indicator with va, pv"), "{said}");
    lab.write("file.csv", sheet([",indicator", ",rl"]));
    works(&lab, &import("wgi", "file.csv"));
}

/// A case with one ready-made table.
fn with_figure(lab: &Lab, format: &str, rows: &str) {
    let figure = format!(
        "{CASE}\n[[figure]]\nfile = \"own.csv\"\nformat = \"{format}\"\ncard = \"own.toml\"\n"
    );
    let card = "id = \"own\"\nversion = \"1\"\n[coverage]\nfrom = \"2025-01\"\nto = \"2025-03\"\n\
                countries = [770]\n";
    lab.write_case("case", &[("case.toml", &figure), ("own.csv", rows), ("own.toml", card)]);
}

fn a_row_of_a_case_is_corrected() {
    let import = ["import", "case", "case", "--observatory", OBSERVATORY];
    let counts = "period,where,violence,conflict,side_a,side_b,events,deaths_best\n";
    let months = "series,month,value\n";
    for (format, head, bad, said, good) in [
        (
            "conflict-counts",
            counts,
            "2025-01,country,1,,,,-1,1\n",
            "row 2",
            "2025-01,country,1,,,,1,1\n",
        ),
        ("month-series", months, "a,2025-01,many\n", "correct the row", "a,2025-01,1\n"),
        (
            "month-series",
            months,
            "a,2025-01,1\na,2025-03,1\n",
            "give every month a row, 0 where there was none",
            "a,2025-01,1\na,2025-02,0\na,2025-03,1\n",
        ),
    ] {
        let lab = Lab::bare();
        with_figure(&lab, format, &format!("{head}{bad}"));
        fails(&lab, &import, said);
        with_figure(&lab, format, &format!("{head}{good}"));
        works(&lab, &import);
    }
}

fn a_country_of_the_file_is_named() {
    let lab = Lab::bare();
    let pakistan = row(&[("id", "7"), ("country", "Pakistan")]);
    lab.write("export.csv", format!("{}\n{pakistan}\n", header()));
    let new = |folder: &'static str, country: &'static str, more: &[&'static str]| {
        let usual = ["case", "new", folder, "--country", country, "--ged", "export.csv"];
        [&usual[..], more].concat()
    };
    fails(&lab, &new("first", "mali", &[]), "name one of these countries, or give another file");
    let countries = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{
        "shapeGroup":"PAK","shapeType":"ADM0","shapeName":"Pakistan"},"geometry":{"type":"Polygon",
        "coordinates":[[[70,30],[71,30],[71,31],[70,31],[70,30]]]}}]}"#;
    lab.write("borders.geojson", countries);
    let with_borders = ["--boundaries", "borders.geojson"];
    fails(&lab, &new("second", "pakistan", &with_borders), "give a file of a finer level, or none");
    works(&lab, &new("third", "pakistan", &[]));
    // Somewhere off Africa, then where the event is.
    let square = borders("North", "");
    lab.write("borders.geojson", &square);
    fails(&lab, &new("fourth", "pakistan", &with_borders), "give the borders of that country");
    let [there, here] = ["[0,0],[1,0],", "[60,20],[80,20],"];
    let square =
        square.replace(there, here).replace("[1,1],[0,1],[0,0]", "[80,40],[60,40],[60,20]");
    lab.write("borders.geojson", square);
    works(&lab, &new("fourth", "pakistan", &with_borders));
}

const SURVEY: &str = "source = { id = \"own\", title = \"Own\", citation = \"Own\", licence = \"CC0-1.0\", \
    url = \"\" }\n";

fn a_map_of_a_survey_is_mended() {
    let answers: String = (0..120)
        .map(|number| format!("2021-03,{},{}\n", number % 2, 1 + (number / 2) % 2))
        .collect();
    let place = "[place]\niso3 = \"PAK\"\n";
    let share = "[[share]]\nid = \"s\"\ntitle = \"S\"\ncolumn = \"yes\"\nanswers = [\"0\", \"1\"]\n\
                 counts = [\"1\"]\n";
    let endorsed = |column: &str| {
        format!(
            "time = {{ period = \"2021\" }}\n{place}[[endorsement]]\nid = \"e\"\ntitle = \"E\"\n\
             model = false\nendorsers = {{ g = \"G\" }}\nanswers = [\"0\", \"1\"]\n\
             [[endorsement.question]]\nid = \"q\"\n{column}control = \"1\"\narms = {{ g = \"2\" }}\n"
        )
    };
    let column = "column = \"yes\"\n";
    for (bad, said, good) in [
        (
            format!("time = {{ period = \"2021\", column = \"month\" }}\n{place}{share}"),
            "give a period or a column, not both",
            format!("time = {{ column = \"month\" }}\n{place}{share}"),
        ),
        (
            endorsed(column),
            "give column and treatment, or neither",
            endorsed(&format!("{column}treatment = \"arm\"\n")),
        ),
    ] {
        let lab = Lab::new();
        lab.write("answers.csv", format!("month,yes,arm\n{answers}"));
        let import =
            ["import", "survey", "answers.csv", "--map", "map.toml", "--observatory", OBSERVATORY];
        lab.write("map.toml", format!("{SURVEY}{bad}"));
        fails(&lab, &import, said);
        lab.write("map.toml", format!("{SURVEY}{good}"));
        works(&lab, &import);
    }
}

fn a_method_is_named_as_an_alternative() {
    let lab = Lab::bare();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/pakistan");
    for entry in fs::read_dir(&from).expect("the case").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        lab.write(&format!("case/{name}"), fs::read(entry.path()).expect("a file"));
    }
    let sound = fs::read_to_string(from.join("indicators.toml")).expect("a text");
    let with = |table: &str| sound.replacen("[[pillar]]", &format!("{table}\n[[pillar]]"), 1);
    let import = ["import", "case", "case", "--observatory", OBSERVATORY];
    lab.write("case/indicators.toml", with("[method]\naggregation = \"outranking\""));
    fails(&lab, &import, "name it under aggregation of [alternatives]");
    let alternatives = "[alternatives]\naggregation = [\"arithmetic\", \"outranking\"]";
    lab.write("case/indicators.toml", with(alternatives));
    works(&lab, &import);
}
