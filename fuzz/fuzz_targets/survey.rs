//! Maps of surveys and respondents by them: no panic, nothing under ten comes out, intervals hold their values,
//! and nothing that is said repeats a cell. The input is a map, a line of three dashes, and a table; without
//! the line, a table for the map that is fixed here.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sanad_source::survey::{FEWEST_RESPONDENTS, SurveyMap, read};

const MAP: &str = "missing = [\"9\"]
source = { id = \"x\", title = \"\", citation = \"\", licence = \"\", url = \"\" }
sample = { weight = \"w\", strata = [\"s\"], cluster = \"c\" }
time = { column = \"t\" }
[place]
iso3 = \"PAK\"
column = \"p\"
level = \"adm1\"
names = { 1 = \"One\", 2 = \"Two\", 3 = \"Three\" }
[[share]]
id = \"s\"
title = \"s\"
column = \"a\"
answers = [\"1\", \"2\", \"3\"]
counts = [\"1\"]
[[mean]]
id = \"m\"
title = \"m\"
column = \"a\"
answers = { 1 = 1.0, 2 = 2.5, 3 = -7.0 }
[[list]]
id = \"l\"
title = \"l\"
column = \"a\"
treatment = \"b\"
control = \"1\"
treated = \"2\"
control_items = 2
[[endorsement]]
id = \"e\"
title = \"e\"
endorsers = { g = \"G\", h = \"H\" }
answers = [\"1\", \"2\", \"3\"]
[[endorsement.question]]
id = \"q\"
column = \"a\"
treatment = \"b\"
control = \"1\"
arms = { g = \"2\", h = \"3\" }
";
const HEADER: &[u8] = b"w,s,c,p,t,a,b\n";

fn by_map(map: &str, data: &[u8]) {
    let Ok(mut map) = SurveyMap::parse(map) else { return };
    // Sampling a model takes too long here.
    map.endorsements.iter_mut().for_each(|design| design.model = false);
    let Ok(series) = read(data, &map) else { return };
    assert_eq!(read(data, &map).ok().as_ref(), Some(&series));
    for one in &series.observations {
        assert!(one.value.is_finite());
        assert_eq!(one.source_row, 0);
        if one.indicator.ends_with(".respondents") {
            assert!(one.value >= FEWEST_RESPONDENTS as f64);
        } else {
            let bounds = one.low.zip(one.high);
            assert!(bounds.is_some_and(|(low, high)| low <= one.value && one.value <= high));
        }
    }
    // Words of the table never come out: those here are made of letters that no message of the reader has.
    for remark in &series.diagnostics {
        assert!(!remark.found.contains("zqx"));
        assert!(remark.found.len() < 60);
    }
}

fuzz_target!(|data: &[u8]| {
    let parts = core::str::from_utf8(data).ok().and_then(|text| text.split_once("\n---\n"));
    match parts {
        Some((map, table)) => by_map(map, table.as_bytes()),
        None => by_map(MAP, &[HEADER, data].concat()),
    }
});
