//! All that the briefing shows, section by section.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::NaiveDate;
use sanad_brief::latest::Lead;
use sanad_brief::section::forecast::Outlook;
use sanad_brief::{Briefing, DistrictMap, DistrictsAhead, Marker, Network};
use sanad_case::Case;
use sanad_core::{Month, Progress};
use sanad_store::Observatory;

use crate::chronicle::Listed;
use crate::error::Result;
use crate::{
    Study, absent, basis, capability, chronicle, claims, comparison, fronts, gap_shipped,
    geography, latest, policy, prospect, violence,
};

/// How a briefing is made.
#[derive(Debug, Clone, Copy)]
pub struct BriefOptions {
    /// The day it is made.
    pub day: NaiveDate,
    /// Whether to leave out what takes more than a moment.
    pub quick: bool,
    /// Threads of the query engine; 0 for as many as the machine has.
    pub threads: usize,
}

/// Computes everything that the briefing shows.
///
/// A quick briefing leaves out what takes more than a moment: the claims on trial,
/// the forecast and the scenarios.
///
/// What the case or its record cannot fill is `None` or empty, and listed with what it would take.
/// `progress` hears of each step.
///
/// # Errors
///
/// Those of the analyses: a file of the case that is wrong, a record that cannot be read, a model
/// that cannot be run. A section that only lacks data is no error.
pub fn brief(
    study: &Study,
    observatory: &Observatory,
    options: BriefOptions,
    progress: &dyn Progress,
) -> Result<Briefing> {
    if options.quick {
        let briefing = at_hand(study, observatory, options, progress)?;
        let absent = absent::sections(&briefing, true);
        return Ok(Briefing { absent, ..briefing });
    }
    // The claims take longer than all else together, and nothing else waits for them.
    let tried = PartsSoFar::default();
    let (briefing, claims) = std::thread::scope(|scope| -> Result<_> {
        let trial = scope.spawn(|| claims::trial(study, &tried));
        let briefing = at_hand(study, observatory, options, progress)?;
        let briefing = with_what_may_come(briefing, study, observatory, options, progress)?;
        progress.begin("try the claims");
        while !trial.is_finished() {
            tried.tell(progress);
            std::thread::sleep(TOLD_EVERY);
        }
        let claims = trial.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        progress.end(&format!("{} claims", claims.as_ref().map_or(0, |trial| trial.claims.len())));
        Ok((briefing, claims))
    })?;
    let briefing = Briefing { claims, ..briefing };
    let absent = absent::sections(&briefing, false);
    Ok(Briefing { absent, ..briefing })
}

/// How often it is told how far the claims have come.
const TOLD_EVERY: Duration = Duration::from_millis(20);

/// How far the work of another thread has come.
#[derive(Default)]
struct PartsSoFar {
    done: AtomicUsize,
    total: AtomicUsize,
}

impl PartsSoFar {
    /// Says it to whoever hears of this thread's steps.
    fn tell(&self, progress: &dyn Progress) {
        progress.advance(self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed));
    }
}

impl Progress for PartsSoFar {
    fn begin(&self, _step: &str) {}

    fn advance(&self, done: usize, total: usize) {
        self.done.store(done, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }

    fn end(&self, _result: &str) {}
}

/// The sections that take a moment alone.
fn at_hand(
    study: &Study,
    observatory: &Observatory,
    options: BriefOptions,
    progress: &dyn Progress,
) -> Result<Briefing> {
    progress.begin("measure the fronts");
    let fronts = fronts::measure(study, observatory, options.threads, true)?;
    let measured = fronts.as_ref().map_or(0, |measured| measured.provinces());
    progress.end(&format!("{measured} {}", study.book.level_names().adm1.several));

    progress.begin("compare periods");
    let comparisons = comparison::comparisons(study);
    progress.end(&format!("{} comparisons", comparisons.len()));

    progress.begin("gather maps, ties and sources");
    let boundaries = observatory.boundaries(None)?;
    let map = geography::district_map(study, boundaries.as_ref());
    let briefing = Briefing {
        title: study.case.title.clone(),
        headline_of_case: study.outline.headline.clone(),
        text: text(&study.case),
        made_on: options.day,
        program: format!("sanad {}", env!("CARGO_PKG_VERSION")),
        headline: violence::headline(study, fronts.as_ref()),
        lead: latest::lead(study, observatory, options.threads)?,
        markers: markers(study),
        map,
        by_province: violence::by_province(study),
        by_family: violence::by_family(study),
        national: violence::national(study),
        fronts: fronts.map(fronts::MeasuredFronts::into_content),
        forecast: None,
        districts_ahead: None,
        comparisons,
        capability: capability::panel(study, observatory, options.threads)?,
        claims: None,
        policy: None,
        chronicle: chronicle::entries(&study.case, &study.chronicle),
        network: ties(study),
        basis: basis::basis(study, observatory),
        absent: Vec::new(),
    };
    let placed = briefing.map.kind.several(&briefing.map.names);
    progress.end(&format!("{} {placed}", briefing.map.districts.len()));
    Ok(briefing)
}

/// The briefing with the forecast and the scenarios.
fn with_what_may_come(
    briefing: Briefing,
    study: &Study,
    observatory: &Observatory,
    options: BriefOptions,
    progress: &dyn Progress,
) -> Result<Briefing> {
    progress.begin("forecast, and try it on past years");
    let outlook = latest::outlook(study, observatory, progress)?;
    let is_across_years = outlook.is_some() && study.newest.is_some();
    let by_place =
        outlook_by_place(study, observatory, &briefing.map, is_across_years, options, progress)?;
    let (forecast, districts_ahead) = by_place;
    let has_forecast = forecast.is_some() || outlook.is_some();
    progress.end(if has_forecast { "12 months" } else { "the record is too short" });
    progress.begin("run the scenarios");
    let policy = policy::policy(observatory, Month::from_date(options.day), options.threads)?;
    let found = policy.as_ref().map_or(0, |policy| policy.scenarios.len());
    progress.end(&format!("{found} scenarios"));
    let lead = Lead { outlook, ..briefing.lead };
    Ok(Briefing { forecast, districts_ahead, policy, lead, ..briefing })
}

/// What may come by place: forecast from the record, or across years without places as the case ships it. There
/// districts are forecast apart (`gap`), where a trial was won: it takes longer than the whole page.
fn outlook_by_place(
    study: &Study,
    observatory: &Observatory,
    map: &DistrictMap,
    is_across_years: bool,
    options: BriefOptions,
    progress: &dyn Progress,
) -> Result<(Option<Outlook>, Option<DistrictsAhead>)> {
    Ok(match is_across_years {
        true => (None, gap_shipped::shipped(observatory, options.threads)?),
        false => {
            (prospect::by_place(study, observatory, map, None, options.threads, progress)?, None)
        }
    })
}

/// The text that the case follows, as a citation; empty when there is none.
pub(crate) fn text(case: &Case) -> String {
    case.text.as_ref().map_or_else(String::new, |text| {
        format!(
            "{}, “{}”, {} {}",
            text.authors.join(" and "),
            text.title,
            text.publisher,
            text.year
        )
    })
}

/// The organisations that have a tie, and their ties.
fn ties(study: &Study) -> Network {
    let listed = Listed { actors: &study.actors, families: &study.families };
    chronicle::network(listed, &study.chronicle)
}

/// The events that the case marks in charts over time.
fn markers(study: &Study) -> Vec<Marker> {
    let marker = |marker: &sanad_case::Marker| Marker {
        month: Month::from_date(marker.day),
        label: marker.label.clone(),
    };
    study.outline.markers.iter().map(marker).collect()
}
