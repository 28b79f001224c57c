//! Learns a model's parameters from a monthly record and takes down, at several origins on the way,
//! what it foretells; then scores that against the record.
//!
//! ```sh
//! cargo run --release -p sanad-scenario --example rolling_origins -- fit FOLDER OUT ORIGINS [setting=value ...]
//! cargo run --release -p sanad-scenario --example rolling_origins -- score FOLDER ORIGINS OUT...
//! cargo run --release -p sanad-scenario --example rolling_origins -- holdout FOLDER ORIGIN MEASURED OUT...
//! cargo run --release -p sanad-scenario --example rolling_origins -- agree OUT...
//! cargo run --release -p sanad-scenario --example rolling_origins -- forecast FOLDER OUT ORIGINS [draws=N seed=N ahead=MONTHS]
//! cargo run --release -p sanad-scenario --example rolling_origins -- links FOLDER ORIGIN OUT...
//! cargo run --release -p sanad-scenario --example rolling_origins -- without FOLDER ORIGINS PARAMETERS OUT...
//! cargo run --release -p sanad-scenario --example rolling_origins -- difference FOLDER ORIGINS WITH WITHOUT
//! cargo run --release -p sanad-scenario --example rolling_origins -- transfer FOLDER ORIGIN only=TEXT [setting=value ...]
//! ```
//!
//! FOLDER holds `model.xmile`, `priors.toml`, `noise.toml`, `observed.csv` and, where `placebos=yes` asks of `fit` for
//! the evidence of moved inputs given the draws at the last origin, `inputs.toml`. The model has a constant `known_to`, after which it knows no dated input. ORIGINS are
//! the model's times, with commas between them. Settings of `fit`: `chains`, `first` and `settling` (moves that are dropped, at the
//! first origin and at later ones), `moves`, `kept`, `seed`; with `sampler=nuts`, which follows the gradient: `chains`, `first` and `settling`
//! (draws of the warm-up), `draws`, `kept`, `accepted` (in hundredths), `metric=low-rank`, `deepest`, `seed`; of both: `files=none` writes nothing and
//! prints the diagnostics alone; of `sets`, which learns by particle filters: `sets`, `inner`, `seed`; of all: `only=TEXT` keeps the observed
//! variables whose names hold the text; `zero=NAME` puts a parameter to zero; `signs=symmetric` gives
//! every normal prior mean 0 and the standard deviation √(mean² + sd²). PARAMETERS of `without` have commas between them; `all` are those whose
//! priors are normals. WITH and WITHOUT are folders that `fit` wrote.
//!
//! A score is the CRPS of ln(1 + count): E|X − y| − E|X − X′|/2 over the draws of all OUT together, the
//! mean over 36 months ahead, against (a) the mean of the last twelve months as a point and (b) those
//! twelve months as draws. Reference (c) is a score of its own: `forecast` writes the forecast of `sanad-forecast` from the same record and origins
//! into OUT in the form that `score` and `holdout` read; it knows no input, so that both readings are the same.
#![allow(clippy::disallowed_methods, clippy::print_stdout)]

mod links;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use sanad_core::Silent;
use sanad_forecast::{Panel, Request, sanad};
use sanad_numbers::{mean, variance};
use sanad_scenario::{
    Assimilation, ChainSettings, Distribution, GradientProgress, GradientSettings, Inputs,
    LearningSettings, LearntSets, Limits, Model, ObservationRecord, Results, RunSettings,
    SampledPaths, StateSpace, Vary, read_xmile,
};

/// Months ahead that a score covers.
const AHEAD: usize = 36;
/// Months of the record that references look back to.
const YEAR: usize = 12;

fn main() {
    let given: Vec<String> = std::env::args().skip(1).collect();
    match given.first().map(String::as_str) {
        Some("fit") => fit(&given[1..]),
        Some("sets") => fit_sets(&given[1..]),
        Some("forecast") => forecast(&given[1..]),
        Some("score") => score(&given[1..]),
        Some("holdout") => holdout(&given[1..]),
        Some("agree") => agree(&given[1..]),
        Some("links") => links::evidence(&given[1..]),
        Some("without") => links::without(&given[1..]),
        Some("difference") => links::difference(&given[1..]),
        Some("transfer") => transfer(&given[1..]),
        _ => println!(
            "one of: fit, sets, forecast, score, holdout, agree, links, without, difference, transfer"
        ),
    }
}

/// Settings as `name=value`.
struct Given<'a>(&'a [String]);

impl Given<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().filter_map(|one| one.split_once('='));
        found.filter(|(known, _)| *known == name).map(|(_, value)| value).next_back()
    }

    fn number(&self, name: &str, default: u64) -> u64 {
        self.text(name).map_or(default, |text| text.parse().expect("a whole number"))
    }

    fn learning(&self) -> LearningSettings {
        let default = LearningSettings::default();
        LearningSettings {
            sets: self.number("sets", 256) as usize,
            inner_members: self.number("inner", 128) as usize,
            seed: self.number("seed", 1),
            ..default
        }
    }
}

/// What a folder holds.
struct Folder {
    model: Model,
    priors: Vary,
    space: StateSpace,
    record: ObservationRecord,
}

impl Folder {
    fn read(folder: &Path, given: &Given<'_>) -> Self {
        let text = |name: &str| std::fs::read_to_string(folder.join(name)).expect(name);
        let document =
            read_xmile(text("model.xmile").as_bytes(), &Limits::default()).expect("XMILE");
        let mut priors: Vary = toml::from_str(&text("priors.toml")).expect("priors");
        for (name, distribution) in &mut priors.constants {
            if given.text("zero") == Some(name) {
                *distribution = Distribution::Fixed { value: 0.0 };
            } else if given.text("signs") == Some("symmetric")
                && let Distribution::Normal { mean, standard_deviation, .. } = distribution
            {
                (*mean, *standard_deviation) = (0.0, mean.hypot(*standard_deviation));
            }
        }
        let space: StateSpace = toml::from_str(&text("noise.toml")).expect("noise");
        let mut record = observed(&text("observed.csv"));
        if let Some(only) = given.text("only") {
            record.series.retain(|name, _| name.contains(only));
        }
        Self { model: Model::compile(&document).expect("a model"), priors, space, record }
    }

    fn assimilation(&self, seed: u64) -> Assimilation<'_> {
        let settings = RunSettings { seed, ..RunSettings::default() };
        let first: Vec<&str> = self.record.series.keys().take(1).map(String::as_str).collect();
        self.model.assimilation(&first, &self.space, &settings).expect("a filter")
    }

    /// The record up to a time.
    fn up_to(&self, time: f64) -> ObservationRecord {
        let rows = self.record.times.iter().filter(|row| **row <= time).count();
        let cut =
            |(name, values): (&String, &Vec<Option<f64>>)| (name.clone(), values[..rows].to_vec());
        ObservationRecord {
            times: self.record.times[..rows].to_vec(),
            series: self.record.series.iter().map(cut).collect(),
        }
    }
}

fn observed(text: &str) -> ObservationRecord {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').skip(1).collect();
    let mut record = ObservationRecord::default();
    for line in lines {
        let mut cells = line.split(',');
        record.times.push(cells.next().expect("a time").parse().expect("a time"));
        for (name, cell) in header.iter().zip(cells) {
            record.series.entry((*name).to_owned()).or_default().push(cell.parse().ok());
        }
    }
    record
}

/// Learns by sets with particle filters, and writes into OUT: `steps.csv`, `sets-ORIGIN.csv` and `draws-ORIGIN-known.csv` with what is
/// foretold from each origin (`-dated` where the dated inputs after it are told).
fn fit_sets(arguments: &[String]) {
    let (folder, out, given) =
        (&arguments[0], PathBuf::from(&arguments[1]), Given(&arguments[3..]));
    let origins: Vec<f64> = numbers(&arguments[2]);
    let folder = Folder::read(Path::new(folder), &given);
    let last = *origins.last().expect("an origin");
    std::fs::create_dir_all(&out).expect("a folder");
    let settings = given.learning();
    let assimilation = folder.assimilation(settings.seed);
    let begun = Instant::now();
    let mut steps = String::from("time,effective_sets,log_evidence,rounds,accepted\n");
    let mut least = (f64::INFINITY, 0.0);
    let mut worst = (f64::INFINITY, 0.0);
    let stages = assimilation
        .learn(&folder.priors, &Inputs::new(), &folder.up_to(last), &origins, &settings, |step| {
            let (time, effective) = (step.time, step.effective_sets);
            let _ = writeln!(
                steps,
                "{time},{effective:.1},{:.4},{},{:.3}",
                step.log_evidence, step.rounds, step.accepted
            );
            if effective < least.0 {
                least = (effective, time);
            }
            if step.rounds > 0 && step.accepted < worst.0 {
                worst = (step.accepted, time);
            }
            if step.rounds > 0 {
                println!(
                    "time {time}: effective {effective:.0}, {} rounds, accepted {:.3}, {:.0} s",
                    step.rounds,
                    step.accepted,
                    begun.elapsed().as_secs_f64()
                );
            }
        })
        .expect("sets");
    std::fs::write(out.join("steps.csv"), steps).expect("steps");
    println!(
        "learnt in {:.0} s; least effective sets {:.1} at {}; least accepted {:.3} at {}",
        begun.elapsed().as_secs_f64(),
        least.0,
        least.1,
        worst.0,
        worst.1
    );
    for stage in &stages {
        foretell(&folder, &assimilation, stage, &settings, &out);
    }
    println!("done in {:.0} s", begun.elapsed().as_secs_f64());
}

/// Learns by chains, origin after origin, each from its record alone and beginning where the one before ended; writes into
/// OUT `sets-ORIGIN.csv` and `draws-ORIGIN-known.csv` with what is foretold (`-dated` where the dated inputs after the origin are told).
fn fit(arguments: &[String]) {
    let (path, out, given) =
        (Path::new(&arguments[0]), PathBuf::from(&arguments[1]), Given(&arguments[3..]));
    let folder = Folder::read(path, &given);
    std::fs::create_dir_all(&out).expect("a folder");
    let seed = given.number("seed", 1);
    let assimilation = folder.assimilation(seed);
    let begun = Instant::now();
    let mut start: Option<SampledPaths> = None;
    for (place, time) in numbers(&arguments[2]).into_iter().enumerate() {
        let origin = FittedOrigin { place, time, seed: seed + 1000 * place as u64, begun };
        let found = match given.text("sampler") {
            Some("nuts") => origin.follow_gradient(&folder, &assimilation, start.as_ref(), &given),
            None | Some("moves") => {
                origin.move_chains(&folder, &assimilation, start.as_ref(), &given)
            }
            Some(other) => panic!("sampler={other}: one of moves, nuts"),
        };
        println!(
            "origin {time}: accepted {:.3?}, R-hat {}, {:.0} s",
            found.accepted,
            quantiles(&found.r_hat, [0.5, 0.9, 1.0]),
            begun.elapsed().as_secs_f64()
        );
        if given.text("files") != Some("none") {
            write_sets(&out, time, &found.parameters, &found.values, &found.log_densities);
            for (name, known) in
                [("known", Inputs::new().set("known_to", time)), ("dated", Inputs::new())]
            {
                let lines = assimilation.continued(&found, &known, seed).expect("paths");
                write_draws(&out, time, name, &lines);
            }
        }
        start = Some(found);
    }
    if given.text("placebos") == Some("yes")
        && let Some(draws) = start
    {
        print_placebos(path, &folder, &assimilation, &draws);
    }
}

/// Quantiles of the numbers among values, in a line.
fn quantiles(values: &[f64], shares: [f64; 3]) -> String {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    let [one, other, last] = shares.map(|share| sanad_numbers::sorted_quantile(&sorted, share));
    let names = shares.map(|share| (share * 100.0).round());
    format!("{one:.3} ({} %), {other:.3} ({} %), {last:.3} ({} %)", names[0], names[1], names[2])
}

/// An origin that chains learn up to.
struct FittedOrigin {
    /// Its number, from 0.
    place: usize,
    time: f64,
    seed: u64,
    begun: Instant,
}

impl FittedOrigin {
    /// How many moves or draws are dropped.
    fn dropped(&self, given: &Given<'_>, default: u64) -> usize {
        given.number(if self.place == 0 { "first" } else { "settling" }, default) as usize
    }

    /// Chains of Metropolis moves.
    fn move_chains(
        &self,
        folder: &Folder,
        assimilation: &Assimilation<'_>,
        start: Option<&SampledPaths>,
        given: &Given<'_>,
    ) -> SampledPaths {
        let settings = ChainSettings {
            chains: given.number("chains", 64) as usize,
            settling: self.dropped(given, 2000),
            moves: given.number("moves", 2000) as usize,
            kept: given.number("kept", 8) as usize,
            seed: self.seed,
        };
        let record = folder.up_to(self.time);
        let every = (settings.settling + settings.moves) / 8;
        let report = |done: usize, log: f64| {
            if done.is_multiple_of(every.max(1)) {
                let (time, spent) = (self.time, self.begun.elapsed().as_secs_f64());
                println!("  origin {time}: {done} moves, mean log-density {log:.1}, {spent:.0} s");
            }
        };
        let inputs = Inputs::new();
        assimilation
            .sample(&folder.priors, &inputs, &record, start, &settings, report)
            .expect("draws")
    }

    /// Chains that follow the gradient.
    fn follow_gradient(
        &self,
        folder: &Folder,
        assimilation: &Assimilation<'_>,
        start: Option<&SampledPaths>,
        given: &Given<'_>,
    ) -> SampledPaths {
        let default = GradientSettings::default();
        let draws = given.number("draws", default.draws as u64) as usize;
        let settings = GradientSettings {
            chains: given.number("chains", default.chains as u64) as usize,
            warmup: self.dropped(given, default.warmup as u64),
            draws,
            kept: (given.number("kept", default.kept as u64) as usize).min(draws),
            accepted: given.number("accepted", (100.0 * default.accepted) as u64) as f64 / 100.0,
            low_rank: given.text("metric") == Some("low-rank"),
            deepest: given.number("deepest", default.deepest),
            seed: self.seed,
        };
        let every = ((settings.warmup + settings.draws) / 16).max(1);
        let report = |one: GradientProgress| {
            if one.draws.is_multiple_of(every) || one.draws <= 3 {
                println!(
                    "  origin {}: chain {}, {} draws, log-density {:.1}, {} steps of {:.4}, {:.0} s",
                    self.time,
                    one.chain,
                    one.draws,
                    one.log_density,
                    one.steps,
                    one.step,
                    self.begun.elapsed().as_secs_f64()
                );
            }
        };
        let (inputs, record) = (Inputs::new(), folder.up_to(self.time));
        let found = assimilation
            .sample_by_gradient(&folder.priors, &inputs, &record, start, &settings, report)
            .expect("draws");
        for (number, chain) in found.chains.iter().enumerate() {
            println!("  chain {number}: {chain:.3?}");
        }
        println!(
            "  R-hat of the log-density {:.3}; effective draws {}, of tails {}",
            found.log_density_r_hat,
            quantiles(&found.effective_draws, [0.0, 0.1, 0.5]),
            quantiles(&found.tail_draws, [0.0, 0.1, 0.5])
        );
        found.paths
    }
}

/// Writes parameters, one line a set or draw.
fn write_sets(out: &Path, time: f64, parameters: &[String], values: &[Vec<f64>], logs: &[f64]) {
    let mut text = parameters.iter().map(|name| format!("{name},")).collect::<String>();
    text.push_str("log_likelihood\n");
    for (set, log) in logs.iter().enumerate() {
        values.iter().for_each(|values| {
            let _ = write!(text, "{},", values[set]);
        });
        let _ = writeln!(text, "{log}");
    }
    std::fs::write(out.join(format!("sets-{time}.csv")), text).expect("sets");
}

/// Writes what is foretold after a time, a line for each variable and month.
fn write_draws(out: &Path, time: f64, name: &str, lines: &Results) {
    let mut text = String::new();
    for (output, variable) in lines.outputs().iter().enumerate().skip(1) {
        for (saved, month) in lines.times().iter().enumerate() {
            if *month > time {
                let draws = lines.across(output, saved);
                let draws: Vec<String> = draws.iter().map(f64::to_string).collect();
                let _ = writeln!(text, "{variable};{month};{}", draws.join(","));
            }
        }
    }
    std::fs::write(out.join(format!("draws-{time}-{name}.csv")), text).expect("draws");
}

/// Writes a stage's sets and what they foretell.
fn foretell(
    folder: &Folder,
    assimilation: &Assimilation<'_>,
    stage: &LearntSets,
    settings: &LearningSettings,
    out: &Path,
) {
    let time = stage.time;
    write_sets(out, time, &stage.parameters, &stage.values, &stage.log_likelihoods);
    let record = folder.up_to(time);
    for (name, known) in [("known", Inputs::new().set("known_to", time)), ("dated", Inputs::new())]
    {
        let found =
            assimilation.follow(stage, &known, &record, settings, &Silent).expect("paths").lines;
        write_draws(out, time, name, &found);
    }
    let fresh = LearningSettings { seed: settings.seed + 1000, ..*settings };
    let fresh =
        assimilation.follow(stage, &Inputs::new(), &record, &fresh, &Silent).expect("paths");
    let errors = fresh.log_likelihoods.iter().zip(&stage.log_likelihoods);
    let errors: Vec<f64> = errors.map(|(one, other)| one - other).collect();
    println!(
        "origin {time}: log evidence {:.2}, {} distinct of {} sets, inner effective {:.1}, variance of an \
         estimate {:.2}",
        stage.log_evidence,
        stage.distinct,
        stage.sets(),
        stage.inner_effective,
        variance(&errors) / 2.0
    );
}

fn numbers(text: &str) -> Vec<f64> {
    text.split(',').map(|one| one.parse().expect("a number")).collect()
}

/// Draws by variable and month, those of several files one after another.
fn draws(files: &[PathBuf]) -> BTreeMap<(String, i64), Vec<f64>> {
    let mut found: BTreeMap<(String, i64), Vec<f64>> = BTreeMap::new();
    for file in files {
        for line in std::fs::read_to_string(file).expect("draws").lines() {
            let cells: Vec<&str> = line.split(';').collect();
            let variable = cells[0].trim_start_matches("observed(").trim_end_matches(')');
            let month = cells[1].parse().expect("a month");
            found.entry((variable.to_owned(), month)).or_default().extend(numbers(cells[2]));
        }
    }
    found
}

/// CRPS of ln(1 + count): E|X − y| − E|X − X′|/2.
fn crps(draws: &[f64], count: f64) -> f64 {
    let mut logs: Vec<f64> = draws.iter().map(|draw| draw.ln_1p()).collect();
    logs.sort_by(f64::total_cmp);
    let n = logs.len() as f64;
    let near = logs.iter().map(|log| (log - count.ln_1p()).abs()).sum::<f64>() / n;
    // Of sorted values Σᵢⱼ|xᵢ − xⱼ| is 2·Σᵢ(2i − n + 1)·xᵢ, i from 0.
    let spread: f64 =
        logs.iter().enumerate().map(|(i, log)| (2.0 * i as f64 - n + 1.0) * log).sum();
    near - spread / (n * n)
}

/// Scores of one variable from one origin: by month ahead, of the draws and of both references.
struct Scored {
    model: Vec<f64>,
    carried_on: Vec<f64>,
    last_twelve: Vec<f64>,
}

impl Scored {
    fn new(
        record: &ObservationRecord,
        variable: &str,
        origin: i64,
        draws: &BTreeMap<(String, i64), Vec<f64>>,
    ) -> Self {
        let series = &record.series[variable];
        let count = |month: i64| series[month as usize].expect("a covered month");
        let last: Vec<f64> = (0..YEAR as i64).map(|back| count(origin - back)).collect();
        let months = (1..=AHEAD as i64).map(|ahead| origin + ahead);
        let months: Vec<i64> = months.filter(|month| (*month as usize) < series.len()).collect();
        let each = |f: &dyn Fn(i64) -> f64| months.iter().map(|&month| f(month)).collect();
        Self {
            model: each(&|month| crps(&draws[&(variable.to_owned(), month)], count(month))),
            carried_on: each(&|month| crps(&[mean(&last)], count(month))),
            last_twelve: each(&|month| crps(&last, count(month))),
        }
    }

    fn line(&self) -> String {
        let (model, carried) = (mean(&self.model), mean(&self.carried_on));
        let years = self.model.chunks(YEAR).zip(self.carried_on.chunks(YEAR));
        let years: Vec<String> =
            years.map(|(model, carried)| format!("{:.2}", mean(model) / mean(carried))).collect();
        format!(
            "{model:.3} | {carried:.3} | {:.3} | {:.2} | {}",
            mean(&self.last_twelve),
            model / carried,
            years.join(", ")
        )
    }
}

/// The month id of time 0, January 1989, in the field's (year − 1980)·12 + month.
const FIRST_MONTH_ID: i32 = 109;

/// Writes what the default forecast says after each origin, from the record up to it alone: one panel of all theatres for each kind
/// of count, as `name[theatre]` tells them apart.
fn forecast(arguments: &[String]) {
    let folder = Folder::read(Path::new(&arguments[0]), &Given(&[]));
    let (out, given) = (Path::new(&arguments[1]), Given(&arguments[3..]));
    std::fs::create_dir_all(out).expect("a folder");
    let draws = given.number("draws", 1_000) as usize;
    let ahead = given.number("ahead", AHEAD as u64) as usize;
    let request = Request::new(1..=ahead, draws, given.number("seed", 1)).expect("a request");
    let model = sanad::by_name("sanad").expect("the default");
    let mut kinds: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for name in folder.record.series.keys() {
        kinds.entry(name.split('[').next().unwrap_or(name)).or_default().push(name);
    }
    for origin in numbers(&arguments[2]) {
        let mut text = String::new();
        for names in kinds.values() {
            let panel = panel(&folder.record, names);
            let past = panel.up_to(origin as usize).expect("an origin of the record");
            let found = model.forecast(&past, &request).expect("a forecast");
            for (place, name) in names.iter().enumerate() {
                for step in 0..ahead {
                    let cell: Vec<String> =
                        found.cell(place, step).iter().map(u32::to_string).collect();
                    let month = origin as usize + step + 1;
                    let _ = writeln!(text, "observed({name});{month};{}", cell.join(","));
                }
            }
        }
        for reading in ["known", "dated"] {
            std::fs::write(out.join(format!("draws-{origin}-{reading}.csv")), &text)
                .expect("draws");
        }
    }
}

/// The panel whose places are the series of these names.
fn panel(record: &ObservationRecord, names: &[&String]) -> Panel {
    let counts = names.iter().flat_map(|name| &record.series[*name]);
    let counts = counts.map(|count| count.unwrap_or(f64::NAN)).collect();
    Panel::new(FIRST_MONTH_ID, names.len(), record.times.len(), counts).expect("a panel")
}

/// Prints the table of scores.
fn score(arguments: &[String]) {
    let folder = Folder::read(Path::new(&arguments[0]), &Given(&[]));
    let origins = numbers(&arguments[1]);
    for reading in ["known", "dated"] {
        println!("\ninputs after the origin: {reading}");
        println!(
            "| variable | origin | model | carried on | last twelve | ratio | by year ahead |"
        );
        for variable in folder.record.series.keys() {
            let mut pooled: Vec<Scored> = Vec::new();
            for &origin in &origins {
                let file =
                    |out: &String| Path::new(out).join(format!("draws-{origin}-{reading}.csv"));
                let files: Vec<PathBuf> = arguments[2..].iter().map(file).collect();
                let scored = Scored::new(&folder.record, variable, origin as i64, &draws(&files));
                println!("| {variable} | {origin} | {} |", scored.line());
                pooled.push(scored);
            }
            // The last three origins, and all: one series of months each.
            for (name, from) in [("last three", origins.len().saturating_sub(3)), ("all", 0)] {
                let join = |part: &dyn Fn(&Scored) -> Vec<f64>| -> Vec<f64> {
                    pooled[from..].iter().flat_map(part).collect()
                };
                let model = mean(&join(&|one| one.model.clone()));
                let carried = mean(&join(&|one| one.carried_on.clone()));
                let twelve = mean(&join(&|one| one.last_twelve.clone()));
                println!(
                    "| {variable} | {name} | {model:.3} | {carried:.3} | {twelve:.3} | {:.2} | |",
                    model / carried
                );
            }
        }
    }
}

/// Months before an origin over which two measures of a variable are compared.
const COMPARED: usize = 60;

/// Scores what is foretold from ORIGIN against MEASURED, a table like `observed.csv` that goes on past it and may measure
/// the same variables in another way: draws are multiplied by the ratio of both measures' sums over the five years before. References are of
/// MEASURED itself.
fn holdout(arguments: &[String]) {
    let folder = Folder::read(Path::new(&arguments[0]), &Given(&[]));
    let origin: i64 = arguments[1].parse().expect("a time");
    let measured = observed(&std::fs::read_to_string(&arguments[2]).expect("a table"));
    let at = |record: &ObservationRecord, variable: &str, month: i64| {
        let row = record.times.iter().position(|time| *time as i64 == month).expect("a month");
        record.series[variable][row].expect("a covered month")
    };
    let last = *measured.times.last().expect("a month") as i64;
    for reading in ["known", "dated"] {
        let file = |out: &String| Path::new(out).join(format!("draws-{origin}-{reading}.csv"));
        let all = draws(&arguments[3..].iter().map(file).collect::<Vec<_>>());
        println!("\ninputs after the origin: {reading}");
        println!(
            "| variable | months | ratio of measures | model | carried on | last twelve | ratio | by year ahead |"
        );
        for variable in measured.series.keys() {
            let sum = |record: &ObservationRecord| -> f64 {
                (0..COMPARED as i64).map(|back| at(record, variable, origin - back)).sum()
            };
            let scale = sum(&measured) / sum(&folder.record);
            let twelve: Vec<f64> =
                (0..YEAR as i64).map(|back| at(&measured, variable, origin - back)).collect();
            let months: Vec<i64> = (origin + 1..=last).collect();
            let each = |f: &dyn Fn(i64) -> f64| months.iter().map(|&month| f(month)).collect();
            let scored = Scored {
                model: each(&|month| {
                    let own = all[&(variable.clone(), month)].iter().map(|draw| draw * scale);
                    crps(&own.collect::<Vec<f64>>(), at(&measured, variable, month))
                }),
                carried_on: each(&|month| crps(&[mean(&twelve)], at(&measured, variable, month))),
                last_twelve: each(&|month| crps(&twelve, at(&measured, variable, month))),
            };
            println!("| {variable} | {} | {scale:.2} | {} |", months.len(), scored.line());
        }
    }
}

/// Values by parameter of a file of sets.
fn sets(file: &Path) -> BTreeMap<String, Vec<f64>> {
    let text = std::fs::read_to_string(file).expect("sets");
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let mut found: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for line in lines {
        for (name, value) in header.iter().zip(numbers(line)) {
            found.entry((*name).to_owned()).or_default().push(value);
        }
    }
    found
}

/// Whether seeds agree: R̂ of each parameter, the root of (within + between) / within, at each origin.
fn agree(outs: &[String]) {
    let mut stages: Vec<String> = std::fs::read_dir(&outs[0])
        .expect("a folder")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with("sets-"))
        .collect();
    stages.sort();
    for stage in stages {
        let all: Vec<_> = outs.iter().map(|out| sets(&Path::new(out).join(&stage))).collect();
        let mut ratios: Vec<(f64, String)> = Vec::new();
        println!("{stage}");
        for name in all[0].keys().filter(|name| *name != "log_likelihood") {
            let means: Vec<f64> = all.iter().map(|one| mean(&one[name])).collect();
            let within = mean(&all.iter().map(|one| variance(&one[name])).collect::<Vec<f64>>());
            ratios.push(((1.0 + variance(&means) / within).sqrt(), name.clone()));
            let whole: Vec<f64> = all.iter().flat_map(|one| one[name].iter().copied()).collect();
            let mut sorted = whole.clone();
            sorted.sort_by(f64::total_cmp);
            let at = |share| sanad_numbers::sorted_quantile(&sorted, share);
            println!(
                "  {name}: {:.4} ({:.4} to {:.4}), R-hat {:.2}, below zero {:.2}",
                at(0.5),
                at(0.05),
                at(0.95),
                ratios.last().expect("a ratio").0,
                whole.iter().filter(|value| **value < 0.0).count() as f64 / whole.len() as f64
            );
        }
        ratios.sort_by(|a, b| b.0.total_cmp(&a.0));
        let good = ratios.iter().filter(|ratio| ratio.0 <= 1.2).count();
        println!(
            "  at most 1.2: {good} of {}; largest {:?}",
            ratios.len(),
            &ratios[..3.min(ratios.len())]
        );
    }
}

/// What a fit to the series whose names hold TEXT says of all other series, in all months up to ORIGIN, beside a fit
/// to the first two months alone, which knows little but the priors: mean CRPS of ln(1 + count).
fn transfer(arguments: &[String]) {
    let (path, given) = (Path::new(&arguments[0]), Given(&arguments[2..]));
    let origin: f64 = arguments[1].parse().expect("a time");
    let (folder, whole) = (Folder::read(path, &given), Folder::read(path, &Given(&[])));
    let seed = given.number("seed", 1);
    let assimilation = folder.assimilation(seed);
    let begun = Instant::now();
    let known = Inputs::new();
    let scored = [1.0, origin].map(|time| {
        let fit = FittedOrigin { place: 0, time, seed, begun };
        let found = fit.follow_gradient(&folder, &assimilation, None, &given);
        println!("up to {time}: R-hat {}", quantiles(&found.r_hat, [0.5, 0.9, 1.0]));
        hidden_scores(
            &assimilation.continued(&found, &known, seed).expect("paths"),
            &folder,
            &whole,
        )
    });
    let [before, after] = scored;
    for (variable, before) in &before {
        println!("{variable}: first months {before:.3}, whole record {:.3}", after[variable]);
    }
}

/// Mean CRPS over all months of the series that a folder's record does not have and the whole one has.
fn hidden_scores(lines: &Results, folder: &Folder, whole: &Folder) -> BTreeMap<String, f64> {
    let mut found = BTreeMap::new();
    for (output, name) in lines.outputs().iter().enumerate() {
        let variable = name.trim_start_matches("observed(").trim_end_matches(')');
        let is_hidden =
            name.starts_with("observed(") && !folder.record.series.contains_key(variable);
        if let (true, Some(series)) = (is_hidden, whole.record.series.get(variable)) {
            let scores = lines.times().iter().enumerate().filter_map(|(saved, month)| {
                let count = series.get(*month as usize).copied().flatten()?;
                Some(crps(&lines.across(output, saved), count))
            });
            found.insert(variable.to_owned(), mean(&scores.collect::<Vec<f64>>()));
        }
    }
    found
}

/// A dated input that is moved.
#[derive(serde::Deserialize)]
struct DatedInput {
    id: String,
    constants: Vec<String>,
}

/// The dated inputs of a folder.
#[derive(serde::Deserialize)]
struct DatedInputs {
    input: Vec<DatedInput>,
}

/// Ratio of evidences with each dated input moved by 6 to 36 months, from draws that know the record up to
/// their time: its logarithm, and in brackets how many draws carry it.
fn print_placebos(
    path: &Path,
    folder: &Folder,
    assimilation: &Assimilation<'_>,
    draws: &SampledPaths,
) {
    let text = std::fs::read_to_string(path.join("inputs.toml")).expect("inputs");
    let inputs: DatedInputs = toml::from_str(&text).expect("inputs");
    let (own, record) = (Inputs::new(), folder.up_to(draws.time));
    for input in &inputs.input {
        let mut line = format!("placebo {}", input.id);
        let mut better = 0;
        for shift in [-36, -30, -24, -18, -12, -6, 6, 12, 18, 24, 30, 36] {
            let moved = input.constants.iter().fold(Inputs::new(), |inputs, name| {
                let before = folder.model.constant(name).expect("a constant of the model");
                inputs.set(name, before + f64::from(shift))
            });
            let changes = assimilation
                .log_density_changes(&folder.priors, [&own, &moved], &record, draws)
                .expect("changes");
            let greatest = changes.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let shares: Vec<f64> = changes.iter().map(|change| (change - greatest).exp()).collect();
            let sum: f64 = shares.iter().sum();
            let carried = sum * sum / shares.iter().map(|share| share * share).sum::<f64>();
            let ratio = greatest + (sum / changes.len() as f64).ln();
            better += usize::from(ratio > 0.0);
            let _ = write!(line, "; {shift:+}: {ratio:.2} ({carried:.0})");
        }
        println!("{line}; dates with more evidence than the true one: {better}");
    }
}
