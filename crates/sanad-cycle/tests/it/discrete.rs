//! The discrete-time model from simulation to test.

use sanad_core::random::Streams;
use sanad_cycle::discrete::{
    Background, Counts, Extent, Fit, Kernel, Profile, Reach, Record, Series, Settings, World,
    bootstrap, compare, detectable_branching, diagnose, fit, fit_target, link_test,
    percentile_interval, pit,
};
use sanad_cycle::{LARGEST_FALL, Links, ks_uniform};

const DAYS: usize = 1200;

fn geometric(n: f64, half_life_days: f64) -> Vec<f64> {
    let fall = 0.5_f64.powf(1.0 / half_life_days);
    (0..60).map(|lag| n * (1.0 - fall) * fall.powi(lag)).collect()
}

/// Kind 0 excites itself and kind 1; kind 1 excites only itself.
fn world() -> World {
    let extent = Extent { kinds: 2, places: 1, days: DAYS };
    let kernels =
        vec![vec![geometric(0.5, 2.0), vec![]], vec![geometric(0.4, 2.0), geometric(0.2, 2.0)]];
    World::new(extent, vec![vec![0.4; DAYS]; 2], kernels, vec![None; 2]).unwrap()
}

fn settings() -> Settings {
    Settings { background: Background::constant(), counts: Counts::Poisson, ..Settings::default() }
}

fn drawn(seed: u64) -> Series {
    world().simulate(100_000, &mut Streams::new(seed, "world").at(0, 0, 0)).unwrap()
}

fn interval(series: &Series, settings: &Settings, found: &Fit, link: (usize, usize)) -> (f64, f64) {
    Profile::new(series, settings, found).unwrap().interval(link).unwrap()
}

#[test]
fn a_link_that_is_there_is_found_and_its_interval_holds_the_truth() {
    let series = drawn(1);
    let found = fit(&series, &settings()).unwrap();
    let test = link_test(&series, &settings(), (1, 0), 499, Streams::new(1, "t")).unwrap();
    assert!(test.p_value < 0.01, "{test:?}");
    let (low, high) = interval(&series, &settings(), &found, (1, 0));
    assert!(low > 0.0 && low < 0.4 && 0.4 < high && high < 1.0, "{low} {high}");
    let delta = found.targets()[1].branching_interval(0).unwrap();
    assert!((delta.0 - low).abs() < 0.15 && (delta.1 - high).abs() < 0.15, "{delta:?}");
}

#[test]
fn the_ends_of_a_profile_are_where_its_fall_reaches_the_limit() {
    let series = drawn(1);
    let mixture = Kernel::Mixture { half_lives_days: vec![1.0, 7.0], horizon_days: 60 };
    for settings in [settings(), Settings { kernel: mixture, ..settings() }] {
        let found = fit(&series, &settings).unwrap();
        let profile = Profile::new(&series, &settings, &found).unwrap();
        for link in [(1, 1), (1, 0)] {
            let (low, high) = profile.interval(link).unwrap();
            assert!(low < profile.branching()[link] && profile.branching()[link] < high);
            let fall = |n| profile.fall(link, n).unwrap();
            for end in [low, high] {
                assert!((fall(end) - LARGEST_FALL).abs() < 0.02, "{end} {}", fall(end));
            }
            assert!(fall(0.5 * (low + high)) < LARGEST_FALL && fall(1.2 * high) > LARGEST_FALL);
        }
    }
}

#[test]
fn an_absent_link_has_an_upper_end_alone() {
    let series = drawn(7);
    let found = fit(&series, &settings()).unwrap();
    let (low, high) = interval(&series, &settings(), &found, (0, 1));
    assert!(low == 0.0 && 0.0 < high && high < 0.3, "{low} {high}");
    let own = Settings { links: Links::SelfOnly, ..settings() };
    let alone = fit(&series, &own).unwrap();
    let none = Profile::new(&series, &own, &alone).unwrap().interval((0, 1));
    assert!(none.unwrap_err().is_too_little_data());
}

#[test]
fn a_link_between_kinds_is_less_low_among_all_kinds() {
    let extent = Extent { kinds: 2, places: 1, days: DAYS };
    let kernels = vec![
        vec![geometric(0.6, 3.0), geometric(0.2, 4.0)],
        vec![geometric(0.2, 4.0), geometric(0.6, 3.0)],
    ];
    let world = World::new(extent, vec![vec![0.3; DAYS]; 2], kernels, vec![None; 2]).unwrap();
    let settings = Settings {
        counts: Counts::Poisson,
        kernel: Kernel::Mixture { half_lives_days: vec![4.0], horizon_days: 60 },
        background: Background { knot_days: Some(240.0), ..Background::default() },
        ..Settings::default()
    };
    let (mut first, mut again) = (0.0, 0.0);
    for set in 0..20 {
        let mut stream = Streams::new(4, "profile").at(set, 0, 0);
        let series = world.simulate(100_000, &mut stream).unwrap();
        let found = fit(&series, &settings).unwrap();
        first += found.branching()[(0, 1)] / 20.0;
        again += Profile::new(&series, &settings, &found).unwrap().branching()[(0, 1)] / 20.0;
    }
    assert!(0.2 - first > 0.03, "{first}");
    assert!((0.2 - again).abs() < 0.5 * (0.2 - first), "{again} {first}");
}

#[test]
fn the_true_order_of_models_is_the_order_of_the_criteria() {
    let series = drawn(2);
    let models = compare(&series, &settings(), 499, Streams::new(2, "t")).unwrap();
    assert!(models.none.aic > models.self_only.aic && models.self_only.aic > models.full.aic);
    assert!(models.self_against_none.p_value < 0.01 && models.full_against_self.p_value < 0.01);
}

#[test]
fn the_transform_of_a_fitted_true_model_is_uniform_and_of_a_wrong_one_is_not() {
    let series = drawn(3);
    let found = fit(&series, &settings()).unwrap();
    let stream = &mut Streams::new(3, "pit").at(0, 0, 0);
    let values = pit(&series, &settings(), &found.targets()[0], 0, stream).unwrap();
    assert!(ks_uniform(&values).p_value > 0.01);
    let mut clumped = world();
    clumped.count_sizes = vec![Some(0.4); 2];
    let series = clumped.simulate(100_000, stream).unwrap();
    let poor = fit_target(&series, &settings(), 0).unwrap();
    let values = pit(&series, &settings(), &poor, 0, stream).unwrap();
    assert!(ks_uniform(&values).p_value < 0.01);
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let series = drawn(4);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let found = fit(&series, &settings()).unwrap();
            let replicates = bootstrap(&series, &settings(), &found, 4, Streams::new(4, "boot"));
            (found.branching(), replicates)
        })
    };
    assert_eq!(run(1), run(2));
}

#[test]
fn bootstrap_replicates_lie_about_the_estimate() {
    let series = drawn(5);
    let found = fit(&series, &settings()).unwrap();
    let replicates = bootstrap(&series, &settings(), &found, 20, Streams::new(5, "boot"));
    let values: Vec<f64> = replicates.iter().map(|n| n[(0, 0)]).collect();
    let (low, high) = percentile_interval(&values, 0.9).unwrap();
    let n = found.branching()[(0, 0)];
    assert!(low < n && n < high && high - low < 0.5, "{low} {n} {high}");
}

#[test]
fn two_kinds_that_always_come_together_are_reported_as_confounded() {
    let first = drawn(6);
    let mut records: Vec<Record> = first.records(0).to_vec();
    records.extend(first.records(1));
    // A third kind that copies the first on the same days.
    records.extend(first.records(0).iter().map(|r| Record { kind: 2, ..*r }));
    let series = Series::new(Extent { kinds: 3, places: 1, days: DAYS }, &records).unwrap();
    let found = diagnose(&series, &settings(), 1, 3.0).unwrap();
    assert_eq!(found.confounded(0.7), [(0, 2)]);
    assert!(found.information_kept[0] < 0.05 && found.information_kept[1] > 0.1, "{found:?}");
}

#[test]
fn four_times_the_record_halves_the_detectable_effect() {
    let at = |days: usize| {
        let extent = Extent { kinds: 2, places: 1, days };
        let kernels = vec![vec![vec![]; 2]; 2];
        let world = World::new(extent, vec![vec![0.3; days]; 2], kernels, vec![None; 2]).unwrap();
        let series = world.simulate(100_000, &mut Streams::new(7, "p").at(0, 0, 0)).unwrap();
        let own = settings().with_links(Links::SelfOnly);
        let without = fit_target(&series, &own, 0).unwrap();
        detectable_branching(&series, &own, &without, (0, 1), 4.0, (0.05, 0.8)).unwrap()
    };
    let ratio = at(1500) / at(6000);
    assert!((1.6..2.5).contains(&ratio), "{ratio}");
}

#[test]
fn offspring_in_other_places_need_the_reach_that_holds_them() {
    let extent = Extent { kinds: 1, places: 3, days: DAYS };
    let mut world =
        World::new(extent, vec![vec![0.15; 3 * DAYS]], vec![vec![geometric(0.6, 2.0)]], vec![None])
            .unwrap();
    world.reach = Reach::Everywhere;
    let series = world.simulate(100_000, &mut Streams::new(8, "reach").at(0, 0, 0)).unwrap();
    let everywhere = Settings { reach: Reach::Everywhere, ..settings() };
    let right = fit(&series, &everywhere).unwrap();
    let wrong = fit(&series, &settings()).unwrap();
    assert!(right.log_likelihood() > wrong.log_likelihood() + 5.0);
    assert!((right.branching()[(0, 0)] - 0.6).abs() < 0.15, "{:?}", right.branching());
}

#[test]
fn an_uncertain_date_costs_information_but_not_the_answer() {
    let mut vague = world();
    vague.date_spans = vec![vec![1, 1, 1, 3]; 2];
    let series = vague.simulate(100_000, &mut Streams::new(9, "vague").at(0, 0, 0)).unwrap();
    assert!(series.undated(0) > 100);
    let found = fit(&series, &settings()).unwrap();
    assert!((found.branching()[(0, 0)] - 0.5).abs() < 0.2, "{:?}", found.branching());
}
