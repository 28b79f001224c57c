//! Records that a model goes through, and the noise that is declared beside it.

use std::collections::BTreeMap;
use std::path::Path;

use sanad_scenario::{
    AssimilatedEnsemble, Assimilation, Inputs, Model, ObservationRecord, RunSettings, StateSpace,
    canonical_name,
};
use sanad_source::sheet::{Row, Sheet};
use sanad_study::Error as StudyError;

use super::file::read;
use crate::error::{Error, Result};
use crate::progress::Step;
use crate::report::say;

/// What a table of observations holds.
const EXPECTED: &str = "a table with a column time and a column for each observed variable";
/// Effective members below which a reader is told that the model could hardly give a row.
const FEW: f64 = 10.0;

/// The files of an assimilation: observations, and the noise that makes the model a state space.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RecordFiles<'p> {
    pub(crate) observations: &'p Path,
    pub(crate) noise: &'p Path,
}

impl RecordFiles<'_> {
    /// Takes members through the record, keeping the variables named.
    pub(crate) fn assimilate(
        self,
        model: &Model,
        saved: &[&str],
        settings: &RunSettings,
        (members, inputs): (usize, &Inputs),
    ) -> Result<AssimilatedEnsemble> {
        let fault = |path| move |source| scenario_fault(path, source);
        let space = self.state_space()?;
        let assimilation =
            model.assimilation(saved, &space, settings).map_err(fault(self.noise))?;
        let record = self.record(&assimilation)?;
        let step = Step::begin("assimilate the record");
        let found = assimilation.run_reporting(members, inputs, &record, &step);
        let found = found.map_err(fault(self.observations))?;
        step.end(&format!(
            "{members} members through {} observations, log evidence {:.3}",
            record.observed(),
            found.log_evidence()
        ));
        tell(&found);
        Ok(found)
    }

    /// The noise and densities.
    pub(super) fn state_space(self) -> Result<StateSpace> {
        let bytes = read(self.noise)?;
        toml::from_slice(&bytes).map_err(|source| {
            let path = self.noise.to_owned();
            Error::Noise { path, source: Box::new(source) }
        })
    }

    /// The observations, each held against the steps of the run and the density of its variable.
    pub(super) fn record(self, assimilation: &Assimilation<'_>) -> Result<ObservationRecord> {
        let bytes = read(self.observations)?;
        let table =
            |source| Error::Table { path: self.observations.to_owned(), source: Box::new(source) };
        let mut sheet = Sheet::open(&bytes, EXPECTED, b',').map_err(table)?;
        let [time] = sheet.require(["time"], EXPECTED).map_err(table)?;
        let header = sheet.header().to_vec();
        let variables = self.variables(&header, time, assimilation)?;
        let mut record = ObservationRecord::default();
        let mut series: BTreeMap<usize, Vec<Option<f64>>> = BTreeMap::new();
        let mut before = None;
        while let Some(row) = sheet.any_row().map_err(table)? {
            if !sheet.fits(&row) {
                let expected = format!("{} fields, as in the header", header.len());
                let found = "more or fewer fields".to_owned();
                return Err(self.cell(&row, "all", found, expected));
            }
            let at = self
                .number(&row, time, "time")?
                .filter(|time| assimilation.step_at(*time).is_some());
            let step = at.and_then(|time| assimilation.step_at(time));
            let (Some(at), true) = (at, before < step) else {
                let expected =
                    "a time on a step of the run, after that of the row before".to_owned();
                return Err(self.cell(&row, "time", row.text(time).into_owned(), expected));
            };
            before = step;
            record.times.push(at);
            for &(column, name) in &variables {
                let value = self.number(&row, column, name)?;
                let density = assimilation.density(name);
                let wrong = value.and_then(|value| density?.expected(value));
                if let Some(expected) = wrong {
                    let found = row.text(column).into_owned();
                    return Err(self.cell(&row, name, found, expected.to_owned()));
                }
                series.entry(column).or_default().push(value);
            }
        }
        let named = variables
            .iter()
            .filter_map(|(column, name)| Some(((*name).to_owned(), series.remove(column)?)));
        record.series = named.collect();
        Ok(record)
    }

    /// Columns that hold observations, with their variables.
    fn variables<'h>(
        self,
        header: &'h [String],
        time: usize,
        assimilation: &Assimilation<'_>,
    ) -> Result<Vec<(usize, &'h str)>> {
        let columns = header.iter().enumerate().filter(|(column, _)| *column != time);
        let named: Vec<(usize, &str)> =
            columns.map(|(column, name)| (column, name.as_str())).collect();
        for (place, (_, name)) in named.iter().enumerate() {
            let is_twice = named[..place]
                .iter()
                .any(|(_, other)| canonical_name(other) == canonical_name(name));
            if assimilation.density(name).is_none() || is_twice {
                let expected = format!(
                    "the name of a variable that {} gives a density, once",
                    self.noise.display()
                );
                return Err(Error::Cell {
                    path: self.observations.to_owned(),
                    row: 1,
                    column: (*name).to_owned(),
                    found: (*name).to_owned(),
                    expected,
                });
            }
        }
        for declared in assimilation.observed() {
            let is_there =
                named.iter().any(|(_, name)| canonical_name(name) == canonical_name(declared));
            if !is_there {
                say!("note: {declared} has a density and no column of observations");
            }
        }
        Ok(named)
    }

    /// The number in a cell; nothing where it is empty.
    fn number(self, row: &Row, column: usize, name: &str) -> Result<Option<f64>> {
        let text = row.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        let expected = || "a number, or nothing".to_owned();
        number.map(Some).ok_or_else(|| self.cell(row, name, text.clone().into_owned(), expected()))
    }

    /// The error of a cell.
    fn cell(self, row: &Row, column: &str, found: String, expected: String) -> Error {
        Error::Cell {
            path: self.observations.to_owned(),
            row: row.number,
            column: column.to_owned(),
            found,
            expected,
        }
    }
}

/// An error of the engine about a file.
pub(super) fn scenario_fault(path: &Path, source: sanad_scenario::Error) -> Error {
    Error::from(StudyError::Scenario { path: path.to_owned(), source: Box::new(source) })
}

/// How well the members could follow the record.
fn tell(found: &AssimilatedEnsemble) {
    let steps = found.steps().iter();
    let worst = steps.min_by(|a, b| a.effective_members.total_cmp(&b.effective_members));
    let Some(worst) = worst else { return };
    say!(
        "effective members: {:.0} at the least, at time {}; the last members descend from {} of the \
         first",
        worst.effective_members,
        worst.time,
        found.ancestors()
    );
    if worst.effective_members < FEW {
        say!(
            "note: hardly a member could give what was observed at time {}; more members, or wider \
             priors, noise or densities, may",
            worst.time
        );
    }
}
