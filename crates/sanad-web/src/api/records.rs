//! Records as they are kept: the chronicle, sources, places, organisations, results, and statements of
//! SQL over all of them.

use std::sync::Arc;

use sanad_store::{Columns, Table};
use sanad_study::tables;

use crate::fault::{Fault, FaultKind};
use crate::query::{Kind, Parameter};
use crate::scene::Scene;

/// What of the chronicle is asked for; all conditions have to hold.
pub(crate) static CHRONICLE: [Parameter; 4] = [
    Parameter::optional(
        "kind",
        Kind::Choice(&["event", "statement", "act", "relation", "tie", "observation"]),
        "One kind of record.",
    ),
    Parameter::optional(
        "front",
        Kind::Choice(&["narrative", "governance", "regional"]),
        "Records that bear on one front.",
    ),
    Parameter::optional("place", Kind::Text, "Records that name a place, by its id."),
    Parameter::optional(
        "organisation",
        Kind::Text,
        "Records that name an organisation, by its id.",
    ),
];

/// The statement. There is no table without one.
pub(crate) static SQL: [Parameter; 1] = [Parameter::required(
    "q",
    Kind::Statement,
    "One SELECT over the observatory's tables; SELECT table_name, column_name FROM \
     information_schema.columns lists them.",
)];

/// The key of a kept result.
pub(crate) static RESULT: [Parameter; 1] =
    [Parameter::required("key", Kind::Text, "The key of the result, as /api/v1/results lists it.")];

/// The records of the chronicle.
///
/// They stand in order of their first day. A filter that no record meets gives a table without
/// rows.
///
/// # Errors
///
/// A fault where the case cannot be read.
pub(crate) fn chronicle(scene: &Scene<'_>) -> Result<Arc<Table>, Fault> {
    let (facts, query) = (scene.facts()?, scene.query);
    scene.edition.table(&format!("chronicle {}", query.address("")), || {
        let (kind, front) = (query.text("kind"), query.text("front"));
        let (place, organisation) = (query.text("place"), query.text("organisation"));
        let names =
            |all: &[String], id: Option<&str>| id.is_none_or(|id| all.iter().any(|one| one == id));
        let asked = facts.chronicle.iter().filter(|record| {
            let entry = &record.entry;
            kind.is_none_or(|kind| record.detail.kind() == kind)
                && front.is_none_or(|front| entry.fronts.iter().any(|one| one.as_str() == front))
                && names(&entry.places, place)
                && names(&entry.actors, organisation)
        });
        let mut asked: Vec<_> = asked.collect();
        asked.sort_by(|a, b| {
            (a.entry.when.start(), &a.entry.id).cmp(&(b.entry.when.start(), &b.entry.id))
        });
        Ok(tables::chronicle_table(&asked)?)
    })
}

/// The sources, a row per import. Files of the case itself are among them.
pub(crate) fn sources(scene: &Scene<'_>) -> Result<Arc<Table>, Fault> {
    scene.edition.table("sources", || Ok(scene.edition.observatory.source_table()?))
}

/// The places of the case. Those of earlier days too, with the days on which they were in force.
pub(crate) fn places(scene: &Scene<'_>) -> Result<Arc<Table>, Fault> {
    statement(scene, "SELECT * FROM places ORDER BY level, place_id, valid_from")
}

/// The organisations and states of the case. In the order of the case's file. Numbers at UCDP are
/// joined by semicolons; no person is in it.
pub(crate) fn organisations(scene: &Scene<'_>) -> Result<Arc<Table>, Fault> {
    let facts = scene.facts()?;
    scene.edition.table("organisations", || {
        let all = || facts.actors.iter();
        let numbers = |ids: &[i64]| {
            let texts: Vec<String> = ids.iter().map(i64::to_string).collect();
            Some(texts.join(";")).filter(|text| !text.is_empty())
        };
        let columns = Columns::default()
            .text("organisation_id", all().map(|one| Some(&one.id)))
            .text("organisation", all().map(|one| Some(&one.name)))
            .text("short", all().map(|one| one.short.as_ref()))
            .text("kind", all().map(|one| Some(one.kind.to_string())))
            .text("family", all().map(|one| Some(one.family.as_str().to_owned())))
            .text("from", all().map(|one| one.from.map(|period| period.to_string())))
            .text("to", all().map(|one| one.to.map(|period| period.to_string())))
            .text("ucdp_ids", all().map(|one| numbers(&one.ucdp_ids)))
            .text("note", all().map(|one| one.note.as_ref()))
            .text("cite", all().map(|one| one.cite.as_ref()));
        Ok(columns.finish()?)
    })
}

/// Results that are kept under their key: what each follows from. The list is read from the folder,
/// because a command may have added to it.
pub(crate) fn results(scene: &Scene<'_>) -> Result<Arc<Table>, Fault> {
    let kept = scene.edition.observatory.results()?;
    let all = || kept.iter().map(|(manifest, _)| manifest);
    let table = Columns::default()
        .text("key", all().map(|one| Some(one.key())))
        .text("name", all().map(|one| Some(&one.name)))
        .text("settings", all().map(|one| Some(&one.settings)))
        .text("inputs", all().map(|one| Some(one.inputs.join(" "))))
        .text("program", all().map(|one| Some(&one.program)))
        .finish()?;
    Ok(Arc::new(table))
}

/// One kept result by its key.
///
/// # Errors
///
/// `NotFound` for a key that no kept result has; a fault where a record that it follows from is
/// gone or damaged.
pub(crate) fn result(scene: &Scene<'_>) -> Result<Arc<Table>, Fault> {
    let key = scene.query.word("key");
    let kept = scene.edition.observatory.results()?;
    let known = kept.into_iter().map(|(manifest, _)| manifest).find(|one| one.key() == key);
    let manifest = known.ok_or_else(|| Fault::not_found("result", key, "/api/v1/results"))?;
    // The kept table itself, not a statement over it: rows stay in the order they were written in.
    // It was kept a moment ago; where it is gone by now there is nothing to compute it from.
    let missing = || sanad_store::Error::Unknown {
        what: "result",
        found: key.to_owned(),
        nearest: Vec::new(),
    };
    let table = scene.edition.observatory.result(&manifest, || Err(missing()))?;
    Ok(Arc::new(table))
}

/// The answer to a statement of the query's own.
///
/// Only reading is possible, within the bounds of time, memory and rows that the settings give.
///
/// # Errors
///
/// `WrongRequest` for a statement that cannot be planned or is no SELECT; `TooLarge` where a bound
/// was met.
pub(crate) fn sql(scene: &Scene<'_>) -> Result<Arc<Table>, Fault> {
    let table = scene.edition.observatory.sql_within(
        scene.query.word("q"),
        scene.edition.threads,
        &scene.statement,
    )?;
    let most = scene.statement_rows;
    if table.num_rows() > most {
        let what = format!("{} rows, and the bound is {most}", table.num_rows());
        return Err(Fault::new(FaultKind::TooLarge, what).in_place("parameter q").with_hint(
            "add LIMIT and OFFSET, or sum up with GROUP BY; sanad sql has no such bound",
        ));
    }
    Ok(Arc::new(table))
}

/// A statement of this house. It is ours and therefore without bounds; the text is its key.
fn statement(scene: &Scene<'_>, text: &str) -> Result<Arc<Table>, Fault> {
    let edition = scene.edition;
    edition.table(text, || Ok(edition.observatory.sql(text, edition.threads)?))
}
