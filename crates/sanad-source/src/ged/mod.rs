//! UCDP Georeferenced Event Dataset (GED), annual and candidate releases, as CSV.
//!
//! Columns are found by their official names in any order; other columns are ignored, among them
//! headlines and articles. The export of the Humanitarian Data Exchange, with its rows of HXL tags
//! under the header, is read as well, and so are older releases with other column names and tables
//! that a spreadsheet saved with semicolons or tabulators, and perhaps decimal commas.
//!
//! A file needs `id`, `type_of_violence`, both days, `best`, and the country by number, code or name.
//! Any other column may be absent, which is noted once: a side without a number, deaths of no known
//! side, `best` for low and high. Without `where_prec` a named district counts as 3, a named province
//! as 4, a bare point as 4 (nothing says how exact it is) and the country's own name as 6. Without
//! `adm_1` a `where_coordinates` that ends as the data set's names of provinces do ("Assam state") is
//! the province: the point beside it stands for all of that, not for where something happened.
//!
//! Rules for a row (variables as in the UCDP GED codebook, S. Högbladh, Uppsala University):
//!
//! | found | what happens |
//! | --- | --- |
//! | another number of fields than the header; a quotation left open at the end | left out, `field-count` |
//! | `id`, `country_id` or a count of deaths missing, no whole number, negative, or above 5,000,000 | left out |
//! | an `id` that an earlier row has | left out, `duplicate-id` |
//! | `type_of_violence` outside 1 to 3 | left out, `unknown-code` |
//! | a day missing, impossible, or outside 1946 to 2100; `date_end` before `date_start` | left out, `bad-date`, `backwards` |
//! | no usable point, `where_prec` 1 to 3 and no `adm_2` | left out |
//! | no usable point otherwise | kept without a point, noted |
//! | `where_prec` outside 1 to 7 | kept as 6 (country), noted |
//! | `date_prec` outside 1 to 5 | kept as 5 (more than a month), noted |
//! | `low` above `best`, `best` above `high` | kept, noted as `estimate-order`: published releases have such rows |
//! | `best` other than the sum of its parts | kept, noted as `out-of-range` |
//! | a name that is not UTF-8 | kept with replacement characters, noted as `bad-text` |
//!
//! **Days that a spreadsheet saved** (`2/13/2020 0:00`): which number is the month is decided for the
//! whole column by a row that can be read in one order only. Where no row can, or rows contradict each
//! other, the file is refused; but where most days of the column are in the codebook's form, the few
//! others are left out as `bad-date`.
//!
//! The result does not depend on the number of threads or on how the bytes arrive.

use std::io::Read;

use sanad_core::diagnostic::Diagnostic;
use sanad_core::event::Events;
use sanad_core::source::Coverage;

use crate::error::Result;
use crate::format::{Content, Publication, SourceFormat};
use crate::value::DayOrder;

mod citation;
mod coverage;
mod header;
mod merge;
mod parallel;
mod parts;
mod release;
mod rows;
mod scan;
mod separated;
mod text;

pub use citation::citation;
pub(crate) use coverage::EventExtent;
pub(crate) use parts::PART_ROWS;
pub use parts::{EventPart, Foreknowledge, PartTotals};
pub use release::Release;

/// The format.
pub const FORMAT: SourceFormat = SourceFormat::new(
    "ucdp-ged",
    "UCDP Georeferenced Event Dataset, annual or candidate, or its HDX export (CSV)",
    Publication {
        id: "ucdp-ged",
        title: "UCDP Georeferenced Event Dataset",
        citation: citation::GED_ARTICLE,
        licence: "CC-BY-4.0",
        url: "https://ucdp.uu.se/downloads/",
    },
    Content::Events,
);

/// What a caller knows about a file that the file does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// The publisher's version, such as `22.1` or `23.0.10`.
    pub version: Option<String>,
}

impl Options {
    /// Options for the publisher's `version`.
    #[must_use]
    pub fn of_version(version: &str) -> Self {
        Self { version: Some(version.to_owned()) }
    }

    /// What the version says, if it has a form that UCDP uses.
    #[must_use]
    pub fn release(&self) -> Option<Release> {
        self.version.as_deref().and_then(Release::parse)
    }
}

/// A file of events, read.
#[derive(Debug, Clone)]
pub struct Ged {
    /// The rows that were kept, in the order of the file.
    pub events: Events,
    /// Rows of the file without header and tag row; blank lines do not count.
    pub rows_read: u64,
    /// Remarks, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
    /// Best estimates of deaths over all rows read whose `best` is a number, left out or not.
    /// Rows with another number of fields than the header do not count.
    pub deaths_in: i64,
    /// Best estimates of deaths over the rows kept.
    pub deaths_kept: i64,
    /// The countries that occur, and the months that the file covers: whole years for an annual
    /// release, the months of its version for a candidate release, and from the first event to the
    /// last where the version is not known.
    pub coverage: Coverage,
    /// What the version says.
    pub release: Option<Release>,
}

impl Ged {
    /// How many rows were left out.
    #[must_use]
    pub fn rows_left_out(&self) -> u64 {
        self.rows_read - self.events.len() as u64
    }
}

/// Reads a file of events.
///
/// Memory: the events plus about 50 MB, whatever the length of the file.
///
/// # Errors
///
/// - [`Error::Read`](crate::Error::Read) when `input` fails.
/// - [`Error::Empty`](crate::Error::Empty), [`Error::HeaderOnly`](crate::Error::HeaderOnly).
/// - [`Error::Form`](crate::Error::Form) for UTF-16, archives, web pages and tables with bars between
///   their fields; [`Error::NumberForm`](crate::Error::NumberForm) where it cannot be told whether a
///   comma between digits stands before decimals.
/// - [`Error::OtherTable`](crate::Error::OtherTable),
///   [`Error::MissingColumns`](crate::Error::MissingColumns),
///   [`Error::DuplicateColumns`](crate::Error::DuplicateColumns).
/// - [`Error::DateOrder`](crate::Error::DateOrder) when day and month of its days cannot be told
///   apart.
/// - [`Error::RowTooLong`](crate::Error::RowTooLong) for a row of more than 16 MiB.
///
/// ```
/// use sanad_source::ged::{read, Options};
///
/// let file = "\
/// id,type_of_violence,conflict_new_id,dyad_new_id,side_a_new_id,side_a,side_b_new_id,side_b,\
/// where_prec,adm_1,adm_2,latitude,longitude,country,country_id,date_prec,date_start,date_end,\
/// deaths_a,deaths_b,deaths_civilians,deaths_unknown,best,high,low
/// 7,1,404,854,141,Side A,325,Side B,1,Some province,Some district,32.5,69.8,Somewhere,770,1,\
/// 2010-03-31,2010-04-01,1,2,0,0,3,5,3
/// ";
/// let ged = read(file.as_bytes(), &Options::of_version("22.1"))?;
/// assert_eq!((ged.rows_read, ged.events.len(), ged.deaths_kept), (1, 1, 3));
/// assert_eq!(ged.coverage.countries, [770]);
/// # Ok::<(), sanad_source::Error>(())
/// ```
pub fn read(input: impl Read, options: &Options) -> Result<Ged> {
    parallel::read(input, options, parallel::StretchLayout::default())
}

/// Refuses a file whose beginning is none of this format, without reading on.
///
/// # Errors
///
/// As [`read`] for what is wrong with the header or the form of the file.
pub fn check_beginning(input: impl Read) -> Result<()> {
    parallel::check(input, parallel::StretchLayout::default())
}

/// Reads a file of events part by part: `each` gets its events and remarks as they come, and together they
/// are what [`read`] gives. Nothing is returned where the file has to be read again from its beginning, with
/// what `known` has learnt; what `each` got then is void.
///
/// That an identifier comes more than once is not noticed here, because that would take memory for each
/// row: say it in `known`.
///
/// Memory: about 70 MB, whatever the length of the file. A table with semicolons or tabulators is an
/// exception, and read as a whole.
///
/// # Errors
///
/// As [`read`], and what `each` gives.
///
/// ```
/// use sanad_source::ged::{read_parts, Foreknowledge, Options};
///
/// let file = "\
/// id,type_of_violence,conflict_new_id,dyad_new_id,side_a_new_id,side_a,side_b_new_id,side_b,\
/// where_prec,adm_1,adm_2,latitude,longitude,country,country_id,date_prec,date_start,date_end,\
/// deaths_a,deaths_b,deaths_civilians,deaths_unknown,best,high,low
/// 7,1,404,854,141,Side A,325,Side B,1,Some province,Some district,32.5,69.8,Somewhere,770,1,\
/// 2010-03-31,2010-04-01,1,2,0,0,3,5,3
/// 8,1,404,854,141,Side A,325,Side B,1,Some province,Some district,32.5,69.8,Somewhere,770,1,\
/// 2010-04-02,2010-04-02,1,0,0,0,1,1,1
/// ";
/// let mut deaths = 0;
/// let totals = read_parts(
///     file.as_bytes(),
///     &Options::default(),
///     &mut Foreknowledge::default(),
///     |part| {
///         deaths += part.events.deaths_best.iter().sum::<i32>();
///         Ok::<(), sanad_source::Error>(())
///     },
/// )?;
/// assert_eq!(totals.map(|totals| totals.records_kept), Some(2));
/// assert_eq!(deaths, 4);
/// # Ok::<(), sanad_source::Error>(())
/// ```
pub fn read_parts<E: From<crate::Error>>(
    input: impl Read,
    options: &Options,
    known: &mut Foreknowledge,
    each: impl FnMut(EventPart) -> core::result::Result<(), E>,
) -> core::result::Result<Option<PartTotals>, E> {
    parallel::read_parts(input, options, parallel::StretchLayout::default(), known, each)
}

/// Reads rows in memory as one part of a longer file, with their days in these orders. Gives the events
/// with the remarks on their rows, and what they come to.
pub(crate) fn read_part(
    rows: &[u8],
    orders: [DayOrder; 2],
    known: &mut Foreknowledge,
) -> Result<(EventPart, PartTotals)> {
    let layout = parallel::StretchLayout::default();
    let mut whole = parallel::walk(rows, layout, &mut |_| Ok::<(), crate::Error>(()))?;
    let part = whole.take(orders, known);
    Ok((part, whole.sums(None)))
}
