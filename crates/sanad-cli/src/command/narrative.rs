//! `sanad narrative` and `sanad agreement`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use sanad_core::missing::{is_missing, is_missing_name};
use sanad_evidence::statements::agreement::{
    Agreement, Bootstrap, Undefined, alpha_with_interval, masi, nominal,
};
use sanad_store::Columns;
use sanad_store::external::{ColumnKind, External};

use crate::args::{AgreementArgs, NarrativeArgs};
use crate::command::{print, subject};
use crate::error::Result;
use crate::progress::{Step, Terminal};
use crate::report;
use sanad_study::Study;
use sanad_study::tables::narrative_table;

pub(crate) fn narrative(request: &NarrativeArgs, threads: usize) -> Result<()> {
    let opened = subject::open(&request.subject)?;
    let study = Study::read(&opened.observatory, threads, &Terminal::default())?;
    let step = Step::begin("measure the narrative front");
    let found = study.narrative(&opened.observatory, threads)?;
    step.end(&format!("{} statements, from the {}", found.statements, found.basis));
    if !found.unknown_frames.is_empty() {
        let frames = found.unknown_frames.join(", ");
        report::note(&format!("frames that the codebook does not have, left out: {frames}"));
    }
    print(&narrative_table(&found.rows)?, request.format)
}

/// A unit's codes, one set per coder that coded it.
type CodedUnit = Vec<Option<BTreeSet<u32>>>;

/// Agreement of coders on a file with one row per coding: `id`, `coder`, and columns of codes.
pub(crate) fn agreement(request: &AgreementArgs) -> Result<()> {
    let bootstrap = Bootstrap { resamples: request.resamples, level: 0.9, seed: request.seed };
    let mut rows: Vec<AgreementLine<'_>> = Vec::new();
    for column in &request.column {
        let units = units(&request.file, column)?;
        let slices = || units.iter().map(Vec::as_slice);
        let nominal = alpha_with_interval(slices(), nominal, &bootstrap)?;
        rows.push(AgreementLine { column, distance: "nominal", agreement: nominal });
        let masi = alpha_with_interval(slices(), masi, &bootstrap)?;
        rows.push(AgreementLine { column, distance: "masi", agreement: masi });
    }
    let number = |of: fn(&Agreement) -> f64| {
        rows.iter().map(|row| row.agreement.as_ref().ok().map(of)).collect::<Vec<_>>()
    };
    let whole = |of: fn(&Agreement) -> usize| {
        rows.iter()
            .map(|row| row.agreement.as_ref().ok().map(|agreement| of(agreement) as i64))
            .collect::<Vec<_>>()
    };
    let table = Columns::default()
        .text("column", rows.iter().map(|row| Some(row.column)))
        .text("distance", rows.iter().map(|row| Some(row.distance)))
        .float64("alpha", number(|row| row.alpha))
        .float64("low_90", number(|row| row.low))
        .float64("high_90", number(|row| row.high))
        .int64("units", whole(|row| row.units))
        .int64("codings", whole(|row| row.codes))
        .text("note", rows.iter().map(|row| row.agreement.as_ref().err().map(ToString::to_string)))
        .finish()?;
    print(&table, request.format)
}

/// The agreement on one column under one distance.
struct AgreementLine<'a> {
    column: &'a str,
    distance: &'static str,
    agreement: core::result::Result<Agreement, Undefined>,
}

/// What a coder writes who saw none of the codes; a field that is empty was not coded.
const NO_CODE: &str = "none";

/// The units of a file with their codes. Codes of a field are separated by semicolons; a field that
/// is empty or holds a word for nothing such as `NA` was not coded, [`NO_CODE`] says that the coder
/// saw none. Fails where a coder codes a unit twice.
fn units(path: &Path, column: &str) -> Result<Vec<CodedUnit>> {
    let file = External::open(path)?;
    let parts = file.read(&[
        ColumnKind::Texts("id"),
        ColumnKind::Texts("coder"),
        ColumnKind::Texts(column),
    ])?;
    let [ids, coders, fields] = [0, 1, 2].map(|at: usize| parts[at].texts());
    let all: BTreeSet<&str> = coders.iter().map(|coder| coder.trim()).collect();
    let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
    let mut units: BTreeMap<&str, CodedUnit> = BTreeMap::new();
    let mut rows: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (row, ((id, coder), field)) in (2..).zip(ids.iter().zip(coders).zip(fields)) {
        let (id, coder) = (id.trim(), coder.trim());
        for (name, text) in [("id", id), ("coder", coder)] {
            if is_missing_name(text) {
                let problem = format!("row {row}, column {name}: no value, expected one");
                return Err(file.wrong(problem).into());
            }
        }
        if let Some(first) = rows.insert((id, coder), row) {
            let problem = format!(
                "row {row}: coder {coder:?} codes unit {id:?} a second time, first in row {first}; \
                 expected one row per unit and coder"
            );
            return Err(file.wrong(problem).into());
        }
        let unit = units.entry(id).or_insert_with(|| vec![None; all.len()]);
        if let Some(at) = all.iter().position(|known| *known == coder) {
            unit[at] = codes(field, &mut numbers);
        }
    }
    Ok(units.into_values().collect())
}

/// The codes of a field by number; `None` where it was not coded.
fn codes<'a>(field: &'a str, numbers: &mut BTreeMap<&'a str, u32>) -> Option<BTreeSet<u32>> {
    let mut is_coded = false;
    let mut codes = BTreeSet::new();
    for code in field.split(';').map(str::trim) {
        if code == NO_CODE {
            is_coded = true;
        } else if !is_missing(code) {
            is_coded = true;
            let next = numbers.len() as u32;
            codes.insert(*numbers.entry(code).or_insert(next));
        }
    }
    is_coded.then_some(codes)
}
