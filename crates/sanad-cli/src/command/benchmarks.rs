//! `sanad benchmarks`.

use sanad_core::Month;
use sanad_store::{Columns, Table};

use crate::args::Benchmarks;
use crate::command::{check_ending, print, save, subject, today};
use crate::error::Result;
use crate::report::say;
use sanad_study::benchmarks::{Standing, Status, standings};

pub(crate) fn run(asked: &Benchmarks, threads: usize) -> Result<()> {
    asked.out.as_deref().map_or(Ok(()), check_ending)?;
    let opened = subject::open(&asked.subject)?;
    let as_of = match asked.as_of {
        Some(month) => month,
        None => Month::of(today()?),
    };
    let found = standings(&opened.observatory, as_of, threads)?;
    let count = |status| found.iter().filter(|it| it.status == status).count();
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
    let table = table(&found)?;
    match &asked.out {
        Some(path) => save(&table, asked.format, path),
        None => print(&table, asked.format),
    }
}

fn table(found: &[Standing]) -> Result<Table> {
    let text = |of: &dyn Fn(&Standing) -> Option<String>| found.iter().map(of).collect::<Vec<_>>();
    let number = |of: &dyn Fn(&Standing) -> Option<f64>| found.iter().map(of).collect::<Vec<_>>();
    Ok(Columns::default()
        .text("benchmark", text(&|it| Some(it.declared.id.clone())))
        .text("status", text(&|it| Some(it.status.word().to_owned())))
        .text("title", text(&|it| Some(it.declared.title.clone())))
        .text("indicator", text(&|it| Some(it.declared.indicator.clone())))
        .text("unit", text(&|it| Some(it.declared.unit.clone())))
        .text("baseline_month", text(&|it| it.baseline.map(|(month, _)| month.to_string())))
        .float64("baseline", number(&|it| it.baseline.map(|(_, value)| value)))
        .text("last_month", text(&|it| it.last.map(|(month, _)| month.to_string())))
        .float64("last", number(&|it| it.last.map(|(_, value)| value)))
        .float64("last_at_most", number(&|it| it.at_most))
        .float64("target", number(&|it| Some(it.declared.target)))
        .text("due", text(&|it| it.declared.due.map(|due| due.to_string())))
        .text("due_set_by", text(&|it| it.declared.due_set_by.map(|by| by.word().to_owned())))
        .float64("on_track", number(&|it| it.on_track))
        .text("records", text(&|it| Some(it.declared.records.join(" "))))
        .text("needs", text(&|it| it.declared.needs.clone()))
        .finish()?)
}
