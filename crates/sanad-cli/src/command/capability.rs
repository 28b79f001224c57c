//! `sanad capability`.

use sanad_core::Estimate;
use sanad_store::{Columns, Table};
use sanad_study::capability::{self, CapabilityMonth, CapabilityRequest, DatedTie};

use crate::args::{CapabilityArgs, CapabilityTable};
use crate::command::{print, subject};
use crate::error::{Error, Result};
use crate::progress::Step;

pub(crate) fn run(options: &CapabilityArgs, threads: usize) -> Result<()> {
    let opened = subject::open(&options.subject)?;
    let known = opened.observatory.actors()?;
    if let Some(id) =
        options.organisations.iter().find(|id| known.iter().all(|known| known.id != **id))
    {
        return Err(Error::Option {
            option: "--organisations",
            found: id.clone(),
            expected: "ids of the case's organisations, joined by commas",
        });
    }
    let step = Step::begin("count attacks by organisation");
    let request = CapabilityRequest {
        organisations: options.organisations.clone(),
        from: options.from,
        to: options.to,
    };
    let found = capability::capability(&opened.observatory, &request, threads)?;
    step.end(&format!("{} months of organisations", found.months.len()));
    let table = match options.show {
        CapabilityTable::Months => months(&found.months)?,
        CapabilityTable::Ties => ties(&found.ties)?,
    };
    print(&table, options.format)
}

fn months(rows: &[CapabilityMonth]) -> Result<Table> {
    let number = |of: &dyn Fn(&CapabilityMonth) -> Option<f64>| {
        rows.iter().map(of).collect::<Vec<Option<f64>>>()
    };
    let whole = |of: fn(&CapabilityMonth) -> i64| rows.iter().map(of).collect::<Vec<i64>>();
    let ranged =
        |columns: Columns, name: &str, of: &dyn Fn(&CapabilityMonth) -> Option<Estimate>| {
            columns
                .float64(name, number(&|row| Some(of(row)?.value)))
                .float64(&format!("{name}_low"), number(&|row| Some(of(row)?.low)))
                .float64(&format!("{name}_high"), number(&|row| Some(of(row)?.high)))
        };
    let columns = Columns::default()
        .text("organisation", rows.iter().map(|row| Some(&row.organisation)))
        .text("name", rows.iter().map(|row| Some(&row.name)))
        .text("month", rows.iter().map(|row| Some(row.month.to_string())));
    let columns = ranged(columns, "attacks", &|it| Some(it.attacks))
        .int64("not_told_apart", whole(|row| row.not_told_apart))
        .float64("share_told", number(&|row| row.share_told))
        .int64("districts", whole(|row| row.districts))
        .int64("days_in_several_districts", whole(|row| row.days_in_several))
        .float64("such_days_by_chance", number(&|row| Some(row.days_by_chance.0)))
        .float64("such_days_by_chance_high", number(&|row| Some(row.days_by_chance.1)));
    let columns = ranged(columns, "deaths_per_attack", &|it| it.deaths_per_attack);
    let columns = ranged(columns, "share_on_state", &|it| it.share_on_state);
    let on_civilians =
        |capability_month: &CapabilityMonth| Some(1.0 - capability_month.share_on_state?.value);
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
