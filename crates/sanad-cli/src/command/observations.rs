//! `sanad observations`.

use sanad_core::place::Level;
use sanad_store::{ObservationRequest, Observatory, observed_table};

use crate::args::{LevelName, Observations};
use crate::command::print;
use crate::error::Result;

pub(crate) fn run(asked: &Observations) -> Result<()> {
    let observatory = Observatory::open(&asked.folder.observatory)?;
    let request = ObservationRequest {
        series: asked.source.clone(),
        indicators: asked.indicator.clone(),
        countries: asked.country.iter().map(|code| code.to_uppercase()).collect(),
        level: asked.level.map(|level| match level {
            LevelName::Country => Level::Country,
            LevelName::Adm1 => Level::Adm1,
            LevelName::Adm2 => Level::Adm2,
        }),
        from: asked.from,
        to: asked.to,
        as_of: asked.as_of,
    };
    print(&observed_table(&observatory.observations(&request)?)?, asked.format)
}
