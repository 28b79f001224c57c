//! `sanad moments`.

use sanad_study::moments::{MomentsRequest, fit_moments, read_moments};
use sanad_study::tables::moments_table;

use crate::args::MomentsArgs;
use crate::command::print;
use crate::error::Result;
use crate::progress::Step;
use crate::report::say;

pub(crate) fn run(options: &MomentsArgs) -> Result<()> {
    let step = Step::begin("read the moments");
    let moments = read_moments(&options.file)?;
    let events: usize = moments.times.iter().map(Vec::len).sum();
    step.end(&format!("{events} events of {} kinds", moments.kinds.len()));
    let step = Step::begin("fit the links");
    let request = MomentsRequest { end: options.end, half_life: options.half_life };
    let found = fit_moments(&moments, request)?;
    step.end(&format!("log-likelihood {:.2}", found.log_likelihood));
    say!(
        "note: spectral radius {:.3}; where it exceeds 1, events would bring events without end",
        found.spectral_radius
    );
    print(&moments_table(&found)?, options.format)
}
