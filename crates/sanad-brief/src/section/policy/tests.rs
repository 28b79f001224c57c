use super::*;
use sanad_core::Month;

/// Years that were held out, with an error of one for carrying the last year on.
fn held_out(place: &str, error: f64) -> HeldOutLine {
    HeldOutLine { place: place.to_owned(), years: [2014, 2021], error, carried_on: 1.0 }
}

pub(crate) fn policy() -> Policy {
    let cell = HorizonCell {
        level: [5.0, 40.0, 300.0],
        difference: Some([-90.0, -10.0, 2.0]),
        better: Some(0.8),
        best: 0.4,
        regret: 3.0,
        order: "not supported by the assumptions",
    };
    let baseline =
        HorizonCell { difference: None, better: None, best: 0.6, order: "baseline", ..cell };
    let line = |title: &str, cell| ScenarioLine {
        title: title.to_owned(),
        note: "A note.".to_owned(),
        outcomes: vec![vec![cell, cell], vec![cell, cell]],
    };
    let path = |_: usize| vec![[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]; 24];
    Policy {
        rests_on: RestsOn {
            judgement_share: 0.9083,
            parameters: 65,
            members: 2000,
            seeds: 3,
            fitted: Some([1989, 2021]),
            error_factor: Some(1.93),
        },
        model: Some(ModelDiagram {
            variables: vec!["grievance".to_owned(), "capability".to_owned()],
            effects: vec![(0, 1, Some(true), true), (1, 0, None, false)],
            size: 119,
        }),
        outcomes: vec![
            Outcome {
                variable: "deaths_in_both".to_owned(),
                title: "deaths a month in both theatres".to_owned(),
                less_is_better: true,
            },
            Outcome {
                variable: "legitimacy".to_owned(),
                title: "legitimacy".to_owned(),
                less_is_better: false,
            },
        ],
        start: Month::from_id(504),
        standing: ForecastStanding::Compared(vec![held_out("North", 0.8)]),
        paths: Paths {
            from: Month::from_id(493),
            recorded: vec![3.0; 12],
            scenarios: (0..4).map(|at| (format!("Scenario {at}"), path(at))).collect(),
        },
        horizons: vec![12, 60],
        scenarios: vec![line("Today's course", baseline), line("Kinetic only", cell)],
        deciding: Some(Deciding {
            between: ["Legitimacy first".to_owned(), "Kinetic only".to_owned()],
            months: 60,
            chance: 0.7,
            is_supported: false,
            parameters: vec![("kinetic_loss".to_owned(), 0.3), ("surge".to_owned(), 0.1)],
        }),
        benchmarks: vec![BenchmarkLine {
            status: Status::OverdueUnmeasurable,
            title: "A step".to_owned(),
            indicator: "something counted".to_owned(),
            known: ["not known".to_owned(), "not known".to_owned()],
            aim: "1 by 2026-12 (date of the case)".to_owned(),
            on_track: None,
            records: "needs counts".to_owned(),
        }],
    }
}

#[test]
fn every_figure_and_table_says_what_it_rests_on() {
    let page = section(&policy()).unwrap().into_string();
    let sentence =
        "2000 members fitted to 1989–2021; 91 % of the 65 parameters rest on judgement alone.";
    // Once in the words, once over the table, and below each of the five figures.
    assert!(page.matches(sentence).count() >= 7, "{}", page.matches(sentence).count());
    assert!(page.contains("5.0 to 300") && page.contains(">295<"), "the width is not told");
    assert!(page.contains("not supported by the assumptions"));
}

#[test]
fn draws_from_priors_are_not_called_fitted() {
    let mut policy = policy();
    policy.rests_on.fitted = None;
    let page = section(&policy).unwrap().into_string();
    assert!(page.contains("draws from priors that no record has narrowed"));
    assert!(!page.contains("fitted to"));
}

#[test]
fn a_model_with_one_outcome_two_scenarios_and_no_diagram_is_drawn_in_its_own_words() {
    let mut policy = policy();
    policy.model = None;
    policy.deciding = None;
    policy.outcomes.truncate(1);
    policy.outcomes[0].title = "households without water".to_owned();
    policy.outcomes[0].variable = "dry_households".to_owned();
    for line in &mut policy.scenarios {
        line.outcomes.truncate(1);
    }
    policy.paths.scenarios.truncate(2);
    let page = section(&policy).unwrap().into_string();
    assert!(page.contains("Households without water against “Today's course”"), "{page}");
    assert!(page.contains("2 of 2 scenarios of the model"));
    for strange in ["eaths", "egitimacy", "today's course"] {
        let near = page.find(strange).map(|start| &page[start.saturating_sub(80)..start + 40]);
        assert_eq!(near, None, "a word of another case: {strange}");
    }
}

#[test]
fn a_benchmark_is_counted_once() {
    let page = section(&policy()).unwrap().into_string();
    let counted = "0 overdue, 1 overdue that no data at hand measure, 0 without a date passed";
    assert!(page.contains(counted), "{page}");
}

#[test]
fn a_model_that_does_worse_than_carrying_on_shows_no_level_and_says_why() {
    let behind = ForecastStanding::Compared(vec![held_out("North", 0.8), held_out("South", 1.25)]);
    for standing in [behind, ForecastStanding::NotCompared] {
        let policy = Policy { standing, ..policy() };
        let page = section(&policy).unwrap().into_string();
        for level in ["policy-fans", "5.0 to 300", "Width", "Regret", ", difference", "-90"] {
            assert!(!page.contains(level), "{level} is shown");
        }
        assert!(page.contains("No level of an outcome is shown"));
        assert!(page.contains("how the order of scenarios depends on its assumptions"));
        for kept in ["policy-model", "policy-deaths-in-both", "policy-deciding", ">80 %<"] {
            assert!(page.contains(kept), "{kept} is not shown");
        }
    }
    let behind =
        Policy { standing: ForecastStanding::Compared(vec![held_out("South", 1.25)]), ..policy() };
    let page = section(&behind).unwrap().into_string();
    assert!(page.contains("South, 2014 to 2021, an error of 1.25 in log(1 + count) against 1.00"));
}

#[test]
fn members_of_one_seed_support_no_order() {
    let mut policy = policy();
    assert!(section(&policy).unwrap().into_string().contains("between 3 seeds"));
    policy.rests_on.seeds = 1;
    let page = section(&policy).unwrap().into_string();
    assert!(page.contains("so is every order here: the members come from one seed"), "{page}");
}
