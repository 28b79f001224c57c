//! `sanad sql`, `sanad why` and `sanad sources`.

use sanad_store::{Answer, StatementLimits};

use crate::args::{Form, Sources, Sql, Why};
use crate::command::kept::{self, Asked};
use crate::command::subject::Opened;
use crate::command::{check_ending, open, print, request, save};
use crate::error::Result;
use crate::report::say;

pub(crate) fn sql(sql: &Sql, threads: usize) -> Result<()> {
    sql.out.as_deref().map_or(Ok(()), check_ending)?;
    let observatory = open(&sql.folder.observatory)?;
    let limits = StatementLimits { memory_mib: sql.memory, seconds: sql.time };
    let table = observatory.sql_within(&sql.statement, threads, &limits)?;
    match &sql.out {
        Some(path) => save(&table, sql.format, path),
        None => print(&table, sql.format),
    }
}

pub(crate) fn why(why: &Why, threads: usize) -> Result<()> {
    let options = format!("{:?} {} {} {}", why.selection, why.place, why.month, why.measure);
    let asked = Asked { command: "why", rules: "why 1", options };
    let answer = kept::answer(&why.subject, &asked, |opened| trace(why, opened, threads))?;
    print(&answer.table, why.format)
}

fn trace(why: &Why, opened: &Opened, threads: usize) -> Result<Answer> {
    let observatory = &opened.observatory;
    let request = request(&why.selection, why.month, why.month);
    let table = observatory.why(&request, &why.place, why.month, &why.measure, threads)?;
    let mut notes = Vec::new();
    if table.num_rows() == 0 {
        let measure = &why.measure;
        notes.push(format!(
            "the month is covered, and nothing was recorded that counts towards {measure}"
        ));
    }
    if !observatory.holds_events() {
        notes.push(
            "these are rows of counts that the case ships; single events need an import: \
             sanad import ucdp-ged FILE --observatory DIR"
                .to_owned(),
        );
    }
    Ok(Answer { table, notes })
}

pub(crate) fn sources(sources: &Sources) -> Result<()> {
    let observatory = open(&sources.folder.observatory)?;
    if sources.format == Form::Table {
        say!("note: titles, citations, addresses, files and hashes: --format csv or json");
        return print(&observatory.source_list()?, sources.format);
    }
    print(&observatory.source_table()?, sources.format)
}
