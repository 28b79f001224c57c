//! The page: one HTML file that needs nothing else.

use maud::{Markup, PreEscaped, html};
use sanad_core::Estimate;
use sanad_figure::Figure;

use crate::Result;
use crate::content::{Absent, Basis, Briefing, Comparison, Entry, SourceLine};
use crate::text::annex;
use crate::{drawing, section, skeleton, words};

/// Renders a briefing as one self-contained HTML file.
///
/// The file makes no request: no script, no font, no picture from elsewhere. Every figure offers
/// its data as a CSV inside the file.
///
/// # Errors
///
/// [`Error::Figure`](crate::Error::Figure) when a figure's data do not fit its form.
pub fn render(briefing: &Briefing) -> Result<String> {
    let fronts = briefing.fronts.as_ref().map(|f| drawing::fronts(briefing, f)).transpose()?;
    let standing = briefing.fronts.as_ref().map(section::fronts::standing).transpose()?.flatten();
    let comparisons = briefing
        .comparisons
        .iter()
        .map(|c| Ok((c, drawing::comparison(briefing, c)?)))
        .collect::<Result<Vec<_>>>()?;
    let forecast = briefing
        .forecast
        .as_ref()
        .map(|outlook| section::forecast::section(outlook, &briefing.map))
        .transpose()?;
    let chronicle = drawing::chronicle(&briefing.chronicle, &briefing.text)?;
    let network = drawing::network(&briefing.network)?;
    let claims = briefing.claims.as_ref().map(section::claims::section).transpose()?;
    let policy = briefing.policy.as_ref().map(section::policy::section).transpose()?;
    let title = format!("{}: a briefing", briefing.title);
    let (sentences, earlier) = section::lead::sentences(briefing);
    let violence = violence_section(briefing, &earlier)?;
    let outlook = briefing.lead.outlook.as_ref();
    let outlook = outlook.map(section::lead::outlook_figure).transpose()?;
    let body = html! {
                header {
                    p.kicker { "Sanad · legitimacy observatory" }
                    h1 { (headline(briefing)) }
                    p.made { "Made on " (briefing.made_on) " with " (briefing.program) ". Figures end where their sources end; each says when." }
                }
                main {
                    section.lead {
                        h2 { (title_of_lead(sentences.len())) }
                        ol.findings { @for sentence in &sentences { li { (sentence) } } }
                    }
                    (section::lead::section(briefing, outlook.as_ref()))
                    h2.annexes { "Annexes" }
                    nav { (contents(briefing)) }
                    (violence)
                    @if let (Some(content), Some(drawn)) = (&briefing.fronts, &fronts) {
                        (section::fronts::section(content, drawn, standing.as_ref()))
                    }
                    @if let Some(section) = &forecast { (section) }
                    @if let Some(ahead) = &briefing.districts_ahead { (section::gap::section(ahead, &briefing.headline.names)) }
                    @for (comparison, drawn) in &comparisons { (comparison_section(comparison, drawn)) }
                    @if let Some(panel) = &briefing.capability { (section::capability::section(panel, &briefing.headline.names.adm2.several)) }
                    @if let Some(claims) = &claims { (claims) }
                    @if let Some(policy) = &policy { (policy) }
                    @if !briefing.chronicle.is_empty() { (chronicle_section(briefing, chronicle.as_ref())) }
                    @if let Some(drawn) = &network { (network_section(briefing, drawn)) }
                    @if !briefing.absent.is_empty() { (absent_section(&briefing.absent)) }
                    (basis_section(briefing, &briefing.basis))
                }
                footer {
                    p { "Places and organisations only, no persons; no text of propaganda. An index is a summary of chosen indicators, not a verdict; a difference in time is not a cause." }
                }
    };
    Ok(skeleton::page(&title, &briefing.program, &body))
}

/// Where the violence was and how much, with the sentences on earlier months.
fn violence_section(briefing: &Briefing, earlier: &[String]) -> Result<Markup> {
    let map = (!briefing.map.districts.is_empty()).then(|| drawing::map(briefing)).transpose()?;
    let by_province = drawing::stacked(
        briefing,
        "by-province",
        &crate::parts::of_its_day(briefing),
        &format!(
            "Not placed: events known only to the country or to a wider region. A {} that was merged \
             is shown apart until then.",
            briefing.headline.names.adm1.one
        ),
        &briefing.by_province,
    )?;
    let by_family = drawing::stacked(
        briefing,
        "by-family",
        "family of the organisations involved",
        "A death is counted with the family of the organisation that is a side of the event, \
         whoever was killed; events between two families are apart.",
        &briefing.by_family,
    )?;
    let national =
        briefing.national.as_ref().map(|n| drawing::national(briefing, n)).transpose()?;
    Ok(annex(
        "violence",
        "Where and how much",
        &html! {
            @for sentence in earlier { p { (sentence) } }
            @if let Some(map) = &map { (figure(map)) }
            (figure(&by_province)) (figure(&by_family))
            @if let Some(national) = &national { (figure(national)) }
        },
    ))
}

/// The heading over the first sentences, which says how many there are.
const fn title_of_lead(sentences: usize) -> &'static str {
    match sentences {
        1 => "In one sentence",
        2 => "In two sentences",
        3 => "In three sentences",
        4 => "In four sentences",
        5 => "In five sentences",
        _ => "In six sentences",
    }
}

/// The case's own headline, or one that holds for every case.
fn headline(briefing: &Briefing) -> String {
    if briefing.headline_of_case.is_empty() {
        format!("{}: what the record shows", briefing.title)
    } else {
        briefing.headline_of_case.clone()
    }
}

/// A figure with its title, its data and its caption.
fn figure(figure: &Figure) -> Markup {
    PreEscaped(figure.to_html())
}

/// Links to the annexes that the page has.
fn contents(briefing: &Briefing) -> Markup {
    html! {
        ul {
            li { a href="#violence" { "Where and how much" } }
            @if briefing.fronts.is_some() { li { a href="#three-fronts" { "Three fronts" } } }
            @if briefing.forecast.is_some() { li { a href="#forecast" { "What may come" } } }
            @if briefing.districts_ahead.is_some() { li { a href="#districts-ahead" { (section::gap::title(&briefing.headline.names)) } } }
            @for comparison in &briefing.comparisons {
                li { a href=(format!("#compare-{}", comparison.id)) { (comparison.title) } }
            }
            @if briefing.capability.is_some() { li { a href="#capability" { "What organisations did" } } }
            @if briefing.claims.is_some() { li { a href="#claims" { "The text on trial" } } }
            @if briefing.policy.is_some() { li { a href="#policy" { "What policies might change" } } }
            @if !briefing.chronicle.is_empty() { li { a href="#told" { "Chronicle" } } }
            @if !briefing.network.ties.is_empty() { li { a href="#organisations" { "Organisations" } } }
            li { a href="#basis" { "What the numbers rest on" } }
        }
    }
}

/// A number with its interval, or a dash where it is not known.
fn number(measured: Option<Estimate>, decimals: usize) -> Markup {
    html! {
        @match measured {
            Some(m) => { (words::fixed(m.value, decimals)) " " span.interval { "(" (words::interval(m, decimals)) ")" } }
            None => { span.missing { "no data" } }
        }
    }
}

/// Periods compared: the figure, and the numbers behind it.
fn comparison_section(comparison: &Comparison, drawn: &Figure) -> Markup {
    html! {
        (annex(&format!("compare-{}", comparison.id), &comparison.title, &html! {
            (figure(drawn))
            div.scroll { table {
                thead { tr { th { "Region" } @for period in &comparison.periods { th.n { "Events per month, " (period) } } th.n { "Last to first period" } th.n { "Change of level after the first period" } } }
                tbody { @for (at, region) in comparison.regions.iter().enumerate() { tr {
                    td { (region) }
                    @for cell in &comparison.attacks[at] { td.n { (number(*cell, 1)) } }
                    td.n { (number(comparison.ratios[at], 2)) }
                    td.n { (number(comparison.changes[at], 2)) }
                } } }
            } }
            p.note { "Change of level: events per month just after the end of the first period over just before, from an interrupted series over all periods (negative binomial, with trend, season and autoregression), with its 95 % interval. Events of both sides count: an operation's own strikes raise the level at first. Where the interval holds 1, or the level rose, the fall from the first period to the last came later or had begun before." }
            @if !comparison.kinds.is_empty() { (kinds_apart(comparison)) }
            p.note { (comparison.note) }
        }))
    }
}

/// Who won an event, told apart: a sum over both can hide that one falls while the other rises.
fn kinds_apart(comparison: &Comparison) -> Markup {
    let described =
        |kind: &crate::content::ComparedKind, at: usize| kind.means[at].iter().any(Option::is_some);
    html! {
        h3 { "Kinds of event apart" }
        div.scroll { table {
            thead { tr { th { "Region" } th { "Kind" } @for period in &comparison.periods { th.n { "Events per month, " (period) } } th.n { "Change of level after the first period" } } }
            tbody { @for (at, region) in comparison.regions.iter().enumerate() {
                @for kind in comparison.kinds.iter().filter(|kind| described(kind, at)) { tr {
                    td { (region) } td { (kind.title) }
                    @for cell in &kind.means[at] { td.n { (number(*cell, 1)) } }
                    td.n { (number(kind.changes[at], 2)) }
                } }
            } }
        } }
        p.note { "An event counts as an attack or an operation by who is on each side and who died; the rules are in the case's case.toml. What the source does not tell apart is left out, and in a row of its own counted whole. A sum over both can hide that the one falls while the other rises. Regions that the daily counts do not tell are left out." }
    }
}

/// The chronicle as a timeline, with what the timeline cannot show in a list.
fn chronicle_section(briefing: &Briefing, drawn: Option<&Figure>) -> Markup {
    let others: Vec<&Entry> =
        briefing.chronicle.iter().filter(|e| !drawing::is_drawn(e) && e.kind != "tie").collect();
    let follows_a_text = !briefing.text.is_empty();
    html! {
        (annex("told", "The chronicle on three fronts", &html! {
                        @if let Some(drawn) = drawn { (figure(drawn)) }
            details open { summary { (others.len()) " more records: without a date that a month could hold, or numbers" }
            div.scroll { table {
                thead { tr { th { "When" } th { "Front" } th { "Kind" } @if follows_a_text { th.n { "Paragraph" } } th { "Record" } } }
                tbody { @for entry in others { tr {
                    td.nowrap { (words::when(entry.when)) }
                    td { @for (at, f) in entry.fronts.iter().enumerate() { @if at > 0 { ", " } (words::front(*f)) } }
                    td { (entry.kind) } @if follows_a_text { td.n { (entry.paragraph) } } td { (entry.summary) }
                } } }
            } } }
        }))
    }
}

/// Organisations and their ties, drawn and listed.
fn network_section(briefing: &Briefing, drawn: &Figure) -> Markup {
    let network = &briefing.network;
    let described: Vec<_> = network.ties.iter().filter(|tie| drawing::is_shown(tie)).collect();
    html! {
        (annex("organisations", "Organisations and their ties", &html! {
                        (figure(drawn))
            @if !described.is_empty() {
                h3 { "Not drawn: allegations, support, and parts of an organisation" }
                ul.limits { @for tie in described { li {
                    (words::when(tie.when)) ": " (tie.summary)
                    @if let Some(by) = &tie.alleged_by { " (alleged by " (by) ")" }
                } } }
            }
        }))
    }
}

/// What this case cannot show, and what it would need.
fn absent_section(absent: &[Absent]) -> Markup {
    html! {
        (annex("absent", "Not on this page", &html! {
                        ul.limits { @for one in absent { li { b { (one.section) } ": " (one.needs) "." } } }
        }))
    }
}

/// The sources with their versions and hashes, and how much could be put into places.
fn basis_section(briefing: &Briefing, basis: &Basis) -> Markup {
    html! {
        (annex("basis", "What the numbers rest on", &html! {
                        h3 { "Sources" }
            div.scroll { table.sources {
                thead { tr { th { "Source" } th { "Covers" } th.n { "Rows read" } th.n { "Kept" } th { "Diagnostics" } th { "Licence" } th { "Citation" } } }
                tbody { @for source in &basis.sources { (source_row(source)) } }
            } }
            h3 { "What could be placed" }
            div.scroll { table {
                thead { tr { th { "Unit" } th.n { "Events placed" } th.n { "Events not placed" } th.n { "Deaths placed" } th.n { "Deaths not placed" } } }
                tbody { @for line in &basis.placing { tr {
                    td { (line.unit) }
                    td.n { (words::whole(line.events[0])) } td.n { (words::whole(line.events[1])) }
                    td.n { (words::whole(line.deaths[0])) } td.n { (words::whole(line.deaths[1])) }
                } } }
            } }
            h3 { "Limits" }
            ul.limits {
                li { "A count is what a source recorded, not what happened: violence where no reporter goes is missed, and counts are revised for years." }
                li { "Deaths are best estimates; low and high estimates are in the data and in the sentences above." }
                li { "Zero means that a source covers the month and recorded nothing. Hatched or “no data” means that none covers it." }
                @if !basis.months_apart.is_empty() { li { (words::apart(&basis.months_apart)) } }
                @if !briefing.chronicle.is_empty() {
                    li { "The chronicle " @if !briefing.text.is_empty() { "follows one text (" (briefing.text) "); it " } "is a selection, and what it does not record is not evidence of absence." }
                }
                li { "Indices are counts on a logarithmic scale, not rates; compare a " (briefing.headline.names.adm1.one) " with itself before comparing it with another." }
                li { "An association in time is not a cause." @if briefing.claims.is_none() { " No claim of the text has been tested on this page." } }
                @if !basis.territory_note.is_empty() { li { (basis.territory_note) } }
            }
        }))
    }
}

/// A source with the first characters of its file's hash.
fn source_row(source: &SourceLine) -> Markup {
    html! {
        tr {
            td { b { (source.label) } br; (source.title) br; span.hash { "sha256 " (source.sha256) "…" } }
            td { @match source.covers { Some([from, to]) => { (from) " to " (to) } None => { "–" } } }
            td.n { (words::whole(source.rows[0] as f64)) }
            td.n { (words::whole(source.rows[1] as f64)) }
            td { @if source.diagnostics.is_empty() { "none" } @else {
                @for (at, (issue, count)) in source.diagnostics.iter().enumerate() { @if at > 0 { ", " } (issue) " " (count) }
            } }
            td { (source.licence) }
            td { (source.citation) @if !source.url.is_empty() { " " span.url { (source.url) } } " Accessed " (source.accessed) "." }
        }
    }
}
