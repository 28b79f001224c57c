//! One module per command.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use sanad_core::Month;
use sanad_core::escape;
use sanad_core::event::DateRule;
use sanad_store::export::{self, Format};
use sanad_store::{Observatory, PanelRequest, PlacesOf, PlanRunner, Unit};

use crate::Connect;
use crate::args::{Arguments, Command, DateRuleName, Form, PlacesName, Selection, UnitName};
use sanad_study::Error as StudyError;

use crate::codebook::{self, Definition};
use crate::error::{Error, Result};

mod ablation;
mod backtest;
mod benchmarks;
mod brief;
mod calibrate;
mod capability;
mod case;
mod claims;
mod counts;
mod cycle;
mod doctor;
mod fetch;
mod forecast;
mod fronts;
mod import;
mod interventions;
mod kept;
mod kinds;
mod levels;
mod model;
mod moments;
mod narrative;
mod network;
mod observations;
mod panel;
mod publish;
mod read;
mod scenario;
mod score;
mod serve;
mod simulate;
mod subject;
mod today;
mod update;

pub(crate) use today::{EPOCH_VARIABLE, clock, today};

/// What executes plans in the place of this program, set before the first command. One for the process, as
/// the pool of threads is.
static ELSEWHERE: OnceLock<Arc<dyn PlanRunner>> = OnceLock::new();

/// Opens the observatory in a folder, with its plans executed where the user asked for.
pub(crate) fn open(folder: &Path) -> Result<Observatory> {
    let observatory = Observatory::open(folder)?;
    match ELSEWHERE.get() {
        Some(runner) => Ok(observatory.executed_by(Arc::clone(runner))?),
        None => Ok(observatory),
    }
}

/// Runs the command that was asked for. `connect` leads to a cluster, where the program has one.
pub(crate) fn run(arguments: Arguments, connect: Option<Connect>) -> Result<()> {
    let threads = usize::from(arguments.threads);
    if let Some(address) = &arguments.cluster {
        let connect = connect.ok_or(Error::NoCluster)?;
        // It can be set only once, and a process runs one command.
        let _ = ELSEWHERE.set(connect(address, threads).map_err(sanad_store::Error::from)?);
    }
    // The pure crates share one pool. It can be set only once, and this is the first to ask.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    match arguments.command {
        Command::Fetch(fetch) => fetch::run(&fetch),
        Command::Update(update) => update::run(&update, threads),
        Command::Import(import) => import::run(&import),
        Command::Panel(panel) => panel::run(&panel, threads),
        Command::Sql(sql) => read::sql(&sql, threads),
        Command::Doctor(options) => doctor::doctor(&options),
        Command::Compact(options) => doctor::compact(&options),
        Command::Why(why) => read::why(&why, threads),
        Command::Observations(observations) => observations::run(&observations),
        Command::Sources(sources) => read::sources(&sources),
        Command::Levels(options) => levels::run(&options, threads),
        Command::Counts(counts) => counts::run(&counts, threads),
        Command::Brief(brief) => brief::run(&brief, threads),
        Command::Forecast(forecast) => forecast::run(&forecast, threads),
        Command::Backtest(backtest) => backtest::run(&backtest, threads),
        Command::Benchmarks(benchmarks) => benchmarks::run(&benchmarks, threads),
        Command::Calibrate(calibrate) => calibrate::run(&calibrate, threads),
        Command::Scenario(scenario) => scenario::run(&scenario),
        Command::Score(score) => score::run(&score),
        Command::Serve(serve) => serve::run(&serve, threads),
        Command::Publish(asked) => publish::run(&asked, threads),
        Command::Simulate(simulate) => simulate::run(&simulate),
        Command::Model(model) => model::run(&model),
        Command::Ablation(ablation) => ablation::run(&ablation, threads),
        Command::Case(options) => case::run(&options, threads),
        Command::Claims(claims) => claims::run(&claims, threads),
        Command::Fronts(fronts) => fronts::run(&fronts, threads),
        Command::Narrative(options) => narrative::narrative(&options, threads),
        Command::Agreement(options) => narrative::agreement(&options),
        Command::Moments(moments) => moments::run(&moments),
        Command::Cycle(cycle) => cycle::run(&cycle, threads),
        Command::Capability(options) => capability::run(&options, threads),
        Command::Kinds(options) => kinds::run(&options, threads),
        Command::Interventions(options) => interventions::run(&options, threads),
        Command::Network(network) => network::run(&network),
    }
}

/// Refuses a file whose ending names no form, before any work is done for it.
fn check_ending(path: &Path) -> Result<()> {
    check_ending_of("--out", path)
}

/// The same of a file that another option names.
fn check_ending_of(option: &'static str, path: &Path) -> Result<()> {
    match Format::of_path(path) {
        Some(_) => Ok(()),
        None => Err(Error::Option {
            option,
            found: path.display().to_string(),
            expected: "a name that ends in .csv, .parquet, .json or .md",
        }),
    }
}

/// Names with numbers, as in NAME=NUMBER.
fn numbered(option: &'static str, given: &[String]) -> Result<Vec<(String, f64)>> {
    let one = |text: &String| {
        let pair = text.split_once('=');
        let value = pair.and_then(|(name, value)| Some((name, value.trim().parse().ok()?)));
        value.map(|(name, value)| (name.trim().to_owned(), value)).ok_or_else(|| Error::Option {
            option,
            found: text.clone(),
            expected: "NAME=NUMBER, such as \"contact rate=4\"",
        })
    };
    given.iter().map(one).collect()
}

/// Writes a table to the file that the user named, in the form that its ending asks for; CSV in the
/// form for spreadsheets where that was asked for.
pub(crate) fn save(batch: &sanad_store::Table, form: Form, path: &Path) -> Result<()> {
    let csv = Format::of_path(path) == Some(Format::Csv);
    let format = (csv && form == Form::Spreadsheet).then_some(Format::Spreadsheet);
    Ok(export::write_file(batch, format, path)?)
}

/// Writes a table to stdout; as Markdown with what its columns mean below it.
pub(crate) fn print_defined(
    batch: &sanad_store::Table,
    form: Form,
    definitions: &[Definition],
) -> Result<()> {
    if form != Form::Md {
        return print(batch, form);
    }
    let mut bytes = Vec::new();
    export::write(batch, form.into(), &mut bytes)?;
    bytes.extend(codebook::list(batch, definitions).bytes());
    print_bytes(bytes, form)
}

/// Writes a table to stdout.
pub(crate) fn print(batch: &sanad_store::Table, form: Form) -> Result<()> {
    if form == Form::Parquet && io::stdout().is_terminal() {
        return Err(Error::BinaryToTerminal);
    }
    let mut bytes = Vec::new();
    export::write(batch, form.into(), &mut bytes)?;
    print_bytes(bytes, form)
}

fn print_bytes(mut bytes: Vec<u8>, form: Form) -> Result<()> {
    let stdout = io::stdout();
    if form != Form::Parquet && stdout.is_terminal() {
        // A file for programs holds texts as they are; a terminal would obey some of them.
        bytes = escape::lines(&String::from_utf8_lossy(&bytes)).into_owned().into_bytes();
    }
    let mut out = stdout.lock();
    match out.write_all(&bytes).and_then(|()| out.flush()) {
        // A reader such as `head` that has seen enough is no failure.
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other
            .map_err(|source| Error::from(StudyError::Write { what: "stdout".to_owned(), source })),
    }
}

impl From<Form> for Format {
    fn from(form: Form) -> Self {
        match form {
            Form::Table => Self::Table,
            Form::Csv => Self::Csv,
            Form::Spreadsheet => Self::Spreadsheet,
            Form::Json => Self::Json,
            Form::Parquet => Self::Parquet,
            Form::Md => Self::Markdown,
        }
    }
}

impl From<UnitName> for Unit {
    fn from(unit: UnitName) -> Self {
        match unit {
            UnitName::Country => Self::Country,
            UnitName::Adm1 => Self::Adm1,
            UnitName::Adm2 => Self::Adm2,
            UnitName::Priogrid => Self::Priogrid,
        }
    }
}

/// What a selection asks of an observatory.
fn request(selection: &Selection, from: Month, to: Month) -> PanelRequest {
    let unit = selection.unit.into();
    PanelRequest {
        date_rule: match selection.date_rule {
            DateRuleName::End => DateRule::End,
            DateRuleName::Start => DateRule::Start,
            DateRuleName::Spread => DateRule::Spread,
        },
        places_of: match selection.places {
            PlacesName::Contemporary => PlacesOf::Contemporary,
            PlacesName::Current => PlacesOf::Current,
        },
        as_of: selection.as_of,
        series: selection.source.clone(),
        countries: selection.country.clone(),
        ..PanelRequest::new(unit, from, to)
    }
}
