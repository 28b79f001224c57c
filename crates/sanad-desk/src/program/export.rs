//! `sanad-desk export`: the released counts as a source for an observatory, and the ledger.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::{DeskPlace, day_at, in_words};
use crate::DeskConfig;
use crate::release::Quarter;
use crate::store::{DeskStore, KeptRelease};
use crate::upkeep::release_due;

/// What is to be exported, and where.
#[derive(clap::Args)]
pub(super) struct ExportArguments {
    #[command(flatten)]
    place: DeskPlace,
    /// The folder to write to. Files of an earlier export in it are replaced.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// The day, at an invented desk.
    #[arg(long, value_name = "YYYY-MM-DD")]
    today: Option<Date>,
}

pub(super) fn export(arguments: &ExportArguments) -> Result<String, String> {
    let ExportArguments { place, to, today } = arguments;
    let (config, mut store) = place.open()?;
    let today = day_at(&config, *today)?;
    write_export(&config, store.as_mut(), to, today)
}

/// Releases what is due and writes `counts.csv`, `card.toml` and `ledger.txt`.
pub(super) fn write_export(
    config: &DeskConfig,
    store: &mut dyn DeskStore,
    to: &Path,
    today: Date,
) -> Result<String, String> {
    let ledger = store.ledger().map_err(in_words)?;
    // The desk opened on the first day of its ledger, which is public.
    let new = match ledger.days().first() {
        Some(first) => release_due(store, config, first.day, today).map_err(in_words)?.len(),
        None => 0,
    };
    let releases = store.releases().map_err(in_words)?;
    std::fs::create_dir_all(to).map_err(in_words)?;
    let files = [
        ("counts.csv", counts(config, &releases)),
        ("card.toml", card(config, &releases, today)),
        ("ledger.txt", ledger.to_text()),
    ];
    for (name, text) in files {
        let path = to.join(name);
        std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(format!(
        "{}: {} quarters released, {new} of them now; counts.csv, card.toml, ledger.txt with head {}",
        to.display(),
        releases.len(),
        ledger.head().to_hex(),
    ))
}

/// All released tables as one, with the names of bodies and districts beside their ids.
fn counts(config: &DeskConfig, releases: &[KeptRelease]) -> String {
    let mut text = String::from(
        "quarter,body,body_name,district,district_name,breakdown,class,files,status\n",
    );
    for release in releases {
        for line in release.table.lines().skip(1) {
            // Ids and classes have no commas: see `to_csv`.
            let [quarter, body, district, breakdown, class, files, status] =
                line.split(',').collect::<Vec<_>>()[..]
            else {
                continue;
            };
            let body_name = config.bodies.get(body).map_or("", |body| body.name.as_str());
            let district_name = config.districts.get(district).map_or("", String::as_str);
            let cells = [
                quarter,
                body,
                body_name,
                district,
                district_name,
                breakdown,
                class,
                files,
                status,
            ];
            let cells: Vec<String> = cells.into_iter().map(quoted).collect();
            let _ = writeln!(text, "{}", cells.join(","));
        }
    }
    text
}

/// A cell of CSV (RFC 4180, 2).
fn quoted(cell: &str) -> String {
    match cell.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    }
}

/// The card of the source. The countries that the counts are of are to be added by hand.
fn card(config: &DeskConfig, releases: &[KeptRelease], today: Date) -> String {
    let mark = if config.is_invented { " (INVENTED, for demonstration)" } else { "" };
    let id = if config.is_invented { "desk-invented" } else { "desk" };
    let last = releases.last().map_or("none", |release| release.quarter.as_str());
    let string = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let mut text = format!(
        "# What was filed at a desk, as its released counts say{mark}.\n\
         id = {}\nversion = {}\ntitle = {}\ncitation = {}\nlicence = \"\"\naccessed = \"{today}\"\n",
        string(id),
        string(&last.replace('-', ".")),
        string(&format!("Released counts of the desk {}{mark}", config.name)),
        string(&format!("{}, released counts, {last}{mark}", config.name)),
    );
    let months: Vec<(String, String)> = releases.iter().filter_map(months_of).collect();
    if let (Some((from, _)), Some((_, to))) = (months.first(), months.last()) {
        let _ = write!(
            text,
            "\n[coverage]\nfrom = \"{from}\"\nto = \"{to}\"\n# countries = []   # Gleditsch and Ward\n"
        );
    }
    text
}

/// The first and the last month of a release's quarter, as `2026-01`.
fn months_of(release: &KeptRelease) -> Option<(String, String)> {
    let (year, number) = release.quarter.split_once("-Q")?;
    let (year, number): (i16, i8) = (year.parse().ok()?, number.parse().ok()?);
    let last = Quarter { year, number }.last_day();
    Some((format!("{year:04}-{:02}", last.month() - 2), format!("{year:04}-{:02}", last.month())))
}
