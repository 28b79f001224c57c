//! What a briefing says, as data: numbers that others have computed.

pub(crate) mod claims;
pub(crate) mod forecast;
pub(crate) mod fronts;
pub(crate) mod policy;

use chrono::NaiveDate;
use sanad_core::Estimate;
use sanad_core::actor::TieKind;
use sanad_core::chronicle::Front;
use sanad_core::place::{LevelName, LevelNames};
use sanad_core::{Month, Period};

use self::claims::Trial;
use self::forecast::Outlook;
use self::fronts::{NarrativePanels, Standing};
use self::policy::Policy;
use crate::latest::{Lead, Most};

/// All that one briefing shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Briefing {
    /// Title of the case.
    pub title: String,
    /// The page's headline as the case words it; empty when it does not.
    pub headline_of_case: String,
    /// The text the case follows, as a citation; empty when there is none.
    pub text: String,
    /// The day the briefing was made.
    pub made_on: NaiveDate,
    /// The program and its version.
    pub program: String,
    /// What stands at the top.
    pub headline: Headline,
    /// What the first pages say of the newest months.
    pub lead: Lead,
    /// Events marked in the charts over time.
    pub markers: Vec<Marker>,
    /// Deaths by district over the last twelve months of data.
    pub map: DistrictMap,
    /// Deaths per month by province.
    pub by_province: Monthly,
    /// Deaths per month by family of organisations.
    pub by_family: Monthly,
    /// The national months of another version of the source.
    pub national: Option<National>,
    /// The fronts.
    pub fronts: Option<Fronts>,
    /// What may come.
    pub forecast: Option<Outlook>,
    /// What may come by district after years in which only theatres are known; nothing without such years.
    pub districts_ahead: Option<DistrictsAhead>,
    /// Periods compared.
    pub comparisons: Vec<Comparison>,
    /// What each organisation did, where days are at hand.
    pub capability: Option<CapabilityPanel>,
    /// The claims of the text, on trial.
    pub claims: Option<Trial>,
    /// What policies might change.
    pub policy: Option<Policy>,
    /// The chronicle.
    pub chronicle: Vec<Entry>,
    /// Organisations and ties.
    pub network: Network,
    /// What the numbers rest on.
    pub basis: Basis,
    /// Sections that the case cannot fill or that were left out.
    pub absent: Vec<Absent>,
}

/// A section that is not on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    /// Its title.
    pub section: &'static str,
    /// What it would need, or why it was left out.
    pub needs: &'static str,
}

/// The numbers behind the sentences at the top.
#[derive(Debug, Clone, PartialEq)]
pub struct Headline {
    /// The source of the counts by place, with its version.
    pub source: String,
    /// What the finest places counted are.
    pub finest: PlaceKind,
    /// What the case calls its places.
    pub names: LevelNames,
    /// The newest months counted by place, where they lie beyond a gap.
    pub newest: Option<Newest>,
    /// The last twelve months in a row that are counted by place.
    pub months: [Month; 2],
    /// Events in them.
    pub events: f64,
    /// Deaths in them: low, best and high estimate.
    pub deaths: Estimate,
    /// Deaths in them divided by deaths in the twelve months before, with its 95 % interval.
    pub change: Option<Estimate>,
    /// The province with most of the deaths, and its share, 0 to 1.
    pub province: Option<(String, f64)>,
    /// The place of that kind with most of the deaths, and their number.
    pub district: Option<(String, f64)>,
    /// The last full year of the national series: year, events, deaths best and high, and the
    /// last earlier year with at least as many deaths.
    pub national: Option<NationalYear>,
    /// The greatest index at the last month that has one.
    pub front: Option<FrontPeak>,
}

/// The newest months counted by place, where months that nothing covers lie before them.
#[derive(Debug, Clone, PartialEq)]
pub struct Newest {
    /// The covered months among the twelve that end with the last one, as stretches.
    pub months: Vec<[Month; 2]>,
    /// The stretches among those twelve that nothing covers.
    pub missing: Vec<[Month; 2]>,
    /// The versions that the counts are taken from.
    pub source: String,
    /// Whether a part of them is preliminary.
    pub is_preliminary: bool,
    /// Events in the covered months.
    pub events: f64,
    /// Deaths in them: low, best and high estimate.
    pub deaths: Estimate,
    /// The province with most of the deaths, and its share, 0 to 1.
    pub province: Option<(String, f64)>,
    /// The district with most of the deaths, and their number.
    pub district: Option<(String, f64)>,
    /// Deaths in them that are known to the country only.
    pub deaths_unplaced: f64,
}

/// A year of the national series.
#[derive(Debug, Clone, PartialEq)]
pub struct NationalYear {
    /// The source with its version.
    pub source: String,
    /// The year.
    pub year: i32,
    /// Events.
    pub events: i64,
    /// Deaths, best estimate.
    pub deaths_best: i64,
    /// Deaths, high estimate, where the release has one.
    pub deaths_high: Option<i64>,
    /// The last earlier year with at least as many deaths.
    pub most: Most<i32>,
}

/// The greatest index of a month.
#[derive(Debug, Clone, PartialEq)]
pub struct FrontPeak {
    /// The front.
    pub front: Front,
    /// The province.
    pub place: String,
    /// The month.
    pub month: Month,
    /// The index, 0 to 100, with its 90 % interval.
    pub index: Estimate,
    /// Share of the weight that has data, 0 to 1.
    pub evidence_share: f64,
    /// The last month for which an index was tried.
    pub until: Month,
    /// Fronts that have an index after `month`, each with its last month; the others have none.
    pub later: Vec<(Front, Month)>,
}

/// A dated event marked in charts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// Its month.
    pub month: Month,
    /// A few words.
    pub label: String,
}

/// What a place of the case is, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceKind {
    /// A country.
    Country,
    /// A province or territory.
    Province,
    /// A district, agency or frontier region.
    District,
}

impl PlaceKind {
    /// What the case calls one of them.
    #[must_use]
    pub fn one(self, names: &LevelNames) -> &str {
        match self {
            Self::Country => "country",
            Self::Province => &names.adm1.one,
            Self::District => &names.adm2.one,
        }
    }

    /// What the case calls several of them.
    #[must_use]
    pub fn several(self, names: &LevelNames) -> &str {
        match self {
            Self::Country => "countries",
            Self::Province => &names.adm1.several,
            Self::District => &names.adm2.several,
        }
    }
}

/// Districts with their deaths, or provinces where the case lists no districts.
#[derive(Debug, Clone, PartialEq)]
pub struct DistrictMap {
    /// What the places shown are.
    pub kind: PlaceKind,
    /// What the case calls its places.
    pub names: LevelNames,
    /// First and last month.
    pub months: [Month; 2],
    /// The districts.
    pub districts: Vec<District>,
    /// Provinces, by the districts' `province`.
    pub provinces: Vec<String>,
    /// Provinces whose borders are disputed.
    pub disputed: Vec<usize>,
    /// Deaths that could not be put into a district.
    pub unplaced_deaths: f64,
    /// Deaths that were shared out between districts that the source does not tell apart.
    pub shared_deaths: f64,
    /// Where shapes come from; `None` when districts are shown as tiles.
    pub shapes_from: Option<String>,
}

/// A district of the map.
#[derive(Debug, Clone, PartialEq)]
pub struct District {
    /// Name.
    pub name: String,
    /// Two to four letters.
    pub short: String,
    /// Position of its province in [`DistrictMap::provinces`].
    pub province: usize,
    /// Degrees east of its centroid.
    pub longitude: f64,
    /// Degrees north of its centroid.
    pub latitude: f64,
    /// Its polygons, when shapes are known: rings of longitude and latitude, holes after the
    /// outer ring.
    pub polygons: Vec<Vec<Vec<[f64; 2]>>>,
    /// Deaths, best estimate; `None` where no source covers.
    pub deaths: Option<f64>,
}

/// Monthly series by group.
#[derive(Debug, Clone, PartialEq)]
pub struct Monthly {
    /// First month.
    pub from: Month,
    /// Name and values of each group.
    pub series: Vec<(String, Vec<f64>)>,
}

/// The national months of another version of the source.
#[derive(Debug, Clone, PartialEq)]
pub struct National {
    /// The source with its version.
    pub source: String,
    /// First month.
    pub from: Month,
    /// Deaths per month, best estimate; nothing for a month that the series does not have.
    pub deaths_best: Vec<Option<f64>>,
    /// Deaths per month in the counts by place, where they cover; same length.
    pub deaths_by_place: Vec<Option<f64>>,
}

/// The fronts by province and month.
#[derive(Debug, Clone, PartialEq)]
pub struct Fronts {
    /// First month.
    pub from: Month,
    /// What the case calls the places compared.
    pub places: LevelName,
    /// One block per front.
    pub blocks: Vec<FrontBlock>,
    /// No index where the evidence share is below this.
    pub evidence_floor: f64,
    /// How the index is made, in words.
    pub method: String,
    /// The indicators.
    pub indicators: Vec<IndicatorLine>,
    /// What moved most between the last month with an index and twelve months earlier.
    pub moves: Vec<Move>,
    /// Where each front stands in its last month with an index.
    pub standing: Vec<Standing>,
    /// The narrative front's statements, where the case has a codebook.
    pub narrative: Option<NarrativePanels>,
    /// When people were surveyed; `None` where the case declares no indicator of what people say.
    pub surveyed: Option<PeopleSurveyed>,
}

/// When people were surveyed, and where never.
#[derive(Debug, Clone, PartialEq)]
pub struct PeopleSurveyed {
    /// What the case calls the places compared.
    pub places: LevelName,
    /// What the case wants to know of people, in the order of its declaration.
    pub questions: Vec<SurveyLine>,
    /// Provinces for which the data at hand have no answer, of any year.
    pub never_in: Vec<String>,
    /// How many provinces there are.
    pub provinces: usize,
}

/// A question to people.
#[derive(Debug, Clone, PartialEq)]
pub struct SurveyLine {
    /// Title of the indicator.
    pub title: String,
    /// Source of the data.
    pub source: String,
    /// When the last answers were given, and the months from there to the last month of the fronts; `None` where
    /// there are no answers.
    pub last: Option<(Period, u32)>,
    /// Months after which an answer no longer counts.
    pub max_age_months: u32,
}

/// One front by province and month.
#[derive(Debug, Clone, PartialEq)]
pub struct FrontBlock {
    /// The front.
    pub front: Front,
    /// Its provinces.
    pub rows: Vec<FrontRow>,
}

/// One province of a front.
#[derive(Debug, Clone, PartialEq)]
pub struct FrontRow {
    /// The province.
    pub place: String,
    /// Index with its 90 % interval per month; `None` where the evidence is too thin.
    pub index: Vec<Option<Estimate>>,
    /// Evidence share per month, 0 to 1.
    pub evidence_share: Vec<f64>,
}

/// An indicator as the briefing explains it.
#[derive(Debug, Clone, PartialEq)]
pub struct IndicatorLine {
    /// The front.
    pub front: Front,
    /// Title of its pillar.
    pub pillar: String,
    /// Title with unit.
    pub title: String,
    /// Why it belongs to the front.
    pub reason: String,
    /// Where its data come from.
    pub source: String,
    /// How the source is cited, with what is known or assumed of its errors.
    pub citation: String,
    /// First and last month with data, if any.
    pub covered: Option<[Month; 2]>,
}

/// A change of a front's index over twelve months.
#[derive(Debug, Clone, PartialEq)]
pub struct Move {
    /// The front.
    pub front: Front,
    /// The province.
    pub place: String,
    /// The month.
    pub month: Month,
    /// Twelve months earlier.
    pub before: Estimate,
    /// At the month.
    pub after: Estimate,
    /// Indicators that moved it, with index points, greatest first.
    pub by: Vec<(String, f64)>,
}

/// Periods compared by region.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Short name.
    pub id: String,
    /// What is compared.
    pub title: String,
    /// What to keep in mind.
    pub note: String,
    /// Names of the periods.
    pub periods: Vec<String>,
    /// Names of the regions.
    pub regions: Vec<String>,
    /// Events per month by region and period, with 95 % intervals.
    pub attacks: Vec<Vec<Option<Estimate>>>,
    /// Deaths per month by region and period, with 95 % intervals.
    pub deaths: Vec<Vec<Option<Estimate>>>,
    /// Ratio of the last to the first period of events per month by region.
    pub ratios: Vec<Option<Estimate>>,
    /// Events per month just after the first period over just before its end, by region, with 95 %
    /// intervals.
    pub changes: Vec<Option<Estimate>>,
    /// The same for kinds of event apart, where the case counts them.
    pub kinds: Vec<ComparedKind>,
}

/// One kind of event in the periods and regions of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparedKind {
    /// What it is, for people.
    pub title: String,
    /// Events per month by region and period, with 95 % intervals; nothing where the counts do not
    /// tell the region.
    pub means: Vec<Vec<Option<Estimate>>>,
    /// Change of level after the first period, by region, with 95 % intervals.
    pub changes: Vec<Option<Estimate>>,
}

/// A record of the chronicle as the timeline shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Identifier.
    pub id: String,
    /// Kind of record.
    pub kind: &'static str,
    /// When.
    pub when: Period,
    /// Paragraph of the text.
    pub paragraph: u32,
    /// Fronts it bears on.
    pub fronts: Vec<Front>,
    /// One neutral line.
    pub summary: String,
    /// Whether it strains (−1), eases (1) or neither (0).
    pub sign: i8,
}

/// Organisations and their ties.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    /// Titles of the families that organisations are counted with, in the order of charts.
    pub families: Vec<String>,
    /// Organisations that have a tie.
    pub organisations: Vec<Organisation>,
    /// Ties, by position of their organisations.
    pub ties: Vec<Tie>,
}

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Abbreviation or name.
    pub label: String,
    /// Position of its family in [`Network::families`].
    pub family: usize,
    /// When it began.
    pub from: Option<Period>,
    /// When it ended.
    pub to: Option<Period>,
}

/// A tie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tie {
    /// Position of the one organisation.
    pub a: usize,
    /// Position of the other.
    pub b: usize,
    /// Kind.
    pub kind: TieKind,
    /// When it was or began.
    pub when: Period,
    /// When it ended.
    pub until: Option<Period>,
    /// Who says so, where the tie is an allegation.
    pub alleged_by: Option<String>,
    /// One neutral line.
    pub summary: String,
}

/// What the numbers rest on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Basis {
    /// Sources.
    pub sources: Vec<SourceLine>,
    /// Events and deaths by how far they could be placed.
    pub placing: Vec<PlacingLine>,
    /// Runs of months that are covered and not shown, because months between them and those shown
    /// are covered by no version.
    pub months_apart: Vec<[Month; 2]>,
    /// What a reader must know about the territory shown.
    pub territory_note: String,
}

/// A source as the briefing lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceLine {
    /// Series and version.
    pub label: String,
    /// Title.
    pub title: String,
    /// Citation.
    pub citation: String,
    /// Licence.
    pub licence: String,
    /// Where it was obtained.
    pub url: String,
    /// The day it was obtained.
    pub accessed: NaiveDate,
    /// First and last month covered.
    pub covers: Option<[Month; 2]>,
    /// Rows read and records kept.
    pub rows: [u64; 2],
    /// Diagnostics by reason.
    pub diagnostics: Vec<(String, u64)>,
    /// Beginning of the SHA-256 of the file.
    pub sha256: String,
}

/// What could be placed at one unit.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacingLine {
    /// "district", "province".
    pub unit: String,
    /// Events placed and not placed.
    pub events: [f64; 2],
    /// Deaths placed and not placed.
    pub deaths: [f64; 2],
}

/// Organisations over a span of months, with the kinds of event in it.
#[derive(Debug, Clone, PartialEq)]
pub struct CapabilityPanel {
    /// First and last month.
    pub months: [Month; 2],
    /// Events of each kind: title, events and their share, 0 to 1; what is not told apart among them.
    pub kinds: Vec<(String, i64, f64)>,
    /// Organisations with attacks, the most first.
    pub organisations: Vec<OrganisationLine>,
    /// Organisations with fewer attacks than are listed.
    pub others: usize,
    /// Alliances, mergers and splits: month, and what happened between whom.
    pub ties: Vec<(Month, String)>,
    /// Means of attack where a source codes them, of all months; none where no source does.
    pub means: Vec<MeansLine>,
    /// The source of the counts, with its version.
    pub source: String,
}

/// Districts forecast across years in which only theatres are known.
#[derive(Debug, Clone, PartialEq)]
pub enum DistrictsAhead {
    /// The forecast.
    Forecast(GapOutlook),
    /// Why there is none, and what to run, in a sentence.
    Missing(String),
}

/// A forecast of districts from theatres' months and from each district's share before the gap.
#[derive(Debug, Clone, PartialEq)]
pub struct GapOutlook {
    /// First and last month forecast.
    pub months: [Month; 2],
    /// The last month in a row known by district.
    pub known_by_district: Month,
    /// The last month known by theatre.
    pub known_by_theatre: Month,
    /// The release that the theatres' months are counted from.
    pub source: String,
    /// Draws of each district and month.
    pub draws: usize,
    /// The districts, most expected deaths first.
    pub districts: Vec<DistrictAhead>,
    /// How such forecasts did on past years.
    pub trial: GapTrialResult,
}

/// What a district may expect over all months forecast.
#[derive(Debug, Clone, PartialEq)]
pub struct DistrictAhead {
    /// Its name.
    pub name: String,
    /// The theatre it lies in.
    pub theatre: String,
    /// Chance of a death, 0 to 1.
    pub chance_any: f64,
    /// Deaths: mean of the draws and ends of their central 90 %.
    pub deaths: Estimate,
}

/// How forecasts across a gap did on past years, against each district's own last twelve known months.
#[derive(Debug, Clone, PartialEq)]
pub struct GapTrialResult {
    /// First and last year forecast.
    pub years: [i32; 2],
    /// Months hidden before each.
    pub gap_months: usize,
    /// Districts scored.
    pub places: usize,
    /// Mean CRPS of the forecast, in deaths.
    pub own: f64,
    /// Mean CRPS of the last twelve known months.
    pub reference: f64,
    /// Difference of the two with its 90 % interval; below zero the forecast is better.
    pub difference: Estimate,
}

/// By what means an organisation attacked, as one source codes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeansLine {
    /// Its name; nothing where the source does not say who attacked, or the case does not list it.
    pub name: Option<String>,
    /// The source.
    pub source: String,
    /// First and last month of its events.
    pub months: [Month; 2],
    /// Each means with the events that have it.
    pub means: Vec<(String, i64)>,
    /// All its events in the source.
    pub events: i64,
    /// Those for which no means is coded.
    pub not_coded: i64,
}

/// One organisation over the span.
#[derive(Debug, Clone, PartialEq)]
pub struct OrganisationLine {
    /// Its name.
    pub name: String,
    /// Attacks on the state and on civilians that can be told, with the interval of their Poisson mean.
    pub attacks: Estimate,
    /// Events that are not told apart and may be attacks.
    pub not_told_apart: i64,
    /// Districts attacked in the month with the most.
    pub districts_of_a_month: i64,
    /// Days with attacks in two or more districts, and how many chance would give.
    pub days_in_several: (i64, f64),
    /// Deaths per attack, with its interval.
    pub deaths_per_attack: Option<Estimate>,
    /// Share of attacks that were on the state, with its interval.
    pub share_on_state: Option<Estimate>,
}
