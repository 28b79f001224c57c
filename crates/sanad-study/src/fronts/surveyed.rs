//! When people were last asked what the fronts want to know of them, and where never.
//!
//! What people say is asked rarely and not everywhere. A front that rests on an old survey should
//! say so, and so should one that was never asked in a province.

use std::collections::BTreeSet;

use sanad_brief::{PeopleSurveyed, SurveyLine};
use sanad_case::DeclaredIndicator;
use sanad_core::place::Level;
use sanad_core::{Month, Period};
use sanad_store::{ObservationRequest, Observatory, Observed};

use super::grid::Grid;
use super::joined::Reading;
use crate::Study;
use crate::error::Result;

/// The newest answers of each indicator of what people say; nothing where the case declares none.
/// Answers later than the last month of the grid are not counted. `never_in` names today's
/// provinces in which no indicator of this kind has an answer; an answer for the country as a whole
/// is from no province.
pub(crate) fn people_surveyed(
    study: &Study,
    reading: &Reading<'_>,
    observatory: &Observatory,
    grid: &Grid,
) -> Result<Option<PeopleSurveyed>> {
    let indicators: Vec<&DeclaredIndicator> =
        reading.declared.indicators.iter().filter(|one| one.is_survey).collect();
    if indicators.is_empty() {
        return Ok(None);
    }
    let end = grid.from.plus(grid.months as i32 - 1);
    let mut surveyed: BTreeSet<String> = BTreeSet::new();
    let mut questions = Vec::new();
    for indicator in indicators {
        let answers = answers(study, indicator, observatory, end)?;
        surveyed.extend(answers.iter().filter_map(|row| province_of(study, row)));
        let newest =
            answers.iter().map(|row| row.observation.period).max_by_key(|period| period.end());
        questions.push(SurveyLine {
            title: indicator.title.clone(),
            source: indicator.source.clone(),
            last: newest.map(|period| (period, months_between(period, end))),
            max_age_months: indicator.max_age_months,
        });
    }
    let provinces: Vec<&str> =
        study.book.current(Level::Adm1).map(|place| place.id.as_str()).collect();
    let never_in = provinces.iter().filter(|id| !surveyed.contains(**id));
    Ok(Some(PeopleSurveyed {
        places: study.book.level_names().adm1.clone(),
        questions,
        never_in: never_in.map(|id| crate::geography::place_name(study, id)).collect(),
        provinces: provinces.len(),
    }))
}

/// What people answered to an indicator's question, up to the fronts' last month. Everything known
/// now is read, whatever day the fronts are measured for.
fn answers(
    study: &Study,
    indicator: &DeclaredIndicator,
    observatory: &Observatory,
    end: Month,
) -> Result<Vec<Observed>> {
    let Some(series) = &indicator.series else { return Ok(Vec::new()) };
    let country = series.country.as_ref().unwrap_or(&study.case.iso3);
    let request = ObservationRequest {
        countries: vec![country.clone()],
        ..ObservationRequest::of_indicator(&indicator.source, &series.indicator)
    };
    let mut rows = observatory.observations(&request)?;
    rows.retain(|row| row.observation.period.end() <= end.last_day());
    Ok(rows)
}

/// The province that an answer is from; nothing for the whole country.
fn province_of(study: &Study, row: &Observed) -> Option<String> {
    let place = study.book.at_level(row.place_id.as_deref()?, Level::Adm1)?;
    Some(place.id.clone())
}

/// Months from the end of a period to `end`.
fn months_between(period: Period, end: Month) -> u32 {
    u32::try_from(end.id() - Month::from_date(period.end()).id()).unwrap_or(0)
}
