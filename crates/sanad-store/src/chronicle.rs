//! The records of a chronicle as tables, one per kind.
//!
//! Lists (places, organisations, fronts, footnotes, languages, frames) are one text each, their
//! items joined by semicolons, so that they survive CSV.
//!
//! All tables begin with the same columns: id, the date as written with its first and last day and
//! precision, where in the text it stands, and what it is about. The detail of each kind comes
//! behind. Events and observations of a text are `narrated_event` and `narrated_observation`, so
//! that nobody adds them to coded events or to series.

use sanad_core::chronicle::{ChronicleRecord, Detail};
use sanad_core::event::{Means, day_number};

use crate::error::Result;
use crate::import::{Payload, Payloads};
use crate::table::Columns;

/// One table per kind of record that occurs.
pub(crate) fn chronicle_payloads(records: &[ChronicleRecord]) -> Result<Payloads> {
    let mut payloads = Vec::new();
    for kind in ["event", "statement", "act", "relation", "tie", "observation"] {
        let some: Vec<&ChronicleRecord> =
            records.iter().filter(|record| record.detail.kind() == kind).collect();
        if some.is_empty() {
            continue;
        }
        // What a text tells of is kept apart from coded events and from series of values.
        let name = match kind {
            "event" => "narrated_event",
            "observation" => "narrated_observation",
            other => other,
        };
        payloads.push((name, Payload::Table(details(entries(&some), &some).finish()?)));
    }
    Ok(payloads)
}

/// The columns that every kind of record has.
fn entries(records: &[&ChronicleRecord]) -> Columns {
    let all = || records.iter().map(|record| &record.entry);
    Columns::default()
        .text("id", all().map(|entry| Some(&entry.id)))
        .text("date", all().map(|entry| Some(entry.when.to_string())))
        .date("date_start", all().map(|e| day_number(e.when.start())).collect::<Vec<_>>())
        .date("date_end", all().map(|e| day_number(e.when.end())).collect::<Vec<_>>())
        .text("date_precision", all().map(|entry| Some(entry.when.precision().as_str())))
        .int32("paragraph", all().map(|entry| entry.paragraph as i32).collect::<Vec<_>>())
        .text("footnotes", all().map(|entry| joined(&entry.footnotes)))
        .text("summary", all().map(|entry| Some(&entry.summary)))
        .text("places", all().map(|entry| joined(&entry.places)))
        .text("actors", all().map(|entry| joined(&entry.actors)))
        .text("fronts", all().map(|entry| joined(&entry.fronts)))
        .text("cite", all().map(|entry| entry.cite.as_ref()))
        .text("note", all().map(|entry| entry.note.as_ref()))
}

/// Items joined by semicolons; null of an empty list.
fn joined<T: ToString>(items: &[T]) -> Option<String> {
    let texts: Vec<String> = items.iter().map(ToString::to_string).collect();
    (!texts.is_empty()).then(|| texts.join(";"))
}

/// Adds a text column made of one kind's details.
macro_rules! texts {
    ($columns:expr, $records:expr, $kind:ident, $($name:ident = $value:expr),+ $(,)?) => {{
        let columns = $columns;
        $(
            let values = $records.iter().map(|record| match &record.detail {
                Detail::$kind(detail) => $value(detail),
                _ => None,
            });
            let columns = columns.text(stringify!($name), values);
        )+
        columns
    }};
}

/// Adds a number column made of one kind's details.
macro_rules! numbers {
    ($columns:expr, $records:expr, $kind:ident, $($name:ident = $value:expr),+ $(,)?) => {{
        let columns = $columns;
        $(
            let values: Vec<Option<f64>> = $records.iter().map(|record| match &record.detail {
                Detail::$kind(detail) => $value(detail),
                _ => None,
            }).collect();
            let columns = columns.float64(stringify!($name), values);
        )+
        columns
    }};
}

/// The columns of the kind that `records` are, behind `columns`; all of them have to be of one
/// kind, and there is at least one.
fn details(columns: Columns, records: &[&ChronicleRecord]) -> Columns {
    use sanad_core::chronicle::{ActDetail as A, RelationDetail as R, TieDetail as T};
    match records[0].detail {
        Detail::Event(_) => event_columns(columns, records),
        Detail::Statement(_) => statement_columns(columns, records),
        Detail::Act(_) => texts!(
            columns,
            records,
            Act,
            by = |d: &A| Some(d.by.clone()),
            act_kind = |d: &A| Some(d.act_kind.clone()),
            toward = |d: &A| d.toward.clone(),
            effect = |d: &A| Some(d.effect.to_string())
        ),
        Detail::Relation(_) => texts!(
            columns,
            records,
            Relation,
            from_state = |d: &R| Some(d.from_state.clone()),
            to_state = |d: &R| Some(d.to_state.clone()),
            relation_kind = |d: &R| Some(d.relation_kind.clone()),
            effect = |d: &R| Some(d.effect.to_string())
        ),
        Detail::Tie(_) => texts!(
            columns,
            records,
            Tie,
            a = |d: &T| Some(d.a.clone()),
            b = |d: &T| Some(d.b.clone()),
            tie_kind = |d: &T| Some(d.tie_kind.to_string()),
            until = |d: &T| d.until.map(|p| p.to_string()),
            alleged_by = |d: &T| d.alleged_by.clone()
        ),
        Detail::Observation(_) => observation_columns(columns, records),
        _ => columns,
    }
}

/// Numbers of dead are null where the text gives none.
fn event_columns(columns: Columns, records: &[&ChronicleRecord]) -> Columns {
    use sanad_core::chronicle::EventDetail as E;
    let count = |number: Option<u32>| number.map(f64::from);
    let columns = texts!(
        columns,
        records,
        Event,
        event_kind = |d: &E| Some(d.event_kind.clone()),
        side_a = |d: &E| d.side_a.clone(),
        side_b = |d: &E| d.side_b.clone(),
        means = |d: &E| Some(Means::join(&d.means)).filter(|means| !means.is_empty())
    );
    numbers!(
        columns,
        records,
        Event,
        deaths_best = |d: &E| count(d.deaths_best),
        deaths_low = |d: &E| count(d.deaths_low),
        deaths_high = |d: &E| count(d.deaths_high)
    )
}

/// What a statement says of itself and claims; the number of claimed events is null where it claims
/// none.
fn statement_columns(columns: Columns, records: &[&ChronicleRecord]) -> Columns {
    use sanad_core::chronicle::StatementDetail as S;
    let count = |number: Option<u32>| number.map(f64::from);
    let columns = texts!(
        columns,
        records,
        Statement,
        organisation = |d: &S| Some(d.organisation.clone()),
        outlet = |d: &S| d.outlet.clone(),
        languages = |d: &S| joined(&d.languages),
        audiences = |d: &S| joined(&d.audiences),
        medium = |d: &S| d.medium.clone(),
        target = |d: &S| d.target.clone(),
        frames = |d: &S| joined(&d.frames),
        claimed_from = |d: &S| d.claimed_from.map(|p| p.to_string()),
        claimed_to = |d: &S| d.claimed_to.map(|p| p.to_string())
    );
    numbers!(columns, records, Statement, claimed_events = |d: &S| count(d.claimed_events))
}

/// The value with its bounds, in the unit that the text gives.
fn observation_columns(columns: Columns, records: &[&ChronicleRecord]) -> Columns {
    use sanad_core::chronicle::ObservationDetail as O;
    let columns = texts!(
        columns,
        records,
        Observation,
        indicator = |d: &O| Some(d.indicator.clone()),
        unit = |d: &O| Some(d.unit.clone()),
        comparator = |d: &O| d.comparator.clone()
    );
    numbers!(
        columns,
        records,
        Observation,
        value = |d: &O| Some(d.value),
        low = |d: &O| d.low,
        high = |d: &O| d.high
    )
}
