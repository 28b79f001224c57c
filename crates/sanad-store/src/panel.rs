//! The place × month panel, as query plans over the observatory's files.

use chrono::NaiveDate;
use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::Int64Type;
use sanad_core::Month;
use sanad_core::event::DateRule;
use sanad_core::source::{Reign, Source, reigns};

use crate::cache::Manifest;
use crate::engine::Engine;
use crate::error::{Error, Lack, Result};
use crate::observatory::Observatory;
use crate::placing::{Placer, PlacesOf, Unit};
use crate::state::Snapshot;

/// The source of a snapshot as it is compared with others: counts are as old as the events of the
/// same version, whenever they were made, so that only the format decides between the two.
fn ranked(snapshot: &Snapshot, all: &[&Snapshot]) -> Source {
    let mut source = snapshot.source.clone();
    let finer = all.iter().filter(|other| {
        snapshot.format == VIOLENCE_FORMATS[0]
            && other.format != snapshot.format
            && other.source.version == source.version
    });
    if let Some(first) = finer.map(|other| other.source.known_from()).min() {
        source.released = Some(first);
    }
    source
}

/// Formats whose records are violence, the finest last: where two of the same version cover the
/// same country and month, single events speak and ready-made counts are silent.
const VIOLENCE_FORMATS: [&str; 3] = ["counts", "ucdp-ged", "table-events"];

/// The organisations a panel is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Organisations {
    /// No split by organisation.
    #[default]
    Together,
    /// Every organisation that is a side of some record; only cells with records are listed.
    Each,
    /// These organisations, by the source's actor numbers; every cell is listed.
    Only(Vec<i64>),
}

/// What a panel is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PanelRequest {
    /// What the rows stand for.
    pub unit: Unit,
    /// First month.
    pub from: Month,
    /// Last month.
    pub to: Month,
    /// Which month an event of several days counts in.
    pub date_rule: DateRule,
    /// On which places.
    pub places_of: PlacesOf,
    /// The day whose knowledge is asked for; everything when `None`.
    pub as_of: Option<NaiveDate>,
    /// The series of the source, such as `ucdp-ged`.
    pub series: String,
    /// Whether to split by organisation.
    pub organisations: Organisations,
}

impl PanelRequest {
    /// A request for `unit` from `from` to `to` with the usual choices: events counted in the
    /// month they ended in, the places of their day, everything known, UCDP GED.
    #[must_use]
    pub fn new(unit: Unit, from: Month, to: Month) -> Self {
        Self {
            unit,
            from,
            to,
            date_rule: DateRule::End,
            places_of: PlacesOf::Contemporary,
            as_of: None,
            series: "ucdp-ged".to_owned(),
            organisations: Organisations::Together,
        }
    }

    /// The request in words, for manifests.
    #[must_use]
    pub fn describe(&self) -> String {
        let as_of = self.as_of.map_or_else(|| "now".to_owned(), |day| day.to_string());
        let organisations = match &self.organisations {
            Organisations::Together => "together".to_owned(),
            Organisations::Each => "each".to_owned(),
            Organisations::Only(ids) => format!("{ids:?}"),
        };
        format!(
            "unit={} from={} to={} date-rule={} places={} as-of={as_of} source={} \
             organisations={organisations}",
            self.unit.as_str(),
            self.from,
            self.to,
            self.date_rule,
            self.places_of.as_str(),
            self.series,
        )
    }
}

/// The columns of a panel that are sums over records, with the condition a record must meet and
/// the column of the record that is summed.
const MEASURES: [(&str, Option<u8>, &str); 17] = [
    ("events", None, "events"),
    ("deaths_best", None, "deaths_best"),
    ("deaths_low", None, "deaths_low"),
    ("deaths_high", None, "deaths_high"),
    ("deaths_civilians", None, "deaths_civilians"),
    ("state_based_events", Some(1), "events"),
    ("state_based_deaths_best", Some(1), "deaths_best"),
    ("state_based_deaths_low", Some(1), "deaths_low"),
    ("state_based_deaths_high", Some(1), "deaths_high"),
    ("non_state_events", Some(2), "events"),
    ("non_state_deaths_best", Some(2), "deaths_best"),
    ("non_state_deaths_low", Some(2), "deaths_low"),
    ("non_state_deaths_high", Some(2), "deaths_high"),
    ("one_sided_events", Some(3), "events"),
    ("one_sided_deaths_best", Some(3), "deaths_best"),
    ("one_sided_deaths_low", Some(3), "deaths_low"),
    ("one_sided_deaths_high", Some(3), "deaths_high"),
];

/// The names of the measures a panel holds, in the order of its columns. Each is a number of
/// events or of persons killed per place and month.
pub fn measures() -> impl Iterator<Item = &'static str> {
    MEASURES.iter().map(|measure| measure.0)
}

/// The condition and the summed column of a measure.
pub(crate) fn measure_sql(name: &str) -> Result<(String, &'static str)> {
    let found = MEASURES.iter().find(|measure| measure.0 == name);
    let Some(&(_, violence, column)) = found else {
        let nearest = measures().map(str::to_owned).collect();
        return Err(Error::Unknown { what: "measure", found: name.to_owned(), nearest });
    };
    Ok((condition(violence), column))
}

fn condition(violence: Option<u8>) -> String {
    violence.map_or_else(|| "true".to_owned(), |code| format!("type_of_violence = {code}"))
}

/// The snapshots of one series that are known, and where each speaks.
pub(crate) struct Vintage<'a> {
    pub(crate) snapshots: Vec<&'a Snapshot>,
    pub(crate) reigns: Vec<Reign>,
}

impl<'a> Vintage<'a> {
    pub(crate) fn of(
        observatory: &'a Observatory,
        series: &str,
        as_of: Option<NaiveDate>,
    ) -> Result<Self> {
        let snapshots: Vec<&Snapshot> = VIOLENCE_FORMATS
            .iter()
            .flat_map(|format| observatory.known(format, as_of))
            .filter(|snapshot| snapshot.source.id == series)
            .collect();
        if snapshots.is_empty() {
            return Err(Error::Lacks { missing: Lack::Events });
        }
        let sources: Vec<Source> = snapshots.iter().map(|one| ranked(one, &snapshots)).collect();
        let reigns = reigns(&sources.iter().collect::<Vec<_>>());
        Ok(Self { snapshots, reigns })
    }

    /// The snapshots that speak for some country and month, with their positions; the first one
    /// where none does, so that there is always a table.
    pub(crate) fn speaking(&self) -> Vec<(usize, &'a Snapshot)> {
        let all = self.snapshots.iter().copied().enumerate();
        let speaks = |at: usize| self.reigns.iter().any(|reign| reign.source == at);
        let mut found: Vec<(usize, &Snapshot)> = all.filter(|&(at, _)| speaks(at)).collect();
        if found.is_empty() {
            found.extend(self.snapshots.first().map(|snapshot| (0, *snapshot)));
        }
        found
    }

    pub(crate) fn labels(&self) -> Vec<String> {
        self.snapshots.iter().map(|snapshot| snapshot.source.label()).collect()
    }

    /// Refuses what ready-made counts cannot answer.
    fn allow(&self, request: &PanelRequest) -> Result<()> {
        let counted =
            self.reigns.iter().any(|reign| self.snapshots[reign.source].format == "counts");
        if counted && request.date_rule != DateRule::End {
            return Err(Error::Lacks { missing: Lack::DateRule });
        }
        Ok(())
    }

    /// The condition under which a record of snapshot `at` speaks.
    ///
    /// A record that a version dates outside the months it covers (an event that ended in the
    /// next month, say) speaks as long as no other version covers that month.
    pub(crate) fn reign_sql(&self, at: usize) -> String {
        let mut spans: Vec<(i32, i32, Vec<String>)> = Vec::new();
        for (position, reign) in self.reigns.iter().enumerate() {
            if reign.source != at {
                continue;
            }
            let of_country = |other: &&Reign| other.country == reign.country;
            let earlier = position.checked_sub(1).and_then(|p| self.reigns.get(p));
            let from = earlier.filter(of_country).map_or(i32::MIN, |_| reign.from.id());
            let later = self.reigns.get(position + 1).filter(of_country);
            let to = later.map_or(i32::MAX, |next| next.from.id() - 1);
            match spans.iter_mut().find(|span| span.0 == from && span.1 == to) {
                Some(span) => span.2.push(reign.country.to_string()),
                None => spans.push((from, to, vec![reign.country.to_string()])),
            }
        }
        let condition = |(from, to, countries): (i32, i32, Vec<String>)| {
            let countries = countries.join(", ");
            format!("(month_end BETWEEN {from} AND {to} AND country_id IN ({countries}))")
        };
        let all: Vec<String> = spans.into_iter().map(condition).collect();
        if all.is_empty() { "false".to_owned() } else { all.join(" OR ") }
    }
}

/// What [`prepare`] made of a request.
///
/// Weights are whole numbers that add up to [`scale`](Self::scale) over the places and months of
/// one record, so that sums are exact and do not depend on their order.
pub(crate) struct Contributions {
    /// One, in the unit of the weights.
    pub(crate) scale: i64,
    /// The snapshots behind the tables `record_<n>`, in their order.
    pub(crate) snapshots: Vec<Snapshot>,
}

/// Registers the tables `record_<n>` and `placing_<n>`, the view `contributions` (the records
/// that speak, each with its place, month and weight) and the table `grid`.
pub(crate) fn prepare(
    observatory: &Observatory,
    engine: &Engine,
    request: &PanelRequest,
) -> Result<Contributions> {
    let vintage = Vintage::of(observatory, &request.series, request.as_of)?;
    vintage.allow(request)?;
    let mut names: Vec<String> =
        (0..vintage.snapshots.len()).map(|at| format!("placing_{at}")).collect();
    names.extend(["actor_label".to_owned(), "grid".to_owned()]);
    let manifest = place_manifest(observatory, &vintage, request);
    let paths =
        observatory.derived(&manifest, &names, || place_tables(observatory, &vintage, request))?;
    for (name, path) in names.iter().zip(&paths) {
        engine.register(name, path)?;
    }
    let spread = request.date_rule == DateRule::Spread;
    let mut selects = Vec::new();
    for (at, snapshot) in vintage.speaking() {
        engine.register(&format!("record_{at}"), &observatory.record_file(snapshot, "event")?)?;
        if spread {
            let path = observatory.record_file(snapshot, "spread")?;
            engine.register(&format!("spread_{at}"), &path)?;
        }
        selects.extend(contribution_sql(&vintage, at, snapshot, request.date_rule));
    }
    engine.view("contributions", &selects.join(" UNION ALL "))?;
    let one = sanad_core::place::WHOLE_PPM;
    Ok(Contributions {
        scale: if spread { one * one } else { one },
        snapshots: vintage.snapshots.into_iter().cloned().collect(),
    })
}

/// All that the placing tables and the grid follow from.
fn place_manifest(
    observatory: &Observatory,
    vintage: &Vintage<'_>,
    request: &PanelRequest,
) -> Manifest {
    let settings = format!(
        "unit={} places={} from={} to={}",
        request.unit.as_str(),
        request.places_of.as_str(),
        request.from,
        request.to
    );
    Manifest::new("placing", settings, inputs(observatory, vintage, request))
}

fn inputs(observatory: &Observatory, vintage: &Vintage<'_>, request: &PanelRequest) -> Vec<String> {
    // The case's card, because it says which day's places are today's.
    let geography = ["case", "places", "actors"]
        .into_iter()
        .map(|format| observatory.newest_import(format))
        .chain(observatory.boundary_snapshots(request.as_of).into_iter().map(Some))
        .flatten();
    vintage.snapshots.iter().copied().chain(geography).map(|s| s.id.clone()).collect()
}

fn place_tables(
    observatory: &Observatory,
    vintage: &Vintage<'_>,
    request: &PanelRequest,
) -> Result<Vec<RecordBatch>> {
    let book = observatory.places()?;
    if matches!(request.unit, Unit::Adm1 | Unit::Adm2) && book.is_empty() {
        return Err(Error::Lacks { missing: Lack::Places });
    }
    let boundaries = observatory.boundaries(request.as_of)?;
    let mut placer = Placer::new(&book, boundaries.as_ref(), request.unit, request.places_of);
    let mut tables = Vec::new();
    for snapshot in &vintage.snapshots {
        let locations = observatory.locations(snapshot)?;
        tables.push(placer.place(&snapshot.source.id, &locations)?);
    }
    tables.push(observatory.actor_labels()?);
    // The grid last: countries and cells are listed as the locations name them.
    tables.push(placer.grid(request.from, request.to, &vintage.reigns, &vintage.labels())?);
    Ok(tables)
}

fn contribution_sql(
    vintage: &Vintage<'_>,
    at: usize,
    snapshot: &Snapshot,
    rule: DateRule,
) -> Vec<String> {
    let speaks = vintage.reign_sql(at);
    // A record is put into the places of the day it is counted on, so that a month never shows a
    // place that was not yet, or no longer, in force.
    let select = |month: &str, day: &str, weight: &str, join: &str, condition: &str| {
        format!(
            "SELECT {at} AS snapshot_no, '{id}' AS snapshot, r.event_id, r.source_row, \
             r.date_start, r.date_end, {month} AS month_id, r.type_of_violence, r.side_a_id, \
             r.side_a, r.side_b_id, r.side_b, r.where_prec, r.location_id, r.events, \
             r.deaths_best, r.deaths_low, r.deaths_high, r.deaths_civilians, p.place_no, \
             p.method, p.shared, {weight} AS weight \
             FROM record_{at} r {join} JOIN placing_{at} p ON r.location_id = p.location_id \
             AND {day} BETWEEN p.from_day AND p.to_day \
             WHERE ({speaks}) {condition}",
            id = snapshot.id.replace('\'', "''"),
        )
    };
    match rule {
        DateRule::End => vec![select("r.month_end", END_DAY, "p.share_ppm", "", "")],
        DateRule::Start => {
            vec![select("r.month_start", "CAST(r.date_start AS INT)", "p.share_ppm", "", "")]
        }
        DateRule::Spread => vec![
            select(
                "r.month_end",
                END_DAY,
                "p.share_ppm * 1000000",
                "",
                "AND month_start = month_end",
            ),
            select(
                "s.month_id",
                "s.last_day",
                "p.share_ppm * s.share_ppm",
                &format!("JOIN spread_{at} s ON r.event_id = s.event_id"),
                "AND month_start <> month_end",
            ),
        ],
    }
}

const END_DAY: &str = "CAST(r.date_end AS INT)";

/// The plan that sums contributions over the grid.
fn panel_sql(request: &PanelRequest, scale: i64) -> String {
    let split = request.organisations != Organisations::Together;
    let key = if split { "organisation_id, " } else { "" };
    let value_of = |column: &str| weighted(column, request.date_rule);
    let sums: Vec<String> = MEASURES
        .iter()
        .map(|&(name, violence, column)| {
            let value = value_of(column);
            match violence {
                None => format!("SUM({value}) AS {name}"),
                Some(code) => format!(
                    "SUM(CASE WHEN type_of_violence = {code} THEN {value} ELSE 0 END) AS {name}"
                ),
            }
        })
        .collect();
    let shown: Vec<String> =
        MEASURES.iter().map(|&(name, ..)| covered(&format!("s.{name}"), name, scale)).collect();
    let records = match &request.organisations {
        Organisations::Together => "contributions".to_owned(),
        Organisations::Each => organisation_sql("true"),
        Organisations::Only(ids) => {
            let list: Vec<String> = ids.iter().map(i64::to_string).collect();
            organisation_sql(&format!("organisation_id IN ({})", list.join(", ")))
        }
    };
    let (organisation_columns, join) = match request.organisations {
        Organisations::Together => ("", "grid g LEFT JOIN s"),
        Organisations::Each => ("s.organisation_id, o.organisation, ", "grid g JOIN s"),
        Organisations::Only(_) => {
            ("o.organisation_id, o.organisation, ", "grid g CROSS JOIN o LEFT JOIN s")
        }
    };
    let on_organisation = match request.organisations {
        Organisations::Together => "",
        Organisations::Each => " JOIN o ON s.organisation_id = o.organisation_id",
        Organisations::Only(_) => " AND o.organisation_id = s.organisation_id",
    };
    let names = if split {
        format!(", {}", organisation_names(&request.organisations))
    } else {
        String::new()
    };
    format!(
        "WITH c AS (SELECT * FROM {records}), \
         s AS (SELECT {key}place_no, month_id, {sums}, \
         SUM(CASE WHEN shared THEN {shared_value} ELSE 0 END) AS shared_deaths_best \
         FROM c WHERE month_id BETWEEN {from} AND {to} GROUP BY {key}place_no, month_id){names} \
         SELECT g.month_id, g.month, '{unit}' AS unit, g.place_id, g.place, g.within, \
         g.country_id, {organisation_columns}{shown}, {shared}, g.source \
         FROM {join} ON g.place_no = s.place_no AND g.month_id = s.month_id{on_organisation} \
         ORDER BY g.place_id, {order}g.month_id",
        sums = sums.join(", "),
        shared_value = value_of("deaths_best"),
        shown = shown.join(", "),
        shared = covered("s.shared_deaths_best", "shared_deaths_best", scale),
        from = request.from.id(),
        to = request.to.id(),
        unit = request.unit.as_str(),
        order = if split { "o.organisation_id, " } else { "" },
    )
}

/// A record's part of a sum, a whole number. Spread over months it is in millionths of millionths,
/// and 64 bits would hold no more than nine million deaths.
fn weighted(column: &str, rule: DateRule) -> String {
    match rule {
        DateRule::End | DateRule::Start => format!("{column} * weight"),
        DateRule::Spread => {
            format!("CAST({column} AS DECIMAL(20, 0)) * CAST(weight AS DECIMAL(18, 0))")
        }
    }
}

/// Zero where a source covers and nothing was recorded, null where none covers. A record that
/// began before the first month that its source covers still counts in the month it began in.
fn covered(sum: &str, name: &str, scale: i64) -> String {
    format!(
        "CASE WHEN g.source IS NOT NULL OR {sum} IS NOT NULL \
         THEN CAST(COALESCE({sum}, 0) AS DOUBLE) / {scale}.0 END AS {name}"
    )
}

/// Records once for every organisation that is a side of them. Civilians are no organisation.
fn organisation_sql(condition: &str) -> String {
    format!(
        "(SELECT * FROM (SELECT side_a_id AS organisation_id, * FROM contributions \
         UNION ALL SELECT side_b_id AS organisation_id, * FROM contributions \
         WHERE side_b_id <> side_a_id AND side_b <> 'Civilians') WHERE {condition})"
    )
}

/// The organisations asked for, by the case's own names where it lists them.
fn organisation_names(asked: &Organisations) -> String {
    let listed = match asked {
        Organisations::Only(ids) => {
            let values: Vec<String> = ids.iter().map(|id| format!("({id})")).collect();
            format!(
                "SELECT column1 AS organisation_id, CAST(NULL AS VARCHAR) AS name \
                 FROM (VALUES {}) UNION ALL ",
                values.join(", ")
            )
        }
        _ => String::new(),
    };
    format!(
        "o AS (SELECT n.organisation_id, COALESCE(MAX(a.label), MAX(n.name)) AS organisation \
         FROM ({listed}SELECT organisation_id, CASE WHEN organisation_id = side_a_id \
         THEN side_a ELSE side_b END AS name FROM c) n \
         LEFT JOIN actor_label a ON a.ucdp_id = n.organisation_id GROUP BY n.organisation_id)"
    )
}

/// Refuses an organisation that neither the case nor any record names.
fn check_organisations(panel: &RecordBatch, request: &PanelRequest) -> Result<()> {
    let (Organisations::Only(_), Some(names)) =
        (&request.organisations, panel.column_by_name("organisation"))
    else {
        return Ok(());
    };
    let nameless = (0..names.len()).find(|&row| names.is_null(row));
    let ids = panel.column_by_name("organisation_id");
    match nameless.zip(ids.and_then(|ids| ids.as_primitive_opt::<Int64Type>())) {
        Some((row, ids)) => Err(Error::Unknown {
            what: "organisation",
            found: ids.value(row).to_string(),
            nearest: Vec::new(),
        }),
        None => Ok(()),
    }
}

impl Observatory {
    /// Computes a panel: one row per place and month, in the order of place and month.
    ///
    /// Columns: `month_id` (VIEWS), `month`, `unit`, `place_id`, `place`, `within`, `country_id`
    /// (Gleditsch–Ward), the [`measures`], `shared_deaths_best` (the part of `deaths_best` that
    /// was shared out between places) and `source` (the version that speaks). A measure is zero
    /// where a source covers the month and recorded nothing, and null where none covers it. Rows
    /// whose `source` is null although they hold numbers are months before the source's first,
    /// in which a record began that ended later; there is no zero to tell from. Rows
    /// whose `place_id` begins with `unplaced` hold what cannot be placed at this unit; with them
    /// every measure adds up to the source's total.
    ///
    /// # Errors
    ///
    /// [`Error::Lacks`] when there are no records of the series, or no places for a unit that
    /// needs them; [`Error::Query`] when the engine fails.
    pub fn panel(&self, request: &PanelRequest, threads: usize) -> Result<RecordBatch> {
        let vintage = Vintage::of(self, &request.series, request.as_of)?;
        let manifest = Manifest::new(
            &format!("panel-{}", request.unit.as_str()),
            request.describe(),
            inputs(self, &vintage, request),
        );
        self.result(&manifest, || {
            let engine = Engine::new(threads)?;
            let contributions = prepare(self, &engine, request)?;
            let panel = engine.query(&panel_sql(request, contributions.scale))?;
            check_organisations(&panel, request)?;
            Ok(panel)
        })
    }
}
