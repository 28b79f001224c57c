//! `sanad narrative` and `sanad agreement`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use sanad_evidence::statements::agreement::{
    Agreement, Bootstrap, alpha_with_interval, masi, nominal,
};
use sanad_store::external::{External, Wanted};
use sanad_store::{Columns, Table};

use crate::args::{Agreement as Asks, Narrative as Asked};
use crate::command::{print, subject};
use crate::error::Result;
use crate::progress::{Step, Terminal};
use crate::report;
use sanad_study::Study;
use sanad_study::narrative::Measure;

pub(crate) fn narrative(asked: &Asked, threads: usize) -> Result<()> {
    let opened = subject::open(&asked.subject)?;
    let study = Study::read(&opened.observatory, threads, &Terminal::default())?;
    let step = Step::begin("measure the narrative front");
    let found = study.narrative(&opened.observatory, threads)?;
    step.end(&format!("{} statements, from the {}", found.statements, found.basis));
    if !found.unknown_frames.is_empty() {
        let frames = found.unknown_frames.join(", ");
        report::note(&format!("frames that the codebook does not have, left out: {frames}"));
    }
    print(&table(&found.rows)?, asked.format)
}

fn table(rows: &[Measure]) -> Result<Table> {
    let end = |at: usize| rows.iter().map(move |it| it.months.map(|m| m[at].to_string()));
    let ends = |at: usize| rows.iter().map(|it| it.interval.map(|i| i[at])).collect::<Vec<_>>();
    Ok(Columns::default()
        .text("measure", rows.iter().map(|it| Some(it.measure)))
        .text("organisation", rows.iter().map(|it| Some(&it.organisation)))
        .text("about", rows.iter().map(|it| Some(&it.about).filter(|about| !about.is_empty())))
        .text("from", end(0))
        .text("to", end(1))
        .float64("value", rows.iter().map(|it| it.value).collect::<Vec<_>>())
        .float64("low_90", ends(0))
        .float64("high_90", ends(1))
        .float64("by_chance", rows.iter().map(|it| it.by_chance).collect::<Vec<_>>())
        .float64("p_value", rows.iter().map(|it| it.p_value).collect::<Vec<_>>())
        .int64("number", rows.iter().map(|it| it.number as i64).collect::<Vec<_>>())
        .text("note", rows.iter().map(|it| Some(&it.note).filter(|note| !note.is_empty())))
        .finish()?)
}

/// A unit's codes, one set per coder that coded it.
type Unit = Vec<Option<BTreeSet<u32>>>;

/// Agreement of coders on a file with one row per coding: `id`, `coder`, and columns of codes.
pub(crate) fn agreement(asked: &Asks) -> Result<()> {
    let bootstrap = Bootstrap { resamples: asked.resamples, level: 0.9, seed: asked.seed };
    let mut rows: Vec<(&str, &str, Option<Agreement>)> = Vec::new();
    for column in &asked.column {
        let units = units(&asked.file, column)?;
        let slices = || units.iter().map(Vec::as_slice);
        rows.push((column, "nominal", alpha_with_interval(slices(), nominal, &bootstrap)?));
        rows.push((column, "masi", alpha_with_interval(slices(), masi, &bootstrap)?));
    }
    let number =
        |of: fn(&Agreement) -> f64| rows.iter().map(|it| it.2.as_ref().map(of)).collect::<Vec<_>>();
    let whole = |of: fn(&Agreement) -> usize| {
        rows.iter().map(|it| it.2.as_ref().map(|it| of(it) as i64)).collect::<Vec<_>>()
    };
    let table = Columns::default()
        .text("column", rows.iter().map(|it| Some(it.0)))
        .text("distance", rows.iter().map(|it| Some(it.1)))
        .float64("alpha", number(|it| it.alpha))
        .float64("low_90", number(|it| it.low))
        .float64("high_90", number(|it| it.high))
        .int64("units", whole(|it| it.units))
        .int64("codings", whole(|it| it.codes))
        .finish()?;
    print(&table, asked.format)
}

/// The units of a file with their codes; codes of a field are separated by semicolons, and a field
/// without a code says that the coder saw none.
fn units(path: &Path, column: &str) -> Result<Vec<Unit>> {
    let file = External::open(path)?;
    let parts = file.read(&[Wanted::Texts("id"), Wanted::Texts("coder"), Wanted::Texts(column)])?;
    let [ids, coders, fields] = [0, 1, 2].map(|at: usize| parts[at].texts());
    let all: BTreeSet<&String> = coders.iter().collect();
    let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
    let mut units: BTreeMap<&String, Unit> = BTreeMap::new();
    for ((id, coder), field) in ids.iter().zip(coders).zip(fields) {
        let mut codes = BTreeSet::new();
        for code in field.split(';').map(str::trim).filter(|code| !code.is_empty()) {
            let next = numbers.len() as u32;
            codes.insert(*numbers.entry(code).or_insert(next));
        }
        let unit = units.entry(id).or_insert_with(|| vec![None; all.len()]);
        if let Some(at) = all.iter().position(|known| *known == coder) {
            unit[at] = Some(codes);
        }
    }
    Ok(units.into_values().collect())
}
