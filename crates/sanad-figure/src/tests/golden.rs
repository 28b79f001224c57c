//! Goldens of every form for small inputs.
//!
//! To accept a change after looking at it: `INSTA_UPDATE=always cargo test -p sanad-figure golden`.

use super::samples;

/// One element a line, so that a change reads as a change.
fn lines(svg: &str) -> String {
    svg.replace("><", ">\n<")
}

#[test]
fn golden_drawings_of_every_form() {
    for figure in samples::all(false) {
        insta::assert_snapshot!(format!("{}_svg", figure.id), lines(&figure.svg));
    }
}

#[test]
fn golden_data_of_every_form() {
    for figure in samples::all(false) {
        insta::assert_snapshot!(format!("{}_csv", figure.id), figure.csv.replace('\r', ""));
    }
}

#[test]
fn golden_stylesheet() {
    insta::assert_snapshot!(crate::stylesheet().replace('}', "}\n"));
}
