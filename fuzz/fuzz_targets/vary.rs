//! Distributions of constants, as `--vary` reads them: no panic, and what is accepted draws finite
//! numbers, the same a second time.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sanad_scenario::Vary;

fuzz_target!(|text: &str| {
    let Ok(vary) = toml::from_str::<Vary>(text) else { return };
    let Ok(first) = vary.draw(8, 1) else { return };
    let second = vary.draw(8, 1).expect("the same settings");
    assert_eq!(format!("{first:?}"), format!("{second:?}"));
});
