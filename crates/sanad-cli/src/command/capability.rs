//! `sanad capability`.

use sanad_store::{Columns, Table};
use sanad_study::capability::{self, CapabilityMonth, CapabilityRequest, DatedTie, Ranged};

use crate::args::{CapabilityArgs, CapabilityTable};
use crate::command::{print, subject};
use crate::error::{Error, Result};
use crate::progress::Step;

pub(crate) fn run(asked: &CapabilityArgs, threads: usize) -> Result<()> {
    let opened = subject::open(&asked.subject)?;
    let known = opened.observatory.actors()?;
    if let Some(id) = asked.organisations.iter().find(|id| known.iter().all(|it| it.id != **id)) {
        return Err(Error::Option {
            option: "--organisations",
            found: id.clone(),
            expected: "ids of the case's organisations, joined by commas",
        });
    }
    let step = Step::begin("count attacks by organisation");
    let request = CapabilityRequest {
        organisations: asked.organisations.clone(),
        from: asked.from,
        to: asked.to,
    };
    let found = capability::capability(&opened.observatory, &request, threads)?;
    step.end(&format!("{} months of organisations", found.months.len()));
    let table = match asked.show {
        CapabilityTable::Months => months(&found.months)?,
        CapabilityTable::Ties => ties(&found.ties)?,
    };
    print(&table, asked.format)
}

fn months(rows: &[CapabilityMonth]) -> Result<Table> {
    let number = |of: &dyn Fn(&CapabilityMonth) -> Option<f64>| {
        rows.iter().map(of).collect::<Vec<Option<f64>>>()
    };
    let whole = |of: fn(&CapabilityMonth) -> i64| rows.iter().map(of).collect::<Vec<i64>>();
    let ranged = |columns: Columns, name: &str, of: &dyn Fn(&CapabilityMonth) -> Option<Ranged>| {
        columns
            .float64(name, number(&|it| Some(of(it)?.value)))
            .float64(&format!("{name}_low"), number(&|it| Some(of(it)?.low)))
            .float64(&format!("{name}_high"), number(&|it| Some(of(it)?.high)))
    };
    let columns = Columns::default()
        .text("organisation", rows.iter().map(|row| Some(&row.organisation)))
        .text("name", rows.iter().map(|row| Some(&row.name)))
        .text("month", rows.iter().map(|row| Some(row.month.to_string())));
    let columns = ranged(columns, "attacks", &|it| Some(it.attacks))
        .int64("not_told_apart", whole(|it| it.not_told_apart))
        .float64("share_told", number(&|it| it.share_told))
        .int64("districts", whole(|it| it.districts))
        .int64("days_in_several_districts", whole(|it| it.days_in_several))
        .float64("such_days_by_chance", number(&|it| Some(it.days_by_chance.0)))
        .float64("such_days_by_chance_high", number(&|it| Some(it.days_by_chance.1)));
    let columns = ranged(columns, "deaths_per_attack", &|it| it.deaths_per_attack);
    let columns = ranged(columns, "share_on_state", &|it| it.share_on_state);
    let on_civilians = |it: &CapabilityMonth| Some(1.0 - it.share_on_state?.value);
    Ok(columns.float64("share_on_civilians", number(&on_civilians)).finish()?)
}

fn ties(rows: &[DatedTie]) -> Result<Table> {
    Ok(Columns::default()
        .text("month", rows.iter().map(|row| Some(row.month.to_string())))
        .text("kind", rows.iter().map(|row| Some(&row.kind)))
        .text("first", rows.iter().map(|row| Some(&row.organisations[0])))
        .text("second", rows.iter().map(|row| Some(&row.organisations[1])))
        .finish()?)
}
