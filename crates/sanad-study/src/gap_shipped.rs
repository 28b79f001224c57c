//! Districts forecast across a gap, as a case ships them: written by `sanad case gap-forecast`, printed by the
//! briefing while they are those of the record at hand.
//!
//! The trial and the forecast take longer than the whole briefing, and change only when the record of districts
//! or theatres does.

use std::collections::BTreeMap;

use sanad_brief::{DistrictAhead, DistrictsAhead, GapOutlook, GapTrialResult};
use sanad_case::gap_forecast::ShippedGapForecast;
use sanad_core::{Estimate, Progress};
use sanad_store::{Observatory, Table};

use crate::error::Result;
use crate::gap::{
    DECIDING, GapForecast, GapRecord, GapTrial, GapTrialRequest, forecast_after_gap, gap_trial,
};
use crate::tables::gap_forecast_table;

/// Version of the models and of how they are tried, to be counted up when the same record comes to give
/// other districts.
const RULES: &str = "gap 1";
/// The command that writes what a case ships.
const RENEW: &str = "`sanad case gap-forecast CASE --out gap-forecast.csv`";

/// What a forecast across a gap was made of and how; with its trial's result where it was tried.
fn notes(record: &GapRecord, request: &GapTrialRequest) -> Result<BTreeMap<String, String>> {
    let years = record.tried_years(request)?;
    Ok([
        ("record_sha256", record.sha256()),
        ("rules", RULES.to_owned()),
        ("gap_months", request.gap_months.to_string()),
        ("tried_years", format!("{}..{}", years[0], years[1])),
        ("draws", request.draws.to_string()),
        ("seed", request.seed.to_string()),
    ]
    .map(|(name, note)| (name.to_owned(), note))
    .into())
}

/// What the trial found, as notes.
fn result_notes(trial: &GapTrial, forecast: &GapForecast) -> BTreeMap<String, String> {
    let mut notes: BTreeMap<String, String> = [
        ("known_by_district", forecast.known_by_district.to_string()),
        ("known_by_theatre", forecast.known_by_theatre.to_string()),
        ("source", forecast.source.clone()),
        ("trial_places", trial.places.to_string()),
    ]
    .map(|(name, note)| (name.to_owned(), note))
    .into();
    for score in DECIDING {
        let line = trial.lines.iter().find(|line| line.window == "all" && line.score == score);
        let both = line.and_then(|line| line.mean.as_ref().zip(line.difference.as_ref()));
        let Some((own, difference)) = both.map(|(own, other)| (own.mean.value, other.mean)) else {
            continue;
        };
        notes.extend([
            (format!("trial_{score}"), own.to_string()),
            (format!("trial_{score}_difference"), difference.value.to_string()),
            (format!("trial_{score}_difference_low_90"), difference.low.to_string()),
            (format!("trial_{score}_difference_high_90"), difference.high.to_string()),
        ]);
    }
    notes
}

/// Tries the forecast across the gap, and where it won forecasts the districts: the table that a case ships.
/// Nothing where there is no gap, or the trial was lost.
///
/// # Errors
///
/// Those of reading the observatory and of the models.
pub fn districts_to_ship(
    observatory: &Observatory,
    threads: usize,
    progress: &dyn Progress,
) -> Result<Option<Table>> {
    let request = GapTrialRequest::default();
    let Some(record) = GapRecord::read(observatory, threads)? else { return Ok(None) };
    let trial = gap_trial(observatory, &request, threads, progress)?;
    if !trial.is_better {
        return Ok(None);
    }
    let Some(found) = forecast_after_gap(observatory, &request, threads, progress)? else {
        return Ok(None);
    };
    let mut all = notes(&record, &request)?;
    all.extend(result_notes(&trial, &found));
    gap_forecast_table(&found.districts, all).map(Some)
}

/// The districts that the case ships where they are those of the record at hand, and else what to run;
/// nothing where there is no gap.
pub(crate) fn shipped(observatory: &Observatory, threads: usize) -> Result<Option<DistrictsAhead>> {
    let Some(record) = GapRecord::read(observatory, threads)? else { return Ok(None) };
    let missing = |why: String| Ok(Some(DistrictsAhead::Missing(why)));
    let Some(shipped) = observatory.gap_forecast()? else {
        return missing(format!(
            "The case ships no forecast of them, and making one takes longer than this page: run {RENEW} and ship it with the case."
        ));
    };
    let now = notes(&record, &GapTrialRequest::default())?;
    if let Some((name, _)) = now.iter().find(|(name, note)| shipped.notes.get(*name) != Some(*note))
    {
        return missing(format!(
            "Those that the case ships were not made from the record at hand ({name} differs): run {RENEW} and ship it with the case."
        ));
    }
    match outlook(&record, shipped) {
        Some(outlook) => Ok(Some(DistrictsAhead::Forecast(outlook))),
        None => missing(format!(
            "Those that the case ships do not say how the forecast did in its trial: run {RENEW} and ship it with the case."
        )),
    }
}

/// What the page shows of the shipped districts, most expected deaths first; nothing where a note of the
/// trial's result is missing.
fn outlook(record: &GapRecord, shipped: ShippedGapForecast) -> Option<GapOutlook> {
    let ShippedGapForecast { rows, notes } = shipped;
    let number = |name: &str| notes.get(name)?.parse::<f64>().ok();
    let [crps, _] = DECIDING;
    let own = number(&format!("trial_{crps}"))?;
    let difference = Estimate {
        low: number(&format!("trial_{crps}_difference_low_90"))?,
        value: number(&format!("trial_{crps}_difference"))?,
        high: number(&format!("trial_{crps}_difference_high_90"))?,
    };
    let (first, last) = notes.get("tried_years")?.split_once("..")?;
    let trial = GapTrialResult {
        years: [first.parse().ok()?, last.parse().ok()?],
        gap_months: notes.get("gap_months")?.parse().ok()?,
        places: notes.get("trial_places")?.parse().ok()?,
        own,
        reference: own - difference.value,
        difference,
    };
    let months = rows.first()?.months;
    let mut districts: Vec<DistrictAhead> = rows
        .into_iter()
        .map(|row| DistrictAhead {
            theatre: record.title_of(&row.theatre),
            name: row.place,
            chance_any: row.chance_any,
            deaths: row.deaths,
        })
        .collect();
    districts.sort_by(|a, b| {
        b.deaths.value.total_cmp(&a.deaths.value).then_with(|| a.name.cmp(&b.name))
    });
    Some(GapOutlook {
        months,
        known_by_district: record.known(),
        known_by_theatre: record.origin(),
        source: record.source().to_owned(),
        draws: notes.get("draws")?.parse().ok()?,
        districts,
        trial,
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use chrono::NaiveDate;

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 29).unwrap()
    }

    fn observatory(folder: &Path, case: &Path) -> Observatory {
        let mut observatory = Observatory::open_or_new(folder).unwrap();
        observatory.import_case(case, false, day()).unwrap();
        observatory
    }

    /// The trial takes too long here; that it was won is what the notes say, and the forecast is made anew.
    #[test]
    fn districts_that_the_case_ships_are_what_the_model_gives_of_its_record() {
        let folder = tempfile::tempdir().unwrap();
        let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/pakistan");
        let observatory = observatory(folder.path(), &case);
        let request = GapTrialRequest::default();
        let kept = observatory.gap_forecast().unwrap().expect("the case ships districts");
        let made = forecast_after_gap(&observatory, &request, 1, &sanad_core::Silent).unwrap();
        assert_eq!(
            kept.rows,
            made.unwrap().districts,
            "write cases/pakistan/gap-forecast.csv anew"
        );
        let Some(DistrictsAhead::Forecast(outlook)) = shipped(&observatory, 1).unwrap() else {
            panic!("the shipped districts are not those of the record");
        };
        assert!(outlook.trial.difference.high < 0.0 && outlook.trial.own < outlook.trial.reference);
        assert_eq!(outlook.months, ["2026-01", "2026-12"].map(|month| month.parse().unwrap()));
        assert_eq!(outlook.known_by_theatre.plus(1), outlook.months[0]);
        let rises =
            outlook.districts.windows(2).all(|two| two[0].deaths.value >= two[1].deaths.value);
        assert!(rises && outlook.districts.len() == kept.rows.len());
    }

    #[test]
    #[allow(clippy::disallowed_methods)]
    fn districts_made_of_another_record_are_not_printed_and_the_page_says_what_to_run() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let shipped_case = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/pakistan");
        let case = folders[1].path().join("pakistan");
        std::fs::create_dir(&case).unwrap();
        for file in std::fs::read_dir(&shipped_case).unwrap().flatten() {
            std::fs::copy(file.path(), case.join(file.file_name())).unwrap();
        }
        let path = case.join("gap-forecast.csv");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace(",gap 1,", ",gap 0,")).unwrap();
        let observatory = observatory(folders[0].path(), &case);
        let Some(DistrictsAhead::Missing(why)) = shipped(&observatory, 1).unwrap() else {
            panic!("districts of other rules are printed");
        };
        assert!(why.contains("(rules differs)") && why.contains(RENEW), "{why}");
    }
}
