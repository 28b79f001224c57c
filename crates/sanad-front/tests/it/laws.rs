//! What must hold for every panel.

use proptest::prelude::*;
use sanad_front::sobol::Design;
use sanad_front::treat::Winsorising;
use sanad_front::{
    Aggregation, Alternatives, Direction, Framework, Imputation, Index, Indicator, Method, Node,
    NoisyEnds, Normalisation, Panel, Quantity, Question, Transform, Treatment, Uncertainty,
    Weighting, index, intervals, sensitivity,
};

use crate::support::{Material, material};

fn methods() -> impl Strategy<Value = Method> {
    let normalisation = prop_oneof![
        Just(Normalisation::MinMax),
        Just(Normalisation::ZScore { points_per_sd: 15.0 }),
        Just(Normalisation::Rank),
        Just(Normalisation::DistanceToTarget),
    ];
    let imputation = prop_oneof![Just(Imputation::None), Just(Imputation::LastValue)];
    let aggregation = prop_oneof![Just(Aggregation::Arithmetic), Just(Aggregation::Geometric)];
    let weighting = prop_oneof![Just(Weighting::Equal), Just(Weighting::Given)];
    (normalisation, imputation, aggregation, weighting, 0.0..0.8_f64).prop_map(
        |(normalisation, imputation, aggregation, weighting, evidence_floor)| Method {
            normalisation,
            imputation,
            aggregation,
            weighting,
            evidence_floor,
            ..Method::default()
        },
    )
}

fn cells(index: &Index) -> impl Iterator<Item = (Node, usize, usize)> {
    let (places, months) = (index.places(), index.months());
    index
        .framework()
        .nodes()
        .into_iter()
        .flat_map(move |node| (0..places * months).map(move |at| (node, at / months, at % months)))
}

fn close(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() < 1e-7,
        (None, None) => true,
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn an_index_lies_between_its_indicators_and_its_parts_sum_to_it(
        material in material(), method in methods()
    ) {
        let index = index(&material.panel(), &material.framework(), &method).expect("fits");
        for (node, place, month) in cells(&index) {
            let Some(value) = index.value(node, place, month) else { continue };
            let parts = index.contributions(node, place, month);
            let low = parts.iter().map(|part| part.score).fold(f64::INFINITY, f64::min);
            let high = parts.iter().map(|part| part.score).fold(0.0, f64::max);
            prop_assert!(low - 1e-9 <= value && value <= high + 1e-9);
            prop_assert!((parts.iter().map(|part| part.weight).sum::<f64>() - 1.0).abs() < 1e-9);
            prop_assert!((parts.iter().map(|part| part.amount).sum::<f64>() - value).abs() < 1e-9);
        }
    }

    #[test]
    fn changes_sum_to_the_difference(material in material(), method in methods()) {
        let index = index(&material.panel(), &material.framework(), &method).expect("fits");
        let last = index.months() - 1;
        for (node, place, _) in cells(&index) {
            let (Some(before), Some(after)) =
                (index.value(node, place, 0), index.value(node, place, last)) else { continue };
            let parts = index.change(node, place, 0, last);
            let sum: f64 = parts.iter().map(|part| part.by_score + part.by_coverage).sum();
            prop_assert!((sum - (after - before)).abs() < 1e-7, "{sum} {before} {after}");
        }
    }

    #[test]
    fn improving_one_indicator_never_worsens_its_front(
        material in material(), method in methods(), pick in any::<prop::sample::Index>(), step in 0.0..80.0_f64
    ) {
        let at = pick.index(material.values.len());
        prop_assume!(!material.values[at].is_nan());
        let series = at / material.months;
        let (place, month) = (series % material.places, at % material.months);
        let indicator = series / material.places;
        let mut improved = material.clone();
        improved.values[at] += if material.directions[indicator] { step } else { -step };
        let framework = material.framework();
        let before = index(&material.panel(), &framework, &method).expect("fits");
        let after = index(&improved.panel(), &framework, &method).expect("fits");
        for (node, _, _) in cells(&before).filter(|&(_, p, m)| (p, m) == (place, month)) {
            if let (Some(a), Some(b)) =
                (before.value(node, place, month), after.value(node, place, month)) {
                prop_assert!(b >= a - 1e-9, "{node:?} {a} {b}");
            }
        }
    }

    #[test]
    fn permuting_places_permutes_results(material in material(), method in methods()) {
        let places = material.places;
        let mut turned = material.clone();
        for indicator in 0..material.indicators() {
            for place in 0..places {
                for month in 0..material.months {
                    let from = material.at(place, month, indicator);
                    turned.values[material.at(places - 1 - place, month, indicator)] =
                        material.values[from];
                }
            }
        }
        let framework = material.framework();
        let plain = index(&material.panel(), &framework, &method).expect("fits");
        let other = index(&turned.panel(), &framework, &method).expect("fits");
        for (node, place, month) in cells(&plain) {
            let mirrored = other.value(node, places - 1 - place, month);
            prop_assert!(close(plain.value(node, place, month), mirrored));
        }
    }

    #[test]
    fn permuting_indicators_leaves_indices_as_they_were(
        material in material(), method in methods()
    ) {
        let count = material.indicators();
        let cells_each = material.places * material.months;
        let turned = Material {
            values: (0..count).rev()
                .flat_map(|k| material.values[k * cells_each..(k + 1) * cells_each].to_vec())
                .collect(),
            directions: material.directions.iter().rev().copied().collect(),
            weights: material.weights.iter().rev().copied().collect(),
            pillars: material.pillars.iter().rev().copied().collect(),
            ages: material.ages.iter().rev().copied().collect(),
            ..material.clone()
        };
        let plain = index(&material.panel(), &material.framework(), &method).expect("fits");
        let other = index(&turned.panel(), &turned.framework(), &method).expect("fits");
        for (node, place, month) in cells(&plain) {
            prop_assert!(close(plain.value(node, place, month), other.value(node, place, month)));
            prop_assert!((plain.evidence_share(node, place, month)
                - other.evidence_share(node, place, month)).abs() < 1e-12);
        }
    }

    #[test]
    fn removing_an_observation_never_raises_the_evidence(
        material in material(), method in methods(), pick in any::<prop::sample::Index>()
    ) {
        let mut poorer = material.clone();
        let at = pick.index(material.values.len());
        poorer.values[at] = f64::NAN;
        let framework = material.framework();
        let before = index(&material.panel(), &framework, &method).expect("fits");
        let after = index(&poorer.panel(), &framework, &method).expect("fits");
        for (node, place, month) in cells(&before) {
            let (a, b) = (
                before.evidence_share(node, place, month),
                after.evidence_share(node, place, month),
            );
            prop_assert!((0.0..=1.0).contains(&a) && (0.0..=1.0).contains(&b));
            prop_assert!(b <= a);
            prop_assert!(before.fresh_share(node, place, month) <= a + 1e-12);
            prop_assert!(before.value(node, place, month).is_none()
                || a + 1e-9 >= method.evidence_floor);
        }
    }
}

fn noisy(standard_error: f64) -> (Panel, Framework) {
    let values: Vec<f64> = (0..24).map(|k| f64::from((k * 7) % 11)).collect();
    let mut panel = Panel::from_values(4, 3, 2, values).expect("lengths agree");
    for at in 0..12 {
        panel.set_standard_error(at / 3, at % 3, 0, standard_error).expect("inside");
        panel.set_standard_error(at / 3, at % 3, 1, 0.5).expect("inside");
    }
    let framework = Framework::single(vec![
        Indicator::new("a", "").goalposts(-20.0, 30.0),
        Indicator::new("b", "").direction(Direction::Negative).goalposts(-20.0, 30.0),
    ])
    .expect("holds together");
    (panel, framework)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// 2,000 draws put the width of a 90 % interval within about 4 % (two standard errors).
    #[test]
    fn a_larger_standard_error_never_narrows_an_interval(
        small in 0.1..2.0_f64, factor in 1.0..2.0_f64, seed in any::<u64>()
    ) {
        let uncertainty = Uncertainty { draws: 2000, seed, ..Uncertainty::default() };
        let width = |standard_error: f64| {
            let (panel, framework) = noisy(standard_error);
            let result = intervals(&panel, &framework, &Method::default(), &uncertainty)
                .expect("fits");
            (0..12).map(|at| {
                let interval = result.interval(Node::Overall, at / 3, at % 3).expect("evidence");
                interval.high - interval.low
            }).collect::<Vec<f64>>()
        };
        for (narrow, wide) in width(small).into_iter().zip(width(small * factor)) {
            prop_assert!(wide >= narrow * 0.96, "{narrow} {wide}");
        }
    }
}

#[test]
fn intervals_are_bit_identical_for_any_number_of_threads() {
    let (panel, framework) = noisy(1.0);
    let uncertainty = Uncertainty {
        draws: 300,
        alternatives: Alternatives {
            normalisations: vec![
                Normalisation::MinMax,
                Normalisation::Rank,
                Normalisation::ZScore { points_per_sd: 15.0 },
            ],
            aggregations: vec![Aggregation::Arithmetic, Aggregation::Geometric],
            weight_spread: 0.2,
            ..Alternatives::default()
        },
        ..Uncertainty::default()
    };
    let bits = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        let result = pool
            .install(|| intervals(&panel, &framework, &Method::default(), &uncertainty))
            .expect("fits");
        cells(result.index())
            .filter_map(|(node, place, month)| result.interval(node, place, month))
            .flat_map(|interval| [interval.low, interval.value, interval.high])
            .map(f64::to_bits)
            .collect::<Vec<u64>>()
    };
    let one = bits(1);
    assert_eq!(one.len(), 3 * 3 * 12);
    assert_eq!(one, bits(2));
    assert_eq!(one, bits(7));
}

#[test]
fn old_values_have_wider_intervals_than_fresh_ones() {
    let gap = f64::NAN;
    let series = [3.0, 4.0, 3.5, gap, gap, gap, gap, 5.0, gap, gap];
    let panel = Panel::from_values(1, 10, 1, series.to_vec()).expect("lengths agree");
    let framework =
        Framework::single(vec![Indicator::new("a", "").goalposts(-20.0, 30.0).max_age_months(3)])
            .expect("holds together");
    let result =
        intervals(&panel, &framework, &Method::default(), &Uncertainty::default()).expect("fits");
    let width = |month| result.interval(Node::Overall, 0, month).map(|i| i.high - i.low);
    assert_eq!(width(2), Some(0.0));
    assert!(width(3).expect("carried") > 0.0);
    assert!(width(5).expect("carried") > width(3).expect("carried") * 1.5);
    assert_eq!(width(6), None);
}

#[test]
fn impossible_settings_are_refused() {
    let (panel, framework) = noisy(1.0);
    let run = |method: Method, uncertainty: Uncertainty| {
        intervals(&panel, &framework, &method, &uncertainty)
    };
    let few = Uncertainty { draws: 2, ..Uncertainty::default() };
    assert!(run(Method::default(), few).is_err_and(|error| error.is_setting()));
    let floor = Method { evidence_floor: 1.5, ..Method::default() };
    assert!(run(floor, Uncertainty::default()).is_err_and(|error| error.is_setting()));
    let months = Method { reference_months: Some(0..9), ..Method::default() };
    assert!(run(months, Uncertainty::default()).is_err_and(|error| error.is_setting()));
    let other = Framework::single(vec![Indicator::new("a", "")]).expect("holds together");
    assert!(index(&panel, &other, &Method::default()).is_err_and(|error| error.is_shape()));
}

#[test]
fn a_scale_between_noisy_ends_has_no_interval_unless_it_is_flagged() {
    let (panel, posts) = noisy(1.0);
    let bare = Framework::single(vec![
        Indicator::new("a", "").goalposts(-20.0, 30.0),
        Indicator::new("b", ""),
    ])
    .expect("holds together");
    let run = |framework: &Framework, own: Normalisation, other: &[Normalisation], noisy_ends| {
        let method = Method { normalisation: own, ..Method::default() };
        let alternatives =
            Alternatives { normalisations: other.to_vec(), ..Alternatives::default() };
        let uncertainty = Uncertainty { alternatives, noisy_ends, ..Uncertainty::default() };
        intervals(&panel, framework, &method, &uncertainty)
    };
    let (ends, flag) = (NoisyEnds::Refuse, NoisyEnds::Flag);
    let z = Normalisation::ZScore { points_per_sd: 15.0 };
    let refused = run(&bare, Normalisation::MinMax, &[], ends).expect_err("noisy ends");
    assert!(refused.is_data());
    let message = refused.to_string();
    assert!(
        message.starts_with("indicator b: ") && message.contains("declare goalposts"),
        "{message}"
    );
    assert!(run(&bare, z, &[Normalisation::MinMax, z], ends).is_err_and(|e| e.is_data()));
    assert!(run(&posts, Normalisation::DistanceToTarget, &[], ends).is_err_and(|e| e.is_data()));
    for (own, other) in
        [(z, vec![]), (Normalisation::Rank, vec![]), (Normalisation::MinMax, vec![z])]
    {
        let fine = run(&bare, own, &other, ends).expect("no draw has noisy ends");
        assert!(fine.with_noisy_ends().is_empty());
    }
    assert!(run(&posts, Normalisation::MinMax, &[], ends).is_ok());
    let flagged = run(&bare, z, &[Normalisation::MinMax, z], flag).expect("allowed");
    assert_eq!(flagged.with_noisy_ends(), [1]);
    // Without errors the ends are what they are.
    let exact = Panel::from_values(2, 1, 2, vec![1.0, 2.0, 3.0, 5.0]).expect("lengths agree");
    let found = intervals(&exact, &bare, &Method::default(), &Uncertainty::default());
    assert!(found.is_ok_and(|found| found.with_noisy_ends().is_empty()));
    assert!(index(&panel, &bare, &Method::default()).is_ok());
}

/// Counts, bounds, gaps and ages at once, on two pillars.
fn rich() -> (Panel, Framework) {
    let mut panel = Panel::new(6, 8, 4);
    for place in 0..6 {
        for month in 0..8 {
            let code = (place * 5 + month * 3) % 7;
            let value = code as f64 + place as f64;
            panel.set(place, month, 0, value).expect("inside");
            if (place + month) % 4 > 0 {
                panel.set(place, month, 1, value * 2.0 + (month % 3) as f64).expect("inside");
                panel.set_standard_error(place, month, 1, 0.7).expect("inside");
            }
            panel.set(place, month, 2, value + 3.0).expect("inside");
            panel.set_bounds(place, month, 2, value, value + 9.0).expect("encloses");
            if month % 4 == 0 {
                panel.set(place, month, 3, (place * 2 + month / 4) as f64).expect("inside");
            }
        }
    }
    let framework = Framework::builder()
        .front("f", 1.0)
        .pillar("p", "f", 1.0)
        .pillar("q", "f", 1.0)
        .indicator(Indicator::new("counts", "p").poisson(true))
        .indicator(Indicator::new("survey", "p"))
        .indicator(Indicator::new("deaths", "q").transform(Transform::Log1p))
        .indicator(Indicator::new("yearly", "q").max_age_months(6).shared(true))
        .build()
        .expect("holds together");
    (panel, framework)
}

fn all_alternatives() -> Alternatives {
    Alternatives {
        treatments: vec![Treatment::None, Treatment::Winsorise(Winsorising::default())],
        imputations: vec![Imputation::LastValue, Imputation::ExpectationMaximisation],
        normalisations: vec![Normalisation::ZScore { points_per_sd: 15.0 }, Normalisation::Rank],
        weightings: vec![
            Weighting::Given,
            Weighting::PrincipalComponents,
            Weighting::BenefitOfTheDoubt,
        ],
        aggregations: vec![Aggregation::Arithmetic, Aggregation::Geometric],
        weight_spread: 0.3,
    }
}

#[test]
fn every_alternative_can_be_drawn_together() {
    let (panel, framework) = rich();
    let method = Method { imputation: Imputation::ExpectationMaximisation, ..Method::default() };
    let uncertainty =
        Uncertainty { draws: 500, alternatives: all_alternatives(), ..Uncertainty::default() };
    let result = intervals(&panel, &framework, &method, &uncertainty).expect("fits");
    for (node, place, month) in cells(result.index()) {
        let interval = result.interval(node, place, month).expect("evidence everywhere");
        // Draws that are cut at the end of the scale may pile up there.
        assert!(0.0 <= interval.low && interval.low <= interval.value, "{interval:?}");
        assert!(interval.value <= interval.high && interval.high <= 100.0, "{interval:?}");
        assert!(interval.low < interval.high, "{node:?} {place} {month} {interval:?}");
    }
}

#[test]
fn sensitivity_is_bit_identical_for_any_number_of_threads() {
    let (panel, framework) = rich();
    let mut alternatives = all_alternatives();
    alternatives.aggregations.push(Aggregation::Outranking);
    let question = Question {
        node: Node::Front(0),
        month: 7,
        alternatives,
        errors_by_pillar: true,
        design: Design { points: 64, seed: 3 },
    };
    let bits = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        let found = pool
            .install(|| sensitivity(&panel, &framework, &Method::default(), &question))
            .expect("fits");
        assert_eq!(found.factors().len(), 8);
        (0..8)
            .flat_map(|factor| (0..6).map(move |place| (factor, place)))
            .flat_map(|(factor, place)| {
                [Quantity::Value, Quantity::Rank]
                    .map(|quantity| found.total(factor, place, quantity).map(f64::to_bits))
            })
            .collect::<Vec<Option<u64>>>()
    };
    assert_eq!(bits(1), bits(3));
}

#[test]
fn copeland_scores_of_the_index_follow_the_duels() {
    let values = vec![3.0, 2.0, 1.0, 1.0, 2.0, 3.0, 9.0, 5.0, 1.0];
    let panel = Panel::from_values(3, 1, 3, values).expect("lengths agree");
    let framework = Framework::single(
        ["a", "b", "c"].into_iter().map(|name| Indicator::new(name, "")).collect(),
    )
    .expect("holds together");
    let method = Method { aggregation: Aggregation::Outranking, ..Method::default() };
    let result = index(&panel, &framework, &method).expect("fits");
    let value = |place| result.value(Node::Overall, place, 0);
    assert_eq!([value(0), value(1), value(2)], [Some(100.0), Some(50.0), Some(0.0)]);
    assert!(result.contributions(Node::Overall, 0, 0).is_empty());
    let uncertainty = Uncertainty::default();
    assert!(intervals(&panel, &framework, &method, &uncertainty).is_err_and(|e| e.is_setting()));
}

#[test]
fn components_that_cannot_be_found_name_their_pillar() {
    let gap = f64::NAN;
    // No place has both indicators.
    let values = vec![1.0, 2.0, 3.0, gap, gap, gap, gap, gap, gap, 4.0, 5.0, 6.0];
    let panel = Panel::from_values(6, 1, 2, values).expect("lengths agree");
    let framework = Framework::builder()
        .front("f", 1.0)
        .pillar("justice", "f", 1.0)
        .indicator(Indicator::new("a", "justice"))
        .indicator(Indicator::new("b", "justice"))
        .build()
        .expect("holds together");
    let method = Method { weighting: Weighting::PrincipalComponents, ..Method::default() };
    let error = index(&panel, &framework, &method).expect_err("no complete row");
    assert!(error.is_data());
    assert!(error.to_string().starts_with("pillar justice: "), "{error}");
}
