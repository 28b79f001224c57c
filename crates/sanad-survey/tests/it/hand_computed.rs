//! An invented survey of twelve people whose answers were worked out by hand.

use sanad_survey::{ListAnswer, ListExperiment, SampleDesign};

/// By respondent: stratum, cluster, weight, trusts the courts, years of school.
const PEOPLE: [(u32, u32, f64, bool, f64); 12] = [
    (0, 0, 2.0, true, 4.0),
    (0, 0, 2.0, false, 8.0),
    (0, 1, 2.0, true, 6.0),
    (0, 1, 2.0, true, 6.0),
    (0, 2, 2.0, false, 2.0),
    (0, 2, 2.0, false, 10.0),
    (1, 0, 1.0, true, 12.0),
    (1, 0, 1.0, true, 10.0),
    (1, 1, 1.0, true, 8.0),
    (1, 1, 1.0, false, 6.0),
    (1, 2, 1.0, false, 6.0),
    (1, 2, 1.0, false, 6.0),
];

fn design() -> SampleDesign {
    let weights = PEOPLE.iter().map(|person| person.2).collect();
    let strata = PEOPLE.iter().map(|person| person.0).collect();
    let clusters = PEOPLE.iter().map(|person| person.1).collect();
    SampleDesign::new(weights, Some(strata), Some(clusters)).unwrap()
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found} {expected}");
}

#[test]
fn a_share_of_a_stratified_cluster_sample() {
    let answers: Vec<Option<bool>> = PEOPLE.iter().map(|person| Some(person.3)).collect();
    let found = design().share(&answers).unwrap();
    // Σw = 18, of which yes 2 · 3 + 3 = 9: p = 1/2.
    near(found.value, 0.5);
    // Σ w (y − p) by cluster is 0, 2, −2 and 1, 0, −1; with mean 0 in both strata:
    // V = 3/2 · (8 + 2) / 18².
    near(found.standard_error.powi(2), 15.0 / 324.0);
    // In a simple sample: p (1 − p) / 11.
    near(found.design_effect.unwrap(), 15.0 / 324.0 * 44.0);
    // Six clusters in two strata: t with 4 degrees of freedom is 2.131847; logit p is 0.
    assert_eq!((found.clusters, found.degrees_of_freedom, found.lonely_strata), (6, 4, 0));
    let half = 2.131_846_786 * (15.0_f64 / 324.0).sqrt() * 4.0;
    assert!((found.high - 1.0 / (1.0 + (-half).exp())).abs() < 1e-6, "{found:?}");
    near(found.low + found.high, 1.0);
}

#[test]
fn a_mean_of_one_stratum_as_a_domain() {
    let inside = |person: &(u32, u32, f64, bool, f64)| (person.0 == 1).then_some(person.4);
    let values: Vec<Option<f64>> = PEOPLE.iter().map(inside).collect();
    let found = design().mean(&values).unwrap();
    // 48 / 6 = 8; Σ (y − 8) / 6 by cluster is 1, −1/3, −2/3: V = 3/2 · (1 + 1/9 + 4/9).
    near(found.value, 8.0);
    near(found.standard_error.powi(2), 1.5 * 14.0 / 9.0);
    assert_eq!((found.respondents, found.clusters, found.degrees_of_freedom), (6, 3, 2));
}

#[test]
fn a_list_experiment() {
    let control = [0, 1, 1, 2];
    let treated = [1, 1, 2, 3];
    let arm = |counts: [usize; 4], is_treated| {
        counts.map(|count| Some(ListAnswer { is_treated, count })).to_vec()
    };
    let answers = [arm(control, false), arm(treated, true)].concat();
    let experiment = ListExperiment::new(2, answers).unwrap();
    let found = experiment.difference(&SampleDesign::simple(8).unwrap()).unwrap();
    // Means of 7/4 and 1; s² of 11/12 and 2/3.
    near(found.value, 0.75);
    near(found.standard_error.powi(2), 11.0 / 48.0 + 2.0 / 12.0);
}
