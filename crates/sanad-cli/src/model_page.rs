//! Holds `docs/model-pakistan.md` to the case's files: the page is written from them.
//!
//! `INSTA_UPDATE=always cargo test -p sanad-cli model_page` writes it anew.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;

use chrono::NaiveDate;
use sanad_case::{Basis, DeclaredPrior, Document, Lever, read_claims};
use sanad_core::chronicle::KnownIds;
use sanad_scenario::Kind;
use sanad_store::{Ensemble, Observatory};

use sanad_study::model::ModelCase;

const HEAD: &str = "# The model of the case of Pakistan\n\nWritten from `cases/pakistan/model.xmile`, \
    `priors.toml`, `levers.toml` and the fitted members; a test keeps them alike. What the model \
    reproduces and what it does not is told in `model-calibration.md`.\n";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn observatory(folder: &std::path::Path) -> Observatory {
    let mut observatory = Observatory::open_or_new(folder).unwrap();
    let day = NaiveDate::from_ymd_opt(2026, 11, 27).unwrap();
    observatory.import_case(&root().join("cases/pakistan"), true, day).unwrap();
    observatory
}

fn page(case: &ModelCase) -> String {
    let posterior = case.posterior().expect("the shipped members are of the shipped model");
    let mut page = HEAD.to_owned();
    let (variables, priors) = (case.variables(), &case.priors.priors);
    let fitted = &posterior.notes["fitted_to"];
    writeln!(
        page,
        "\n{} variables, {} parameters with a prior. **{:.0} % of these rest on judgement alone.** The \
         shipped ensemble has {} members fitted to the record up to {fitted} with seed {} and tolerance \
         {}.\n",
        variables.len(),
        priors.len(),
        100.0 * case.priors.judgement_share(),
        posterior.members(),
        posterior.notes["seed"],
        posterior.notes["tolerance"],
    )
    .unwrap();
    page.push_str("## Parameters\n\n| parameter | unit | basis | claim | prior | fitted: median (95 %) | note |\n| --- | --- | --- | --- | --- | --- | --- |\n");
    priors.iter().for_each(|prior| page.push_str(&parameter(prior, posterior)));
    page.push_str("\n## Levers\n\nA lever moves everywhere under its id, and in one place as in `redress[balochistan]` where it can be moved there alone.\n\n| lever | id | alone in | levels (today) | delay, months | cost | acts on | claims | note |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
    case.levers.levers.iter().for_each(|it| page.push_str(&lever(case, it)));
    page.push_str("\n## Variables\n\nEquations are in the file. A constant without a prior is a switch or a level that scenarios set.\n\n| variable | kind | unit | what it is |\n| --- | --- | --- | --- |\n");
    for variable in variables {
        let kind = match variable.kind {
            Kind::Stock => "stock",
            Kind::Flow => "flow",
            _ => "auxiliary",
        };
        let unit = variable.units.as_deref().unwrap_or_default();
        writeln!(
            page,
            "| `{}` | {kind} | {unit} | {} |",
            variable.name,
            variable.documentation.trim()
        )
        .unwrap();
    }
    page
}

fn parameter(prior: &DeclaredPrior, posterior: &Ensemble) -> String {
    let values = posterior.columns.iter().find(|(name, _)| *name == prior.parameter);
    let fitted = values.map_or_else(String::new, |(_, values)| {
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| sanad_numbers::nearest_rank(&sorted, share).unwrap_or(f64::NAN);
        format!("{} ({} to {})", short(at(0.5)), short(at(0.025)), short(at(0.975)))
    });
    let basis = match prior.basis {
        Basis::Estimate => "estimate",
        Basis::Study => "study",
        Basis::Judgement => "judgement",
    };
    let cite = prior.cite.as_ref().map_or_else(String::new, |cite| format!(" {cite}"));
    format!(
        "| `{}` | {} | {basis} | {} | {} | {fitted} | {}{cite} |\n",
        prior.parameter,
        prior.unit,
        prior.claim,
        distribution(&prior.prior),
        prior.note,
    )
}

/// Three significant digits.
fn short(value: f64) -> String {
    let digits = if value == 0.0 { 0 } else { value.abs().log10().floor() as i32 };
    format!("{value:.*}", usize::try_from(2 - digits).unwrap_or(0))
}

fn distribution(prior: &toml::Table) -> String {
    let name = prior["distribution"].as_str().unwrap_or_default().replace('_', "-");
    let number = |key: &&str| Some(format!("{key} {}", prior.get(*key)?));
    let keys = ["value", "low", "median", "mode", "sigma", "high"];
    let numbers: Vec<String> = keys.iter().filter_map(number).collect();
    format!("{name}: {}", numbers.join(", "))
}

fn lever(case: &ModelCase, lever: &Lever) -> String {
    let elements = case.lever_elements(lever).join(", ");
    format!(
        "| {} | `{}` | {} | {} to {} ({}) | {} | {:?} | {} | {} | {} |\n",
        lever.title,
        lever.id,
        if elements.is_empty() { "–" } else { elements.as_str() },
        lever.lowest,
        lever.highest,
        lever.today,
        lever.delay_months,
        lever.cost,
        lever.acts_on.join(", "),
        lever.claims.join(", "),
        lever.note,
    )
}

#[test]
fn the_page_of_the_model_says_what_the_files_say() {
    let folder = tempfile::tempdir().unwrap();
    let observatory = observatory(folder.path());
    let case = ModelCase::read(&observatory).unwrap();
    let expected = page(&case);
    crate::generated::hold("docs/model-pakistan.md", &expected, "model_page");
}

#[test]
fn every_constant_has_a_prior_or_is_set_by_scenarios_and_every_claim_is_one_of_the_case() {
    let folder = tempfile::tempdir().unwrap();
    let observatory = observatory(folder.path());
    let case = ModelCase::read(&observatory).unwrap();
    let model = case.future(1).unwrap();
    let priors: BTreeSet<&str> =
        case.priors.priors.iter().map(|prior| prior.parameter.as_str()).collect();
    let levels = case.levers.levers.iter().flat_map(|lever| case.lever_constants(lever));
    let shocks = case.scenarios.shocks.iter().flat_map(|shock| shock.sets.keys().cloned());
    let by_hand: BTreeSet<String> = levels
        .chain(shocks)
        .chain(["one_month", "shock_month", "shock_size"].map(str::to_owned))
        .collect();
    for name in model.variables().iter().filter(|name| model.constant(name).is_some()) {
        assert!(priors.contains(name.as_str()) != by_hand.contains(name), "{name}");
    }
    let known = KnownIds::from_case(&observatory.places().unwrap(), &observatory.actors().unwrap());
    let claims = read_claims(&observatory.document(Document::Claims).unwrap().unwrap(), &known);
    let ids: BTreeSet<String> = claims.unwrap().claims.into_iter().map(|claim| claim.id).collect();
    for prior in &case.priors.priors {
        assert!(ids.contains(&prior.claim), "{}: {}", prior.parameter, prior.claim);
    }
    for claim in case.levers.levers.iter().flat_map(|lever| &lever.claims) {
        assert!(ids.contains(claim), "{claim}");
    }
    for variable in case.variables() {
        let documentation = variable.documentation.as_str();
        let named = ["Claims: ", "Claim: "].iter().find_map(|word| documentation.split_once(word));
        let Some((_, named)) = named else { continue };
        let named = named.split('.').next().unwrap_or_default();
        for claim in named.split(", ") {
            assert!(ids.contains(claim.trim()), "{claim}");
        }
    }
}
