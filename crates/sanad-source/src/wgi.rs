//! The World Bank's Worldwide Governance Indicators, as one table of country-years with standard
//! errors.
//!
//! Columns `code`, `countryname`, `year`, and for each of six dimensions (prefix `va`, `pv`, `ge`,
//! `rq`, `rl`, `cc`) the estimate (`…e`), its standard error (`…s`), the number of sources
//! (`…n`), and the percentile rank with its 90 % bounds (`…r`, `…l`, `…u`). Source: Kaufmann,
//! Kraay and Mastruzzi (2010), *The Worldwide Governance Indicators: methodology and analytical
//! issues*.
//!
//! Kept: `VA.EST` and so on, about −2.5 (weak) to 2.5 (strong), with the standard error; and
//! `VA.PER.RNK`, 0 to 100, with its bounds. The codes are those of the World Bank's databases.
//! Numbers of sources are not kept. Codes that differ from ISO (`ROM`, `ZAR`, `WBG`) are turned
//! into it.

use sanad_core::diagnostic::Issue;

use crate::error::Result;
use crate::series::{Gather, Series, country_by_code, observation};
use crate::sheet::Sheet;

const EXPECTED: &str =
    "the Worldwide Governance Indicators (code, countryname, year, vae and others)";

/// Prefix of the columns, code of the indicator, name.
const DIMENSIONS: [(&str, &str, &str); 6] = [
    ("va", "VA", "Voice and Accountability"),
    ("pv", "PV", "Political Stability and Absence of Violence"),
    ("ge", "GE", "Government Effectiveness"),
    ("rq", "RQ", "Regulatory Quality"),
    ("rl", "RL", "Rule of Law"),
    ("cc", "CC", "Control of Corruption"),
];

/// Reads the table.
///
/// # Errors
///
/// [`Error::Empty`](crate::Error::Empty), [`Error::Form`](crate::Error::Form),
/// [`Error::OtherTable`](crate::Error::OtherTable),
/// [`Error::MissingColumns`](crate::Error::MissingColumns) without the three keys and the six
/// estimates. Standard errors and ranks may be absent. A bad row or cell is a diagnostic.
///
/// ```
/// let file = "code,countryname,year,vae,vas,pve,pvs,gee,ges,rqe,rqs,rle,rls,cce,ccs\n\
///     PAK,Pakistan,2021,-0.85,0.13,-1.67,0.21,,,,,,,,\n";
/// let series = sanad_source::wgi::read(file.as_bytes())?;
/// assert_eq!(series.observations.len(), 2);
/// assert_eq!(series.observations[0].standard_error, Some(0.13));
/// # Ok::<(), sanad_source::Error>(())
/// ```
pub fn read(data: &[u8]) -> Result<Series> {
    let mut sheet = Sheet::open(data, EXPECTED, b',')?;
    let [code, name, year, ..] = sheet.require(
        ["code", "countryname", "year", "vae", "pve", "gee", "rqe", "rle", "cce"],
        EXPECTED,
    )?;
    let columns =
        |prefix: &str| ["e", "s", "r", "l", "u"].map(|kind| sheet.find(&format!("{prefix}{kind}")));
    let measured: Vec<_> = DIMENSIONS.map(|it| (it, columns(it.0))).to_vec();
    let mut all = Gather::default();
    while let Some(row) = sheet.row()? {
        let country = row.text(code);
        if country.is_empty() {
            all.reject(&row, "code", Issue::Missing, "", "the World Bank's code of a country");
            continue;
        }
        let Some(period) = all.year(&row, year, "year") else { continue };
        row.note_bad_text(&[(code, "code"), (name, "countryname")], &mut all.remarks);
        let place = country_by_code(&country, &row.text(name));
        for ((prefix, short, title), [estimate, error, rank, low, high]) in &measured {
            let column = |kind: &str| format!("{prefix}{kind}");
            if let Some(value) = estimate.and_then(|at| all.number(&row, at, &column("e"))) {
                let mut one = observation(&format!("{short}.EST"), &place, period, value, &row);
                one.indicator_name = format!("{title}: estimate");
                one.unit = "standard normal units, about -2.5 to 2.5".to_owned();
                one.standard_error = all.standard_error(&row, *error, &column("s"));
                all.keep(&row, &column("e"), one);
            }
            if let Some(value) = rank.and_then(|at| all.number(&row, at, &column("r"))) {
                let mut one = observation(&format!("{short}.PER.RNK"), &place, period, value, &row);
                one.indicator_name = format!("{title}: percentile rank");
                one.unit = "0 to 100".to_owned();
                one.low = all.beside(&row, *low, &column("l"));
                one.high = all.beside(&row, *high, &column("u"));
                all.keep(&row, &column("r"), one);
            }
        }
    }
    all.finish(sheet)
}
