//! The hand-written files of a case, every kind of them: no panic; a fault names a line that is in
//! the file; every entry of a chronicle is kept or has a remark; and what is accepted keeps the
//! promises that the studies rely on. Identifiers are those of the case that is shipped.
#![no_main]

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sanad_core::chronicle::KnownIds;
use sanad_case::{Benchmarks, Claims, Codebook, Cycle, Document, Indicators, Levers, Outline, Priors, Scenarios, Test, read_actors, read_benchmarks, read_case, read_chronicle, read_claims, read_codebook, read_cycle, read_indicators, read_levers, read_outline, read_places, read_priors, read_scenarios};
use sanad_case::{Error, Result};
use sanad_source::table::Map;

const PLACES: &str = include_str!("../../cases/pakistan/places.toml");
const ACTORS: &str = include_str!("../../cases/pakistan/actors.toml");

static KNOWN: LazyLock<KnownIds> = LazyLock::new(|| {
    let book = read_places(PLACES).unwrap().into_book("2022-09-09".parse().unwrap()).unwrap();
    let mut known = KnownIds::from_case(&book, &read_actors(ACTORS).unwrap());
    known.actors.insert("a".to_owned());
    known.places.insert("p".to_owned());
    known
});

/// What was read, when it was, and a second reading gives the same; a fault stands somewhere.
fn told<T: Debug>(text: &str, read: impl Fn(&str) -> Result<T>) -> Option<T> {
    let fault = match read(text) {
        Ok(first) => {
            let again = read(text).expect("what was read once is read again");
            assert_eq!(format!("{first:?}"), format!("{again:?}"));
            return Some(first);
        }
        Err(fault) => fault,
    };
    let (message, lines) = (fault.to_string(), text.split('\n').count());
    match fault {
        Error::Toml { problem, .. } => {
            let (line, column) = (problem.line, problem.column);
            assert!((1..=lines).contains(&line) && column >= 1, "{message}");
            assert!(message.contains(&format!("line {line}, column {column}: ")));
        }
        Error::Contradiction { line, .. } => {
            assert!((1..=lines).contains(&line) && message.contains(&format!("line {line}: ")));
        }
        Error::Empty { .. } => assert!(text.trim_matches('\u{feff}').trim().is_empty()),
        other => panic!("no fault of a file written by hand: {other:?}"),
    }
    None
}

fn once<'a>(ids: impl Iterator<Item = &'a String>) -> bool {
    let mut seen = BTreeSet::new();
    ids.into_iter().all(|id| seen.insert(id))
}

fn of_claims(read: &Claims) {
    assert!(once(read.claims.iter().map(|it| &it.id)));
    for claim in &read.claims {
        assert!(read.concept(&claim.from) != read.concept(&claim.to));
        assert!(read.concept(&claim.from).is_some() && read.concept(&claim.to).is_some());
        assert!(claim.test.size_that_matters().is_none_or(|size| size > 0.0 && size.is_finite()));
        match &claim.test {
            Test::Intervention { series, start, from, to, .. } => {
                assert!(read.series(series).is_some() && from < start && start <= to);
            }
            Test::Association { cause, outcome, lags, .. } => {
                assert!(read.series(cause).is_some() && read.series(outcome).is_some());
                assert!(1 <= lags[0] && lags[0] <= lags[1]);
            }
            Test::Comparison { series, before, after, .. } => {
                assert!(read.series(series).is_some() && before[1] < after[0]);
            }
            Test::NetworkPermutation { alliances, from, to, .. } => {
                assert!(alliances.iter().all(|day| (from..=to).contains(&day)));
            }
            _ => {}
        }
    }
    for series in &read.series {
        assert!(series.places.iter().all(|id| KNOWN.places.contains(id)));
        assert!(series.violence.iter().all(|of| (1..=3).contains(of)));
    }
}

fn of_cycle(read: &Cycle) {
    assert!(read.from <= read.to && once(read.kinds.iter().map(|kind| &kind.id)));
    for (at, kind) in read.kinds.iter().enumerate() {
        assert_eq!(read.kind(&kind.id), Some(at));
        assert!(kind.events.is_empty() == kind.from_chronicle.is_some());
        assert!(kind.overlaps.iter().all(|other| read.kind(other).is_some_and(|it| it != at)));
    }
    for one in &read.interventions {
        assert!(one.from < one.start() && one.start() < one.to);
        assert!(!one.kinds.is_empty() && one.kinds.iter().all(|id| read.kind(id).is_some()));
    }
}

fn of_indicators(read: &Indicators) {
    assert!((0.0..=1.0).contains(&read.evidence_floor) && read.draws >= 20);
    assert!(once(read.indicators.iter().map(|it| &it.id)));
    for one in &read.indicators {
        assert!(one.origin().is_some() && read.pillars.iter().any(|it| it.id == one.pillar));
        assert!(one.weight > 0.0 && one.weight.is_finite());
        let [low, high] = one.goalposts.unwrap();
        assert!(low < high && (high - low).is_finite());
        assert!((1..=1200).contains(&one.window_months) && one.max_age_months <= 1200);
        assert!(one.assumed_error >= 0.0 && one.relative_error.is_finite());
    }
}

fn of_codebook(read: &Codebook) {
    for (at, code) in read.frames.iter().enumerate() {
        assert_eq!(read.frame(&code.id), Some(at));
        assert!(code.also.iter().all(|word| read.frame(word) == Some(at)));
    }
    let audiences = read.audiences.iter().enumerate();
    assert!(audiences.into_iter().all(|(at, code)| read.audience(&code.id) == Some(at)));
}

fn of_levers(read: &Levers) {
    assert!(once(read.levers.iter().map(|it| &it.id)));
    for lever in &read.levers {
        assert!((lever.lowest..=lever.highest).contains(&lever.today));
        assert!((lever.highest - lever.lowest).is_finite() && lever.delay_months >= 0.0);
    }
}

fn of_scenarios(read: &Scenarios) {
    assert!(read.scenarios.iter().any(|it| it.id == read.baseline) && !read.outcomes.is_empty());
    assert!(once(read.scenarios.iter().map(|it| &it.id)));
    assert!(read.outcomes.iter().all(|it| it.matters >= 0.0 && it.matters.is_finite()));
    let levels = read.scenarios.iter().flat_map(|it| it.levels.values());
    let sets = read.shocks.iter().flat_map(|it| it.sets.values());
    assert!(levels.chain(sets).all(|level| level.is_finite()));
    let none = Levers { levers: Vec::new() };
    let moved = read.scenarios.iter().any(|it| !it.levels.is_empty());
    assert_eq!(read.misplaced(&none).is_some(), moved);
}

fn of_priors(read: &Priors) {
    assert!(once(read.priors.iter().map(|it| &it.parameter)));
    assert!((0.0..=1.0).contains(&read.judgement_share()));
    if let Some(fit) = &read.calibration {
        assert!(fit.start < fit.from && fit.from < fit.check_after && fit.check_after < fit.origin);
        assert!(!fit.targets.is_empty());
    }
}

fn of_benchmarks(read: &Benchmarks) {
    assert!(once(read.benchmarks.iter().map(|it| &it.id)));
    for one in &read.benchmarks {
        assert!(one.is_measured() != one.needs.is_some() && one.due.is_some() == one.due_set_by.is_some());
        assert!(one.readings.is_sorted_by(|a, b| a.when < b.when) && one.target.is_finite());
        assert!(one.readings.iter().all(|reading| reading.value.is_finite()));
    }
}

fn of_outline(read: &Outline) {
    assert!(once(read.comparisons.iter().map(|it| &it.id)));
    for one in &read.comparisons {
        assert!(one.periods.iter().all(|it| it.from <= it.to));
        assert!(one.periods.is_sorted_by(|a, b| a.to < b.from));
        assert!(one.regions.iter().all(|it| KNOWN.places.contains(&it.place)));
    }
}

fn chronicle(text: &str) {
    let read = |known: &KnownIds| told(text, |text| read_chronicle(text, known));
    let Some(chronicle) = read(&KNOWN) else { return };
    let rejected = chronicle.diagnostics.iter().filter(|remark| !remark.kept).count() as u64;
    let left_out = chronicle.entries_read - chronicle.records.len() as u64;
    assert!(rejected >= left_out && (left_out > 0 || rejected == 0));
    let lines = text.split('\n').count() as u64;
    assert!(chronicle.diagnostics.iter().all(|remark| (1..=lines).contains(&remark.row)));
    assert!(once(chronicle.records.iter().map(|it| &it.entry.id)));
    for one in &chronicle.records {
        assert!(one.entry.actors.iter().all(|id| KNOWN.actors.contains(id)));
        assert!(one.entry.places.iter().all(|id| KNOWN.places.contains(id)));
        assert!(one.entry.when.start() <= one.entry.when.end());
    }
    // Who is known decides what is kept, never what is read.
    let strange = read(&KnownIds::default()).unwrap();
    assert_eq!(strange.entries_read, chronicle.entries_read);
    assert!(strange.records.len() <= chronicle.records.len());
}

/// Reads a document of this kind with its own reader, which is the one that an import asks.
fn document(text: &str, kind: Document) {
    let read = match kind {
        Document::Claims => {
            told(text, |text| read_claims(text, &KNOWN)).inspect(of_claims).is_some()
        }
        Document::Cycle => told(text, read_cycle).inspect(of_cycle).is_some(),
        Document::Codebook => told(text, read_codebook).inspect(of_codebook).is_some(),
        Document::Levers => told(text, read_levers).inspect(of_levers).is_some(),
        Document::Scenarios => told(text, read_scenarios).inspect(of_scenarios).is_some(),
        Document::Priors => told(text, read_priors).inspect(of_priors).is_some(),
        Document::Benchmarks => told(text, read_benchmarks).inspect(of_benchmarks).is_some(),
        _ => return,
    };
    let accepted = told(text, |text| kind.check(text, &KNOWN)).is_some();
    // A kind of event may name a family that no organisation has, which its reader cannot know.
    assert!(accepted == read || (read && kind == Document::Cycle));
}

fuzz_target!(|text: &str| {
    // What is not TOML at all stops every reader at the same place.
    if toml::de::DeTable::parse(text.strip_prefix('\u{feff}').unwrap_or(text)).is_err() {
        assert!(told(text, read_case).is_none() && told(text, read_cycle).is_none());
        chronicle(text);
        return;
    }
    if let Some(case) = told(text, read_case) {
        let named = case.files.values().chain([&case.places, &case.actors]).chain(&case.chronicle);
        assert!(named.into_iter().all(|name| !name.contains('/') && !name.starts_with('.')));
    }
    if let Some(actors) = told(text, read_actors) {
        assert!(once(actors.iter().map(|actor| &actor.id)));
    }
    if let Some(places) = told(text, read_places) {
        let day = "2022-09-09".parse().unwrap();
        let count = places.places.len();
        if let Some(book) = told(text, |_| places.clone().into_book(day)) {
            assert_eq!(book.iter().count(), count);
            assert!(book.iter().all(|place| book.get(&place.id).is_some()));
        }
    }
    chronicle(text);
    told(text, read_indicators).iter().for_each(of_indicators);
    for kind in Document::ALL {
        document(text, kind);
    }
    told(text, |text| read_outline(text, &KNOWN)).iter().for_each(of_outline);
    if let Ok(map) = Map::parse(text) {
        assert_eq!(Map::parse(text).as_ref().ok(), Some(&map));
        assert!(map.columns.keys().all(|field| map.kind.fields().contains(&field.as_str())));
        assert!(b",;\t|".contains(&map.separator()));
    }
});
