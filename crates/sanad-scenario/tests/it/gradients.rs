//! Chains that follow the gradient: the exact posterior where there is one, known truths where not.

use rayon::prelude::*;
use sanad_core::random::Streams;
use sanad_numbers::{mean, variance};
use sanad_scenario::{
    Assimilation, GradientDraws, GradientSettings, Inputs, Method, RunSettings, SampledPaths, Vary,
};

use crate::learning::{
    COUNTED, COUNTED_STEPS, FORGETS, WORLDS, check_bands, counted_space, counted_world, exact,
    filtered, held_by_bands, priors, record, simulated, space,
};
use crate::{compile, file, variables};

fn settings(warmup: usize, draws: usize, seed: u64) -> GradientSettings {
    GradientSettings { warmup, draws, kept: draws / 2, seed, ..GradientSettings::default() }
}

fn sample(
    assimilation: &Assimilation<'_>,
    values: &[f64],
    start: Option<&SampledPaths>,
    settings: &GradientSettings,
) -> GradientDraws {
    let (inputs, record) = (Inputs::new(), record(values));
    assimilation.sample_by_gradient(&priors(), &inputs, &record, start, settings, |_| ()).unwrap()
}

#[test]
fn chains_with_gradients_find_the_exact_posterior_and_the_exact_forecast() {
    const STEPS: usize = 60;
    let model = compile(&file(0.0, STEPS as f64 + 6.0, 1.0, &variables(FORGETS)));
    let values = simulated(0.8, 0.6, STEPS, &mut Streams::new(5, "test: truth").at(0, 0, 0));
    let assimilation = model.assimilation(&["level"], &space(), &RunSettings::default()).unwrap();
    // A small spread leaves the noise little room: short steps for it, and some still diverge.
    let own = |seed| GradientSettings { accepted: 0.95, ..settings(300, 800, seed) };
    let early = sample(&assimilation, &values[..20], None, &own(3));
    // The second begins where the first ended, and knows more rows; its metric goes across the coordinates.
    let low_rank = GradientSettings { low_rank: true, ..own(4) };
    let late = sample(&assimilation, &values, Some(&early.paths), &low_rank);
    for (found, rows) in [(&early, 20), (&late, STEPS)] {
        let (means, deviations, _) = exact(&values[..rows]);
        let paths = &found.paths;
        let logs: Vec<f64> = paths.values[1].iter().map(|spread| spread.ln()).collect();
        for (place, draws) in [&paths.values[0], &logs].into_iter().enumerate() {
            let error = (mean(draws) - means[place]) / deviations[place];
            let ratio = variance(draws).sqrt() / deviations[place];
            println!("rows {rows}: {place}: off by {error:.3} deviations, ratio {ratio:.3}");
            // Draws worth 400 at least: three standard errors.
            assert!(error.abs() < 0.15, "{place} {error}");
            assert!((ratio - 1.0).abs() < 0.11, "{place} {ratio}");
        }
        println!("R-hat {:?}, effective {:?}", paths.r_hat, found.effective_draws);
        println!("{:?}", found.chains);
        assert!(paths.r_hat.iter().all(|ratio| *ratio < 1.05), "{:?}", paths.r_hat);
        assert!(found.log_density_r_hat < 1.05, "{}", found.log_density_r_hat);
        assert!(found.effective_draws.iter().all(|draws| *draws > 400.0));
        assert!(found.tail_draws.iter().all(|draws| *draws > 150.0), "{:?}", found.tail_draws);
        for chain in &found.chains {
            assert!(chain.divergences <= 24 && chain.energy_fraction > 0.3, "{chain:?}");
            assert!(chain.mean_depth > 1.0 && chain.at_deepest == 0.0, "{chain:?}");
        }
        assert_eq!((paths.draws(), paths.time), (1600, rows as f64));
    }
    // Given one set of parameters the level after the record is normal; here it is averaged over draws.
    let late = &late.paths;
    let lines = assimilation.continued(late, &Inputs::new(), 9).unwrap();
    let moments: Vec<(f64, f64)> = (0..late.draws())
        .map(|draw| filtered(&values, late.values[0][draw], late.values[1][draw]))
        .collect();
    let centre = mean(&moments.iter().map(|one| one.0).collect::<Vec<f64>>());
    let whole = moments.iter().map(|one| one.1 + (one.0 - centre).powi(2));
    let whole = mean(&whole.collect::<Vec<f64>>());
    let levels = lines.across(0, STEPS);
    let (error, ratio) = ((mean(&levels) - centre) / whole.sqrt(), variance(&levels) / whole);
    println!("level at the end off by {error:.3} deviations, ratio {ratio:.3}");
    assert!(error.abs() < 0.12 && (ratio - 1.0).abs() < 0.15, "{error} {ratio}");
}

#[test]
fn chains_with_gradients_hold_known_truths_of_counts_and_of_a_stock_that_is_cut_off() {
    let model = compile(&file(0.0, COUNTED_STEPS as f64, 1.0, &variables(COUNTED)));
    let (space, priors) = counted_space();
    let assimilation =
        model.assimilation(&["capability", "pressure"], &space, &RunSettings::default()).unwrap();
    let held = (0..WORLDS).into_par_iter().map(|world| {
        let (truths, record) = counted_world(world);
        let settings = GradientSettings { chains: 2, ..settings(200, 200, 1 + u64::from(world)) };
        let inputs = Inputs::new();
        let found = assimilation
            .sample_by_gradient(&priors, &inputs, &record, None, &settings, |_| ())
            .unwrap()
            .paths;
        let lines = assimilation.continued(&found, &inputs, 1).unwrap();
        held_by_bands(&found, &lines, truths)
    });
    let held: Vec<[f64; 5]> = held.collect();
    check_bands(core::array::from_fn(|place| held.iter().map(|one| one[place]).sum()));
}

#[test]
fn the_number_of_threads_changes_no_bit_of_what_gradients_find() {
    let values = [0.3, 0.9, 1.4, 0.2, -0.5, 0.8, 1.1, 2.0];
    let model = compile(&file(0.0, 12.0, 1.0, &variables(FORGETS)));
    let assimilation = model.assimilation(&["level"], &space(), &RunSettings::default()).unwrap();
    let with = |threads: usize, seed: u64| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let settings = GradientSettings { chains: 11, ..settings(60, 40, seed) };
            sample(&assimilation, &values, None, &settings)
        })
    };
    let one = with(1, 7);
    assert_eq!(one, with(2, 7));
    assert_eq!(one, with(5, 7));
    assert_ne!(one.paths.values, with(1, 8).paths.values);
    assert_eq!((one.paths.draws(), one.chains.len()), (220, 11));
}

#[test]
fn what_cannot_be_sampled_by_gradients_is_refused_with_its_reason() {
    let model = compile(&file(0.0, 12.0, 1.0, &variables(FORGETS)));
    let refuse = |priors: &Vary, values: &[f64], settings: &GradientSettings, method: Method| {
        let run = RunSettings { method: Some(method), ..RunSettings::default() };
        let assimilation = model.assimilation(&["level"], &space(), &run).unwrap();
        let (inputs, record) = (Inputs::new(), record(values));
        let found =
            assimilation.sample_by_gradient(priors, &inputs, &record, None, settings, |_| ());
        found.unwrap_err().to_string()
    };
    let (sound, values) = (settings(10, 10, 1), [0.5, 0.1]);
    let own = |settings: &GradientSettings| refuse(&priors(), &values, settings, Method::Euler);
    assert!(own(&GradientSettings { chains: 1, ..sound }).contains("two at least"));
    assert!(own(&GradientSettings { kept: 11, ..sound }).contains("one path"));
    assert!(own(&GradientSettings { accepted: 1.0, ..sound }).contains("between 0 and 1"));
    assert!(own(&GradientSettings { deepest: 0, ..sound }).contains("between 1 and 20"));
    assert!(refuse(&priors(), &values, &sound, Method::Rk4).contains("Euler"));
    assert!(refuse(&Vary::default(), &values, &sound, Method::Euler).contains("no constant"));
    assert!(refuse(&priors(), &[], &sound, Method::Euler).contains("no observation"));
}
