//! Every analysis as another program would call it: from inside an asynchronous runtime, and from two
//! threads at once on one observatory, with the same result as alone.
#![allow(clippy::disallowed_methods)]

use std::collections::BTreeSet;
use std::path::Path;

use chrono::NaiveDate;
use sanad_core::Month;
use sanad_core::place::Level;
use sanad_forecast::{Request, sanad};
use sanad_scenario::CalibrationSettings;
use sanad_store::{Observatory, Unit};
use sanad_study::ablation::{self, AblationTrial};
use sanad_study::backtest::{self, BacktestInput, BacktestSeries, PlannedBacktest, WindowRequest};
use sanad_study::calibration::{Fit, Record};
use sanad_study::capability::{self, CapabilityRequest};
use sanad_study::fronts::{self, FrontsRequest, Reading};
use sanad_study::gap::{self, GapTrialRequest};
use sanad_study::kind_years::{self, KindYearsRequest};
use sanad_study::levels::{self, LevelsRequest};
use sanad_study::model::ModelCase;
use sanad_study::outcome::{Target, of_observatory};
use sanad_study::outlook::{Outlook, OutlookRequest, Settings};
use sanad_study::scenarios::ScenariosRequest;
use sanad_study::trials::{self, TrialRequest};
use sanad_study::{
    BriefOptions, Silent, Study, benchmarks, claims, cycle, interventions, kinds, latest, means,
    narrative, network,
};

/// The shipped case, in an observatory of its own.
fn observatory(folder: &Path) -> Observatory {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/pakistan");
    let mut observatory = Observatory::open_or_new(folder).expect("a new observatory");
    observatory.import_case(&case, false, day()).expect("the shipped case");
    observatory
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 31).expect("a day")
}

/// What every analysis answers, in words, each under its name.
fn answers(observatory: &Observatory) -> Vec<(&'static str, String)> {
    let study = Study::read(observatory, 1, &Silent).expect("the study");
    let options = BriefOptions { day: day(), quick: true, threads: 1 };
    let briefing = sanad_study::brief(&study, observatory, options, &Silent);
    let actors = observatory.actors().expect("actors");
    let ties = network::network(&actors, &observatory.chronicle().expect("the chronicle"));
    let mut all = vec![
        ("briefing", format!("{:?}", briefing.expect("the briefing"))),
        ("claims", format!("{:?}", claims::trial(&study, &Silent))),
        ("narrative", format!("{:?}", narrative::measure(&study, observatory, 1))),
        ("narrative", format!("{:?}", narrative::measure_if_coded(&study, observatory, 1))),
        ("network", format!("{:?}", ties.expect("the network"))),
        (
            "benchmarks",
            format!("{:?}", benchmarks::standings(observatory, Month::from_date(day()), 1)),
        ),
        ("levels", format!("{:?}", levels::levels(observatory, &LevelsRequest::default(), 1))),
        ("national", format!("{:?}", latest::national_outcomes(observatory))),
        ("scenarios", scenarios(observatory)),
        ("calibration", calibration(observatory)),
        ("forecast", forecast(observatory)),
        ("back-test", backtest_answers(observatory)),
        ("ablation", ablation_answers(&study, observatory)),
        ("trials", trial_answers(observatory)),
    ];
    all.extend(fronts_answers(&study, observatory));
    all.extend(days_answers(&study, observatory));
    all
}

/// The fronts with every table of them.
fn fronts_answers(study: &Study, observatory: &Observatory) -> Vec<(&'static str, String)> {
    let declared = study.declared().expect("indicators");
    let reading = Reading::new(declared, Level::Adm1);
    let request = FrontsRequest { level: Level::Adm1, as_of: None, threads: 1 };
    let joined = fronts::join(study, &reading, observatory, request).expect("the fronts");
    let months = fronts::span(study, &reading);
    let known = (0..joined.grid.months).rev().find(|&month| {
        joined.result.index().value(sanad_front::Node::Front(0), 0, month).is_some()
    });
    let month = known.map_or(months[1], |month| joined.grid.month(month));
    let place = joined.grid.places[0].clone();
    let table = fronts::front_table(study, &reading, &joined, [months[1], months[1]]);
    let parts = fronts::contributions(study, &reading, &joined, &place, month);
    let choices = fronts::sensitivity_table(study, &reading, &joined, month);
    vec![
        ("fronts", format!("{:?}", table.expect("a table"))),
        ("contributions", format!("{parts:?}")),
        ("sensitivity", format!("{choices:?}")),
        ("indicators", format!("{:?}", fronts::indicator_table(&reading, &joined))),
        ("indices", format!("{:?}", fronts::indices(study, observatory, true, 1))),
    ]
}

/// What is made of counts by day.
fn days_answers(study: &Study, observatory: &Observatory) -> Vec<(&'static str, String)> {
    let daily = kinds::Daily::read(observatory, 1).expect("the days").expect("kinds");
    let two = [daily.cycle.kinds[0].id.clone(), daily.cycle.kinds[1].id.clone()];
    let request = cycle::CycleRequest { kinds: &two, bayes: false, profile: false, explore: false };
    let cycle = cycle::CycleStudy::estimate(&daily, &request, &Silent).expect("the cycle");
    let intervention = &study.declared_interventions()[0];
    let districts = interventions::districts_of_today(study, observatory, 1).expect("districts");
    let declared = kinds::declared(observatory).expect("the case").expect("kinds");
    let case = observatory.case().expect("a case");
    let events = kinds::count(observatory, &declared, (&case.series(), 770), 1);
    let capability = CapabilityRequest::default();
    let actors = observatory.actors().expect("actors");
    vec![
        ("cycle", format!("{:?} {:?}", cycle.links, cycle.kinds)),
        ("interventions", format!("{:?}", interventions::changes(study, intervention, false))),
        ("controls", format!("{:?}", interventions::controls(study, intervention, &districts))),
        ("kinds", format!("{events:?} {:?}", kinds::events_are_in_effect(observatory))),
        ("years", format!("{:?}", kind_years::kind_years(&daily, KindYearsRequest::default()))),
        ("capability", format!("{:?}", capability::capability(observatory, &capability, 1))),
        ("capability", format!("{:?}", means::means(observatory, &capability, 1))),
        ("capability", format!("{:?}", capability::from_days(&daily, &actors, &capability))),
    ]
}

/// Forecasts tried on one past year: of a country's months, and of districts across a gap.
fn trial_answers(observatory: &Observatory) -> String {
    let national = latest::national_outcomes(observatory).expect("counts").expect("countries");
    let models = ["own-last-12"];
    let request =
        TrialRequest { outcomes: &national, home: 0, years: [2020, 2020], models: &models };
    let across =
        GapTrialRequest { years: Some([2019, 2019]), draws: 20, ..GapTrialRequest::default() };
    format!(
        "{:?} {:?} {:?} {:?}",
        trials::try_on_years(&request, &Silent).expect("scores"),
        gap::gap_trial(observatory, &across, 1, &Silent).expect("a trial"),
        gap::forecast_after_gap(observatory, &across, 1, &Silent).expect("a forecast or none"),
        gap::tried_forecast(observatory, &across, 1, &Silent).expect("a forecast or none"),
    )
}

/// A back-test as a door makes it: counted, forecast, scored and written up.
fn backtest_answers(observatory: &Observatory) -> String {
    let series =
        BacktestSeries { unit: Unit::Adm1, target: Target::STATE_BASED, by_vintage: false };
    let years = WindowRequest { first: 2019, last: 2019, train_end: 10 };
    let input = BacktestInput::of_observatory(observatory, series, years, 1, &Silent);
    let input = input.expect("counts");
    let models = backtest::models(&["zeros".to_owned()]).expect("a model");
    let request = Request::new(1..=3, 20, 1).expect("a request");
    let planned = PlannedBacktest::new(&models, &input, years, &request).expect("a plan");
    let done = planned.run(&Silent).expect("forecasts");
    let scored = done.score(&Silent).expect("scores");
    format!("{:?} {:?} {:?}", scored.lines, scored.hard_case_table(), scored.report())
}

/// A forecast's back-test, on what was known, and with and without the fronts' series.
fn ablation_answers(study: &Study, observatory: &Observatory) -> String {
    let outcomes = of_observatory(observatory, Unit::Adm1, Target::STATE_BASED, None, 1);
    let outcomes = outcomes.expect("counts");
    let request = Request::new(1..=3, 20, 1).expect("a request");
    let years = WindowRequest { first: 2019, last: 2019, train_end: 10 };
    let windows = backtest::windows(years, &outcomes.panel).expect("a window");
    let models = backtest::models(&["zeros".to_owned()]).expect("a model");
    let counted = (Unit::Adm1, Target::STATE_BASED);
    let vintages = backtest::vintages(observatory, counted, &outcomes, &windows, 1);
    let indices = fronts::indices(study, observatory, true, 1).expect("fronts");
    let fronts = ablation::front_features(&indices, &outcomes);
    let trial = AblationTrial { model: models[0].as_ref(), request: &request, windows: &windows };
    let ablated = ablation::run(&trial, &outcomes.panel, &fronts, &Silent).expect("scores");
    let input = BacktestInput { outcomes, vintages: Vec::new(), label: String::new() };
    let done = backtest::run(&models, &input, &windows, &request, &Silent).expect("scores");
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?}",
        vintages.map(|panels| panels.len()).map_err(|error| error.to_string()),
        ablated.scores,
        ablation::notes(observatory),
        ablation::shipped(observatory),
        backtest::lines(&input, &windows, &done, 1, &Silent),
        backtest::place_table(&input, &done),
    )
}

fn calibration(observatory: &Observatory) -> String {
    let case = ModelCase::read(observatory).expect("the model");
    let fit = case.calibration().expect("what the model is fitted to");
    let record = Record::read(observatory, fit, 1).expect("the record");
    let settings = CalibrationSettings {
        particles: 96,
        rounds: 2,
        settling: 1,
        ..CalibrationSettings::default()
    };
    let request = Fit { settings, last: fit.origin, fixed: Vec::new(), seeds: 1 };
    let fitted = case.fit(observatory, &record, &request, |_| ()).expect("a fit");
    format!("{:?}", fitted.posterior.distances)
}

fn scenarios(observatory: &Observatory) -> String {
    let case = ModelCase::read(observatory).expect("the model");
    let request =
        ScenariosRequest { members: 20, months: 12, seed: 1, ..ScenariosRequest::default() };
    let compared = case.compare(&request).expect("the scenarios");
    let (_, comparison) = &compared.outcomes[0];
    format!("{:?}", comparison.at(12))
}

fn forecast(observatory: &Observatory) -> String {
    let model = sanad::by_name("own-last-12").expect("a benchmark");
    let request = Request::new(1..=3, 20, 1).expect("a request");
    let settings = Settings { model: model.as_ref(), request: &request };
    let (unit, target) = (Unit::Adm1, Target::STATE_BASED);
    let request = OutlookRequest { unit, target, as_of: None, settings };
    let outlook = Outlook::of_observatory(observatory, &request, 1, &Silent).expect("a forecast");
    let provinces = outlook.by_unit(unit, observatory).expect("provinces");
    format!("{:?} {:?}", outlook.draws, provinces.summary())
}

/// Public functions that take an observatory, a study, its days or a progress and are not called
/// here, with how they are held instead.
const EXCUSED: [(&str, &str); 4] = [
    (
        "by_place",
        "tries forecasts on ten past years, some twenty seconds; what it is made of is called here",
    ),
    ("at_home", "called by of_observatory with the same arguments"),
    (
        "districts_to_ship",
        "tries forecasts on ten past years; gap_trial and forecast_after_gap are called here",
    ),
    ("trials", "tries three models on four years, some minutes; a year of one is tried here"),
];

/// The public functions that a door can ask for an analysis, by name, from the source of the crate.
fn public_analyses() -> BTreeSet<String> {
    let mut files = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut found = BTreeSet::new();
    while let Some(path) = files.pop() {
        if path.is_dir() {
            let entries = std::fs::read_dir(&path).expect("a folder");
            files.extend(entries.map(|entry| entry.expect("an entry").path()));
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a source file");
        for part in text.split("pub fn ").skip(1) {
            let head = part.split(" {\n").next().unwrap_or_default();
            let takes = ["&Observatory", "&Study", "&Daily", "&dyn Progress", "&BacktestInput"];
            if takes.iter().any(|taken| head.contains(taken)) {
                found.insert(head.split(['(', '<']).next().unwrap_or_default().to_owned());
            }
        }
    }
    found
}

#[test]
fn every_public_analysis_is_called_here_or_excused() {
    let analyses = public_analyses();
    assert!(analyses.len() > 30 && analyses.contains("trial"), "{analyses:?}");
    let calls = include_str!("doors.rs");
    let is_called = |name: &str| {
        [":", "."].iter().any(|before| calls.contains(&format!("{before}{name}(")))
            || calls.contains(&format!(" {name}(observatory"))
    };
    let excused = |name: &str| EXCUSED.iter().any(|(excused, _)| *excused == name);
    let missing: Vec<&String> =
        analyses.iter().filter(|name| !is_called(name) && !excused(name)).collect();
    assert!(missing.is_empty(), "call these in `answers`, or excuse them: {missing:?}");
    for (name, _) in EXCUSED {
        assert!(analyses.contains(name) && !is_called(name), "{name} needs no excuse");
    }
}

fn compare(one: &[(&str, String)], other: &[(&str, String)]) {
    for ((name, alone), (_, again)) in one.iter().zip(other) {
        assert!(alone == again, "{name} differs");
    }
}

#[test]
fn every_analysis_answers_alike_alone_inside_a_runtime_and_on_two_threads_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let observatory = observatory(folder.path());
    let alone = answers(&observatory);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build();
    let runtime = runtime.expect("a runtime");
    let other = observatory.clone();
    let (inside, second) = runtime.block_on(async {
        let second = tokio::task::spawn_blocking(move || answers(&other));
        // Inside a task, without leaving its thread, while the other thread asks as well.
        let inside = answers(&observatory);
        (inside, second.await.expect("the other thread"))
    });
    compare(&alone, &inside);
    compare(&alone, &second);
}
