//! What each record adds to which place and month: the plan that a panel, its explanation and its
//! tallies share.
//!
//! A record r that a place p gets a share s of, in a month m that it falls into with part t, adds
//! (count of r)·s·t there. s and t are in millionths (parts per million), so that a count is a
//! whole number of millionths, or, where records are spread over months, of millionths of
//! millionths. Over all places and months s·t adds up to one, which is what makes the panel add up
//! to the source.

use sanad_core::event::DateRule;
use sanad_core::place::WHOLE_PPM;

use crate::error::Result;
use crate::observatory::Observatory;
use crate::panel::PanelRequest;
use crate::place_tables::PlaceTables;
use crate::session::Catalog;
use crate::snapshot::Snapshot;
use crate::vintage::{IN_EFFECT, Vintage};

/// The records in effect for a request, each with its place, month and weight.
///
/// Weights are whole numbers that add up to [`scale`](Self::scale) over the places and months of
/// one record, so that sums are exact and do not depend on their order.
pub(crate) struct Contributions<'a> {
    observatory: &'a Observatory,
    request: &'a PanelRequest,
    vintage: Vintage<'a>,
}

impl<'a> Contributions<'a> {
    /// What the records in effect add for a request.
    ///
    /// # Errors
    ///
    /// [`Error::Lacks`](crate::Error::Lacks) when nothing of the series is known, or ready-made
    /// counts cannot follow the date rule in a month asked for.
    pub(crate) fn new(observatory: &'a Observatory, request: &'a PanelRequest) -> Result<Self> {
        let vintage = Vintage::new(observatory, &request.series, request.as_of)?;
        vintage.check_date_rule(request.date_rule, [request.from, request.to])?;
        Ok(Self { observatory, request, vintage })
    }

    /// One, in the unit of the weights. 10⁶, or 10¹² where records are spread.
    pub(crate) fn scale(&self) -> i64 {
        if self.spread() { WHOLE_PPM * WHOLE_PPM } else { WHOLE_PPM }
    }

    /// The snapshots in effect. For some country and month.
    pub(crate) fn snapshots(&self) -> Vec<&'a Snapshot> {
        self.vintage.in_effect()
    }

    /// Ids of all snapshots that the contributions follow from.
    pub(crate) fn inputs(&self) -> Vec<String> {
        self.place_tables().inputs()
    }

    /// The plan that gives the rows of the view `contributions`.
    pub(crate) fn sql(&self) -> String {
        self.selects().join(" UNION ALL ")
    }

    /// Registers the tables of the places, `record`, and the view `contributions`. With `spread`
    /// where records are spread.
    pub(crate) fn register(&self, catalog: &Catalog) -> Result<()> {
        self.place_tables().register(catalog)?;
        let snapshots = self.snapshots();
        self.observatory.register_records(catalog, "record", "event", &snapshots)?;
        if self.spread() {
            self.observatory.register_records(catalog, "spread", "spread", &snapshots)?;
        }
        catalog.view("contributions", &self.sql())
    }

    /// Registers the table `grid`: every place of the request in every month, with the version in
    /// effect.
    pub(crate) fn register_grid(&self, catalog: &Catalog) -> Result<()> {
        self.place_tables().register_grid(catalog, self.request.from, self.request.to)
    }

    /// Whether an event of several days is put into each month it touches.
    fn spread(&self) -> bool {
        self.request.date_rule == DateRule::Spread
    }

    /// The tables that put this request's records into places.
    fn place_tables(&self) -> PlaceTables<'_> {
        PlaceTables {
            observatory: self.observatory,
            vintage: &self.vintage,
            unit: self.request.unit,
            places_of: self.request.places_of,
            as_of: self.request.as_of,
        }
    }

    /// The records, in two selects when they are spread: those within one month need no table of
    /// parts.
    fn selects(&self) -> Vec<String> {
        let end = CountExpressions::in_month_of("end");
        let select_counted =
            |counted: &CountExpressions| select_counted(counted, &self.request.countries);
        match self.request.date_rule {
            DateRule::End => vec![select_counted(&end)],
            DateRule::Start => vec![select_counted(&CountExpressions::in_month_of("start"))],
            DateRule::Spread => {
                let whole = CountExpressions {
                    weight: "p.share_ppm * 1000000",
                    condition: "AND month_start = month_end",
                    ..end
                };
                let parts = CountExpressions {
                    month: "s.month_id".to_owned(),
                    day: "s.last_day".to_owned(),
                    weight: "p.share_ppm * s.share_ppm",
                    join: "JOIN spread s ON r.snapshot = s.snapshot AND r.event_id = s.event_id",
                    condition: "AND month_start <> month_end",
                };
                [whole, parts].map(|one| select_counted(&one)).to_vec()
            }
        }
    }
}

/// A record is put into the places of the day it is counted on, so that a month never shows a place
/// that was not yet, or no longer, in force. Those of some countries are chosen by the record's own
/// country, before any place is looked at: a cell belongs to several. The rows are one for each
/// record, place and month.
fn select_counted(counted: &CountExpressions, countries: &[i32]) -> String {
    let CountExpressions { month, day, weight, join, condition } = counted;
    let here = is_of_countries("r", countries);
    format!(
        "SELECT e.snapshot_no, r.snapshot, r.event_id, r.source_row, r.date_start, r.date_end, \
         {month} AS month_id, r.type_of_violence, r.side_a_id, r.side_a, r.side_b_id, r.side_b, \
         r.where_prec, r.location_id, r.events, r.deaths_best, r.deaths_low, r.deaths_high, \
         r.deaths_civilians, p.place_no, p.method, p.shared, {weight} AS weight \
         FROM record r {IN_EFFECT} {join} JOIN placing p ON p.snapshot_no = e.snapshot_no \
         AND r.location_id = p.location_id AND {day} BETWEEN p.from_day AND p.to_day \
         WHERE {here} {condition}"
    )
}

/// The condition that a row `table` is of one of these countries; of any where there are none.
pub(crate) fn is_of_countries(table: &str, countries: &[i32]) -> String {
    if countries.is_empty() {
        return "true".to_owned();
    }
    let list: Vec<String> = countries.iter().map(i32::to_string).collect();
    format!("{table}.country_id IN ({})", list.join(", "))
}

/// When records count, and with which weight: expressions of the plan.
struct CountExpressions {
    /// The month that a record counts in.
    month: String,
    /// The day whose places it is put into, in days since 1970-01-01.
    day: String,
    /// Its weight in the unit of [`Contributions::scale`].
    weight: &'static str,
    /// A join that the expressions need, or nothing.
    join: &'static str,
    /// A further condition, with its AND, or nothing.
    condition: &'static str,
}

impl CountExpressions {
    /// Whole records in the month of their first or last day.
    fn in_month_of(day: &str) -> Self {
        Self {
            month: format!("r.month_{day}"),
            day: format!("CAST(r.date_{day} AS INT)"),
            weight: "p.share_ppm",
            join: "",
            condition: "",
        }
    }
}
