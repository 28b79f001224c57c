//! What every model must and must not do.

use sanad_core::random::Streams;
use sanad_forecast::{
    Benchmark, Draws, Ensemble, EnsembleSettings, Forest, Hurdle, LevelErrors, Model, OUTCOME_CAP,
    Panel, RecalibrationSettings, Request, SelfExciting, Switching, backtest, mean_logs, reconcile,
    sanad,
};

const MONTHS: usize = 150;

/// The default ensemble with fewer past windows, to keep the suite quick.
fn small_sanad() -> Ensemble {
    let settings = EnsembleSettings { windows: 2, draws: 50, ..EnsembleSettings::default() };
    Ensemble::new("sanad", sanad::components(), settings).unwrap()
}

/// The same, recalibrated in every way there is.
fn recalibrated_sanad() -> Ensemble {
    let settings = EnsembleSettings {
        windows: 3,
        draws: 50,
        own_weights_at_war: false,
        recalibration: Some(RecalibrationSettings {
            also_low: true,
            two_sided: true,
            prior_places: 1.0,
        }),
        ..EnsembleSettings::default()
    };
    Ensemble::new("recalibrated", sanad::components(), settings).unwrap()
}

fn all_models() -> Vec<Box<dyn Model>> {
    let mut models: Vec<Box<dyn Model>> = vec![
        Box::new(Hurdle::default()),
        Box::new(Hurdle { by_regime: false, ..Hurdle::default() }),
        Box::new(Switching::default()),
        Box::new(SelfExciting::default()),
        Box::new(Forest { trees: 12, ..Forest::default() }),
        Box::new(LevelErrors::default()),
        Box::new(small_sanad()),
        Box::new(recalibrated_sanad()),
    ];
    models.extend(Benchmark::ALL.map(|benchmark| Box::new(benchmark) as Box<dyn Model>));
    models
}

/// Places of every kind: silent, constant, one great spike, short, with gaps, bursts, chance.
fn hard_history(place: u32) -> Vec<f64> {
    let mut stream = Streams::new(11, "histories").at(place, 0, 0);
    let mut history = vec![0.0; MONTHS];
    match place % 8 {
        0 => {}
        1 => history.fill(1.0 + f64::from(place % 40)),
        2 => history[(place as usize * 7) % MONTHS] = 100_000.0,
        3 => {
            history.fill(f64::NAN);
            history[MONTHS - 1] = f64::from(place % 3) * 500.0;
        }
        4 => {
            let birth = (stream.open01() * MONTHS as f64) as usize;
            history[..birth].fill(f64::NAN);
            history[birth..].iter_mut().for_each(|y| *y = (30.0 * stream.open01()).floor());
        }
        5 => history.iter_mut().for_each(|y| {
            *y = if stream.open01() < 0.2 { f64::NAN } else { (3.0 * stream.open01()).floor() };
        }),
        6 => {
            let start = (stream.open01() * MONTHS as f64) as usize;
            history[start..].iter_mut().for_each(|y| *y = (-900.0 * stream.open01().ln()).floor());
        }
        _ => history.iter_mut().for_each(|y| {
            let u = stream.open01();
            *y = if u < 0.85 { 0.0 } else { (1.0 / (1.0 - u).max(1e-5)).floor() };
        }),
    }
    history
}

fn panel(places: u32) -> Panel {
    let target = (0..places).flat_map(hard_history).collect();
    let ring = (0..places).map(|p| vec![(p + 1) % places, (p + places - 1) % places]).collect();
    Panel::new(121, places as usize, MONTHS, target)
        .unwrap()
        .with_neighbours(ring)
        .unwrap()
        .with_covariate("season", (0..places as usize * MONTHS).map(|i| (i % 12) as f64).collect())
        .unwrap()
}

/// How many histories to try: 10,000 take a minute or two, `SANAD_HISTORIES=10000` asks for them.
fn histories() -> u32 {
    let request = std::env::var_os("SANAD_HISTORIES");
    request.and_then(|text| text.to_str()?.parse().ok()).unwrap_or(240)
}

#[test]
fn no_model_explodes_on_hard_histories() {
    let places = histories();
    let panel = panel(places);
    let request = Request::new(13..=14, 8, 5).unwrap();
    for model in all_models() {
        let draws = model.forecast(&panel.up_to(MONTHS - 1).unwrap(), &request).unwrap();
        let largest = draws.values().iter().max().unwrap();
        assert!(*largest <= OUTCOME_CAP, "{} drew {largest}", model.name());
        assert_eq!(draws.values().len(), places as usize * 2 * 8);
    }
}

#[test]
fn a_learned_models_draws_stay_under_the_places_cap() {
    let panel = panel(400);
    let past = panel.up_to(MONTHS - 1).unwrap();
    let request = Request::new(3..=14, 200, 6).unwrap();
    let models: [Box<dyn Model>; 5] = [
        Box::new(LevelErrors::default()),
        Box::new(Hurdle::default()),
        Box::new(Switching::default()),
        Box::new(SelfExciting::default()),
        Box::new(Forest { trees: 12, ..Forest::default() }),
    ];
    for model in models {
        let draws = model.forecast(&past, &request).unwrap();
        for place in 0..400 {
            let own = past.series(place).iter().fold(0.0_f64, |peak, &value| peak.max(value));
            let cap = Hurdle::place_cap(own, 100_000.0);
            for step in 0..12 {
                let largest = f64::from(*draws.cell(place, step).iter().max().unwrap());
                assert!(largest <= cap, "{}: {largest} over {cap}", model.name());
            }
        }
    }
}

#[test]
fn no_draw_depends_on_what_came_after_the_origin() {
    let before = panel(80);
    let origin = 110;
    let changed = (0..80_u32)
        .flat_map(|place| {
            let mut history = hard_history(place);
            history[origin + 1..].iter_mut().for_each(|y| *y = 7_777.0 + f64::from(place));
            history
        })
        .collect();
    let after = Panel::new(121, 80, MONTHS, changed)
        .unwrap()
        .with_neighbours((0..80).map(|p| vec![(p + 1) % 80, (p + 79) % 80]).collect())
        .unwrap()
        .with_covariate(
            "season",
            (0..80 * MONTHS)
                .map(|i| if i % MONTHS > origin { -5.0 } else { (i % 12) as f64 })
                .collect(),
        )
        .unwrap();
    let request = Request::new(3..=14, 50, 7).unwrap();
    for model in all_models() {
        let known = model.forecast(&before.up_to(origin).unwrap(), &request).unwrap();
        let other = model.forecast(&after.up_to(origin).unwrap(), &request).unwrap();
        assert!(known == other, "{} saw past its origin", model.name());
    }
}

#[test]
fn windows_forecast_together_are_those_forecast_alone() {
    let panel = panel(60);
    let request = Request::new(3..=8, 40, 8).unwrap();
    for model in all_models() {
        let together = model.forecast_windows(&panel, &[100, 124], &request, &|| ()).unwrap();
        for (&origin, together) in [100, 124].iter().zip(together) {
            let alone = model.forecast(&panel.up_to(origin).unwrap(), &request).unwrap();
            assert!(alone == together, "{} at {origin}", model.name());
        }
    }
}

#[test]
fn draws_are_the_same_bits_on_one_thread_and_on_two() {
    let panel = panel(60);
    let request = Request::new(3..=14, 50, 9).unwrap();
    let on = |threads: usize, model: &dyn Model| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| backtest(model, &panel, &[110, 122], &request).unwrap())
    };
    for model in all_models() {
        let (one, two) = (on(1, model.as_ref()), on(2, model.as_ref()));
        // Windows hold NaN where nothing was observed, which equals nothing, so compare the parts.
        let same_draws = one.windows.iter().zip(&two.windows).all(|(a, b)| a.draws == b.draws);
        let same_scores = one.scores == two.scores;
        assert!(same_draws && same_scores, "{} depends on the number of threads", model.name());
    }
}

#[test]
fn seeds_change_draws_and_the_same_seed_does_not() {
    let panel = panel(24);
    let past = panel.up_to(MONTHS - 1).unwrap();
    let draw =
        |seed| small_sanad().forecast(&past, &Request::new(1..=3, 30, seed).unwrap()).unwrap();
    assert!(draw(1) == draw(1));
    assert!(draw(1) != draw(2));
}

#[test]
fn a_place_never_violent_is_forecast_mostly_at_zero() {
    let panel = panel(400);
    let request = Request::new(3..=14, 200, 3).unwrap();
    let draws = Hurdle::default().forecast(&panel.up_to(MONTHS - 1).unwrap(), &request).unwrap();
    let zeros = draws.cell(0, 0).iter().filter(|&&x| x == 0).count();
    assert!(zeros > 150, "{zeros} of 200");
}

#[test]
fn a_constant_place_is_forecast_near_its_constant() {
    // All places constant, at levels from 20 to 59: nothing else to learn.
    let target = (0..200).flat_map(|place| vec![20.0 + f64::from(place % 40); MONTHS]).collect();
    let panel = Panel::new(121, 200, MONTHS, target).unwrap();
    let request = Request::new(3..=14, 101, 3).unwrap();
    let models: [&dyn Model; 3] = [
        &Hurdle::default(),
        &Forest { trees: 12, ..Forest::default() },
        &Benchmark::OwnLast { months: 12 },
    ];
    for model in models {
        let draws = model.forecast(&panel.up_to(MONTHS - 1).unwrap(), &request).unwrap();
        let mut cell = draws.cell(25, 4).to_vec();
        cell.sort_unstable();
        assert!((40..=50).contains(&cell[50]), "{}: {}", model.name(), cell[50]);
    }
}

#[test]
fn a_burst_excites_what_follows_and_fades() {
    // Rare shots, each followed by a decaying echo; the place forecast has just been shot at.
    let months = 240;
    let echo = |month: usize| [30.0, 15.0, 8.0, 4.0, 2.0, 1.0].get(month).copied().unwrap_or(0.0);
    let target = (0..40)
        .flat_map(|place| (0..months).map(move |month| echo((month + 6 * place) % 48)))
        .collect();
    let panel = Panel::new(121, 40, months, target).unwrap();
    let request = Request::new(1..=12, 400, 5).unwrap();
    // 239 + 6 * 8 is a multiple of 48, less one month.
    let just_shot = (0..40).find(|place| (months - 1 + 6 * place) % 48 == 5).unwrap();
    let past = panel.up_to(months - 6).unwrap();
    let draws = SelfExciting::default().forecast(&past, &request).unwrap();
    let mean = |step: usize| {
        draws.cell(just_shot, step).iter().map(|&y| f64::from(y)).sum::<f64>() / 400.0
    };
    assert!(mean(0) > 2.0 * mean(11), "{} then {}", mean(0), mean(11));
}

#[test]
fn the_forest_tells_places_apart_that_differ_in_what_they_did_before() {
    // Places of one kind are violent every month, of the other never.
    let target = (0..60)
        .flat_map(|place| {
            (0..MONTHS).map(move |month| f64::from(place % 2) * (5 + month % 3) as f64)
        })
        .collect();
    let panel = Panel::new(121, 60, MONTHS, target).unwrap();
    let request = Request::new(3..=5, 200, 5).unwrap();
    let forest = Forest { trees: 12, ..Forest::default() };
    let draws = forest.forecast(&panel.up_to(MONTHS - 1).unwrap(), &request).unwrap();
    assert!(draws.cell(0, 0).iter().all(|&y| y == 0));
    assert!(draws.cell(1, 0).iter().all(|&y| (5..=7).contains(&y)));
}

#[test]
fn an_origin_outside_the_panel_is_an_error() {
    let error = panel(2).up_to(MONTHS).unwrap_err();
    assert!(error.is_history());
    assert_eq!(error.to_string(), "month 150 is outside the panel, which has 150 months");
}

#[test]
fn an_explanation_adds_up_to_the_forecast() {
    let panel = panel(120);
    let past = panel.up_to(MONTHS - 1).unwrap();
    let request = Request::new(3..=14, 400, 4).unwrap();
    let benchmark = Benchmark::OwnLast { months: 12 }.forecast(&past, &request).unwrap();
    let reference = mean_logs(&benchmark);
    for model in [&Hurdle::default() as &dyn Model, &small_sanad(), &recalibrated_sanad()] {
        let forecast = mean_logs(&model.forecast(&past, &request).unwrap());
        let explained = model.explain(&past, &request, &reference).unwrap();
        for place in 0..120 {
            assert_eq!(explained[place].reference, reference[place]);
            let gap = (explained[place].forecast() - forecast[place]).abs();
            // Draws and the explanation's hundred quantiles differ by chance only.
            assert!(gap < 0.25, "{} place {place}: off by {gap}", model.name());
        }
        let mean_gap = (0..120).map(|p| explained[p].forecast() - forecast[p]).sum::<f64>() / 120.0;
        assert!(mean_gap.abs() < 0.02, "{}: {mean_gap}", model.name());
    }
}

#[test]
fn shuffled_draws_keep_each_cells_distribution_and_move_together() {
    // Four places that are violent in the same months, and draws that know nothing of it.
    let months = 120;
    let together = |month: usize| if month % 10 < 3 { 40.0 + (month % 7) as f64 } else { 0.0 };
    let target = (0..4).flat_map(|_| (0..months).map(together)).collect();
    let panel = Panel::new(121, 4, months, target).unwrap();
    let past = panel.up_to(months - 1).unwrap();
    let request = Request::new(1..=3, 500, 2).unwrap();
    let alone = Benchmark::SMOOTHED.forecast(&past, &request).unwrap();
    let shuffled = reconcile::shuffle_by_history(&past, &alone, &request).unwrap();
    let sorted = |cell: &[u32]| {
        let mut cell = cell.to_vec();
        cell.sort_unstable();
        cell
    };
    for (place, step) in (0..4).flat_map(|p| (0..3).map(move |s| (p, s))) {
        assert_eq!(sorted(alone.cell(place, step)), sorted(shuffled.cell(place, step)));
    }
    let correlation = |draws: &Draws| {
        let (a, b) = (draws.cell(0, 1), draws.cell(1, 1));
        let both = a.iter().zip(b).filter(|(a, b)| **a > 0 && **b > 0).count() as f64;
        let one = a.iter().filter(|a| **a > 0).count() as f64;
        both / one
    };
    assert!(correlation(&alone) < 0.5, "{}", correlation(&alone));
    assert!(correlation(&shuffled) > 0.85, "{}", correlation(&shuffled));
}

#[test]
fn districts_add_up_to_their_province_within_each_draw() {
    let panel = panel(30);
    let groups: Vec<u32> = (0..30).map(|place| place % 4).collect();
    let request = Request::new(1..=6, 80, 2).unwrap();
    let past = panel.up_to(MONTHS - 1).unwrap();
    let districts = small_sanad().forecast(&past, &request).unwrap();
    let shuffled = reconcile::shuffle_by_history(&past, &districts, &request).unwrap();
    let provinces = reconcile::totals(&shuffled, &groups).unwrap();
    for (province, step, draw) in
        (0..4).flat_map(|p| (0..6).flat_map(move |s| (0..80).map(move |d| (p, s, d))))
    {
        let members = (0..30).filter(|&place| groups[place] as usize == province);
        let total: u32 = members.map(|place| shuffled.cell(place, step)[draw]).sum();
        assert_eq!(provinces.cell(province, step)[draw], total);
    }
}

#[test]
fn a_pool_that_was_too_high_at_war_is_moved_down() {
    // Wars that abate by 4 % a month, and a component that carries the last year on.
    let months = 144;
    let years = |month: usize| (20_000.0 * 0.96_f64.powf(month as f64)).round();
    let target = (0..40).flat_map(|_| (0..months).map(years)).collect();
    let panel = Panel::new(121, 40, months, target).unwrap();
    let pool = |recalibration| {
        let settings = EnsembleSettings { draws: 60, recalibration, ..EnsembleSettings::default() };
        let parts: Vec<Box<dyn Model>> = vec![Box::new(Benchmark::OwnLast { months: 12 })];
        Ensemble::new("pool", parts, settings).unwrap()
    };
    let past = panel.up_to(107).unwrap();
    let request = Request::new(3..=14, 60, 1).unwrap();
    let plain = mean_logs(&pool(None).forecast(&past, &request).unwrap());
    let settings = Some(RecalibrationSettings::default());
    let moved = mean_logs(&pool(settings).forecast(&past, &request).unwrap());
    assert!(moved[0] < plain[0] - 0.3, "{} from {}", moved[0], plain[0]);
}

#[test]
fn weights_are_learned_from_windows_that_had_ended() {
    let panel = panel(60);
    let request = Request::new(3..=14, 50, 9).unwrap();
    let learned = small_sanad().weights(&panel.up_to(120).unwrap(), &request).unwrap();
    assert_eq!(learned.windows, [94, 106]);
    for weights in learned.by_place.iter().chain(&learned.by_regime) {
        assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        assert!(weights.iter().all(|&weight| weight >= 0.0));
    }
}
