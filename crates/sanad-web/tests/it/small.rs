//! A small country with two districts and a handful of events, for what asks for every page.

use std::fs;
use std::path::Path;

use sanad_store::{ImportFile, Observatory};

use crate::support::day;

/// The small country that tests of the program use too.
macro_rules! small_case {
    ($file:literal) => {
        include_str!(concat!("../../../sanad-cli/tests/data/small/", $file))
    };
}

/// Where the places lie, for maps: the province, and both districts.
const POINTS: [(&str, f64, f64); 3] =
    [("North", 31.0, 70.0), ("Hill", 31.5, 70.5), ("Vale", 30.5, 70.0)];

/// The places with their points.
fn places() -> String {
    POINTS.iter().fold(small_case!("places.toml").to_owned(), |places, (name, lat, lon)| {
        let line = format!("name = \"{name}\"\n");
        places.replace(&line, &format!("{line}latitude = {lat:?}\nlongitude = {lon:?}\n"))
    })
}

const HEADER: &str = "id,type_of_violence,conflict_new_id,dyad_new_id,side_a_new_id,side_a,side_b_new_id,side_b,\
                      where_prec,adm_1,adm_2,latitude,longitude,country,country_id,date_prec,date_start,date_end,\
                      deaths_a,deaths_b,deaths_civilians,deaths_unknown,best,high,low";

/// A file of events: one in each of so many months from January 2019 on, by turns in both districts,
/// with so many deaths more than the month's number.
pub(crate) fn events(months: u32, more: u32) -> String {
    let mut text = format!("{HEADER}\n");
    for number in 0..months {
        let (year, month) = (2019 + number / 12, number % 12 + 1);
        let district = if number % 2 == 0 { "Hill" } else { "Vale" };
        let deaths = number % 5 + more;
        text.push_str(&format!(
            "{},1,404,854,141,Government of X,325,Some organisation,1,North,{district},30.5,70.5,X,770,1,\
             {year}-{month:02}-04,{year}-{month:02}-05,0,{deaths},0,0,{deaths},{},{deaths}\n",
            1000 + number,
            deaths + 2,
        ));
    }
    text
}

/// Writes the case into a folder: under a title that has to be escaped, and with the number that the
/// events have for its government.
fn write_case(folder: &Path) {
    let case = small_case!("case.toml").replace("title = \"X\"", "title = \"North & South\"");
    let actors = format!("{}ucdp_ids = [141]\n", small_case!("actors.toml"));
    for (file, text) in [("case.toml", case), ("places.toml", places()), ("actors.toml", actors)] {
        fs::write(folder.join(file), text).unwrap();
    }
}

/// An observatory of the small country with a release of 2021, in a new folder.
pub(crate) fn observatory() -> (Observatory, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("case");
    fs::create_dir_all(&case).unwrap();
    write_case(&case);
    let mut observatory = Observatory::open_or_new(folder.path().join("o")).unwrap();
    observatory.import_case(&case, false, day()).unwrap();
    import(&mut observatory, folder.path(), "GEDEvent_v22_1.csv", &events(36, 0));
    (observatory, folder)
}

/// Imports a release of the events.
pub(crate) fn import(observatory: &mut Observatory, folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    let file = ImportFile {
        path: &path,
        card: None,
        strict: false,
        today: day(),
        progress: &sanad_core::Silent,
    };
    observatory.import_ged(&file).unwrap();
}
