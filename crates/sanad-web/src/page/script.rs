//! The one script, under an address that changes with it. It is built from `browser/workbench.ts` by
//! `scripts/build-browser`.
//!
//! Pages are whole without it: it lets levers answer while they move, which else takes a press of a
//! button.

use std::sync::OnceLock;

use super::style::hash;

/// The script as it is served.
pub(crate) const SCRIPT: &str = include_str!("../workbench.js");

/// The address of the script. It holds the hash of its bytes, so that a browser may keep it for ever.
pub(crate) fn script_address() -> &'static str {
    static ADDRESS: OnceLock<String> = OnceLock::new();
    ADDRESS.get_or_init(|| format!("/assets/workbench-{:016x}.js", hash(SCRIPT.as_bytes())))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn the_script_keeps_and_fetches_nothing_from_elsewhere_and_is_small() {
        for absent in
            ["http:", "https:", "//cdn", "eval(", "innerHTML", "localStorage", "cookie", "import "]
        {
            assert!(!SCRIPT.contains(absent), "{absent}");
        }
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
        encoder.write_all(SCRIPT.as_bytes()).unwrap();
        assert!(encoder.finish().unwrap().len() < 60 << 10);
        assert!(script_address().ends_with(".js"));
    }
}
