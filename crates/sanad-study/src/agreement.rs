//! How well several coders agree on the same statements.
//!
//! The measure is Krippendorff's alpha: 1 for perfect agreement, 0 for what chance gives, below 0
//! for worse than chance. Whole sets of codes are compared, once as equal or not and once by how
//! much they share.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use sanad_core::missing::{is_missing, is_missing_name};
use sanad_evidence::statements::agreement::{
    Agreement, Bootstrap, Undefined, alpha_with_interval, masi, nominal,
};
use sanad_store::external::{ColumnKind, External};

use crate::error::Result;

/// A unit's codes, one set per coder that coded it.
///
/// A place per coder of the file, in order of their names; `None` where a coder did not code the
/// unit.
type CodedUnit = Vec<Option<BTreeSet<u32>>>;

/// The agreement on one column under one distance between sets of codes.
///
/// There are two lines per column of codes, `nominal` before `masi`.
#[derive(Debug, Clone, PartialEq)]
pub struct AgreementLine {
    /// The column of codes.
    pub column: String,
    /// `nominal`, where sets of codes are equal or not, or `masi`, where they may be alike in part.
    pub distance: &'static str,
    /// Krippendorff's alpha with its interval, or why there is none. There is none where no unit
    /// has two codings, or where all codings are the same.
    pub agreement: core::result::Result<Agreement, Undefined>,
}

/// Agreement of coders on a file with one row per coding: `id`, `coder`, and columns of codes.
///
/// `columns` are names of columns of the file; a field holds several codes with semicolons between
/// them. A coder who saw none of the codes writes `none`, which is a coding; an empty field is not.
/// The interval resamples units at the level of `bootstrap`, so that it speaks of other statements
/// like these and not of other coders.
///
/// # Errors
///
/// If the file lacks a column, or a coder codes a unit twice.
pub fn coder_agreement(
    path: &Path,
    columns: &[String],
    bootstrap: &Bootstrap,
) -> Result<Vec<AgreementLine>> {
    let mut lines = Vec::new();
    for column in columns {
        let units = units(path, column)?;
        let slices = || units.iter().map(Vec::as_slice);
        let line =
            |distance, agreement| AgreementLine { column: column.clone(), distance, agreement };
        lines.push(line("nominal", alpha_with_interval(slices(), nominal, bootstrap)?));
        lines.push(line("masi", alpha_with_interval(slices(), masi, bootstrap)?));
    }
    Ok(lines)
}

/// What a coder writes who saw none of the codes; a field that is empty was not coded.
const NO_CODE: &str = "none";

/// The units of a file with their codes. Codes of a field are separated by semicolons; a field that
/// is empty or holds a word for nothing such as `NA` was not coded, [`NO_CODE`] says that the coder
/// saw none. Fails where a coder codes a unit twice.
///
/// Codes are numbered in the order in which they first appear; only their equality counts. Rows of
/// the file are counted from its header, which is row 1.
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
