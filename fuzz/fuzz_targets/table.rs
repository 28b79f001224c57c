//! Any table by a map, the plain forms it is turned into, lists of deletions, and country-months:
//! no panic, and rows of records and remarks are rows of the file. The input is a map, a line of
//! three dashes, and a table; without the line, a table for the maps that are fixed here.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use sanad_core::chronicle::KnownIds;
use sanad_source::table::{Map, Records, read, read_deletions};
use sanad_source::{country_months, plain};

const ACLED: &str = include_str!("../../maps/acled.toml");
const EVENTS: &str = "kind = \"events\"
date_forms = [\"%d.%m.%Y\", \"%d %B %Y\"]
source = { id = \"x\", title = \"\", citation = \"\", licence = \"\", url = \"\" }
columns = { id = \"a\", date_start = \"b\", type_of_violence = \"c\", best = \"d\", country = \"e\" }
deleted = { column = \"e\", words = [\"gone\"] }
";
const VALUES: &str = "kind = \"observations\"
source = { id = \"x\", title = \"\", citation = \"\", licence = \"\", url = \"\" }
columns = { indicator = \"a\", date = \"b\", value = \"c\", adm2 = \"d\", standard_error = \"e\" }
scale = { value = 0.01 }
";
const COMMAS: &str = "kind = \"observations\"
decimal = \",\"
thousands = \".\"
date_forms = [\"%d/%m/%Y\", \"%m/%d/%Y\"]
source = { id = \"x\", title = \"\", citation = \"\", licence = \"\", url = \"\" }
columns = { indicator = \"a\", date = \"b\", value = \"c\", country = \"d\", low = \"e\" }
";
const HEADER: &[u8] = b"a,b,c,d,e\n";
const MONTHS: &[u8] = b"country_iso3,year_month,ucdp_event_count,ucdp_fatalities_best,\
ucdp_fatalities_high,ucdp_civilian_deaths,ucdp_state_based_events,ucdp_non_state_events,\
ucdp_one_sided_events\n";

fn by_map(map: &str, data: &[u8], known: &KnownIds) {
    let Ok(map) = Map::parse(map) else { return };
    let deletions: BTreeSet<String> = ["7".to_owned()].into();
    let Ok(table) = read(data, &map, &deletions, known, "PAK") else { return };
    // Lines above the header and a row of tags are rows of the file as well.
    let last = data.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u64 + 1;
    assert!(table.rows_read <= last);
    let rows = 2..=last;
    assert!(table.diagnostics.iter().all(|remark| rows.contains(&remark.row)));
    let of_records: Vec<u64> = match &table.records {
        Records::Events(ged) => ged.events.row.iter().map(|&row| row.into()).collect(),
        Records::Observations(all) => all.observations.iter().map(|it| it.source_row).collect(),
        Records::Statements(all) => all.statements.iter().map(|it| it.source_row).collect(),
        Records::Acts(all) => all.rows.clone(),
        Records::Dyads(all) => all.events.iter().map(|it| it.source_row).collect(),
    };
    assert!(of_records.iter().all(|row| rows.contains(row)));
    assert!(of_records.is_sorted());
}

fuzz_target!(|data: &[u8]| {
    let known = KnownIds {
        actors: ["a".to_owned()].into(),
        places: ["p".to_owned()].into(),
        ..KnownIds::default()
    };
    let parts = core::str::from_utf8(data).ok().and_then(|text| text.split_once("\n---\n"));
    if let Some((map, table)) = parts {
        by_map(map, table.as_bytes(), &known);
        return;
    }
    by_map(ACLED, data, &known);
    let table = [HEADER, data].concat();
    by_map(EVENTS, &table, &known);
    by_map(VALUES, &table, &known);
    by_map(COMMAS, &table, &known);
    let _ = read_deletions(data, "a");
    let _ = plain::read_acts(data, &known);
    let _ = plain::read_observations(data, "");
    if let Ok(read) = country_months::read(&[MONTHS, data].concat()[..]) {
        assert_eq!(read.rows_read, (read.months.len() + read.diagnostics.len()) as u64);
    }
});
