//! The one stylesheet of all figures.

use crate::colour::{
    AREA_EDGE, GRID, INK, LINK, MUTED, OUTLINE, PAGE_INK, PAGE_LINE, PAGE_MUTED, PAPER,
};

/// The CSS that every figure relies on; put it once into the HTML file's `<style>`.
///
/// Every rule begins with a `sanad-` class, so nothing leaks into the page. Screens up to 700 px
/// wide show the narrow drawings, wider ones and paper the wide ones. No font is loaded and no
/// request is made.
pub fn stylesheet() -> String {
    format!(
        ".sanad-frame{{margin:0 0 2.4em;max-width:960px;color:{INK};font-family:\"Helvetica Neue\",Helvetica,Arial,\"Liberation Sans\",sans-serif}}\
.sanad-title{{margin:0 0 .5em;font-size:1.06rem;line-height:1.35;font-weight:700}}\
.sanad-caption{{margin:.5em 0 0;font-size:.8125rem;line-height:1.45;color:{MUTED}}}\
.sanad-caption .sanad-data{{color:{LINK};white-space:nowrap}}\
.sanad-figure .sf{{display:block;width:100%;height:auto;font-family:\"Helvetica Neue\",Helvetica,Arial,\"Liberation Sans\",sans-serif;font-variant-numeric:tabular-nums;-webkit-print-color-adjust:exact;print-color-adjust:exact}}\
.sanad-figure .sf-narrow{{display:none}}\
.sanad-row{{display:flex;gap:0 16px;align-items:flex-start}}\
.sanad-row .sf{{min-width:0}}\
.sanad-figure .sf text{{fill:{INK}}}\
.sanad-figure .sf-strong{{font-weight:700}}\
.sanad-figure .sf .sf-muted{{fill:{MUTED}}}\
.sanad-figure .sf .sf-white{{fill:{PAPER}}}\
.sanad-figure .sf-halo{{paint-order:stroke;stroke:{PAPER};stroke-width:3px;stroke-linejoin:round}}\
.sanad-figure .sf-grid{{stroke:{GRID};stroke-width:1;shape-rendering:crispEdges}}\
.sanad-figure .sf-axis{{stroke:{OUTLINE};stroke-width:1;shape-rendering:crispEdges}}\
.sanad-figure .sf-lead{{stroke:{OUTLINE};stroke-width:.8;fill:none}}\
.sanad-figure .sf-life{{stroke:{OUTLINE};stroke-width:1.4}}\
.sanad-figure .sf-map path{{stroke:{AREA_EDGE};stroke-width:.5;stroke-linejoin:round}}\
.sanad-figure .sf-border{{fill:none;stroke:{INK};stroke-width:.9;stroke-linejoin:round}}\
.sanad-figure .sf-disputed{{fill:none;stroke:{INK};stroke-width:1.1;stroke-dasharray:4 3}}\
.sanad-figure .sf-mark{{stroke:{INK};stroke-width:1;stroke-dasharray:2 2}}\
@media screen and (max-width:700px){{\
.sanad-figure .sf-wide{{display:none}}.sanad-figure .sf-narrow{{display:block;max-width:520px}}\
.sanad-figure .sf-grow{{font-size:16.5px}}\
.sanad-row{{display:block}}.sanad-row .sf{{width:100%}}}}\
@media print{{.sanad-frame{{break-inside:avoid;max-width:none}}.sanad-title{{break-after:avoid}}.sanad-figure .sf{{break-inside:avoid}}}}"
    )
}

/// The colours of a page around figures, as CSS variables: `--ink`, `--muted`, `--line` and
/// `--accent`.
pub fn page_variables() -> String {
    format!(":root{{--ink:{PAGE_INK};--muted:{PAGE_MUTED};--line:{PAGE_LINE};--accent:{LINK}}}")
}
