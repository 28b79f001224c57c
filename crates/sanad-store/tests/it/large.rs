//! Files of events that are read in parts: the same observatory as from reading them whole.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use sanad_store::{Error, ImportReport, Observatory, PanelRequest, Unit};

use crate::support::{
    UCDP_CANDIDATE, UCDP_PAKISTAN, contents, import_pakistan_without_figures, incoming, month,
    real, sum,
};

/// The same imports into two observatories: one reads files whole, one reads all of them in parts.
struct Both {
    folder: tempfile::TempDir,
    whole: Observatory,
    parts: Observatory,
}

impl Both {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let whole = Observatory::open_or_new(folder.path().join("whole")).unwrap();
        let parts = Observatory::open_or_new(folder.path().join("parts")).unwrap();
        Self { whole, parts: parts.with_parts_above(0), folder }
    }

    fn with_case() -> Self {
        let mut both = Self::new();
        import_pakistan_without_figures(&mut both.whole);
        import_pakistan_without_figures(&mut both.parts);
        both
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// Imports into both, and holds one against the other to the last byte.
    fn import(
        &mut self,
        import: impl Fn(&mut Observatory) -> Result<ImportReport, Error>,
    ) -> Option<ImportReport> {
        let [whole, parts] = [import(&mut self.whole), import(&mut self.parts)];
        let told = |result: &Result<ImportReport, Error>| match result {
            Ok(report) => {
                // A file that is read in parts reports no more than the first ten thousand remarks.
                let remarks = report.diagnostics.iter().take(10_000).collect::<Vec<_>>();
                format!("{:?} {:?} {remarks:?}", report.snapshot, report.replaces)
            }
            Err(error) => format!("{error} {error:?}"),
        };
        if parts.as_ref().is_ok_and(|report| report.already) {
            assert!(whole.is_ok_and(|report| report.already));
        } else {
            assert_eq!(told(&parts), told(&whole));
        }
        assert_eq!(files(self.parts.folder()), files(self.whole.folder()));
        parts.ok()
    }
}

/// The files of an observatory by their paths in it: a hash would hide which one differs.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let all = contents(folder).into_iter();
    all.map(|(path, bytes)| (path.strip_prefix(folder).unwrap().to_owned(), bytes)).collect()
}

const HEADER: &str = "id,type_of_violence,conflict_new_id,dyad_new_id,side_a_new_id,side_a,\
    side_b_new_id,side_b,where_prec,adm_1,adm_2,latitude,longitude,country,country_id,\
    date_prec,date_start,date_end,deaths_a,deaths_b,deaths_civilians,deaths_unknown,best,\
    high,low\n";

/// A table of `rows` events over twelve years in no order. Every ninth has estimates out of order, every
/// thirteenth lasts into another month, every 17th has no deaths that are a number.
fn table(rows: usize) -> String {
    let mut text = HEADER.to_owned();
    for at in 0..rows {
        let (year, month) = (2010 + at * 7 % 12, 1 + at * 5 % 12);
        let (start, end) = match at % 13 {
            0 => (format!("{year}-{month:02}-28"), format!("{}-01-02", year + 1)),
            _ => (format!("{year}-{month:02}-04"), format!("{year}-{month:02}-05")),
        };
        let low = if at % 9 == 0 { 9 } else { 1 };
        let best = if at % 17 == 0 { "many" } else { "2" };
        let (place, side) = (at % 23, at % 5);
        writeln!(
            text,
            "{at},1,1,1,{side},Forces of {side},,Band {},1,North {place},Hill,30.{place},70.5,Pakistan,\
             770,1,{start},{end},2,0,0,0,{best},3,{low}",
            at % 7
        )
        .unwrap();
    }
    text
}

#[test]
fn a_file_read_in_parts_gives_the_bytes_of_one_read_whole() {
    let mut both = Both::new();
    let path = both.write("GEDEvent_v22_1.csv", &table(3_000));
    let report = both.import(|observatory| observatory.import_ged(&incoming(&path))).unwrap();
    assert_eq!((report.snapshot.rows_read, report.snapshot.records_kept), (3_000, 2_823));
    assert_eq!(report.snapshot.diagnostics["estimate-order"], 314);
    let again = both.import(|observatory| observatory.import_ged(&incoming(&path))).unwrap();
    assert!(again.already);
}

#[test]
fn events_go_into_files_by_year_as_they_do_when_read_whole() {
    let mut both = Both::new();
    // More than go into one file, and more than one part.
    let path = both.write("events.csv", &table(150_000));
    let report = both.import(|observatory| observatory.import_ged(&incoming(&path))).unwrap();
    assert_eq!(report.snapshot.files["event"].len(), 13, "{:?}", report.snapshot.files["event"]);
    let request = PanelRequest::new(Unit::Country, month("2010-01"), month("2022-12"));
    let events =
        |observatory: &Observatory| sum(&observatory.panel(&request, 0).unwrap(), "events");
    assert_eq!(events(&both.parts), report.snapshot.records_kept as f64);
}

#[test]
fn what_only_the_whole_file_tells_is_found_in_parts_too() {
    let mut both = Both::new();
    let days = |days: &str| table(40).replace("2012-11-04,2012-11-05", days);
    for (name, text) in [
        ("doubled.csv", table(50) + &table(70)[HEADER.len()..]),
        (
            "days.csv",
            days("1/13/2012,1/14/2012").replace("2013-10-04,2013-10-05", "3/2/2013,3/2/2013"),
        ),
        ("unsettled.csv", days("1/2/2012,1/3/2012")),
        ("contradiction.csv", days("1/13/2012,13/1/2012").replace("2013-10-04", "14/2/2013")),
        ("semicolons.csv", table(40).replace(',', ";")),
        ("nothing.csv", table(40).replace(",1,1,1,", ",7,1,1,")),
        ("header.csv", HEADER.to_owned()),
        ("other.csv", "colour,size\nred,3\n".to_owned()),
        ("open.csv", table(40) + "41,1,\"never closed\n"),
    ] {
        let path = both.write(name, &text);
        both.import(|observatory| observatory.import_ged(&incoming(&path)));
    }
    assert_eq!(both.parts.snapshots().len(), 5, "four of them are no such files");
}

#[test]
fn publishers_files_give_the_same_bytes_in_parts() {
    let mut both = Both::new();
    for file in [UCDP_PAKISTAN, UCDP_CANDIDATE] {
        let Some(path) = real(file) else { return };
        let report = both.import(|observatory| observatory.import_ged(&incoming(&path))).unwrap();
        assert!(report.snapshot.records_kept > 2_000);
    }
}

/// A map of a table of events that names sides, means and places.
const MAP: &str = "kind = \"events\"\n\
    source = { id = \"own\", title = \"O\", citation = \"O\", licence = \"CC0-1.0\", url = \"\" }\n\
    columns = { id = \"code\", date_start = \"day\", type_of_violence = \"kind\", best = \"dead\", \
    side_a = \"who\", latitude = \"lat\", longitude = \"lon\", means = \"how\" }\n\
    fixed = { iso3 = \"PAK\", where_prec = \"1\" }\n";

/// A table for [`MAP`]. Its sides are `names`, in turn.
fn mapped(rows: usize, names: [&str; 3]) -> String {
    let mut text = "code,day,kind,dead,who,lat,lon,how\n".to_owned();
    for at in 0..rows {
        let (name, year, north) = (names[at % 3], 2005 + at % 9, at % 4);
        writeln!(text, "x{at},{year}-03-04,1,{},{name},3{north}.5,70.25,drone", at % 6).unwrap();
    }
    text
}

#[test]
fn a_table_by_a_map_read_in_parts_gives_the_bytes_of_one_read_whole() {
    let mut both = Both::with_case();
    let map = both.write("map.toml", MAP);
    let gone = both.write("gone.txt", "x7\nx9\n");
    // A name that the case gives to an organisation.
    let known = "government of pakistan";
    for (name, text, deletions) in [
        ("plain.csv", mapped(90, ["A", "B", "Nobody"]), None),
        ("numbered.csv", mapped(90, [known, "B", ""]), Some(&gone)),
        // The only row that names an organisation of the case is left out.
        (
            "left-out.csv",
            mapped(90, ["A", "B", "C"]) + &format!("y,2005-03-04,8,1,{known},30,70,\n"),
            None,
        ),
        ("doubled.csv", mapped(90, ["A", known, "C"]) + "x3,2005-03-04,1,1,A,30,70,laser\n", None),
        (
            "aside.csv",
            "code,day,kind,dead,who,lat,lon,how\nx7,2005-03-04,1,1,A,30,70,\n".to_owned(),
            Some(&gone),
        ),
        ("strange.csv", "code,day\nx7,2005-03-04\n".to_owned(), None),
    ] {
        let path = both.write(name, &text);
        let deletions = deletions.map(PathBuf::as_path);
        let report =
            both.import(|observatory| observatory.import_table(&incoming(&path), &map, deletions));
        let Some(report) = report else { continue };
        let is_numbered = report.snapshot.settings.contains(" sides ");
        assert_eq!(is_numbered, ["numbered.csv", "doubled.csv"].contains(&name), "{name}");
        let again =
            both.import(|observatory| observatory.import_table(&incoming(&path), &map, deletions));
        assert!(again.unwrap().already, "{name}");
    }
    assert_eq!(both.parts.newest("table-events", None).unwrap().source.id, "own");
}

#[test]
fn a_file_that_is_refused_leaves_the_observatory_as_it_was() {
    let mut both = Both::new();
    let path = both.write("good.csv", &table(200));
    both.import(|observatory| observatory.import_ged(&incoming(&path)));
    let before = files(both.parts.folder());
    let strict = both.write("strict.csv", &table(300));
    let file = sanad_store::ImportFile { strict: true, ..incoming(&strict) };
    let error = both.parts.import_ged(&file).unwrap_err();
    assert!(matches!(error, Error::Strict { count: 50, .. }), "{error:?}");
    let cut = both.write("cut.csv", &(table(300) + &"x".repeat(17 << 20)));
    both.parts.import_ged(&incoming(&cut)).unwrap_err();
    assert_eq!(files(both.parts.folder()), before);
}

#[test]
fn a_damaged_file_of_a_large_import_is_written_again() {
    let mut both = Both::new();
    let path = both.write("good.csv", &table(400));
    both.import(|observatory| observatory.import_ged(&incoming(&path)));
    let good = files(both.parts.folder());
    let (damaged, _) = good.iter().find(|(path, _)| path.starts_with("records/spread")).unwrap();
    fs::write(both.parts.folder().join(damaged), "gone").unwrap();
    let mut opened = Observatory::open(both.parts.folder()).unwrap().with_parts_above(0);
    let report = opened.import_ged(&incoming(&path)).unwrap();
    assert_eq!(report.restored, std::slice::from_ref(damaged));
    assert_eq!(fs::read(opened.folder().join(damaged)).unwrap(), good[damaged]);
}

#[test]
fn a_corrected_card_of_a_large_file_takes_the_place_of_the_one_before() {
    let mut both = Both::new();
    let path = both.write("good.csv", &table(200));
    for title in ["First", "Second", "Second"] {
        let card = both.write("card.toml", &format!("title = \"{title}\"\n"));
        both.import(|observatory| {
            observatory
                .import_ged(&sanad_store::ImportFile { card: Some(&card), ..incoming(&path) })
        });
    }
    assert_eq!(both.parts.snapshots().len(), 1);
    assert_eq!(both.parts.snapshots()[0].source.title, "Second");
}
