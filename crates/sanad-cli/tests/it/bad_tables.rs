//! Tables of indicators, events between states and statements that are not as their publishers
//! made them: what the program says, its exit code, and an observatory that stays as it was.

use crate::support::{Lab, OBSERVATORY};

/// Format, a sound file of it, and a row that is at fault.
pub(crate) const FORMATS: [(&str, &str, &str); 15] = [
    (
        "wdi",
        "Country Name,Country Code,Series Name,Series Code,2010 [YR2010]\nPakistan,PAK,GDP (US$),X,1\n",
        "World,,GDP (US$),X,many",
    ),
    (
        "wgi",
        "code,countryname,year,vae,vas,pve,gee,rqe,rle,cce\nPAK,Pakistan,2021,1,0.1,1,1,1,1,1\n",
        "IND,India,last,1,0.1,1,1,1,1,1",
    ),
    ("vdem", "country_text_id,year,v2x_a\nPAK,2021,0.3\n", "PAK,20211,0.3"),
    (
        "keepiton",
        "start_date,end_date,country,area_name\n2021-04-16,2021-04-17,Pakistan,All\n",
        "2021-02-30,,Atlantis,All",
    ),
    (
        "district-indicators",
        "province,district,indicator,year,value\nNorth,Hill,Poverty,2014,14\n",
        "North,,Poverty,2014,14",
    ),
    ("idmc", "year,coo_iso,coa_iso,total\n2010,PAK,PAK,5\n", "2010,PAK,IND,2.5"),
    ("unhcr", "year,coo_iso,coa_iso,refugees\n2010,PAK,AFG,5\n", "2010,PAK,,5"),
    (
        "ucdp-dyadic",
        "dyad_id,year,intensity_level,type_of_conflict,gwno_a,gwno_b,gwno_loc\n1,2010,1,3,770,,770\n",
        "1,2011,7,3,770,,770",
    ),
    ("gdelt-months", "country_iso3,year_month,gdelt_mean\nPAK,2021-03,1\n", "PAK,2021-13,1"),
    (
        "country-months",
        "country_iso3,year_month,ucdp_event_count,ucdp_fatalities_best,ucdp_fatalities_high,\
         ucdp_civilian_deaths,ucdp_state_based_events,ucdp_non_state_events,ucdp_one_sided_events\n\
         PAK,2021-03,1,1,1,1,1,0,0\n",
        "PAK,2021-04,-1,1,1,1,1,0,0",
    ),
    ("observations", "indicator,date,value,iso3\na,2021,1,PAK\n", "a,2021-02-30,1,PAK"),
    (
        "dyad-events",
        "id,date,source_iso3,target_iso3,code,quad_class\n1,2021-03-04,XXX,IND,190,4\n",
        "2,2021-03-04,XXX,IND,190,9",
    ),
    ("statements", "id,date,organisation,coder\nm1,2025-05-02,gov,c1\n", "m1,2025-05-02,who,c2"),
    ("table", "code,day,kind,dead,state\nx1,2021-03-04,1,5,PAK\n", "x2,2021-03-04,9,5,PAK"),
    ("gdelt", "", ""),
];

pub(crate) const MAP: &str = "kind = \"events\"\n\
    source = { id = \"own\", title = \"Own\", citation = \"Own\", licence = \"CC0-1.0\", url = \"\" }\n\
    columns = { id = \"code\", date_start = \"day\", type_of_violence = \"kind\", best = \"dead\", \
    iso3 = \"state\" }\n";

/// A GDELT row about the case's state and another.
fn gdelt(id: &str, day: &str) -> String {
    let mut fields = vec![""; 58];
    for (at, value) in [
        (0, id),
        (1, day),
        (7, "XXX"),
        (17, "IND"),
        (26, "190"),
        (28, "19"),
        (29, "4"),
        (30, "-10"),
        (31, "5"),
        (32, "1"),
        (33, "5"),
    ] {
        fields[at] = value;
    }
    fields.join("\t") + "\n"
}

pub(crate) fn sound(format: &str, text: &str) -> String {
    if format == "gdelt" { gdelt("1", "20210304") } else { text.to_owned() }
}

/// The command that imports a file of a format.
pub(crate) fn import<'a>(format: &'a str, file: &'a str) -> Vec<&'a str> {
    let mut words = vec!["import", format, file, "--observatory", OBSERVATORY];
    if format == "table" {
        words.extend(["--map", "map.toml"]);
    }
    words
}

#[test]
fn files_of_another_kind_are_refused_by_every_format() {
    let lab = Lab::new();
    lab.write("map.toml", MAP);
    for (format, text, _) in FORMATS {
        let text = sound(format, text);
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let header = text.lines().next().unwrap_or_default().to_owned() + "\n";
        for (fault, bytes) in [
            ("empty", Vec::new()),
            ("other", b"colour,size\nred,3\n".to_vec()),
            ("utf16", [&b"\xff\xfe"[..], &utf16].concat()),
            ("gzip-cut", b"\x1f\x8b\x08\x00\x00\x00\x00\x00".to_vec()),
            ("header-only", header.into_bytes()),
        ] {
            if fault == "header-only" && format == "gdelt" {
                continue;
            }
            lab.write("bad.csv", bytes);
            lab.refused(&format!("{format}-{fault}"), &import(format, "bad.csv"));
        }
    }
}

#[test]
fn a_row_at_fault_is_told_and_the_others_are_kept() {
    for (format, text, row) in FORMATS {
        let lab = Lab::new();
        let bad = match format {
            "gdelt" => gdelt("1", "20210304") + &gdelt("2", "20210230"),
            _ => format!("{text}{row}\n"),
        };
        lab.write("bad.csv", bad);
        lab.write("map.toml", MAP);
        let options = if format == "table" { &["--map", "map.toml"][..] } else { &[] };
        lab.noted_with(&format!("{format}-row"), format, "bad.csv", options);
    }
}

#[test]
fn what_needs_a_case_says_so_where_there_is_none() {
    let lab = Lab::bare();
    for (format, text, _) in FORMATS {
        if ["gdelt", "dyad-events", "statements", "country-months"].contains(&format) {
            lab.write("good.csv", sound(format, text));
            lab.refused(&format!("{format}-without-case"), &import(format, "good.csv"));
        }
    }
}

#[test]
fn maps_that_are_at_fault_are_refused() {
    let lab = Lab::new();
    lab.write("good.csv", "code,day,kind,dead,state\nx1,2021-03-04,1,5,PAK\n");
    let words = import("table", "good.csv");
    lab.refused("map-missing", &words);
    for (name, map) in [
        ("map-empty", String::new()),
        ("map-not-toml", "kind = \n".to_owned()),
        ("map-unknown-field", MAP.replace("best", "deaths")),
        ("map-lacks-field", MAP.replace("best = \"dead\", ", "")),
        ("map-unknown-key", format!("{MAP}colums = {{}}\n")),
        ("map-other-columns", MAP.replace("\"dead\"", "\"deaths\"")),
        ("map-not-text", "\u{0}".to_owned()),
    ] {
        lab.write("map.toml", map);
        lab.refused(name, &words);
    }
    lab.write("map.toml", MAP);
    lab.refused("map-none", &["import", "table", "good.csv", "--observatory", OBSERVATORY]);
    let gone = [&words[..], &["--deletions", "gone.csv"]].concat();
    lab.refused("map-no-deletions", &gone);
    lab.refused(
        "vdem-columns-unknown",
        &["import", "vdem", "good.csv", "--columns", "v2x_z", "--observatory", OBSERVATORY],
    );
}
