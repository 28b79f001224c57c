//! `sanad benchmarks`.

use sanad_core::Month;

use crate::args::BenchmarksArgs;
use crate::command::{check_ending, print, save, subject, today};
use crate::error::Result;
use crate::report::say;
use sanad_study::benchmarks::{Status, standings};
use sanad_study::tables::benchmark_table;

pub(crate) fn run(request: &BenchmarksArgs, threads: usize) -> Result<()> {
    request.out.as_deref().map_or(Ok(()), check_ending)?;
    let opened = subject::open(&request.subject)?;
    let as_of = match request.as_of {
        Some(month) => month,
        None => Month::from_date(today()?),
    };
    let found = standings(&opened.observatory, as_of, threads)?;
    let count = |status| found.iter().filter(|found| found.status == status).count();
    say!(
        "{} benchmarks at the end of {as_of}: {} met, {} open, {} not measured lately, {} overdue, {} \
         unmeasurable",
        found.len(),
        count(Status::Met),
        count(Status::Open),
        count(Status::Stale),
        count(Status::Overdue) + count(Status::OverdueUnmeasurable),
        count(Status::Unmeasurable) + count(Status::OverdueUnmeasurable),
    );
    let table = benchmark_table(&found)?;
    match &request.out {
        Some(path) => save(&table, request.format, path),
        None => print(&table, request.format),
    }
}
