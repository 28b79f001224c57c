//! `sanad sql`, `sanad why` and `sanad sources`.

use sanad_store::{Observatory, StatementLimits};

use crate::args::{Form, Sources, Sql, Why};
use crate::command::{check_ending, print, request, save, subject};
use crate::error::Result;
use crate::report::say;

pub(crate) fn sql(sql: &Sql, threads: usize) -> Result<()> {
    sql.out.as_deref().map_or(Ok(()), check_ending)?;
    let observatory = Observatory::open(&sql.folder.observatory)?;
    let limits = StatementLimits { memory_mib: sql.memory, seconds: sql.time };
    let table = observatory.sql_within(&sql.statement, threads, &limits)?;
    match &sql.out {
        Some(path) => save(&table, sql.format, path),
        None => print(&table, sql.format),
    }
}

pub(crate) fn why(why: &Why, threads: usize) -> Result<()> {
    let opened = subject::open(&why.subject)?;
    let observatory = &opened.observatory;
    let request = request(&why.selection, why.month, why.month);
    let table = observatory.why(&request, &why.place, why.month, &why.measure, threads)?;
    if table.num_rows() == 0 {
        say!(
            "note: the month is covered, and nothing was recorded that counts towards {}",
            why.measure
        );
    }
    if !observatory.holds_events() {
        say!(
            "note: these are rows of counts that the case ships; single events need an import: \
             sanad import ucdp-ged FILE --observatory DIR"
        );
    }
    print(&table, why.format)
}

pub(crate) fn sources(sources: &Sources) -> Result<()> {
    let observatory = Observatory::open(&sources.folder.observatory)?;
    if sources.format == Form::Table {
        say!("note: titles, citations, addresses, files and hashes: --format csv or json");
        return print(&observatory.source_list()?, sources.format);
    }
    print(&observatory.source_table()?, sources.format)
}
