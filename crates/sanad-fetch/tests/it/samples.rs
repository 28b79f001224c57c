//! Answers that were written down from the publishers' own: they lie outside of the repository and are
//! looked for next to it. Each of them has an invented counterpart in the other tests.

use std::fs;
use std::path::Path;

use sanad_fetch::{Envelope, Expectation, FileKind, Next, PageProblem, Start, look_at_start};

fn sample(name: &str) -> Option<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/publishers");
    let bytes = fs::read(folder.join(name)).ok();
    if bytes.is_none() {
        eprintln!("skipped: {name} is not there; it is not part of the repository");
    }
    bytes
}

#[test]
fn pages_as_publishers_send_them_are_read() {
    for (name, envelope, rows, next, total) in [
        ("ucdp-api-page.json", Envelope::Ucdp, 2, Some("page=1"), Some(3)),
        ("ucdp-api-last-page.json", Envelope::Ucdp, 1, None, Some(3)),
        ("ucdp-api-empty.json", Envelope::Ucdp, 0, None, Some(0)),
        ("worldbank-last-page.json", Envelope::WorldBank, 1, None, Some(3)),
        ("worldbank-no-data.json", Envelope::WorldBank, 0, None, Some(0)),
        ("idmc-gidd-displacements.json", Envelope::Idmc, 2, None, Some(2)),
        ("views-cm-sb.json", Envelope::Views, 2, Some("page=2"), Some(3)),
        ("dtm-admin1.json", Envelope::Dtm, 1, None, None),
        ("ioda-events.json", Envelope::Ioda, 1, None, None),
        ("ioda-signals.json", Envelope::Ioda, 1, None, None),
    ] {
        let Some(bytes) = sample(name) else { continue };
        let page = envelope.read(&bytes, 0).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        assert_eq!((page.rows.len(), page.total), (rows, total), "{name}");
        match (next, page.next) {
            (None, Next::End) => {}
            (Some(end), Next::Address(address)) => assert!(address.ends_with(end), "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
    for (name, envelope) in [
        ("worldbank-page.json", Envelope::WorldBank),
        ("unhcr-population.json", Envelope::Unhcr),
        ("acled-read.json", Envelope::Acled),
    ] {
        let Some(bytes) = sample(name) else { continue };
        assert_eq!(envelope.read(&bytes, 1).unwrap().next, Next::Number(2), "{name}");
    }
}

#[test]
fn errors_as_publishers_send_them_are_no_pages() {
    for (name, envelope) in [
        ("worldbank-error-http200.json", Envelope::WorldBank),
        ("worldbank-archived-http200.json", Envelope::WorldBank),
        ("idmc-403.json", Envelope::Idmc),
        ("acled-read-403.json", Envelope::Acled),
        ("acled-token-400.json", Envelope::Acled),
        ("dtm-401.json", Envelope::Dtm),
    ] {
        let Some(bytes) = sample(name) else { continue };
        let problem = envelope.read(&bytes, 0).unwrap_err();
        assert!(matches!(problem, PageProblem::Refused(_)), "{name}: {problem}");
    }
    for name in
        ["ucdp-api-401.txt", "ucdp-api-400-throttled.txt", "worldbank-per_page-too-big.html"]
    {
        let Some(bytes) = sample(name) else { continue };
        assert!(matches!(Envelope::Ucdp.read(&bytes, 0), Err(PageProblem::NotJson(_))), "{name}");
    }
}

#[test]
fn what_is_no_data_is_seen_in_the_samples() {
    let table = Expectation { kind: FileKind::Csv, ..Expectation::default() };
    for name in [
        "dataverse-403.html",
        "dtm-403-useragent.html",
        "worldbank-per_page-too-big.html",
        "idmc-403.json",
    ] {
        let Some(bytes) = sample(name) else { continue };
        assert!(matches!(look_at_start(&bytes, &table), Start::Strange(_)), "{name}");
    }
    for name in [
        "GEDEvent_v99_0_2.csv",
        "GEDEvent_v99_0_3-noheader.csv",
        "GEDEvent_v99_01_99_03.csv",
        "hdx-hxl-row.csv",
        "unhcr-population-old-preamble.csv",
    ] {
        let Some(bytes) = sample(name) else { continue };
        assert_eq!(look_at_start(&bytes, &table), Start::Sound, "{name}");
    }
    if let Some(bytes) = sample("geoboundaries-lfs-pointer.txt") {
        assert!(matches!(look_at_start(&bytes, &table), Start::Pointer(_)));
    }
}

#[test]
fn files_of_events_as_publishers_send_them_are_taken() {
    use crate::server::{Reply, Server};
    use crate::support::{Lab, catalogue};
    let columns = "[source.expected]\nkind = \"csv\"\ncolumns = [\"id\", \"date_end\", \"best\"]\nfields = 49\n";
    for (name, words) in [
        ("GEDEvent_v99_0_2.csv", None),
        ("GEDEvent_v99_01_99_03.csv", Some("byte-order mark")),
        ("GEDEvent_v99_0_3-noheader.csv", Some("has no header")),
        ("GEDEvent_v99_1.csv", None),
    ] {
        let Some(bytes) = sample(name) else { continue };
        let server = Server::start(move |_| Reply::ok(bytes.clone()));
        let (row, _) = Lab::new().had(&catalogue(&server.url(&format!("/{name}")), columns, ""));
        assert_eq!(row.notes.len(), usize::from(words.is_some()), "{name}: {:?}", row.notes);
        assert!(words.is_none_or(|words| row.notes[0].contains(words)), "{name}: {:?}", row.notes);
    }
}

#[test]
fn lists_as_publishers_send_them_are_read() {
    use crate::support::listed;
    let base = url::Url::parse("https://ucdp.uu.se/downloads/").unwrap();
    for (name, lookup, versions) in [
        (
            "ucdp-downloads-page.html",
            "kind = \"ucdp-links\"\npattern = \"/candidateged/GEDEvent_v{version}.csv\"\nfinals = \"/ged/ged{version}-csv.zip\"\n",
            &["99.01.99.03", "99.0.4"][..],
        ),
        (
            "views-runs.json",
            "kind = \"runs\"\ndownload = \"https://x/{run}\"\n",
            &["fatalities903_2098_12_t01"],
        ),
        ("geoboundaries.json", "kind = \"geoboundaries\"\n", &["EXL-ADM1-00000001"]),
        (
            "dataverse-dataset.json",
            "kind = \"dataverse\"\nfile = \"ngecEvents.*.DV.txt\"\ndownload = \"https://x/{id}\"\n",
            &["2099-01-03"],
        ),
    ] {
        let Some(bytes) = sample(name) else { continue };
        let text = listed(&format!("[source.lookup]\nurl = \"https://x/\"\n{lookup}"));
        let catalogue = sanad_fetch::Catalogue::parse(&text).unwrap();
        let (data_set, _) = catalogue.find("s").unwrap();
        let found = data_set.lookup.as_ref().unwrap().read(&bytes, &base, &str::to_owned).unwrap();
        let found: Vec<&str> =
            found.iter().filter_map(|listed| listed.version.as_deref()).collect();
        assert_eq!(found, versions, "{name}");
    }
}

#[test]
fn lists_of_sums_as_publishers_send_them_are_read() {
    use crate::support::listed;
    let base = url::Url::parse("http://data.gdeltproject.org/").unwrap();
    for (name, lookup) in [
        ("gdelt-lastupdate.txt", "kind = \"listing\"\nsuffix = \".export.CSV.zip\"\n"),
        (
            "gdelt-v1-md5sums.txt",
            "kind = \"checksums\"\nfile = \"*.export.CSV.zip\"\ndownload = \"http://x/{name}\"\n",
        ),
        ("hdx-package_show.json", "kind = \"ckan\"\nresource = \"conflict_data_exl.csv\"\n"),
        (
            "hdx-cod-ab-package_show.json",
            "kind = \"ckan\"\nresource = \"exl_admin_boundaries.geojson.zip\"\n",
        ),
    ] {
        let Some(bytes) = sample(name) else { continue };
        let text = listed(&format!("[source.lookup]\nurl = \"https://x/\"\n{lookup}"));
        let catalogue = sanad_fetch::Catalogue::parse(&text).unwrap();
        let (data_set, _) = catalogue.find("s").unwrap();
        let found = data_set.lookup.as_ref().unwrap().read(&bytes, &base, &str::to_owned).unwrap();
        assert_eq!(found.len(), 1, "{name}");
        let is_sum = name.starts_with("gdelt");
        assert_eq!(found[0].md5.is_some(), is_sum, "{name}");
        assert_eq!(found[0].licence.is_some(), !is_sum, "{name}");
    }
}
