//! Constants that are learnt from a record, and paths by what was learnt.

use sanad_core::Parts;
use sanad_scenario::{
    Assimilation, GradientDraws, GradientSettings, Inputs, Model, Results, RunSettings, Vary,
};

use super::file::ModelFile;
use super::record::{RecordFiles, scenario_fault};
use crate::args::Simulate;
use crate::error::{Error, Result};
use crate::progress::Step;
use crate::report::say;

/// R̂ above which a reader is told that chains do not agree about a constant (A. Vehtari and others, "Rank-normalization,
/// folding, and localization: an improved R̂", Bayesian Analysis 16, 2021, ask for less than 1.01).
const AGREED: f64 = 1.01;
/// Effective draws of a constant below which a reader is told that there are few.
const FEW: f64 = 400.0;

/// What chains learnt, and a path of each draw to the stop of the run.
pub(crate) struct LearntPaths {
    pub(crate) draws: GradientDraws,
    pub(crate) lines: Results,
}

impl RecordFiles<'_> {
    /// Learns the constants of `priors` from the record and takes as many of the draws as members are asked for to
    /// the stop of the run, keeping the variables named. `inputs` are those that are set.
    pub(crate) fn learn(
        self,
        (file, model): (&ModelFile, &Model),
        saved: &[&str],
        settings: &RunSettings,
        (priors, inputs): (&Vary, &Inputs),
        request: &Simulate,
    ) -> Result<LearntPaths> {
        let fault = |source| file.fault(source);
        let chains = chains(request)?;
        let space = self.state_space()?;
        let assimilation: Assimilation<'_> = model
            .assimilation(saved, &space, settings)
            .map_err(|source| scenario_fault(self.noise, source))?;
        let record = self.record(&assimilation)?;
        let step = Step::begin("learn from the record, draws");
        let parts = Parts::new(&step, chains.chains * (chains.warmup + chains.draws));
        let learnt =
            assimilation
                .sample_by_gradient(priors, inputs, &record, None, &chains, |_| parts.done());
        let draws = learnt.map_err(fault)?;
        step.end(&format!(
            "{} chains of {} draws, {} observations, {} constants",
            chains.chains,
            chains.draws,
            record.observed(),
            draws.paths.parameters.len()
        ));
        tell(&draws);
        let lines = assimilation.continued(&draws.paths, inputs, request.seed);
        Ok(LearntPaths { lines: lines.map_err(fault)?, draws })
    }
}

/// How chains are run.
fn chains(request: &Simulate) -> Result<GradientSettings> {
    let kept = request.members.div_ceil(request.chains);
    if kept > request.draws {
        return Err(Error::Option {
            option: "--members",
            found: request.members.to_string(),
            expected: "at most --chains times --draws: each path belongs to a draw of its own",
        });
    }
    Ok(GradientSettings {
        chains: request.chains,
        warmup: request.draws,
        draws: request.draws,
        kept,
        seed: request.seed,
        ..GradientSettings::default()
    })
}

/// How far the draws can be relied on.
fn tell(draws: &GradientDraws) {
    let of = |values: &[f64], worse: fn(&f64, &f64) -> bool| {
        let all = draws.paths.parameters.iter().zip(values.iter().copied());
        let known = all.filter(|(_, value)| !value.is_nan());
        known.reduce(|worst, one| if worse(&one.1, &worst.1) { one } else { worst })
    };
    let divergences: usize = draws.chains.iter().map(|chain| chain.divergences).sum();
    let (Some(r_hat), Some(effective)) =
        (of(&draws.paths.r_hat, f64::gt), of(&draws.effective_draws, f64::lt))
    else {
        return;
    };
    say!(
        "largest R-hat {:.3} ({}), fewest effective draws {:.0} ({}), {divergences} divergences",
        r_hat.1,
        r_hat.0,
        effective.1,
        effective.0
    );
    if r_hat.1 > AGREED {
        say!("note: the chains do not agree well enough about {}; more --draws may help", r_hat.0);
    }
    if effective.1 < FEW {
        say!("note: quantiles of {} rest on few draws; more --draws may help", effective.0);
    }
    if divergences > 0 {
        say!(
            "note: trajectories went astray near some draws, where the posterior may be explored badly"
        );
    }
}
