//! The hand-written files of a case.

use std::collections::BTreeSet;

use proptest::prelude::*;
use sanad_case::{Chronicle, read_actors, read_case, read_chronicle, read_codebook, read_places};
use sanad_core::chronicle::KnownIds;
use sanad_core::chronicle::{ActEffect, Detail, EventDetail};
use sanad_core::diagnostic::Issue;
use sanad_core::event::Means;

use crate::data;

const ENTRIES: &str = r#"
[[tie]]
id = "t1"
when = "2018"
paragraph = 3
summary = "Two organisations ally."
a = "x"
b = "y"
tie_kind = "alliance"
until = "2020-05"

[[event]]
id = "e1"
when = "2025-08-21/2025-08-31"
paragraph = 1
footnotes = [1, 2]
summary = "An attack."
places = ["PK5"]
actors = ["x", "y"]
fronts = ["regional"]
event_kind = "attack"
side_a = "x"
deaths_best = 3

[[observation]]
id = "o1"
when = "2025"
paragraph = 2
summary = "Families are displaced."
indicator = "families_displaced"
value = 1000
unit = "families"
comparator = "over"
"#;

fn known() -> KnownIds {
    KnownIds {
        places: ["PK5".to_owned()].into(),
        actors: ["x".to_owned(), "y".to_owned()].into(),
        ..KnownIds::default()
    }
}

fn read(text: &str) -> Chronicle {
    read_chronicle(text, &known()).unwrap()
}

#[test]
fn entries_of_all_kinds_come_in_the_order_of_the_file() {
    let chronicle = read(ENTRIES);
    assert_eq!(chronicle.diagnostics, []);
    let kinds: Vec<&str> = chronicle.records.iter().map(|record| record.detail.kind()).collect();
    assert_eq!(kinds, ["tie", "event", "observation"]);
    let Detail::Observation(observation) = &chronicle.records[2].detail else { panic!() };
    assert_eq!((observation.value, observation.low), (1000.0, None));
    let when = chronicle.records[1].entry.when;
    assert_eq!(when.to_string(), "2025-08-21/2025-08-31");
}

#[test]
fn an_entry_that_cannot_be_a_record_leaves_the_others_alone() {
    for (good, bad, issue, column, line) in [
        ("paragraph = 3", "paragraf = 3", Issue::Missing, "paragraph", 2),
        ("until = \"2020-05\"", "untill = \"2020\"", Issue::UnknownCode, "untill", 10),
        ("2020-05", "2020-13", Issue::BadDate, "until", 10),
        ("\"2018\"", "\"soon\"", Issue::BadDate, "when", 4),
        ("\"2018\"", "\"2018/2017\"", Issue::Backwards, "when", 4),
        ("\"2018\"", "2018", Issue::WrongType, "when", 4),
        ("\"alliance\"", "\"friends\"", Issue::UnknownCode, "tie_kind", 9),
        ("a = \"x\"", "a = \"z\"", Issue::UnknownReference, "a", 2),
        ("paragraph = 3", "paragraph = -3", Issue::WrongType, "paragraph", 5),
        (
            "paragraph = 3",
            "paragraph = 3\nplaces = [\"PK9\"]",
            Issue::UnknownReference,
            "places",
            2,
        ),
        ("paragraph = 3", "paragraph = 3\nfronts = [\"east\"]", Issue::UnknownCode, "fronts", 6),
    ] {
        let chronicle = read(&ENTRIES.replacen(good, bad, 1));
        assert_eq!((chronicle.records.len(), chronicle.entries_read), (2, 3), "{bad}");
        let [diagnostic] = &chronicle.diagnostics[..] else {
            panic!("{:?}", chronicle.diagnostics)
        };
        assert_eq!(
            (diagnostic.issue, diagnostic.column.as_str(), diagnostic.row),
            (issue, column, line),
            "{bad}: {diagnostic}"
        );
        assert!(!diagnostic.kept);
    }
}

#[test]
fn means_of_attack_come_from_a_closed_list_and_go_back_into_a_file_as_they_came() {
    let coded = |means: &str| read(&ENTRIES.replace("deaths_best = 3", means));
    let chronicle = coded("means = [\"suicide\", \"explosive\", \"suicide\"]");
    let Detail::Event(event) = &chronicle.records[1].detail else { panic!() };
    assert_eq!(event.means, BTreeSet::from([Means::Explosive, Means::Suicide]));
    let written = toml::to_string(event).unwrap();
    assert!(written.contains("means = [\"explosive\", \"suicide\"]"), "{written}");
    assert_eq!(toml::from_str::<EventDetail>(&written).unwrap(), *event);
    let Detail::Event(silent) = &coded("deaths_best = 3").records[1].detail else { panic!() };
    assert!(silent.means.is_empty() && !toml::to_string(silent).unwrap().contains("means"));
    let refused = coded("means = [\"explosive\", \"bombs\"]");
    let [diagnostic] = &refused.diagnostics[..] else { panic!("{:?}", refused.diagnostics) };
    assert_eq!((refused.records.len(), diagnostic.issue), (2, Issue::UnknownCode));
    assert_eq!((diagnostic.column.as_str(), diagnostic.found.as_str()), ("means", "bombs"));
    assert!(diagnostic.expected.contains("explosive, suicide, drone"), "{diagnostic}");
}

#[test]
fn the_shipped_chronicle_codes_means_only_where_the_text_or_a_source_says_them() {
    let Some(chronicle) = shipped_chronicle() else { return };
    let mut coded = 0;
    for record in &chronicle.records {
        let Detail::Event(event) = &record.detail else { continue };
        if event.means.is_empty() {
            continue;
        }
        coded += 1;
        let entry = &record.entry;
        assert!(!entry.footnotes.is_empty() || entry.cite.is_some(), "{}", entry.id);
    }
    assert!(coded > 4, "{coded}");
}

#[test]
fn an_id_counts_once_in_a_file_and_across_files() {
    let twice = read(&ENTRIES.replace("\"o1\"", "\"e1\""));
    assert_eq!((twice.records.len(), twice.diagnostics[0].issue), (2, Issue::DuplicateId));
    let mut both = read(ENTRIES);
    both.append(read(&ENTRIES.replace("\"t1\"", "\"t2\"")));
    assert_eq!((both.records.len(), both.entries_read, both.diagnostics.len()), (4, 6, 2));
}

#[test]
fn numbers_out_of_order_are_noted_and_numbers_that_are_none_left_out() {
    let noted = read(&ENTRIES.replace("deaths_best = 3", "deaths_best = 3\ndeaths_low = 4"));
    assert_eq!((noted.records.len(), noted.diagnostics[0].issue), (3, Issue::EstimateOrder));
    let strange = read(&ENTRIES.replace("value = 1000", "value = nan"));
    assert_eq!((strange.records.len(), strange.diagnostics[0].issue), (2, Issue::OutOfRange));
}

#[test]
fn the_case_of_pakistan_is_read_without_a_remark() {
    let Some(card) = data::case_text("case.toml") else { return };
    let case = read_case(&card).unwrap();
    let places = read_places(&data::case_text(&case.places).unwrap()).unwrap();
    let book = places.into_book(case.current_on).unwrap();
    assert_eq!(book.get(&case.country).and_then(|country| country.gwno), Some(case.gwno));
    let chronicle = shipped_chronicle().unwrap();
    assert_eq!(chronicle.diagnostics, []);
    assert!(chronicle.records.len() > 90);
    let text = case.text.unwrap();
    for record in &chronicle.records {
        assert!(record.entry.paragraph <= text.paragraphs, "{}", record.entry.id);
        assert!(record.entry.footnotes.iter().all(|note| *note <= text.footnotes));
    }
}

/// The chronicle of the shipped case, from all of its files.
fn shipped_chronicle() -> Option<Chronicle> {
    let case = read_case(&data::case_text("case.toml")?).unwrap();
    let places = read_places(&data::case_text(&case.places).unwrap()).unwrap();
    let book = places.into_book(case.current_on).unwrap();
    let actors = read_actors(&data::case_text(&case.actors).unwrap()).unwrap();
    let known = KnownIds::from_case(&book, &actors);
    let mut chronicle = Chronicle::default();
    for file in &case.chronicle {
        chronicle.append(read_chronicle(&data::case_text(file).unwrap(), &known).unwrap());
    }
    Some(chronicle)
}

#[test]
fn every_frame_and_audience_of_the_chronicle_has_a_code() {
    let Some(chronicle) = shipped_chronicle() else { return };
    let codebook = read_codebook(&data::case_text("codebook.toml").unwrap()).unwrap();
    for record in &chronicle.records {
        let Detail::Statement(statement) = &record.detail else { continue };
        for frame in &statement.frames {
            assert!(codebook.frame(frame).is_some(), "{}: frame {frame}", record.entry.id);
        }
        for audience in &statement.audiences {
            assert!(codebook.audience(audience).is_some(), "{}: {audience}", record.entry.id);
        }
    }
}

#[test]
fn a_threat_a_call_and_a_country_alone_are_not_coded_as_something_else() {
    let Some(text) = data::case_text("codebook.toml") else { return };
    let codebook = read_codebook(&text).unwrap();
    let code = |word: &str| codebook.frame(word).map(|frame| codebook.frames[frame].id.clone());
    for (word, expected) in [
        ("ethnic-targeting", "people-as-target"),
        ("recruitment", "call-to-join"),
        ("isolation", "country-isolated"),
        ("professional-media", "media-of-quality"),
        ("external-sponsorship", "blames-outside"),
    ] {
        assert_eq!(code(word).as_deref(), Some(expected), "{word}");
    }
    assert!(code("names-cause-at-home").is_some() && code("blames-outside").is_some());
}

#[test]
fn orders_of_a_province_are_by_its_government_and_no_allegation_is_an_act() {
    let Some(chronicle) = shipped_chronicle() else { return };
    let act = |id: &str| {
        let found = chronicle.records.iter().find(|record| record.entry.id == id);
        match found.map(|record| &record.detail) {
            Some(Detail::Act(act)) => act,
            other => panic!("{id}: {other:?}"),
        }
    };
    for id in ["p15-section-144", "p15-mobile-data-suspended", "p15-byc-arrests"] {
        assert_eq!(act(id).by, "gov-balochistan", "{id}");
    }
    for id in ["p14-election-2024", "p14-pm-removed", "p14-pm-imprisoned"] {
        assert_eq!(act(id).effect, ActEffect::Neutral, "{id}");
    }
    let alleged = chronicle.records.iter().find_map(|record| match &record.detail {
        Detail::Tie(tie) if record.entry.id == "tie-taliban-ttp-alleged" => tie.alleged_by.clone(),
        _ => None,
    });
    assert_eq!(alleged.as_deref(), Some("gov-pakistan"));
}

proptest! {
    #[test]
    fn no_text_makes_a_reader_panic(text in "\\PC{0,80}", tail in "[\\[\\]a-z=\"0-9.\n ]{0,80}") {
        for text in [&text, &tail, &format!("{ENTRIES}{tail}"), &format!("{tail}{ENTRIES}")] {
            let _ = read_chronicle(text, &known());
            let _ = read_case(text);
            let _ = read_places(text);
            let _ = read_actors(text);
        }
    }

    #[test]
    fn every_entry_is_kept_or_has_a_remark(
        damage in prop::collection::vec((any::<prop::sample::Index>(), "[a-z0-9\"=\\[\\]\n]"), 1..4),
    ) {
        let mut text = ENTRIES.to_owned();
        for (at, letter) in damage {
            let at = at.index(text.len());
            text.replace_range(at..=at, &letter);
        }
        if let Ok(chronicle) = read_chronicle(&text, &known()) {
            let left_out = chronicle.entries_read as usize - chronicle.records.len();
            let rejected = chronicle.diagnostics.iter().filter(|diagnostic| !diagnostic.kept).count();
            prop_assert!(rejected >= left_out);
            prop_assert!(left_out > 0 || rejected == 0);
        }
    }
}
