//! `sanad sql`, `sanad why` and `sanad sources`.

use sanad_store::{Observatory, StatementLimits};

use crate::args::{Sources, Sql, Why};
use crate::command::{open, print, request};
use crate::error::Result;

pub(crate) fn sql(sql: &Sql, threads: usize) -> Result<()> {
    let observatory = Observatory::open(&sql.folder.observatory)?;
    let limits = StatementLimits { memory_mib: sql.memory, seconds: sql.time };
    print(&observatory.sql_within(&sql.statement, threads, &limits)?, sql.format)
}

pub(crate) fn why(why: &Why, threads: usize) -> Result<()> {
    let observatory = open(&why.selection)?;
    let request = request(&why.selection, why.month, why.month);
    print(&observatory.why(&request, &why.place, why.month, &why.measure, threads)?, why.format)
}

pub(crate) fn sources(sources: &Sources) -> Result<()> {
    let observatory = Observatory::open(&sources.folder.observatory)?;
    print(&observatory.source_table()?, sources.format)
}
