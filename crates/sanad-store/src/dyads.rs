//! Events between states: bringing them in, and reading them back. A dyad is a pair of states with
//! a direction: who acted, and upon whom.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use sanad_core::Month;
use sanad_core::country::Country;
use sanad_core::event::day_number;
use sanad_core::observation::DyadEvent;
use sanad_core::source::{Coverage, Source};
use sanad_source::registry::{Content, SourceFormat};

use crate::card::Card;
use crate::error::{Error, Missing, Result};
use crate::import::{ImportExtras, ImportFile, ImportReport, Payload, Reading};
use crate::observations::Reader;
use crate::observatory::Observatory;
use crate::read_file::{foreign, read_unpacked};
use crate::snapshot::Snapshot;
use crate::table::Columns;

/// Which events between states are asked for. What is empty or absent asks nothing. Conditions are
/// joined by and; `Default` asks for everything.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DyadRequest {
    /// Series of sources, such as `gdelt`.
    pub series: Vec<String>,
    /// ISO code of one state; an event must have it as one side.
    pub state: Option<String>,
    /// First day. The day itself included.
    pub from: Option<NaiveDate>,
    /// Last day. The day itself included.
    pub to: Option<NaiveDate>,
    /// What was known on this day.
    pub as_of: Option<NaiveDate>,
    /// Keeps one event of a day, pair of states (with direction) and code, the one with most
    /// articles: most further ones are the same happening told again.
    pub one_a_day: bool,
}

/// An event between states with the chain it came by.
#[derive(Debug, Clone, PartialEq)]
pub struct Dyadic {
    /// The event; its `source_row` is a row of the snapshot's file.
    pub event: DyadEvent,
    /// Series of the source.
    pub series: String,
    /// The snapshot that holds it. Its id, by which [`Observatory::snapshots`] finds the source's
    /// card.
    pub snapshot: String,
}

impl Observatory {
    /// Imports a file of events between states; keeps those that touch the case's state. Files of
    /// one series add to each other.
    ///
    /// # Errors
    ///
    /// [`Error::Lacks`] when no case has been imported; [`Error::Unknown`] for a format of other
    /// records; [`Error::Foreign`], [`Error::Strict`].
    pub fn import_dyads(
        &mut self,
        file: &ImportFile<'_>,
        format: &SourceFormat,
    ) -> Result<ImportReport> {
        let Content::Dyads(read) = format.content else {
            return Err(Error::Unknown {
                what: "format of events between states",
                found: format.word.to_owned(),
                nearest: Vec::new(),
            });
        };
        if self.newest_import("case").is_none() {
            return Err(Error::Lacks { missing: Missing::Places });
        }
        let iso3 = self.case()?.iso3;
        let card = Card::read(file.card)?;
        let (bytes, sha256) = read_unpacked(file.path)?;
        let read = read(&bytes, &iso3).map_err(|e| foreign(file.path, e))?;
        let version = card.version.clone().unwrap_or_else(|| format!("file-{}", &sha256[..8]));
        let source = card.or(usual(format, version, file.today, coverage(&read.events)));
        let extras = ImportExtras {
            settings: iso3,
            set_aside: read.set_aside.iter().map(|(&it, &n)| (it.to_owned(), n)).collect(),
            adds_to: true,
        };
        let reading = Reading {
            format: format.word,
            source,
            sha256,
            rows_read: read.rows_read,
            records_kept: read.events.len() as u64,
            deaths_in: 0,
            deaths_kept: 0,
            diagnostics: read.diagnostics,
        };
        let events = read.events;
        self.writer()?.take_in_with(file, reading, extras, || {
            Ok(vec![("dyad_event", Payload::Table(dyad_table(&events)?))])
        })
    }

    /// Events between states, in order of day and identifier. An event that several files of a
    /// series have is taken from the one that comes first by [`precedence`](Source::precedence). Of
    /// equally many articles `one_a_day` keeps the event of the lower identifier.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] when a kept file is not as it was written.
    pub fn dyad_events(&self, request: &DyadRequest) -> Result<Vec<Dyadic>> {
        let mut snapshots: Vec<&Snapshot> = self
            .holding("dyad_event", request.as_of)
            .filter(|holding| {
                request.series.is_empty() || request.series.contains(&holding.source.id)
            })
            .collect();
        snapshots.sort_by(|a, b| b.source.precedence(&a.source));
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        for snapshot in snapshots {
            for event in self.events_of(snapshot)? {
                if seen.insert((snapshot.source.id.clone(), event.id)) && request.asks(&event) {
                    let (series, snapshot) = (snapshot.source.id.clone(), snapshot.id.clone());
                    found.push(Dyadic { event, series, snapshot });
                }
            }
        }
        if request.one_a_day {
            found = one_a_day(found);
        }
        found.sort_by_key(|one| (one.event.day, one.event.id));
        Ok(found)
    }

    /// All events of a snapshot.
    fn events_of(&self, snapshot: &Snapshot) -> Result<Vec<DyadEvent>> {
        let (path, batch) = self.record_table(snapshot, "dyad_event")?;
        read(&Reader { batch: &batch, path: &path })
    }
}

impl DyadRequest {
    /// Whether an event meets every condition.
    fn asks(&self, event: &DyadEvent) -> bool {
        let touches = |state: &String| *state == event.source_iso3 || *state == event.target_iso3;
        self.state.as_ref().is_none_or(touches)
            && self.from.is_none_or(|from| from <= event.day)
            && self.to.is_none_or(|to| event.day <= to)
    }
}

/// Of each series, day, pair and code the event with most articles.
fn one_a_day(mut all: Vec<Dyadic>) -> Vec<Dyadic> {
    all.sort_by(|a, b| {
        let key = |dyadic: &Dyadic| (core::cmp::Reverse(dyadic.event.articles), dyadic.event.id);
        let day = a.event.one_a_day_key().cmp(&b.event.one_a_day_key());
        day.then_with(|| a.series.cmp(&b.series)).then_with(|| key(a).cmp(&key(b)))
    });
    all.dedup_by(|a, b| a.series == b.series && a.event.one_a_day_key() == b.event.one_a_day_key());
    all
}

/// The card where the user gives none: the publisher's data set.
fn usual(
    format: &SourceFormat,
    version: String,
    accessed: NaiveDate,
    coverage: Coverage,
) -> Source {
    let data_set = format.publication;
    Source {
        id: data_set.id.to_owned(),
        version,
        title: data_set.title.to_owned(),
        citation: data_set.citation.to_owned(),
        licence: data_set.licence.to_owned(),
        url: data_set.url.to_owned(),
        accessed,
        released: None,
        preliminary: false,
        date_rule: None,
        coverage,
    }
}

/// First and last month, and the countries of both sides that have a Gleditsch–Ward number.
pub(crate) fn coverage(events: &[DyadEvent]) -> Coverage {
    let states = events.iter().flat_map(|event| [&event.source_iso3, &event.target_iso3]);
    let states: BTreeSet<&String> = states.collect();
    let mut countries: Vec<i32> =
        states.into_iter().filter_map(|code| Country::of_code(code)?.gwno).collect();
    countries.sort_unstable();
    Coverage {
        from: events.iter().map(|event| Month::from_date(event.day)).min(),
        to: events.iter().map(|event| Month::from_date(event.day)).max(),
        countries,
        inferred: true,
    }
}

/// Events between states as a table; `goldstein` is null where the source gives none.
pub(crate) fn dyad_table(events: &[DyadEvent]) -> Result<RecordBatch> {
    let whole = |of: fn(&DyadEvent) -> i64| events.iter().map(of).collect::<Vec<_>>();
    Columns::default()
        .int64("event_id", whole(|row| row.id))
        .date("date", events.iter().map(|event| day_number(event.day)).collect::<Vec<_>>())
        .int32(
            "month_id",
            events.iter().map(|event| Month::from_date(event.day).id()).collect::<Vec<_>>(),
        )
        .text("source_iso3", events.iter().map(|event| Some(&event.source_iso3)))
        .text("target_iso3", events.iter().map(|event| Some(&event.target_iso3)))
        .text("code", events.iter().map(|event| Some(&event.code)))
        .int64("root_code", whole(|row| row.root_code.into()))
        .int64("quad_class", whole(|row| row.quad_class.into()))
        .float64("goldstein", events.iter().map(|event| event.goldstein).collect::<Vec<_>>())
        .int64("mentions", whole(|row| row.mentions.into()))
        .int64("sources", whole(|row| row.sources.into()))
        .int64("articles", whole(|row| row.articles.into()))
        .int64("source_row", whole(|row| row.source_row as i64))
        .finish()
}

/// Rows of a table that [`dyad_table`] made.
///
/// # Errors
///
/// [`Error::Damaged`] when a column is missing or a row has no day.
fn read(columns: &Reader<'_>) -> Result<Vec<DyadEvent>> {
    let whole = |name: &str| {
        let column = columns.cast(name, &DataType::Int64)?;
        Ok::<_, Error>(column.as_primitive::<Int64Type>().clone())
    };
    let (id, root, quad) = (whole("event_id")?, whole("root_code")?, whole("quad_class")?);
    let (mentions, sources, articles) = (whole("mentions")?, whole("sources")?, whole("articles")?);
    let rows = whole("source_row")?;
    let (source, target) = (columns.texts("source_iso3")?, columns.texts("target_iso3")?);
    let (code, goldstein) = (columns.texts("code")?, columns.numbers("goldstein")?);
    let days = columns.days("date")?;
    let event = |at: usize| {
        let day = days[at].ok_or_else(|| Error::damaged(columns.path, "a row without a day"))?;
        Ok(DyadEvent {
            id: id.value(at),
            day,
            source_iso3: source.value(at).to_owned(),
            target_iso3: target.value(at).to_owned(),
            code: code.value(at).to_owned(),
            root_code: root.value(at) as u8,
            quad_class: quad.value(at) as u8,
            goldstein: goldstein.is_valid(at).then(|| goldstein.value(at)),
            mentions: mentions.value(at) as u32,
            sources: sources.value(at) as u32,
            articles: articles.value(at) as u32,
            source_row: rows.value(at) as u64,
        })
    };
    (0..days.len()).map(event).collect()
}
