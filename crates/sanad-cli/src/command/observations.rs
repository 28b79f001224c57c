//! `sanad observations`.

use sanad_core::place::Level;
use sanad_store::{ObservationRequest, observed_table};

use crate::args::{Observations, PlaceLevel};
use crate::command::{open, print};
use crate::error::Result;

pub(crate) fn run(options: &Observations) -> Result<()> {
    let observatory = open(&options.folder.observatory)?;
    let request = ObservationRequest {
        series: options.source.clone(),
        indicators: options.indicator.clone(),
        countries: options.country.iter().map(|code| code.to_uppercase()).collect(),
        level: options.level.map(|level| match level {
            PlaceLevel::Country => Level::Country,
            PlaceLevel::Adm1 => Level::Adm1,
            PlaceLevel::Adm2 => Level::Adm2,
        }),
        from: options.from,
        to: options.to,
        as_of: options.as_of,
    };
    print(&observed_table(&observatory.observations(&request)?)?, options.format)
}
