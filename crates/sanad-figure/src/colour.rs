//! Colours: safe for colour-blind readers, legible on white and in grey.
//!
//! * [`CATEGORY`]: the hues of Okabe and Ito (2008, "Color Universal Design"), darkened so that a
//!   thin line reaches the 3:1 contrast that WCAG 2.2 (1.4.11) asks of marks, and alternating dark
//!   and light so that neighbours in a stack stay apart in grey print.
//! * [`SEQUENTIAL`]: magnitudes, light cream to dark brown, equal steps of lightness in Oklab
//!   (Ottosson 2020). Areas filled with its light end are always outlined in [`OUTLINE`], which
//!   reaches 3:1 by itself.
//! * [`DIVERGING`]: change, blue (less) over near-white to brown (more), symmetric in lightness.
//!
//! Missing is never a colour of a ramp: it is a grey hatch.

/// Text.
pub const INK: &str = "#1f2328";
/// Secondary text: axes, notes. At least 4.5:1 on white.
pub const MUTED: &str = "#565b62";
/// Outline of filled areas and axis lines. At least 3:1 on white.
pub const OUTLINE: &str = "#85898e";
/// Thin grid, decoration only.
pub const GRID: &str = "#dfe1e4";
/// Lines of the hatch that says "missing".
pub const MISSING: &str = "#8b8f94";
/// The one accent for a single series.
pub const ACCENT: &str = "#9c3d1f";

/// Paper, as two equal spellings: [`WHITE`] where fills are compared, this one where they are only
/// written.
pub(crate) const PAPER: &str = "#fff";
/// The fill of a value of exactly zero.
pub(crate) const WHITE: &str = "#ffffff";
/// Ground of the hatch that says "missing".
pub(crate) const MISSING_GROUND: &str = "#f4f4f4";
/// Edges between small areas of a map, thinner than [`OUTLINE`] and lighter.
pub(crate) const AREA_EDGE: &str = "#aeb3b8";
/// Bars that are not the one accented.
pub(crate) const NEUTRAL: &str = "#8e959d";
/// Bands of a forecast from the widest in: light to dark, all with a visible edge to white.
pub(crate) const BANDS: [&str; 3] = ["#e6d3c4", "#d3a98b", "#bd7c57"];
/// Periods compared within a region, at most four.
pub(crate) const PERIOD: [&str; 4] = [BLUE, "#d55e00", "#3d3d3d", "#00875f"];

// Thin marks whose shape or dash tells the same as their colour.

/// What is supported, what eases, an alliance.
pub(crate) const BLUE: &str = "#0072b2";
/// A merger.
pub(crate) const GREEN: &str = "#00734f";
/// A split.
pub(crate) const OCHRE: &str = "#8a5e00";
/// A rivalry.
pub(crate) const ORANGE: &str = "#c44e00";
/// What is contradicted, what strains.
pub(crate) const RUST: &str = "#b84a00";
/// What is undecided or neutral.
pub(crate) const SLATE: &str = "#6b7078";
/// A link that is stated and not tested.
pub(crate) const PALE: &str = "#888d94";
/// A link of a model.
pub(crate) const DARK: &str = "#4d5560";

/// Links and the small heading of a page.
pub const LINK: &str = "#0b5a8f";
/// Text of a page around figures.
pub const PAGE_INK: &str = "#1c2126";
/// Notes of a page around figures.
pub const PAGE_MUTED: &str = "#545c64";
/// Lines between the rows of a page's tables.
pub const PAGE_LINE: &str = "#d6dade";

/// Eight categories in the order to use them.
pub const CATEGORY: [&str; 8] =
    ["#00598c", "#d55e00", "#005a41", "#c2699b", "#5e4300", "#3a93c4", "#3d3d3d", "#857900"];

/// Magnitudes, from least to greatest.
pub const SEQUENTIAL: [&str; 8] =
    ["#fee9ce", "#f2c494", "#e39e67", "#ce7a44", "#b5572c", "#96381f", "#741e19", "#4f0913"];

/// Change, from less (blue) through none to more (brown).
pub const DIVERGING: [&str; 9] = [
    "#024478", "#356da4", "#6c99c7", "#aac4e1", "#f1f0ed", "#dfb7a6", "#c38366", "#9e522e",
    "#6f2a01",
];

/// `count` colours spread over the sequential ramp, light to dark.
pub(crate) fn ramp(count: usize) -> Vec<&'static str> {
    let last = SEQUENTIAL.len() - 1;
    match count {
        0 => Vec::new(),
        1 => vec![SEQUENTIAL[4]],
        n => (0..n).map(|i| SEQUENTIAL[(i * last + (n - 1) / 2) / (n - 1)]).collect(),
    }
}

/// Category colour by position; it repeats after eight, which forms avoid by grouping.
pub fn category(index: usize) -> &'static str {
    CATEGORY[index % CATEGORY.len()]
}

/// Red, green and blue of `#rrggbb`, from 0 to 1.
fn channels(hex: &str) -> [f64; 3] {
    let part = |i: usize| {
        hex.get(i..i + 2).and_then(|s| u8::from_str_radix(s, 16).ok()).map_or(0.0, f64::from)
            / 255.0
    };
    [part(1), part(3), part(5)]
        .map(|c| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) })
}

/// Relative luminance of a `#rrggbb` colour (WCAG 2.2), 0 to 1.
pub fn luminance(hex: &str) -> f64 {
    let [r, g, b] = channels(hex);
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

/// Contrast ratio of two `#rrggbb` colours (WCAG 2.2), 1 to 21.
///
/// ```
/// assert!((sanad_figure::colour::contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
/// ```
pub fn contrast(a: &str, b: &str) -> f64 {
    let (x, y) = (luminance(a), luminance(b));
    (x.max(y) + 0.05) / (x.min(y) + 0.05)
}

/// Ink or white, whichever reads better on `fill`.
pub(crate) fn text_on(fill: &str) -> &'static str {
    if contrast(fill, INK) >= contrast(fill, WHITE) { INK } else { WHITE }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oklab(rgb: [f64; 3]) -> [f64; 3] {
        let [r, g, b] = rgb;
        let l = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b).cbrt();
        let m = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b).cbrt();
        let s = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b).cbrt();
        [
            0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
            1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
            0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s,
        ]
    }

    /// Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
    const DEUTERANOPIA: [[f64; 3]; 3] = [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ];
    const PROTANOPIA: [[f64; 3]; 3] = [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ];

    fn seen(matrix: &[[f64; 3]; 3], hex: &str) -> [f64; 3] {
        let c = channels(hex);
        oklab(matrix.map(|row| (0..3).map(|i| row[i] * c[i]).sum::<f64>().clamp(0.0, 1.0)))
    }

    fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
        (0..3).map(|i| (a[i] - b[i]).powi(2)).sum::<f64>().sqrt()
    }

    #[test]
    fn marks_reach_three_to_one_on_white() {
        for hex in CATEGORY.iter().chain(&[OUTLINE, MISSING, ACCENT]) {
            assert!(contrast(hex, "#ffffff") >= 3.0, "{hex}");
        }
    }

    #[test]
    fn text_reaches_four_and_a_half_to_one() {
        assert!(contrast(INK, "#ffffff") >= 4.5 && contrast(MUTED, "#ffffff") >= 4.5);
        for fill in SEQUENTIAL.iter().chain(&DIVERGING) {
            assert!(contrast(fill, text_on(fill)) >= 4.5, "{fill}");
        }
    }

    #[test]
    fn sequential_ramp_darkens_in_equal_steps() {
        let l: Vec<f64> = SEQUENTIAL.iter().map(|h| oklab(channels(h))[0]).collect();
        let step = (l[0] - l[7]) / 7.0;
        for pair in l.windows(2) {
            assert!((pair[0] - pair[1] - step).abs() < 0.01, "{l:?}");
        }
    }

    #[test]
    fn diverging_ramp_is_symmetric_in_lightness() {
        let l: Vec<f64> = DIVERGING.iter().map(|h| oklab(channels(h))[0]).collect();
        for i in 0..4 {
            assert!((l[i] - l[8 - i]).abs() < 0.02, "{l:?}");
            assert!(l[i] < l[i + 1] && l[8 - i] < l[7 - i]);
        }
    }

    #[test]
    fn first_six_categories_stay_apart_for_colour_blind_readers() {
        for matrix in [&DEUTERANOPIA, &PROTANOPIA] {
            for (i, a) in CATEGORY[..6].iter().enumerate() {
                for b in &CATEGORY[..i] {
                    let d = distance(seen(matrix, a), seen(matrix, b));
                    assert!(d > 0.06, "{a} and {b}: {d:.3}");
                }
            }
        }
    }

    #[test]
    fn neighbouring_categories_stay_apart_in_grey() {
        for pair in CATEGORY.windows(2) {
            assert!(contrast(pair[0], pair[1]) >= 1.9, "{pair:?}");
        }
    }

    #[test]
    fn ramp_of_any_length_is_strictly_darker_step_by_step() {
        for n in 2..=8 {
            let l: Vec<f64> = ramp(n).iter().map(|h| luminance(h)).collect();
            assert!(l.windows(2).all(|p| p[0] > p[1]), "{n}");
        }
    }
}
