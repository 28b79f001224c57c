//! The place × month panel, as query plans over the observatory's files.
//!
//! The plan has three parts: the grid of every listed place in every month with the version in
//! effect, the sums of what records add to each place and month, and a join that leaves a cell
//! without records at zero where a source covers the month and empty where none does.

use std::path::PathBuf;

use chrono::NaiveDate;
use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::Int64Type;
use sanad_core::Month;
use sanad_core::event::DateRule;

use crate::cache::Manifest;
use crate::contributions::{Contributions, is_of_countries};
use crate::counts::{dated_label_sql, unlisted_sql};
use crate::error::{Error, Result};
use crate::observatory::Observatory;
use crate::place_tables::RULES;
use crate::placing::{PlacesOf, Unit};

/// The organisations a panel is asked for. A record counts for each of its sides, so that the rows
/// of all organisations together count one between two of them twice.
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
    /// First month. It and the last are both included.
    pub from: Month,
    /// Last month.
    pub to: Month,
    /// Which month an event of several days counts in. That of its first day, of its last, or each
    /// month with its share of the days.
    pub date_rule: DateRule,
    /// On which places. Those of the day of each record, or today's throughout.
    pub places_of: PlacesOf,
    /// The day whose knowledge is asked for; everything when `None`. Both releases and boundaries
    /// are those known on it; places and organisations are the case's as they are now.
    pub as_of: Option<NaiveDate>,
    /// The series of the source, such as `ucdp-ged`. Violence of one series alone: two sources of
    /// the same events would count them twice.
    pub series: String,
    /// Whether to split by organisation.
    pub organisations: Organisations,
    /// Gleditsch–Ward numbers of the countries whose records count; all when empty.
    pub countries: Vec<i32>,
}

impl PanelRequest {
    /// A request for `unit` from `from` to `to` with the usual choices: events counted in the month
    /// they ended in, the places of their day, everything known, UCDP GED. Of all countries and
    /// with all organisations together.
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
            countries: Vec::new(),
        }
    }

    /// The request in words, for manifests. As `word=value`; two requests that may differ in their
    /// answer have different words.
    #[must_use]
    pub fn describe(&self) -> String {
        let as_of = self.as_of.map_or_else(|| "now".to_owned(), |day| day.to_string());
        let organisations = match &self.organisations {
            Organisations::Together => "together".to_owned(),
            Organisations::Each => "each".to_owned(),
            Organisations::Only(ids) => format!("{ids:?}"),
        };
        let countries = match &self.countries[..] {
            [] => String::new(),
            chosen => format!(" countries={chosen:?}"),
        };
        format!(
            "unit={} from={} to={} date-rule={} places={} as-of={as_of} source={} \
             organisations={organisations}{countries}",
            self.unit.as_str(),
            self.from,
            self.to,
            self.date_rule,
            self.places_of.as_str(),
            self.series,
        )
    }
}

/// The columns of a panel that are sums over records, with the condition a record must meet and the
/// column of the record that is summed. Types of violence are UCDP's: 1 state-based, 2 non-state, 3
/// one-sided.
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

/// The names of the measures a panel holds, in the order of its columns. Each is a number of events
/// or of persons killed per place and month. Low and high estimates are sums of the records' own
/// bounds, which is usually wider than the uncertainty of the sum.
pub fn measures() -> impl Iterator<Item = &'static str> {
    MEASURES.iter().map(|measure| measure.0)
}

/// The columns of a record that measures sum.
pub(crate) const SUMMED: [&str; 5] =
    ["events", "deaths_best", "deaths_low", "deaths_high", "deaths_civilians"];

/// The type of violence that a measure is of, `None` for all, and the column of a record that it sums,
/// which is one of [`SUMMED`].
///
/// # Errors
///
/// [`Error::Unknown`] with the names of all measures.
pub(crate) fn measure_of(name: &str) -> Result<(Option<u8>, &'static str)> {
    let found = MEASURES.iter().find(|measure| measure.0 == name);
    let Some(&(_, violence, column)) = found else {
        let nearest = measures().map(str::to_owned).collect();
        return Err(Error::Unknown { what: "measure", found: name.to_owned(), nearest });
    };
    Ok((violence, column))
}

/// The plan that sums contributions over the grid. `scale` is one in the unit of the weights. Sums
/// are of whole numbers and are divided once, at the end, so that no rounding depends on an order.
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
    let name = dated_label_sql("o", "g.month_id");
    let (organisation_columns, join) = match request.organisations {
        Organisations::Together => (String::new(), "grid g LEFT JOIN s"),
        Organisations::Each => {
            (format!("s.organisation_id, {name} AS organisation, "), "grid g JOIN s")
        }
        Organisations::Only(_) => (
            format!("o.organisation_id, {name} AS organisation, "),
            "grid g CROSS JOIN o LEFT JOIN s",
        ),
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
         WHERE {here} ORDER BY g.place_id, g.country_id, {order}g.month_id",
        here = is_of_countries("g", &request.countries),
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

/// Records once for every organisation that is a side of them. Civilians are no organisation. A
/// record between an organisation and itself comes once.
fn organisation_sql(condition: &str) -> String {
    format!(
        "(SELECT * FROM (SELECT side_a_id AS organisation_id, * FROM contributions \
         UNION ALL SELECT side_b_id AS organisation_id, * FROM contributions \
         WHERE side_b_id <> side_a_id AND side_b <> 'Civilians') WHERE {condition})"
    )
}

/// The organisations asked for, by the case's own names where it lists them. Without a label of the
/// case, by the name that a record has for it.
fn organisation_names(organisations: &Organisations) -> String {
    let listed = match organisations {
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
        "o AS (SELECT n.organisation_id, COALESCE(MAX(a.label), MAX(n.name)) AS label, \
         MAX(a.until_month) AS until_month, MAX(a.later) AS later FROM ({listed}SELECT organisation_id, CASE WHEN organisation_id = side_a_id \
         THEN {} ELSE {} END AS name FROM c) n \
         LEFT JOIN actor_label a ON a.ucdp_id = n.organisation_id GROUP BY n.organisation_id)",
        unlisted_sql("side_a"),
        unlisted_sql("side_b")
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

/// What a panel follows from: the rules, both plans, the request and the imports.
fn panel_manifest(
    request: &PanelRequest,
    contributions: &Contributions<'_>,
    sql: &str,
) -> Manifest {
    Manifest::new(
        &format!("panel-{}", request.unit.as_str()),
        &[RULES, &contributions.sql(), sql].join("\n"),
        request.describe(),
        contributions.inputs(),
    )
}

/// The names and types of the columns of a panel without organisations, as SQL names types.
pub(crate) fn panel_columns() -> impl Iterator<Item = (&'static str, &'static str)> {
    let keys = [
        ("month_id", "INT"),
        ("month", "VARCHAR"),
        ("unit", "VARCHAR"),
        ("place_id", "VARCHAR"),
        ("place", "VARCHAR"),
        ("within", "VARCHAR"),
        ("country_id", "INT"),
    ];
    let numbers = measures().chain(["shared_deaths_best"]).map(|name| (name, "DOUBLE"));
    keys.into_iter().chain(numbers).chain([("source", "VARCHAR")])
}

impl Observatory {
    /// Computes a panel: one row per place and month, in the order of place and month. The first
    /// asking computes and keeps it; later ones read the file. `threads` is 0 for as many as the
    /// machine has, and decides nothing but the time.
    ///
    /// Columns: `month_id` (VIEWS), `month`, `unit`, `place_id`, `place`, `within`, `country_id`
    /// (Gleditsch–Ward), the [`measures`], `shared_deaths_best` (the part of `deaths_best` that
    /// was shared out between places) and `source` (the version in effect). A measure is zero
    /// where a source covers the month and recorded nothing, and null where none covers it. Rows
    /// whose `source` is null although they hold numbers are months before the source's first,
    /// in which a record began that ended later; there is no zero to tell from. Rows
    /// whose `place_id` begins with `unplaced` hold what cannot be placed at this unit; with them
    /// every measure adds up to the source's total, and the rows of a `country_id` to that of the
    /// country at every unit. A grid cell has a row for each country with records in it.
    ///
    /// # Errors
    ///
    /// [`Error::Lacks`] when there are no records of the series, or no places for a unit that needs
    /// them; [`Error::Query`] when the engine fails. [`Error::TooLarge`] when it spans more than a
    /// thousand years or would have more than ten million rows; [`Error::Unknown`] for an
    /// organisation that neither the case nor a record names.
    pub fn panel(&self, request: &PanelRequest, threads: usize) -> Result<RecordBatch> {
        let contributions = Contributions::new(self, request)?;
        let sql = panel_sql(request, contributions.scale());
        let manifest = panel_manifest(request, &contributions, &sql);
        self.result(&manifest, || {
            let catalog = self.catalog(threads)?;
            contributions.register(&catalog)?;
            contributions.register_grid(&catalog)?;
            let panel = catalog.query(&sql)?;
            check_organisations(&panel, request)?;
            Ok(panel)
        })
    }

    /// Where a [`panel`](Self::panel) is kept, once it was computed.
    pub(crate) fn panel_file(&self, request: &PanelRequest, threads: usize) -> Result<PathBuf> {
        self.panel(request, threads)?;
        let contributions = Contributions::new(self, request)?;
        let sql = panel_sql(request, contributions.scale());
        self.result_file(&panel_manifest(request, &contributions, &sql))
    }
}
