//! What the readers of tables say about malformed files: every format with the same damage, then
//! rows that break a format's own rules. Accept changed wording with
//! `INSTA_UPDATE=always cargo test -p sanad-source`.

use core::fmt::Write as _;
use std::collections::{BTreeMap, BTreeSet};

use sanad_core::chronicle::KnownIds;
use sanad_core::diagnostic::Diagnostic;
use sanad_source::displacement::Publisher;
use sanad_source::table::Map;
use sanad_source::{
    Error, desk, displacement, districts, dyads, gdelt, gdelt_months, plain, statements, stop,
    table, ucdp_dyadic, unpacked, vdem, wdi, wgi,
};

/// Records kept, rows read, what was set aside, remarks.
struct Outcome {
    kept: usize,
    read: u64,
    aside: BTreeMap<&'static str, u64>,
    diagnostics: Vec<Diagnostic>,
}

type Read = fn(&[u8]) -> Result<Outcome, Error>;

fn series(read: sanad_source::series::Series) -> Outcome {
    Outcome {
        kept: read.observations.len(),
        read: read.rows_read,
        aside: read.set_aside,
        diagnostics: read.diagnostics,
    }
}

fn events(read: dyads::Dyads) -> Outcome {
    Outcome {
        kept: read.events.len(),
        read: read.rows_read,
        aside: read.set_aside,
        diagnostics: read.diagnostics,
    }
}

fn known() -> KnownIds {
    KnownIds {
        actors: ["gov", "org-a"].map(str::to_owned).into(),
        places: ["X1".to_owned()].into(),
        ..KnownIds::default()
    }
}

fn map() -> Map {
    Map::parse(
        "kind = \"events\"\ndate_forms = [\"%d.%m.%Y\"]\n\
         source = { id = \"x\", title = \"X\", citation = \"X\", licence = \"CC0-1.0\", url = \"\" }\n\
         columns = { id = \"code\", date_start = \"day\", type_of_violence = \"kind\", \
         best = \"dead\", iso3 = \"state\" }\n\
         words.type_of_violence = { war = \"1\", feud = \"2\" }\nleave_out = { kind = [\"vote\"] }\n",
    )
    .expect("a sound map")
}

fn by_map(data: &[u8]) -> Result<Outcome, Error> {
    let read = table::read(data, &map(), &BTreeSet::new(), &known(), "PAK")?;
    let table::Records::Events(ged) = read.records else { panic!("the map is about events") };
    Ok(Outcome {
        kept: ged.events.len(),
        read: read.rows_read,
        aside: read.set_aside,
        diagnostics: read.diagnostics,
    })
}

fn by_map_of_values(data: &[u8]) -> Result<Outcome, Error> {
    let map = Map::parse(
        "kind = \"observations\"\ndecimal = \",\"\nthousands = \".\"\n\
         source = { id = \"x\", title = \"X\", citation = \"X\", licence = \"CC0-1.0\", url = \"\" }\n\
         columns = { indicator = \"name\", date = \"when\", value = \"much\", country = \"state\" }\n",
    )
    .expect("a sound map");
    let read = table::read(data, &map, &BTreeSet::new(), &known(), "PAK")?;
    let table::Records::Observations(all) = read.records else { panic!("the map is about values") };
    Ok(Outcome {
        kept: all.observations.len(),
        read: read.rows_read,
        aside: read.set_aside,
        diagnostics: read.diagnostics,
    })
}

fn corpus(data: &[u8]) -> Result<Outcome, Error> {
    let read = statements::read(data, &known().actors)?;
    let kept = read.statements.len();
    Ok(Outcome {
        kept,
        read: read.rows_read,
        aside: BTreeMap::new(),
        diagnostics: read.diagnostics,
    })
}

fn acts(data: &[u8]) -> Result<Outcome, Error> {
    let read = plain::read_acts(data, &known())?;
    let kept = read.records.len();
    Ok(Outcome {
        kept,
        read: read.rows_read,
        aside: BTreeMap::new(),
        diagnostics: read.diagnostics,
    })
}

struct Format {
    name: &'static str,
    header: &'static str,
    rows: [&'static str; 2],
    read: Read,
}

impl Format {
    fn good(&self) -> String {
        format!("{}\n{}\n{}\n", self.header, self.rows[0], self.rows[1])
    }

    fn with(&self, row: &str) -> String {
        format!("{}\n{}\n{row}\n", self.header, self.rows[0])
    }
}

const FORMATS: [Format; 19] = [
    Format {
        name: "wdi",
        header: "Country Name,Country Code,Series Name,Series Code,2010 [YR2010],2011 [YR2011]",
        rows: ["Pakistan,PAK,GDP (US$),NY.GDP,1.5,..", "World,WLD,GDP (US$),NY.GDP,2,3"],
        read: |data| wdi::read(data).map(series),
    },
    Format {
        name: "wgi",
        header: "code,countryname,year,vae,vas,pve,pvs,gee,rqe,rle,cce",
        rows: ["PAK,Pakistan,2021,-0.8,0.1,,,1,1,1,1", "ROM,Romania,2021,0.5,0.1,,,1,1,1,1"],
        read: |data| wgi::read(data).map(series),
    },
    Format {
        name: "wgi-long",
        header: "codeindyr,code,countryname,year,indicator,estimate,stddev,pctrank,pctranklower",
        rows: [
            "PAKva2022,PAK,Pakistan,2022,va,-0.9,0.1,20,14",
            "ADOrl1996,ADO,Andorra,1996,rl,..,..,..,..",
        ],
        read: |data| wgi::read(data).map(series),
    },
    Format {
        name: "wdi-api",
        header: "Country Name,Country Code,Indicator Name,Indicator Code,2010,2011,",
        rows: [
            "Pakistan,PAK,\"People, all\",SP.POP,\"231,402,117\",1.5,",
            "World,WLD,\"People, all\",SP.POP,2,,",
        ],
        read: |data| wdi::read(&[b"\"Data Source\",\"WDI\",\n\n", data].concat()).map(series),
    },
    Format {
        name: "idmc-gidd",
        header: "ISO3,Name,Year,Conflict Stock Displacement,Conflict Stock Displacement (Raw)",
        rows: ["PAK,Pakistan,2023,\"22,000\",21770", "AFG,Afghanistan,2023,\"4,187,000\",4187223"],
        read: |data| displacement::read(data, Publisher::Idmc).map(series),
    },
    Format {
        name: "unhcr-download",
        header: "Year,Country of origin (ISO),Country of asylum (ISO),Refugees under UNHCR's mandate,IDPs of concern to UNHCR",
        rows: ["2023,AFG,PAK,1987678,-", "2023,PAK,PAK,0,5"],
        read: |data| displacement::read(data, Publisher::Unhcr).map(series),
    },
    Format {
        name: "vdem",
        header: "country_text_id,year,country_name,v2x_a,v2x_a_codelow,v2x_a_codehigh",
        rows: ["PAK,2021,Pakistan,0.3,0.2,0.4", "PAK,2022,Pakistan,0.3,,"],
        read: |data| vdem::read(data, &[]).map(series),
    },
    Format {
        name: "keepiton",
        header: "start_date,end_date,country,geo_scope,area_name",
        rows: [
            "2021-04-16 00:00:00,2021-04-17,Pakistan,National,All",
            "2021-05-01,,India,Level 1,A",
        ],
        read: |data| stop::read(data).map(series),
    },
    Format {
        name: "district-indicators",
        header: "province,district,indicator,year,value,units,source",
        rows: [
            "Punjab,Attock,Poverty (%),2014,14.0,%,HIES",
            "Sindh,Thatta,Poverty (%),2014,40,%,HIES",
        ],
        read: |data| districts::read(data, "PAK").map(series),
    },
    Format {
        name: "desk",
        header: "quarter,body,district,breakdown,class,files,status",
        rows: [
            "2026-Q1,office,hill,all,all,16,invented",
            "2026-Q1,office,all districts,stage,open,12,invented",
        ],
        read: |data| desk::read(data, "PAK").map(series),
    },
    Format {
        name: "idmc",
        header: "year,coo_iso,coa_iso,total",
        rows: ["2009.0,PAK,PAK,1894000.0", "1990,UNK,UNK,21300000"],
        read: |data| displacement::read(data, Publisher::Idmc).map(series),
    },
    Format {
        name: "unhcr",
        header: "year,coo_iso,coa_iso,refugees,returned_refugees",
        rows: ["2023.0,AFG,PAK,1987678.0,", "2023,PAK,AFG,5,6"],
        read: |data| displacement::read(data, Publisher::Unhcr).map(series),
    },
    Format {
        name: "gdelt-months",
        header: "country_iso3,year_month,gdelt_protest_event_count,gdelt_goldstein_mean",
        rows: ["PAK,2021-03,7,-2.5", "IND,2021-03,9,"],
        read: |data| gdelt_months::read(data).map(series),
    },
    Format {
        name: "ucdp-dyadic",
        header: "dyad_id,year,intensity_level,type_of_conflict,gwno_a,gwno_b,gwno_loc",
        rows: ["422,1999,2,2,750,770,\"750, 770\"", "854,2010,1,3,770,,770"],
        read: |data| ucdp_dyadic::read(data).map(series),
    },
    Format {
        name: "observations",
        header: "indicator,date,value,iso3,adm1,standard_error",
        rows: ["a,2021-03,1.5,PAK,Sindh,0.1", "a,2021,2,PAK,,"],
        read: |data| plain::read_observations(data, "PAK").map(series),
    },
    Format {
        name: "dyad-events",
        header: "id,date,source_iso3,target_iso3,code,quad_class,goldstein",
        rows: ["1,2021-03-04,PAK,AFG,190,4,-10", "e2,2021-03-05,IND,PAK,AGREE,verbal cooperation,"],
        read: |data| dyads::read(data, "PAK").map(events),
    },
    Format {
        name: "statements",
        header: "id,date,organisation,coder,frames,claimed_events,link",
        rows: [
            "m1,2025-05-02,org-a,c1,state-excess,,https://www.dawn.com/news/1",
            "m1,2025-05-02,org-a,c2,,3,",
        ],
        read: corpus,
    },
    Format {
        name: "table-values",
        header: "name,when,much,state",
        rows: ["a,5.3.2021,\"1.234,5\",PK", "a,31.3.2021,7,DRC"],
        read: by_map_of_values,
    },
    Format {
        name: "table",
        header: "code,day,kind,dead,state",
        rows: ["x1,04.03.2021,war,5,PAK", "x2,05.03.2021,feud,1,PAK"],
        read: by_map,
    },
];

#[derive(Default)]
struct Report(String);

impl Report {
    fn add(&mut self, name: &str, outcome: Result<Outcome, Error>) {
        match outcome {
            Err(error) => {
                let _ = writeln!(self.0, "{name}\n  error: {error}");
            }
            Ok(one) => {
                let _ = writeln!(self.0, "{name}\n  kept {} from {} rows", one.kept, one.read);
                for (what, count) in one.aside {
                    let _ = writeln!(self.0, "  {what}: {count}");
                }
                for diagnostic in one.diagnostics {
                    let _ = writeln!(self.0, "  {diagnostic}");
                }
            }
        }
    }
}

fn utf16(text: &str, little: bool) -> Vec<u8> {
    let order = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
    text.encode_utf16().flat_map(order).collect()
}

/// Every format's file, damaged in the same ways.
fn damaged(format: &Format) -> Vec<(&'static str, Vec<u8>)> {
    let good = format.good();
    let first = format.header.split(',').next().unwrap_or_default();
    let doubled = good.replacen(format.header, &format!("{},{first}", format.header), 1);
    let bytes = |text: String| text.into_bytes();
    let marked = |mark: &[u8], rest: Vec<u8>| [mark, &rest].concat();
    vec![
        ("no byte", Vec::new()),
        ("blank lines only", b"\n\r\n  \n".to_vec()),
        ("a byte order mark only", b"\xef\xbb\xbf".to_vec()),
        ("a header only", bytes(format!("{}\n", format.header))),
        ("a header without its line end", bytes(format.header.to_owned())),
        ("a byte order mark", marked(b"\xef\xbb\xbf", bytes(good.clone()))),
        ("CR LF", bytes(good.replace('\n', "\r\n"))),
        ("CR", bytes(good.replace('\n', "\r"))),
        ("no last line end", bytes(good.trim_end().to_owned())),
        ("blank lines between", bytes(good.replace('\n', "\n\n"))),
        ("UTF-16, little end first", marked(b"\xff\xfe", utf16(&good, true))),
        ("UTF-16, big end first", marked(b"\xfe\xff", utf16(&good, false))),
        ("UTF-16 without a mark", utf16(&good, true)),
        ("a ZIP archive", b"PK\x03\x04\x14\x00\x00\x00".to_vec()),
        ("a Parquet file", b"PAR1\x15\x04".to_vec()),
        ("a web page", b"<!DOCTYPE html><html><body>404</body></html>".to_vec()),
        ("semicolons", bytes(good.replace(',', ";"))),
        ("tabulators", bytes(good.replace(',', "\t"))),
        ("random bytes", vec![0x9d, 0x11, 0x80, 0x7f, 0xff, 0x02]),
        ("another table", b"colour,size\nred,3\n".to_vec()),
        ("the first column misspelt", bytes(good.replacen(first, &format!("{first}e"), 1))),
        ("the first column twice", bytes(doubled)),
        ("a row cut short", bytes(good.trim_end().rsplit_once(',').expect("a comma").0.to_owned())),
        ("a field too many", bytes(format!("{},x\n", good.trim_end()))),
        ("a row of commas", bytes(format.with(&",".repeat(format.header.matches(',').count())))),
        ("a quotation left open", bytes(format!("{good}\"{}\n", format.rows[1]))),
        ("a quotation in the header left open", bytes(format!("\"{good}"))),
        ("the same row twice", bytes(format.with(format.rows[0]))),
    ]
}

#[test]
fn every_format_with_the_same_damage() {
    for format in &FORMATS {
        let mut report = Report::default();
        for (name, data) in damaged(format) {
            report.add(name, (format.read)(&data));
        }
        insta::assert_snapshot!(format!("damaged-{}", format.name), report.0);
    }
}

#[test]
fn a_row_without_end_is_refused_by_every_format() {
    for format in &FORMATS {
        let long = format!("{}\"{}\"\n", format.good(), "x".repeat(17 << 20));
        let error = (format.read)(long.as_bytes()).map(|it| it.kept).unwrap_err();
        assert!(error.is_limit(), "{}: {error}", format.name);
    }
}

#[test]
fn no_byte_of_any_format_can_be_changed_so_that_it_panics() {
    for format in &FORMATS {
        let good = format.good().into_bytes();
        for at in 0..good.len() {
            for byte in [0, b'"', b',', b'\n', b'-', 0xff] {
                let mut data = good.clone();
                data[at] = byte;
                let _ = (format.read)(&data);
            }
            let _ = (format.read)(&good[..at]);
        }
    }
}

#[test]
fn rows_that_break_a_formats_own_rules() {
    let mut report = Report::default();
    let find = |name: &str| FORMATS.iter().find(|format| format.name == name).expect("listed");
    for (format, name, row) in [
        ("wdi", "a number in words", "Pakistan,PAK,GDP (US$),NY.X,many,3"),
        ("wdi", "an infinite number", "Pakistan,PAK,GDP (US$),NY.X,inf,1e999"),
        ("wdi", "a decimal comma", "Pakistan,PAK,GDP (US$),NY.X,\"1,5\",3"),
        ("wdi", "no code", "Pakistan,,GDP (US$),NY.X,1,3"),
        ("wdi", "a note", "Last Updated: 11/13/2024,,,,,"),
        ("wgi", "a year in words", "IND,India,last,1,1,1,1,1,1,1,1"),
        ("wgi", "a year that no calendar has", "IND,India,20210,1,1,1,1,1,1,1,1"),
        ("wgi", "a standard error below zero", "IND,India,2021,1,-0.1,1,1,1,1,1,1"),
        ("wgi", "no country", ",India,2021,1,1,1,1,1,1,1,1"),
        ("vdem", "a year before there are records", "PAK,1021,Pakistan,0.3,,"),
        ("vdem", "NaN before a state exists", "XKX,1980,Kosovo,NaN,,"),
        ("vdem", "a bound in words", "XKX,1999,Kosovo,0.2,low,high"),
        ("keepiton", "a day that no month has", "2021-02-30,2021-03-01,Pakistan,Local,A"),
        ("keepiton", "an ambiguous day", "03/04/2021,,Pakistan,Local,A"),
        ("keepiton", "an end in words", "2021-05-01,after the vote,Pakistan,Local,B"),
        ("keepiton", "an end before the start", "2021-05-01,2021-04-01,Pakistan,Local,C"),
        ("keepiton", "an unknown country", "2021-05-01,2021-05-02,Atlantis,Local,D"),
        ("keepiton", "no country", "2021-05-01,2021-05-02,,Local,D"),
        ("district-indicators", "no district", "Sindh,,Poverty (%),2014,4,%,HIES"),
        ("district-indicators", "half a year", "Sindh,Thatta,Poverty (%),2014.5,4,%,HIES"),
        ("idmc", "half a person", "2010,PAK,PAK,2.5"),
        ("idmc", "a person below zero", "2010,PAK,PAK,-2"),
        ("unhcr", "no country of asylum", "2010,PAK,,2,2"),
        ("gdelt-months", "an unknown country", "PAKI,2021-03,1,1"),
        ("gdelt-months", "a month that no year has", "PAK,2021-13,1,1"),
        ("gdelt-months", "half a protest", "PAK,2021-04,1.5,1"),
        ("ucdp-dyadic", "an intensity outside its list", "1,2010,3,3,770,,770"),
        ("ucdp-dyadic", "a type outside its list", "1,2010,1,5,770,,770"),
        ("ucdp-dyadic", "a country in words", "1,2010,1,3,770,,Pakistan"),
        ("ucdp-dyadic", "no second state", "1,2010,1,2,770,,770"),
        ("observations", "no place", "a,2021,1,,,"),
        ("observations", "an unknown country", "a,2021,1,QQQ,,"),
        ("observations", "a date that is none", "a,2021-02-30,1,PAK,,"),
        ("dyad-events", "another quad class", "7,2021-03-05,IND,PAK,1,5,"),
        ("dyad-events", "a score beyond the scale", "7,2021-03-05,IND,PAK,1,4,11"),
        ("dyad-events", "a code of words of others", "7,2021-03-05,IND,PAK,\"He said: go!\",4,"),
        ("statements", "an unknown organisation", "m2,2025-05-02,org-z,c1,,,"),
        ("statements", "a sentence for a frame", "m2,2025-05-02,org-a,c1,They are to blame,,"),
        ("statements", "a name for a coder", "m2,2025-05-02,org-a,First Last,,,"),
        ("statements", "a link to a platform", "m2,2025-05-02,org-a,c1,,,https://t.me/x"),
        ("statements", "a claim in words", "m2,2025-05-02,org-a,c1,,many,"),
        ("statements", "a date that is none", "m2,2025-02-30,org-a,c1,,,"),
        ("table", "a date in another form", "x3,2021-03-05,war,1,PAK"),
        ("table", "a word that the map does not list", "x3,05.03.2021,party,1,PAK"),
        ("table", "a row to leave out", "x3,05.03.2021,vote,1,PAK"),
        ("table", "deaths below zero", "x3,05.03.2021,war,-1,PAK"),
        ("table", "an unknown country", "x3,05.03.2021,war,1,QQQ"),
    ] {
        let format = find(format);
        report.add(&format!("{}: {name}", format.name), (format.read)(format.with(row).as_bytes()));
    }
    insta::assert_snapshot!(report.0);
}

#[test]
fn gdelts_files_have_no_header_and_are_told_by_their_width() {
    let mut report = Report::default();
    let mut fields = vec![""; 58];
    for (at, value) in [
        (0, "7"),
        (1, "20210304"),
        (7, "PAK"),
        (17, "AFG"),
        (26, "190"),
        (28, "19"),
        (29, "4"),
        (30, "-10.0"),
        (31, "5"),
        (32, "1"),
        (33, "5"),
    ] {
        fields[at] = value;
    }
    let line = |changes: &[(usize, &str)]| {
        let mut fields = fields.clone();
        changes.iter().for_each(|(at, value)| fields[*at] = value);
        fields.join("\t") + "\n"
    };
    let good = line(&[]);
    let mut one = |name: &str, data: &[u8]| report.add(name, gdelt::read(data, "PAK").map(events));
    one("no byte", b"");
    one("blank lines only", b"\n\n");
    one("UTF-16", &[&b"\xff\xfe"[..], &utf16(&good, true)].concat());
    one("a ZIP archive", b"PK\x03\x04\x14\x00");
    one("a web page", b"<html>");
    one("commas", good.replace('\t', ",").as_bytes());
    one("a header", b"GLOBALEVENTID\tSQLDATE\n");
    one("CR LF", good.replace('\n', "\r\n").as_bytes());
    one("a byte order mark", format!("\u{feff}{good}").as_bytes());
    one("a row cut short", &[good.as_bytes(), &good.as_bytes()[..40]].concat());
    for (name, changes) in [
        ("no identifier", [(0, ""), (1, "20210304")]),
        ("an identifier in words", [(0, "x"), (1, "20210304")]),
        ("the same identifier", [(0, "7"), (1, "20210304")]),
        ("a day that no month has", [(0, "8"), (1, "20210230")]),
        ("a day too short", [(0, "8"), (1, "2021030")]),
        ("a code outside CAMEO", [(0, "8"), (26, "19x")]),
        ("a root outside CAMEO", [(0, "8"), (28, "21")]),
        ("another quad class", [(0, "8"), (29, "0")]),
        ("a score beyond the scale", [(0, "8"), (30, "-11")]),
        ("a score in words", [(0, "8"), (30, "bad")]),
        ("one state", [(0, "8"), (17, "PAK")]),
        ("other states", [(0, "8"), (7, "IND")]),
        ("a state unknown", [(0, "8"), (7, "")]),
        ("quotation marks are text", [(0, "8"), (6, "\"A\" b\"")]),
    ] {
        one(name, (good.clone() + &line(&changes)).as_bytes());
    }
    insta::assert_snapshot!(report.0);
}

#[test]
fn statements_as_json_lines_and_acts_that_break_a_rule() {
    let mut report = Report::default();
    let good = r#"{"id":"m1","date":"2025-05-02","organisation":"org-a","coder":"c1"}"#;
    for (name, text) in [
        ("sound", good.to_owned()),
        ("CR LF and a last line without an end", format!("{good}\r\n{}", good.replace("c1", "c2"))),
        ("cut short", format!("{good}\n{}", &good[..30])),
        ("a list", "{}\n[1, 2]".to_owned()),
        ("an empty object", "{}".to_owned()),
        ("nested without end", format!("{good}\n{{\"id\":{}", "[".repeat(100_000))),
        ("an object for a text", good.replace("\"m1\"", "{\"a\":1}")),
        ("a truth for a text", good.replace("\"m1\"", "true")),
        ("a number for a text", good.replace("\"m1\"", "5")),
        ("one object over lines", good.replace(',', ",\n")),
        ("a lone surrogate", good.replace("m1", "\\ud800")),
        ("a text in another field", good.replace("\"coder\"", "\"text\":\"Rise\",\"coder\"")),
    ] {
        report.add(&format!("JSON lines: {name}"), corpus(text.as_bytes()));
    }
    report.add("JSON lines: not UTF-8", corpus(b"{\"id\":\"\xe9\"}"));
    let header = "id,date,by,act_kind,effect,toward,places\n";
    for (name, row) in [
        ("sound", "a1,2024-02,gov,ban,tightens,org-a,X1"),
        ("an unknown actor", "a1,2024-02,who,ban,tightens,,"),
        ("an unknown target", "a1,2024-02,gov,ban,tightens,who,"),
        ("an unknown place", "a1,2024-02,gov,ban,tightens,,Z9"),
        ("an unknown effect", "a1,2024-02,gov,ban,hurts,,"),
        ("a sentence for a kind", "a1,2024-02,gov,They banned it,tightens,,"),
        ("a date that is none", "a1,2024-13,gov,ban,tightens,,"),
        ("the same identifier", "a1,2024-02,gov,ban,eases,,\na1,2024-03,gov,ban,eases,,"),
    ] {
        report.add(&format!("acts: {name}"), acts(format!("{header}{row}\n").as_bytes()));
    }
    report.add("acts: a header only", acts(header.as_bytes()));
    insta::assert_snapshot!(report.0);
}

#[test]
fn archives_that_are_damaged_are_refused() {
    let empty_archive =
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00";
    assert_eq!(unpacked(empty_archive.to_vec()).unwrap(), b"");
    for damaged in [&empty_archive[..2], &empty_archive[..12], b"\x1f\x8bnothing of the kind"] {
        assert!(unpacked(damaged.to_vec()).unwrap_err().is_form());
    }
}
