//! `sanad scenario`.

use crate::args::Scenario;
use crate::command::{check_ending, print, save, subject};
use crate::error::{Error, Result};
use crate::progress::Step;
use crate::report::say;
use sanad_case::LeverPeriod;
use sanad_study::model::ModelCase;
use sanad_study::scenarios::ScenariosRequest;
use sanad_study::tables::{influence_table, scenario_table};

pub(crate) fn run(request: &Scenario) -> Result<()> {
    request.out.as_deref().map_or(Ok(()), check_ending)?;
    let opened = subject::open(&request.subject)?;
    let mut case = ModelCase::read(&opened.observatory)?;
    let mut named = request.scenario.clone();
    if !request.set.is_empty() {
        named.push(case.add_own(schedule(&request.set)?)?);
    }
    let step = Step::begin("run the scenarios");
    let members = usize::from(request.members);
    let compared = case.compare(&ScenariosRequest {
        named: &named,
        against: request.against.as_deref(),
        shock: request.shock.as_deref(),
        members,
        months: last(&request.horizon),
        seed: request.seed,
    })?;
    if let Some(note) = case.note(members) {
        say!("note: {note}");
    }
    step.end(&format!("{} scenarios over {members} members", compared.scenarios.len()));
    let standing = case.standing();
    if !standing.shows_levels() {
        say!(
            "note: {} The table holds levels for what can be computed from them.",
            standing.sentence()
        );
    }
    let table = if request.sensitivity {
        influence_table(&compared, last(&request.horizon))?
    } else {
        scenario_table(&compared, &request.horizon)?
    };
    match &request.out {
        Some(path) => save(&table, request.format, path),
        None => print(&table, request.format),
    }
}

/// The levers of a scenario of the user's own.
fn schedule(given: &[String]) -> Result<Vec<LeverPeriod>> {
    let one = |text: &String| {
        text.parse().map_err(|_| Error::Option {
            option: "--set",
            found: text.clone(),
            expected: "LEVER=LEVEL or LEVER=LEVEL@FROM..TO, such as redress=0.5@2026-06..2028-12",
        })
    };
    given.iter().map(one).collect()
}

fn last(horizons: &[u16]) -> u16 {
    horizons.iter().copied().max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use sanad_store::Observatory;

    use sanad_store::export;

    use super::*;
    use crate::args::Form;

    const FORMS: [Form; 6] =
        [Form::Table, Form::Csv, Form::Spreadsheet, Form::Json, Form::Parquet, Form::Md];

    fn case() -> (tempfile::TempDir, ModelCase) {
        let folder = tempfile::tempdir().unwrap();
        let mut observatory = Observatory::open_or_new(folder.path()).unwrap();
        let case = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../cases/pakistan");
        let day = chrono::NaiveDate::from_ymd_opt(2026, 11, 27).unwrap();
        observatory.import_case(&case, true, day).unwrap();
        let case = ModelCase::read(&observatory).unwrap();
        (folder, case)
    }

    #[test]
    fn no_form_of_any_result_is_without_its_share_of_judgement_and_its_width() {
        let (_folder, case) = case();
        let share = case.evidence().judgement_share;
        assert!(share > 0.0 && share < 1.0);
        let compared = case
            .compare(&ScenariosRequest { members: 400, months: 12, ..ScenariosRequest::default() })
            .unwrap();
        let tables =
            [scenario_table(&compared, &[12]).unwrap(), influence_table(&compared, 12).unwrap()];
        for table in &tables {
            for form in FORMS {
                let mut bytes = Vec::new();
                export::write(table, form.into(), &mut bytes).unwrap();
                let text = String::from_utf8_lossy(&bytes);
                for needed in ["judgement_share", "width_95", "ensemble", "posterior"] {
                    assert!(text.contains(needed), "{form:?} lacks {needed}");
                }
                let digits = format!("{share:.5}");
                let is_printed = text.contains(&digits[..digits.len() - 1]);
                assert!(is_printed || form == Form::Parquet, "{form:?} lacks {digits}");
            }
        }
    }

    #[test]
    fn the_number_of_threads_changes_nothing_and_members_do() {
        let (_folder, case) = case();
        let named = ["repression".to_owned()];
        let bands = |members: usize, threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let compared = case
                    .compare(&ScenariosRequest {
                        named: &named,
                        members,
                        months: 24,
                        ..ScenariosRequest::default()
                    })
                    .unwrap();
                compared.outcomes[0].1.at(24)[1].bands
            })
        };
        assert_eq!(bands(200, 1), bands(200, 2));
        assert_ne!(bands(200, 1), bands(100, 1));
    }

    #[test]
    fn a_shock_adds_deaths_in_its_month_and_an_unknown_one_is_refused() {
        let (_folder, case) = case();
        let deaths = |shock| {
            let named = ["repression".to_owned()];
            let compared = case
                .compare(&ScenariosRequest {
                    named: &named,
                    shock,
                    members: 32,
                    months: 14,
                    ..ScenariosRequest::default()
                })
                .unwrap();
            compared.outcomes[0].1.at(12)[0].bands[3]
        };
        // In each of two theatres the attack kills as many as the model's shock_size.
        let more = deaths(Some("mass-casualty-attack")) - deaths(None);
        assert!((more - 150.0).abs() < 1e-6, "{more}");
        let few = ScenariosRequest { members: 8, months: 12, ..ScenariosRequest::default() };
        assert!(case.compare(&ScenariosRequest { shock: Some("comet"), ..few }).is_err());
        assert!(case.compare(&ScenariosRequest { against: Some("comet"), ..few }).is_err());
        assert!(case.compare(&ScenariosRequest { named: &["comet".to_owned()], ..few }).is_err());
    }

    /// Median deaths of a package by month, beside those of the scenario of the case that `named` is.
    fn medians(set: &[&str], months: u16) -> Vec<f64> {
        let (_folder, mut case) = case();
        let given: Vec<String> = set.iter().map(|one| (*one).to_owned()).collect();
        let own = case.add_own(schedule(&given).unwrap()).unwrap();
        assert_eq!(own, "own");
        let request = ScenariosRequest { named: &[own], members: 64, months, ..Default::default() };
        let compared = case.compare(&request).unwrap();
        assert_eq!(compared.scenarios[1].id, "own");
        (0..=usize::from(months))
            .map(|saved| compared.outcomes[0].1.row(1, saved).bands[3])
            .collect()
    }

    #[test]
    fn a_package_moves_a_lever_in_its_months_and_not_before_or_after() {
        let today = medians(&["kinetic=1"], 60);
        let always = medians(&["kinetic=1.8"], 60);
        let timed = medians(&["kinetic=1.8@2023-01..2023-12"], 60);
        // Time 0 is December 2021: the lever is moved from month 13 to month 24, and acts later.
        assert_eq!(today[..=13], timed[..=13]);
        assert!(timed[24] < today[24] && timed[24] > always[24], "{} {}", timed[24], today[24]);
        assert_eq!(medians(&["kinetic=1.8@..2040-01"], 24), always[..=24]);
        let sequence = medians(&["kinetic=1.8@..2023-06", "kinetic=1.8@2023-07.."], 24);
        assert_eq!(sequence, always[..=24]);
    }

    #[test]
    fn a_lever_moves_in_one_theatre_and_two_halves_are_the_whole() {
        let end = |set: &[&str]| medians(set, 60)[60];
        let today = end(&["redress=0"]);
        let whole = medians(&["redress=0.5"], 60);
        let (one, other) = ("redress[balochistan]=0.5", "redress[khyber_pakhtunkhwa]=0.5");
        assert_eq!(medians(&[one, other], 60), whole);
        for alone in [end(&[one]), end(&[other]), end(&["redress[balochistan]=0.5@..2040-01"])] {
            assert!(whole[60] < alone && alone < today, "{} {alone} {today}", whole[60]);
        }
        // The narrower level stands above the wider one, throughout and in a schedule.
        let back = ["redress=0.5", "redress[balochistan]=0", "redress[khyber_pakhtunkhwa]=0"];
        assert_eq!(end(&back), today);
        let kept = ["redress=0.5@2022-01..", "redress[khyber_pakhtunkhwa]=0@2022-01.."];
        assert!((end(&kept) - end(&[one])).abs() < 0.05 * today, "{}", end(&kept));
    }

    #[test]
    fn messages_do_nothing_without_reform() {
        let silent = medians(&["justice=0"], 60);
        assert_eq!(medians(&["voices=1", "state_media=1"], 60), silent);
        let reform = medians(&["justice=0.7"], 60);
        let both = medians(&["voices=1", "state_media=1", "justice=0.7"], 60);
        assert!(both[60] < reform[60], "{} {}", both[60], reform[60]);
    }

    #[test]
    fn a_package_that_the_case_cannot_move_is_refused() {
        let (_folder, mut case) = case();
        let mut refused = |text: &str| {
            let given: Vec<String> = text.split(' ').map(str::to_owned).collect();
            case.add_own(schedule(&given).unwrap()).unwrap_err().to_string()
        };
        assert!(refused("magic=1").contains("magic"));
        assert!(refused("redress[sindh]=1").contains("redress[sindh]"));
        assert!(refused("redress[Balochistan]=1").contains("spelt as in the model"));
        assert!(refused("afghan_talks[balochistan]=1").contains("afghan_talks[balochistan]"));
        assert!(refused("kinetic=7@2026-01..").contains("kinetic=7@2026-01.."));
        assert!(refused("kinetic=1@2020-01..2020-06").contains("after the end of the record"));
        assert!(
            refused("kinetic=1@2026-01.. kinetic=2@2027-01..").contains("one level in a month")
        );
        assert!(schedule(&["kinetic".to_owned()]).is_err());
    }

    #[test]
    fn an_order_of_shipped_members_is_supported_only_where_three_seeds_agree_within_five_points() {
        let (_folder, case) = case();
        let request = ScenariosRequest { members: 1200, months: 60, ..ScenariosRequest::default() };
        let compared = case.compare(&request).unwrap();
        assert_eq!(compared.seeds(), 3);
        let (mut agreed, mut apart) = (0_usize, 0_usize);
        let outcomes = compared.outcomes.iter();
        for row in outcomes.flat_map(|(_, comparison)| comparison.at(60).into_iter().skip(1)) {
            let [least, most] = row.better_by_seed;
            assert!(least <= row.probability_better && row.probability_better <= most);
            match row.ranking.as_str().starts_with("not supported") {
                false => agreed += 1,
                true => apart += usize::from(most - least > 0.05),
            }
            let is_told = row.ranking.as_str() == "better" || row.ranking.as_str() == "worse";
            assert!(!is_told || most - least <= 0.05, "{least} {most}");
        }
        assert!(agreed > 0 && apart > 0, "{agreed} {apart}");
    }

    #[test]
    fn the_order_of_two_scenarios_turns_round_with_the_one_compared_with() {
        let (_folder, case) = case();
        let share = |named: &str, against| {
            let named = [named.to_owned()];
            let request = ScenariosRequest {
                named: &named,
                against: Some(against),
                ..ScenariosRequest::default()
            };
            let compared =
                case.compare(&ScenariosRequest { members: 300, months: 60, ..request }).unwrap();
            assert_eq!(compared.scenarios.len(), 2);
            compared.outcomes[0].1.at(60)[1].probability_better
        };
        let one = share("legitimacy-first", "kinetic-only");
        let other = share("kinetic-only", "legitimacy-first");
        assert!((one + other - 1.0).abs() < 1e-12 && one != other, "{one} {other}");
    }
}
