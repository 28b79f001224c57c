//! Every analysis as another program would call it: from inside an asynchronous runtime, and from two
//! threads at once on one observatory, with the same result as alone.
#![allow(clippy::disallowed_methods)]

use std::path::Path;

use chrono::NaiveDate;
use sanad_core::Month;
use sanad_core::place::Level;
use sanad_forecast::{Request, sanad};
use sanad_store::{Observatory, Unit};
use sanad_study::fronts::{FrontsRequest, Reading};
use sanad_study::model::ModelCase;
use sanad_study::outcome::{Target, of_observatory};
use sanad_study::outlook::{Outlook, Settings};
use sanad_study::scenarios::ScenariosRequest;
use sanad_study::{BriefOptions, Silent, Study, benchmarks, cycle, kinds, network};

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
    let briefing = study.brief(observatory, options, &Silent).expect("the briefing");
    let declared = study.declared().expect("indicators");
    let reading = Reading::new(declared, Level::Adm1);
    let request = FrontsRequest { level: Level::Adm1, as_of: None, threads: 1 };
    let joined = study.join(&reading, observatory, request).expect("the fronts");
    let months = study.span_of_fronts(&reading);
    let fronts = study.front_table(&reading, &joined, [months[1], months[1]]).expect("a table");
    let intervention = &study.declared_interventions()[0];
    let daily = kinds::Daily::read(observatory, 1).expect("the days").expect("kinds");
    let two = [daily.cycle.kinds[0].id.clone(), daily.cycle.kinds[1].id.clone()];
    let request = cycle::CycleRequest { kinds: &two, bayes: false, profile: false, explore: false };
    let cycle = cycle::CycleStudy::estimate(&daily, &request, &Silent).expect("the cycle");
    let actors = observatory.actors().expect("actors");
    let ties = network::network(&actors, &observatory.chronicle().expect("the chronicle"));
    vec![
        ("briefing", format!("{briefing:?}")),
        ("claims", format!("{:?}", study.trial(&Silent))),
        ("fronts", format!("{fronts:?}")),
        ("interventions", format!("{:?}", study.changes(intervention, false))),
        ("narrative", format!("{:?}", study.narrative(observatory, 1).expect("the narrative"))),
        ("cycle", format!("{:?} {:?}", cycle.links, cycle.kinds)),
        ("network", format!("{:?}", ties.expect("the network"))),
        (
            "benchmarks",
            format!("{:?}", benchmarks::standings(observatory, Month::from_date(day()), 1)),
        ),
        ("scenarios", scenarios(observatory)),
        ("forecast", forecast(observatory)),
    ]
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
    let outcomes = of_observatory(observatory, Unit::Adm2, Target::STATE_BASED, None, 1);
    let model = sanad::by_name("own-last-12").expect("a benchmark");
    let request = Request::new(1..=3, 20, 1).expect("a request");
    let settings = Settings { model: model.as_ref(), request: &request };
    let outlook = Outlook::from_outcomes(outcomes.expect("counts"), settings).expect("a forecast");
    format!("{:?}", outlook.draws)
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
