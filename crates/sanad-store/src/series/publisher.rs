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

const WDI: Publisher = Publisher {
    format: "wdi",
    id: "wdi",
    title: "World Development Indicators",
    citation: "World Bank, World Development Indicators, https://databank.worldbank.org",
    licence: "CC-BY-4.0",
    url: "https://databank.worldbank.org/source/world-development-indicators",
};

const KEEPITON: Publisher = Publisher {
    format: "keepiton",
    id: "keepiton",
    title: "Shutdown Tracker Optimization Project",
    citation: "Access Now and the #KeepItOn coalition, Shutdown Tracker Optimization Project \
        (STOP), https://www.accessnow.org/keepiton",
    licence: "attribution to Access Now; terms on its site",
    url: "https://www.accessnow.org/campaign/keepiton/",
};

const DISTRICTS: Publisher = Publisher {
    format: "district-indicators",
    id: "district-indicators",
    title: "Indicators of districts from household surveys and the census",
    citation: "Household surveys and censuses of national and provincial bureaus of statistics. \
        Each value names its survey",
    licence: "not stated by the compilation; not to be passed on",
    url: "",
};

const IDMC: Publisher = Publisher {
    format: "idmc",
    id: "idmc",
    title: "Internally displaced persons",
    citation: "Internal Displacement Monitoring Centre (IDMC), Global Internal Displacement \
        Database, through the UNHCR Refugee Data Finder",
    licence: "CC-BY-4.0",
    url: "https://www.unhcr.org/refugee-statistics/",
};

const UNHCR_POPULATION: Publisher = Publisher {
    format: "unhcr",
    id: "unhcr-population",
    title: "Refugees and others of concern by country of origin and of asylum",
    citation: "UNHCR, Refugee Data Finder: population figures",
    licence: "CC-BY-4.0",
    url: "https://www.unhcr.org/refugee-statistics/",
};

const UNHCR_RETURNS: Publisher = Publisher {
    id: "unhcr-returns",
    title: "Returns, resettlement and naturalisation",
    citation: "UNHCR, Refugee Data Finder: solutions",
    ..UNHCR_POPULATION
};

const GDELT_MONTHS: Publisher = Publisher {
    format: "gdelt-months",
    id: "gdelt-months",
    title: "GDELT by country and month, compiled by others",
    citation: "Leetaru, K. and Schrodt, P. A. (2013), GDELT: Global Data on Events, Location and \
        Tone, 1979–2012, ISA Annual Convention; sums by country and month not verified. Coded by \
        machine: of its protest records with a valid link 21 % told of a protest (Wang et al. 2016, \
        Science 353, 1502–1503)",
    licence: "free for any use with attribution to the GDELT Project and a link to it",
    url: "https://www.gdeltproject.org/data.html",
};

const PLAIN: Publisher = Publisher {
    format: "observations",
    id: "observations",
    title: "Observations",
    citation: "not stated; give a card",
    licence: "not stated",
    url: "",
};

const UCDP_DYADIC: Publisher = Publisher {
    format: "ucdp-dyadic",
    id: "ucdp-dyadic",
    title: "UCDP Dyadic Dataset",
    citation: "Harbom, L., Melander, E. and Wallensteen, P. (2008), Dyadic Dimensions of Armed \
        Conflict, 1946–2007, Journal of Peace Research 45(5); Davies, S., Engström, G., \
        Pettersson, T. and Öberg, M. (2024), Organized violence 1989–2023, and the prevalence of \
        organized crime groups, Journal of Peace Research 61(4)",
    licence: "CC-BY-4.0",
    url: "https://ucdp.uu.se/downloads/",
};

impl Publisher {
    pub(super) fn of(format: SeriesFormat, series: &Series) -> Self {
        let has = |code: &str| series.observations.iter().any(|one| one.indicator == code);
        match format {
            SeriesFormat::Wdi => WDI,
            SeriesFormat::Keepiton => KEEPITON,
            SeriesFormat::DistrictIndicators => DISTRICTS,
            SeriesFormat::Idmc => IDMC,
            SeriesFormat::Unhcr if has("unhcr_refugees") => UNHCR_POPULATION,
            SeriesFormat::Unhcr => UNHCR_RETURNS,
            SeriesFormat::GdeltMonths => GDELT_MONTHS,
            SeriesFormat::UcdpDyadic => UCDP_DYADIC,
            SeriesFormat::Plain => PLAIN,
            SeriesFormat::Wgi => WGI,
            SeriesFormat::Vdem => VDEM,
        }
    }

    /// The version that a file's name tells, for publishers whose files tell it.
    pub(super) fn version(&self, name: &str) -> Option<String> {
        match self.format {
            "vdem" | "ucdp-dyadic" => version_after_v(name).map(|it| it.replace('_', ".")),
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
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && !"._".contains(letter));
        let version = rest[..end.unwrap_or(rest.len())].trim_end_matches(['.', '_']);
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
            ("Dyadic_v24_1.csv", Some("24.1")),
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
