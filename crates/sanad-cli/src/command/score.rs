//! `sanad score`.

use crate::args::{Score, ScoreBy};
use crate::command::{check_ending, print, save};
use crate::error::Result;
use crate::progress::Step;
use crate::report::say;
use sanad_study::outcome::{Outcomes, Scored, read_actuals, read_scored};
use sanad_study::scoring;

pub(crate) fn run(score: &Score) -> Result<()> {
    score.out.as_deref().map_or(Ok(()), check_ending)?;
    let step = Step::begin("read the actuals");
    let actuals =
        read_actuals(&score.actuals, score.place_column.as_deref(), score.target.as_deref())?;
    step.end(&format!("{} places, {} months", actuals.places.len(), actuals.panel.months()));
    note_fractions(&actuals);
    let mut scored = Vec::with_capacity(score.draws.len());
    for path in &score.draws {
        let step = Step::begin(format!("score {}", path.display()));
        let one = read_scored(path, &actuals)?;
        step.end(&format!("{} cells × {} draws", one.table.rows().len(), one.draws));
        note(&one);
        scored.push(one);
    }
    let table = match score.by {
        None => scoring::overall(&scored, score.seed)?,
        Some(ScoreBy::Place) => scoring::by_place(&scored, &actuals)?,
        Some(ScoreBy::Month) => scoring::by_month(&scored, &actuals)?,
    };
    match &score.out {
        Some(path) => save(&table, score.format, path),
        None => print(&table, score.format),
    }
}

/// What scores make of numbers that are no counts.
const NEED_COUNTS: &str = "all are scored as they are. ign has bins between counts, and brier_1 and \
                           brier_25 ask for 1 or 25 deaths: they need counts, and 0.7 is not one death";

/// Says how many of the actuals are no counts.
fn note_fractions(actuals: &Outcomes) {
    let (places, months) = (actuals.panel.places(), actuals.panel.months());
    let known = (0..places)
        .flat_map(|place| (0..months).filter_map(move |month| actuals.panel.value(place, month)));
    let (all, fractional) = known
        .fold((0, 0), |(all, some), value| (all + 1, some + usize::from(value.fract() != 0.0)));
    if fractional > 0 {
        say!("note: {fractional} of {all} actuals are no whole numbers; {NEED_COUNTS}");
    }
}

/// Says which cells could not be scored, and that scores of few draws are another measure.
fn note(scored: &Scored) {
    let [without, beyond] = scored.unmatched;
    if without > 0 {
        say!(
            "note: {}: {without} places × months of the actuals, in months that have draws, have \
             none; they are left out, and the scores are not comparable with those of a complete \
             file",
            scored.name
        );
    }
    if beyond > 0 {
        say!(
            "note: {}: {beyond} places × months have draws and no actual; they are left out",
            scored.name
        );
    }
    if scored.fractional > 0 {
        let all = scored.table.rows().len() * scored.draws;
        say!(
            "note: {}: {} of {all} draws are no whole numbers; {NEED_COUNTS}",
            scored.name,
            scored.fractional
        );
    }
    if scored.draws < 100 {
        say!(
            "note: {}: {} draws; ign adds one count to each of 11 bins, so that with few draws \
             it is not comparable with ign of 1,000",
            scored.name,
            scored.draws
        );
    }
}
