//! What is known of each publisher without a card: how it asks to be cited, its licence, and how
//! it numbers its versions.

use chrono::NaiveDate;
use sanad_source::series::Series;

use super::SeriesFormat;

/// A publisher's data set, without its version.
#[derive(Debug, Clone, Copy)]
pub(super) struct Publisher {
    pub(super) format: &'static str,
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) citation: &'static str,
    pub(super) licence: &'static str,
    pub(super) url: &'static str,
}

const WGI: Publisher = Publisher {
    format: "wgi",
    id: "wgi",
    title: "Worldwide Governance Indicators",
    citation: "Kaufmann, D., Kraay, A. and Mastruzzi, M. (2010), The Worldwide Governance \
        Indicators: Methodology and Analytical Issues, World Bank Policy Research Working Paper \
        5430; World Bank, Worldwide Governance Indicators, www.govindicators.org",
    licence: "CC-BY-4.0",
    url: "https://www.govindicators.org",
};

const VDEM: Publisher = Publisher {
    format: "vdem",
    id: "vdem",
    title: "Varieties of Democracy, country-years",
    citation: "Coppedge, M. et al., V-Dem [Country-Year] Dataset, Varieties of Democracy (V-Dem) \
        Project; Pemstein, D. et al., The V-Dem Measurement Model: Latent Variable Analysis for \
        Cross-National and Cross-Temporal Expert-Coded Data, V-Dem Working Paper 21",
    licence: "CC-BY-SA-4.0",
    url: "https://www.v-dem.net/data/the-v-dem-dataset/",
};

impl Publisher {
    pub(super) fn of(format: SeriesFormat, _series: &Series) -> Self {
        match format {
            SeriesFormat::Wgi => WGI,
            SeriesFormat::Vdem => VDEM,
        }
    }

    /// The version that a file's name tells, for publishers whose files tell it.
    pub(super) fn version(&self, name: &str) -> Option<String> {
        match self.format {
            "vdem" => version_after_v(name),
            _ => None,
        }
    }

    /// The day from which a version was known.
    ///
    /// V-Dem brings out version N in March of the year 2010 + N; the last of March is taken, so
    /// that nothing counts as known too early.
    pub(super) fn released(&self, version: &str) -> Option<NaiveDate> {
        let number: i32 = version.split('.').next()?.parse().ok()?;
        match self.format {
            "vdem" if (5..=40).contains(&number) => NaiveDate::from_ymd_opt(2010 + number, 3, 31),
            _ => None,
        }
    }
}

/// The digits after the last `v` that digits follow: `vdem_v13_x.csv`, `V-Dem-CY-Full-v14.csv`.
fn version_after_v(name: &str) -> Option<String> {
    let name = name.to_ascii_lowercase();
    let digits = |at: usize| {
        let rest = &name[at + 1..];
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
        let version = rest[..end.unwrap_or(rest.len())].trim_end_matches('.');
        (!version.is_empty()).then(|| version.to_owned())
    };
    name.rmatch_indices('v').find_map(|(at, _)| digits(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_off_names_and_dated_by_their_year() {
        for (name, version) in [
            ("vdem_v13_six_indices_1968_2022.csv", Some("13")),
            ("V-Dem-CY-Full+Others-v14.csv", Some("14")),
            ("V-Dem-CY-Core-v11.1.csv", Some("11.1")),
            ("vdem.csv", None),
        ] {
            assert_eq!(VDEM.version(name).as_deref(), version, "{name}");
        }
        let day = VDEM.released("14").unwrap();
        assert_eq!(day.to_string(), "2024-03-31");
        assert_eq!(VDEM.released("file-0a1b"), None);
        assert_eq!(WGI.version("wgi_v3.csv"), None);
    }
}
