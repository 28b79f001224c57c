//! What a desk has released: how many files its bodies received, by quarter, district or coarser,
//! and class, as `sanad-desk export` writes it (`counts.csv`).
//!
//! Columns `quarter` (`2026-Q1`), `body`, `district`, `breakdown`, `class`, `files`, `status`, and
//! where there are any `body_name` and `district_name`.
//!
//! | breakdown, class | indicator |
//! | --- | --- |
//! | `all` | `desk_files`: files received in the quarter |
//! | `kind`: `grievance`, `harm`, `warning` | `desk_files_grievance`, … |
//! | `stage` on the day of the release: `open`, `answered`, `closed` | `desk_files_open`, …; from the three `desk_answered_share`, 0 to 1: files that are answered or closed |
//! | `compensation` on the day of the release, for harm: `compensation decided`, `compensation paid` | `desk_files_compensation_decided`, `desk_files_compensation_paid`; from both `desk_compensation_paid_share`, 0 to 1. `no compensation decided` is `desk_files_no_compensation`, with files of other kinds |
//! | `promptness`: `all deadlines kept`, `a deadline missed` | `desk_files_on_time`, `desk_files_late`; from both `desk_on_time_share`, 0 to 1 |
//!
//! The period is the quarter, `item` the body. A row about one district is an observation of that
//! district. A row about all districts is one of the case's country: what the desk covers of it is
//! for the card to say. A row about several districts together has no place and is set aside.
//!
//! **Counts under ten are refused**, because no desk releases one: such a table is not what it says
//! it is.
//!
//! **The invented stays marked.** A desk marks every row of a demonstration. One such row makes the
//! whole file a demonstration: every indicator is then called `invented_desk_…` with a name that
//! says so, and the source is `desk-invented`. No series of a real case has that name, so that a
//! card with another title hides nothing and nothing invented is read in place of something real.

use chrono::NaiveDate;
use sanad_core::Period;
use sanad_core::country::Country;
use sanad_core::diagnostic::Issue;
use sanad_core::observation::{GivenPlace, Observation};
use sanad_core::place::Level;

use crate::error::Result;
use crate::format::{Content, Publication, SeriesSettings, SourceFormat, TableLayout};
use crate::series::{Gather, Series, observation};
use crate::sheet::{Row, Sheet};

/// What a file of this format is, for messages.
const EXPECTED: &str =
    "counts that a desk released (quarter, body, district, breakdown, class, files, status)";

/// The format.
pub const FORMAT: SourceFormat = SourceFormat {
    lacks_country: true,
    ..SourceFormat::new(
        "desk",
        "Counts that a desk for grievances, harm and warnings released (CSV)",
        Publication {
            id: "desk",
            title: "Released counts of a desk",
            citation: "The desk's operator, released counts. The card of the export names the desk",
            licence: "not stated",
            url: "",
        },
        Content::Series { expected: EXPECTED, layouts: &[RELEASED] },
    )
};

/// The data set of a demonstration.
const INVENTED: Publication = Publication {
    id: "desk-invented",
    title: "Released counts of a desk (INVENTED, for demonstration)",
    citation: "Nobody: invented by sanad-desk for demonstration",
    ..FORMAT.publication
};

/// What the code of every indicator of a demonstration begins with.
const INVENTED_CODE: &str = "invented_";
/// What the name of every indicator of a demonstration ends with.
const INVENTED_NAME: &str = " (INVENTED, for demonstration)";

/// One row for each class of each part of a quarter.
const RELEASED: TableLayout = TableLayout {
    known_by: &["quarter", "body", "breakdown", "class", "files", "status"],
    publication: |series| {
        let is_invented = |one: &Observation| one.indicator.starts_with(INVENTED_CODE);
        series.observations.iter().any(is_invented).then_some(INVENTED)
    },
    read: |sheet, settings| released(sheet, settings.iso3),
};

/// The smallest count that a desk releases.
const SMALLEST: f64 = 10.0;

/// What the district column says where a row is about several.
const REST_OF_DISTRICTS: &str = "other districts together";
/// What it says where a row is about all.
const ALL_DISTRICTS: &str = "all districts";

/// Reads what a desk released. The file does not say its country; `iso3` does, and may be empty.
///
/// # Errors
///
/// [`Error::Empty`](crate::Error::Empty), [`Error::Form`](crate::Error::Form) and those of a
/// header that lacks or doubles a column. A bad row is a diagnostic.
///
/// ```
/// let file = "quarter,body,district,breakdown,class,files,status\n\
///     2026-Q1,ombuds-office,upper-valley,all,all,16,invented\n";
/// let series = sanad_source::desk::read(file.as_bytes(), "")?;
/// assert_eq!(series.observations[0].indicator, "invented_desk_files");
/// assert_eq!(series.observations[0].period.to_string(), "2026-01-01/2026-03-31");
/// # Ok::<(), sanad_source::Error>(())
/// ```
pub fn read(data: &[u8], iso3: &str) -> Result<Series> {
    FORMAT.observations(data, &SeriesSettings { iso3, ..SeriesSettings::default() })
}

/// The columns of a table of released counts.
struct CountColumns {
    quarter: usize,
    body: usize,
    district: usize,
    breakdown: usize,
    class: usize,
    files: usize,
    status: usize,
    district_name: Option<usize>,
}

/// A count of one row, before it is an observation.
struct ReleasedCount {
    class: CountClass,
    period: Period,
    place: GivenPlace,
    body: String,
    files: f64,
    is_invented: bool,
}

/// A share of the rows of one breakdown, which follow one another.
struct ShareOfRows {
    /// The classes that make the whole, in the order of a release.
    whole: &'static [CountClass],
    /// Those of them that make the part.
    part: &'static [CountClass],
    code: &'static str,
    name: &'static str,
}

/// Every share that is made of counts.
const SHARES: [ShareOfRows; 3] = [
    ShareOfRows {
        whole: &[CountClass::OnTime, CountClass::Late],
        part: &[CountClass::OnTime],
        code: "desk_on_time_share",
        name: "Share of files with all deadlines kept",
    },
    ShareOfRows {
        whole: &[CountClass::CompensationDecided, CountClass::CompensationPaid],
        part: &[CountClass::CompensationPaid],
        code: "desk_compensation_paid_share",
        name: "Share of decided compensation that is paid",
    },
    ShareOfRows {
        whole: &[CountClass::Open, CountClass::Answered, CountClass::Closed],
        part: &[CountClass::Answered, CountClass::Closed],
        code: "desk_answered_share",
        name: "Share of files that are answered or closed",
    },
];

impl ShareOfRows {
    /// The share that the last rows make, 0 to 1; nothing where they are not its rows, of one body and
    /// place in one quarter.
    fn of_last(&self, counts: &[ReleasedCount]) -> Option<f64> {
        let rows = &counts[counts.len().checked_sub(self.whole.len())?..];
        let first = rows.first()?;
        let is_row = |(row, class): (&ReleasedCount, &CountClass)| {
            row.class == *class
                && (row.period, &row.place, &row.body) == (first.period, &first.place, &first.body)
        };
        if !rows.iter().zip(self.whole).all(is_row) {
            return None;
        }
        let sum = |classes: &[CountClass]| {
            rows.iter().filter(|row| classes.contains(&row.class)).map(|row| row.files).sum::<f64>()
        };
        Some(sum(self.part) / sum(self.whole))
    }
}

/// Which files a row counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CountClass {
    All,
    Grievance,
    Harm,
    Warning,
    Open,
    Answered,
    Closed,
    OnTime,
    Late,
    NoCompensation,
    CompensationDecided,
    CompensationPaid,
}

impl CountClass {
    fn of_row(breakdown: &str, class: &str) -> Option<Self> {
        Some(match (breakdown, class) {
            ("all", "all") => Self::All,
            ("kind", "grievance") => Self::Grievance,
            ("kind", "harm") => Self::Harm,
            ("kind", "warning") => Self::Warning,
            ("stage", "open") => Self::Open,
            ("stage", "answered") => Self::Answered,
            ("stage", "closed") => Self::Closed,
            ("promptness", "all deadlines kept") => Self::OnTime,
            ("promptness", "a deadline missed") => Self::Late,
            ("compensation", "no compensation decided") => Self::NoCompensation,
            ("compensation", "compensation decided") => Self::CompensationDecided,
            ("compensation", "compensation paid") => Self::CompensationPaid,
            _ => return None,
        })
    }

    /// The code of its indicator, and the indicator's name.
    fn indicator(self) -> (&'static str, &'static str) {
        match self {
            Self::All => ("desk_files", "Files at the desk"),
            Self::Grievance => ("desk_files_grievance", "Grievances at the desk"),
            Self::Harm => ("desk_files_harm", "Reports of harm at the desk"),
            Self::Warning => ("desk_files_warning", "Warnings at the desk"),
            Self::Open => ("desk_files_open", "Files at the desk that are not answered"),
            Self::Answered => ("desk_files_answered", "Files at the desk that are answered"),
            Self::Closed => ("desk_files_closed", "Files at the desk that are closed"),
            Self::OnTime => ("desk_files_on_time", "Files at the desk with all deadlines kept"),
            Self::Late => ("desk_files_late", "Files at the desk with a deadline missed"),
            Self::NoCompensation => (
                "desk_files_no_compensation",
                "Files at the desk without a decision on compensation",
            ),
            Self::CompensationDecided => {
                ("desk_files_compensation_decided", "Harm with compensation decided and not paid")
            }
            Self::CompensationPaid => {
                ("desk_files_compensation_paid", "Harm with compensation paid")
            }
        }
    }
}

fn released(mut sheet: Sheet<'_>, iso3: &str) -> Result<Series> {
    let names = ["quarter", "body", "district", "breakdown", "class", "files", "status"];
    let [quarter, body, district, breakdown, class, files, status] =
        sheet.require(names, EXPECTED)?;
    let district_name = sheet.find("district_name");
    let columns =
        CountColumns { quarter, body, district, breakdown, class, files, status, district_name };
    let mut all = Gather::default();
    let mut is_invented = false;
    let mut counts: Vec<ReleasedCount> = Vec::new();
    while let Some(row) = sheet.row()? {
        let Some(count) = count_from(&row, &columns, iso3, &mut all) else { continue };
        is_invented |= count.is_invented;
        let (code, name) = count.class.indicator();
        all.keep(&row, "class", observed(&count, code, name, "count", count.files, &row));
        counts.push(count);
        for rows in &SHARES {
            let Some((share, count)) = rows.of_last(&counts).zip(counts.last()) else { continue };
            all.keep(&row, "class", observed(count, rows.code, rows.name, "share", share, &row));
        }
    }
    let mut series = all.finish(sheet)?;
    if is_invented {
        series.observations.iter_mut().for_each(mark);
    }
    Ok(series)
}

/// Says of an observation, in its code and in its name, that it is invented.
fn mark(one: &mut Observation) {
    one.indicator.insert_str(0, INVENTED_CODE);
    one.indicator_name.push_str(INVENTED_NAME);
}

fn observed(
    count: &ReleasedCount,
    code: &str,
    name: &str,
    unit: &str,
    value: f64,
    row: &Row,
) -> Observation {
    let mut one = observation(code, &count.place, count.period, value, row);
    one.indicator_name = name.to_owned();
    one.unit = unit.to_owned();
    one.item.clone_from(&count.body);
    one
}

/// The count of a row, or nothing with a diagnostic or a row set aside.
fn count_from(
    row: &Row,
    columns: &CountColumns,
    iso3: &str,
    all: &mut Gather,
) -> Option<ReleasedCount> {
    let is_invented = match &*row.name(columns.status) {
        "reported" => false,
        "invented" => true,
        found => {
            all.reject(row, "status", Issue::UnknownCode, found, "reported or invented");
            return None;
        }
    };
    let Some(period) = quarter(&row.name(columns.quarter)) else {
        let found = row.text(columns.quarter);
        all.reject(row, "quarter", Issue::BadDate, &found, "a quarter such as 2026-Q1");
        return None;
    };
    let body = row.name(columns.body).into_owned();
    if body.is_empty() {
        all.reject(row, "body", Issue::Missing, "", "the id of a body");
        return None;
    }
    let (breakdown, class) = (row.name(columns.breakdown), row.name(columns.class));
    let Some(class) = CountClass::of_row(&breakdown, &class) else {
        let found = format!("{breakdown}: {class}");
        all.reject(row, "class", Issue::UnknownCode, &found, "a class that a desk counts");
        return None;
    };
    let files = all.count(row, columns.files, "files")?;
    if files < SMALLEST {
        let expected = "10 or more: a desk releases no smaller count";
        all.reject(row, "files", Issue::OutOfRange, &row.text(columns.files), expected);
        return None;
    }
    let place = place(row, columns, iso3, all)?;
    Some(ReleasedCount { class, period, place, body, files, is_invented })
}

/// The days of a quarter.
fn quarter(text: &str) -> Option<Period> {
    let (year, number) = text.split_once("-Q")?;
    let first_month = match number {
        "1" => 1,
        "2" => 4,
        "3" => 7,
        "4" => 10,
        _ => return None,
    };
    let year = year.parse().ok().filter(|year| (1900..=2100).contains(year))?;
    let first = NaiveDate::from_ymd_opt(year, first_month, 1)?;
    let last = first.checked_add_months(chrono::Months::new(3))?.pred_opt()?;
    Period::between(first, last)
}

fn place(row: &Row, columns: &CountColumns, iso3: &str, all: &mut Gather) -> Option<GivenPlace> {
    let id = row.name(columns.district);
    match &*id {
        "" => {
            all.reject(row, "district", Issue::Missing, "", "a district, or all districts");
            None
        }
        REST_OF_DISTRICTS => {
            all.aside("counts of several districts together");
            None
        }
        ALL_DISTRICTS => {
            let name = Country::of_code(iso3).map_or("", |country| country.name);
            Some(GivenPlace::country(iso3, iso3, name))
        }
        _ => {
            let name = columns.district_name.map_or_else(Default::default, |at| row.name(at));
            Some(GivenPlace {
                level: Level::Adm2,
                iso3: iso3.to_owned(),
                name: if name.is_empty() { &id } else { &name }.clone().into_owned(),
                code: id.into_owned(),
                within: String::new(),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str =
        "quarter,body,body_name,district,district_name,breakdown,class,files,status\n";

    fn read_rows(rows: &str) -> Series {
        read(format!("{HEADER}{rows}").as_bytes(), "PAK").unwrap()
    }

    #[test]
    fn districts_and_whole_desks_become_observations_and_rests_are_set_aside() {
        let series = read_rows(
            "2026-Q2,office,Office,d1,Upper Valley,all,all,25,reported\n\
             2026-Q2,office,Office,other districts together,,all,all,12,reported\n\
             2026-Q2,office,Office,d1,Upper Valley,stage,open,15,reported\n\
             2026-Q2,office,Office,d1,Upper Valley,stage,answered,20,reported\n\
             2026-Q2,office,Office,d1,Upper Valley,stage,closed,40,reported\n\
             2026-Q2,office,Office,d1,Upper Valley,promptness,all deadlines kept,15,reported\n\
             2026-Q2,office,Office,d1,Upper Valley,promptness,a deadline missed,10,reported\n\
             2026-Q2,office,Office,d1,Upper Valley,compensation,no compensation decided,30,reported\n\
             2026-Q2,office,Office,d1,Upper Valley,compensation,compensation decided,10,reported\n\
             2026-Q2,office,Office,d1,Upper Valley,compensation,compensation paid,30,reported\n\
             2026-Q2,all bodies,,all districts,,all,all,44,reported\n",
        );
        let shown: Vec<_> = series
            .observations
            .iter()
            .map(|one| (one.indicator.as_str(), one.place.name.as_str(), one.value))
            .collect();
        assert_eq!(
            shown,
            [
                ("desk_files", "Upper Valley", 25.0),
                ("desk_files_open", "Upper Valley", 15.0),
                ("desk_files_answered", "Upper Valley", 20.0),
                ("desk_files_closed", "Upper Valley", 40.0),
                ("desk_answered_share", "Upper Valley", 0.8),
                ("desk_files_on_time", "Upper Valley", 15.0),
                ("desk_files_late", "Upper Valley", 10.0),
                ("desk_on_time_share", "Upper Valley", 0.6),
                ("desk_files_no_compensation", "Upper Valley", 30.0),
                ("desk_files_compensation_decided", "Upper Valley", 10.0),
                ("desk_files_compensation_paid", "Upper Valley", 30.0),
                ("desk_compensation_paid_share", "Upper Valley", 0.75),
                ("desk_files", "Pakistan", 44.0),
            ]
        );
        assert_eq!(series.set_aside["counts of several districts together"], 1);
        assert_eq!(series.observations[0].period.end().to_string(), "2026-06-30");
        assert!(series.diagnostics.is_empty());
    }

    #[test]
    fn one_invented_row_marks_the_whole_file_in_code_name_and_source() {
        let file = format!(
            "{HEADER}2026-Q1,a,A,d1,D,all,all,25,reported\n2026-Q1,b,B,d1,D,all,all,11,invented\n"
        );
        let (series, publication) =
            FORMAT.series(file.as_bytes(), &SeriesSettings::default()).unwrap().unwrap();
        assert_eq!(series.observations.len(), 2);
        for one in &series.observations {
            assert_eq!(one.indicator, "invented_desk_files");
            assert!(one.indicator_name.contains("INVENTED"), "{}", one.indicator_name);
        }
        assert_eq!(publication.id, "desk-invented");
        assert!(publication.title.contains("INVENTED"));
        let real = file.replace("invented", "reported");
        let (series, publication) =
            FORMAT.series(real.as_bytes(), &SeriesSettings::default()).unwrap().unwrap();
        assert_eq!(
            (publication.id, series.observations[0].indicator.as_str()),
            ("desk", "desk_files")
        );
    }

    #[test]
    fn what_no_desk_releases_is_left_out_with_a_reason() {
        let series = read_rows(
            "2026-Q1,a,A,d1,D,all,all,9,reported\n2026-Q5,a,A,d1,D,all,all,10,reported\n\
             2026-Q1,a,A,d1,D,all,all,10,\n2026-Q1,a,A,d1,D,person,x,10,reported\n\
             2026-Q1,,A,d1,D,all,all,10,reported\n2026-Q1,a,A,,D,all,all,10,reported\n\
             2026-Q1,a,A,d1,D,all,all,10.5,reported\n",
        );
        assert!(series.observations.is_empty());
        let issues: Vec<Issue> =
            series.diagnostics.iter().map(|diagnostic| diagnostic.issue).collect();
        use Issue::{BadDate, Missing, OutOfRange, UnknownCode};
        let expected =
            [OutOfRange, BadDate, UnknownCode, UnknownCode, Missing, Missing, OutOfRange];
        assert_eq!(issues, expected);
    }
}
