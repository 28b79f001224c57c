//! The files of a new case as texts.

use core::fmt::Write as _;

use sanad_core::actor::Family;
use sanad_core::place::{Level, Place};
use sanad_source::ged;
use toml::Value;

use super::draft::{AliasDraft, Draft, PlaceDraft};
use super::names::Tally;
use super::sides::Side;
use super::spelling::slug;
use super::{COUNTS_CARD, COUNTS_FILE, ScaffoldRequest};

/// Stands before everything that a person must choose.
pub(super) const DECIDE: &str = "# decide:";

/// `case.toml`, without its table of counts.
pub(super) fn case(request: &ScaffoldRequest<'_>, draft: &Draft, state: &str) -> String {
    let country = &request.country;
    let root = draft.places.first().map_or("", |root| root.place.id.as_str());
    let mut out = format!(
        "# The case of {}, made from {}.\n# Every line that begins with \"{DECIDE}\" is a choice that a person has to \
         make.\n\nid = {}\ntitle = {}\ncountry = {}\niso3 = {}\ngwno = {}\n\
         {DECIDE} views_country_id, the country's number in VIEWS, if forecasts are to be compared with theirs\n\
         {DECIDE} current_on, the day whose places count as those of today\ncurrent_on = \"{}\"\n\
         event_source = \"ucdp-ged\"\n",
        country.name,
        one_line(request.ged_file),
        quoted(&slug(request.id)),
        quoted(country.name),
        quoted(root),
        quoted(country.iso3),
        country.gwno.unwrap_or_default(),
        request.current_on(),
    );
    if let (Some(from), Some(to)) = (request.coverage.from, request.coverage.to) {
        let _ = write!(out, "figures_from = \"{from}\"\nfigures_to = \"{to}\"\n");
    }
    let _ = write!(
        out,
        "state = {}\n{DECIDE} chronicle = [\"chronicle.toml\"], once there is one\n",
        quoted(state)
    );
    finest_level(&mut out, draft);
    level_names(&mut out, draft);
    if let Some(levels) = draft.levels {
        let _ = write!(
            out,
            "\n# What the levels of the source's places are in the case.\n[levels.ucdp-ged]\nadm1 = {}\nadm2 = {}\n",
            quoted(levels.adm1.as_str()),
            quoted(levels.adm2.as_str())
        );
    }
    references(&mut out, request);
    out
}

/// Places that have neither borders nor a list of their own, only the names that events happened to
/// give them, are none that a map or a forecast can show.
fn finest_level(out: &mut String, draft: &Draft) {
    let second = draft.places.iter().filter(|draft| draft.place.level == Level::Adm2).count();
    if draft.area_level == Some(Level::Adm1) && second > 0 {
        let _ = write!(
            out,
            "{DECIDE} finest_level, that of map and forecast: the second level has no borders, and of its places only \
             the {second} that events name\nfinest_level = \"adm1\"\n"
        );
    }
}

/// What places of the two levels are called. Where the source's first level, its provinces, is the
/// case's second, regions are above them.
fn level_names(out: &mut String, draft: &Draft) {
    let has_regions = draft.levels.is_some_and(|levels| levels.adm1 == Level::Adm2);
    if has_regions {
        let _ = write!(
            out,
            "\n{DECIDE} level_names, what people call the places of the two levels\n[level_names]\n\
             adm1 = {{ one = \"region\", several = \"regions\" }}\n\
             adm2 = {{ one = \"province\", several = \"provinces\" }}\n"
        );
    } else {
        let _ = writeln!(
            out,
            "{DECIDE} [level_names], what people call the places of the two levels, if not provinces and districts"
        );
    }
}

/// The entry of `case.toml` for the table of counts.
pub(super) fn figure() -> String {
    format!(
        "\n[[figure]]\nfile = \"{COUNTS_FILE}\"\nformat = \"counts\"\ncard = \"{COUNTS_CARD}\"\n"
    )
}

/// The card of the table of counts.
pub(super) fn card(request: &ScaffoldRequest<'_>, gwno: i32) -> String {
    let data_set = ged::FORMAT.publication;
    let unnumbered = match request.version {
        Some(_) => String::new(),
        None => format!(
            "{DECIDE} version, as the publisher numbers {}; the briefing names it\n",
            one_line(request.ged_file)
        ),
    };
    let mut out = format!(
        "# Card of {COUNTS_FILE}: counts by place, month, type of violence and sides. No row of the\n\
         # source is part of the file.\nid = \"ucdp-ged\"\n{unnumbered}version = {}\ntitle = {}\ncitation = {}\nlicence = {}\n\
         url = {}\n{DECIDE} accessed, the day on which {} was obtained\naccessed = \"{}\"\n",
        quoted(request.imported_version),
        quoted(&format!("{}, counted by place, month, type of violence and sides", data_set.title)),
        quoted(&ged::citation(request.version)),
        quoted(data_set.licence),
        quoted(data_set.url),
        one_line(request.ged_file),
        request.today,
    );
    if let (Some(from), Some(to)) = (request.coverage.from, request.coverage.to) {
        let unsaid = match request.version {
            Some(_) => String::new(),
            None => format!(
                "{DECIDE} from and to, the months that the file covers, events or not; here those of its first and \
                 last event. Months outside have no number, months inside without events are zero.\n"
            ),
        };
        let _ = write!(
            out,
            "\n[coverage]\n{unsaid}from = \"{from}\"\nto = \"{to}\"\ncountries = [{gwno}]\n"
        );
    }
    out
}

fn references(out: &mut String, request: &ScaffoldRequest<'_>) {
    let data_set = ged::FORMAT.publication;
    let version = request.version.map_or_else(
        || format!("{DECIDE} version, as the publisher of {} numbers it\n", request.ged_file),
        |version| format!("version = {}\n", quoted(version)),
    );
    let _ = write!(
        out,
        "\n[[reference]]\nid = \"ucdp-ged\"\n{version}citation = {}\nlicence = {}\nurl = {}\n\
         {DECIDE} accessed, the day on which {} was obtained\n\
         used_for = \"places, their names in the source, organisations and their numbers\"\n",
        quoted(&ged::citation(request.version)),
        quoted(data_set.licence),
        quoted(data_set.url),
        request.ged_file
    );
    if let Some(file) = request.boundaries_file {
        let _ = write!(
            out,
            "\n{DECIDE} who publishes {file}, how it is cited, under which licence, and where it is obtained\n\
             [[reference]]\nid = \"boundaries\"\ncitation = {}\nlicence = \"not stated\"\nurl = \"not stated\"\n\
             used_for = \"codes, names and points of places\"\n",
            quoted(&format!("Boundaries from {file}"))
        );
    }
}

/// `places.toml`.
pub(super) fn places(draft: &Draft) -> String {
    let mut out =
        "# Places and the names by which sources call them. Points are in degrees.\n".to_owned();
    for undecided in &draft.undecided {
        let _ = writeln!(out, "{DECIDE} {}", one_line(undecided));
    }
    draft.places.iter().for_each(|place| one_place(&mut out, place));
    draft.aliases.iter().for_each(|alias| one_alias(&mut out, alias));
    out
}

fn one_place(out: &mut String, draft: &PlaceDraft) {
    let Place { id, name, level, .. } = &draft.place;
    let place = &draft.place;
    out.push('\n');
    for decision in &draft.decisions {
        let _ = writeln!(out, "{DECIDE} {}", one_line(decision));
    }
    let _ = write!(
        out,
        "[[place]]\nid = {}\nname = {}\nlevel = \"{}\"\n",
        quoted(id),
        quoted(name),
        level.as_str()
    );
    if let Some(within) = &place.within {
        let _ = writeln!(out, "within = {}", quoted(within));
    }
    if let Some(gwno) = place.gwno.filter(|_| *level == Level::Country) {
        let _ = writeln!(out, "gwno = {gwno}");
    }
    if let Some(short) = &place.short {
        let _ = writeln!(out, "short = {}", quoted(short));
    }
    if let (Some(longitude), Some(latitude)) = (place.longitude, place.latitude) {
        let _ = writeln!(out, "longitude = {longitude:.4}\nlatitude = {latitude:.4}");
    }
    if let Some(day) = place.valid_to {
        let _ = writeln!(out, "valid_to = \"{day}\"");
    }
    if place.composite {
        out.push_str("composite = true\n");
    }
    if let Some(basis) = &place.share_basis {
        let _ = writeln!(out, "share_basis = {}", quoted(basis));
    }
    if !place.successors.is_empty() {
        let each = place.successors.iter().map(|next| {
            format!("{{ place = {}, share = {:.4} }}", quoted(&next.place), next.share)
        });
        let _ = writeln!(out, "successors = [\n  {},\n]", each.collect::<Vec<_>>().join(",\n  "));
    }
}

fn one_alias(out: &mut String, draft: &AliasDraft) {
    out.push('\n');
    if let Some(basis) = &draft.basis {
        let _ = writeln!(out, "{DECIDE} {}", one_line(basis));
    }
    let (name, place) = (quoted(&draft.alias.name), quoted(&draft.alias.place));
    let _ = write!(out, "[[alias]]\nname = {name}\nplace = {place}\n");
}

/// `actors.toml`.
pub(super) fn actors(sides: &[Side], request: &ScaffoldRequest<'_>, state: &str) -> String {
    let words: Vec<&str> = Family::GENERAL.iter().map(|(word, _)| *word).collect();
    let mut out = format!(
        "# Organisations, those with most deaths in their events first. A family is what deaths are summed by: one of\n\
         # {},\n\
         # or one of the case's own:\n#   [[family]]\n#   id = \"a-word\"\n#   title = \"What charts call it\"\n\
         # An organisation that has a number for a name is called after a person in the source, or may be: its\n\
         # own name, if it goes by one, stands under the number at https://ucdp.uu.se/actor/NUMBER.\n",
        words.join(", ")
    );
    if !sides.iter().any(|side| side.id == state) {
        let name = format!("Government of {}", request.country.name);
        let _ = write!(
            out,
            "\n# The file names no side of this name.\n[[actor]]\nid = {}\nname = {}\nkind = \"state\"\nfamily = \"state\"\n\
             cite = \"The country's own state\"\n",
            quoted(state),
            quoted(&name)
        );
    }
    sides.iter().for_each(|side| one_side(&mut out, side));
    out
}

fn one_side(out: &mut String, side: &Side) {
    let types: Vec<String> = side.violence.iter().map(u8::to_string).collect();
    let known = format!("{}, types of violence {}", counted(&side.tally), types.join(" and "));
    let _ = write!(out, "\n# {known}\n");
    if side.state.is_none() {
        if side.name.is_none() {
            let _ = writeln!(
                out,
                "{DECIDE} name, the one that the organisation goes by, never that of a person"
            );
        }
        let _ = writeln!(out, "{DECIDE} kind and family");
    }
    let is_state = side.state.is_some();
    let (kind, family) =
        if is_state { ("state", "state") } else { ("armed-organisation", "unknown") };
    let _ = write!(
        out,
        "[[actor]]\nid = {}\nname = {}\nkind = \"{kind}\"\nfamily = \"{family}\"\n",
        quoted(&side.id),
        quoted(&side.label())
    );
    if let Some(number) = side.number {
        let _ = writeln!(out, "ucdp_ids = [{number}]");
    }
    if let Some(name) = &side.name {
        let _ = writeln!(out, "ucdp_names = [{}]", quoted(name));
    }
    let cite = side.number.map_or_else(
        || "UCDP GED, which gives no number in this file".to_owned(),
        |number| format!("UCDP GED, actor {number}"),
    );
    let _ = writeln!(out, "cite = {}", quoted(&cite));
}

/// Events, deaths and years in words.
fn counted(tally: &Tally) -> String {
    let years = tally.years().map_or_else(String::new, |[first, last]| {
        if first == last { format!(", {first}") } else { format!(", {first} to {last}") }
    });
    format!("{} events, {} deaths{years}", tally.events, tally.deaths)
}

/// `README.md`, with the list of families to decide.
pub(super) fn readme(
    request: &ScaffoldRequest<'_>,
    draft: &Draft,
    sides: &[Side],
    placed: &str,
) -> String {
    let country = request.country.name;
    let borders = request.boundaries_file.map_or_else(
        || "names and coordinates of the same file".to_owned(),
        |file| format!("borders of {file}"),
    );
    let mut out = format!(
        "# The case of {country}\n\nPlaces, organisations and the names that sources have for both, made by `sanad case new`\n\
         from {} and the {borders}. {placed}\n\n\
         ## What is left to decide\n\nEvery line of the files that begins with `{DECIDE}` is a choice. \
         The reference of cases explains the fields.\n\n",
        request.ged_file
    );
    for undecided in &draft.undecided {
        let _ = writeln!(out, "- {}", one_line(undecided));
    }
    out.push_str(
        "\n### Families\n\nWhat is known of each organisation. `actors.toml` counts all but states as `unknown`.\n\n\
         | organisation | UCDP's number | events | deaths | years |\n| --- | --: | --: | --: | --- |\n",
    );
    for side in sides.iter().filter(|side| side.state.is_none()) {
        let number = side.number.map_or_else(String::new, |number| number.to_string());
        let years =
            side.tally.years().map_or_else(String::new, |[first, last]| format!("{first}–{last}"));
        let label = side.label().replace('|', "/");
        let _ = writeln!(
            out,
            "| {label} | {number} | {} | {} | {years} |",
            side.tally.events, side.tally.deaths
        );
    }
    out
}

/// `LICENSE.md`.
pub(super) fn licence(request: &ScaffoldRequest<'_>) -> String {
    let data_set = ged::FORMAT.publication;
    let mut out = format!(
        "# Licences of the case of {}\n\nWhat is written here stays under the licence of whoever writes it. What is taken from others stays\n\
         under theirs:\n\n| source | what is taken | licence | attribution |\n| --- | --- | --- | --- |\n\
         | `ucdp-ged` | counts per place, month, type of violence and sides; spellings of places, their points, names and numbers of organisations | {} | {}; Uppsala Conflict \
         Data Program, <https://ucdp.uu.se/> |\n",
        request.country.name,
        data_set.licence,
        ged::citation(request.version)
    );
    if let Some(file) = request.boundaries_file {
        let _ = writeln!(
            out,
            "| `boundaries` | codes, names and points of places | not stated | {file}: to be completed |"
        );
    }
    out.push_str("\nNo row, headline, article or border of a source is here.\n");
    out
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    Value::String(one_line(text)).to_string()
}

/// A text on one line, without what a terminal or an editor would obey.
fn one_line(text: &str) -> String {
    let clean = |letter: char| if sanad_core::escape::is_hidden(letter) { ' ' } else { letter };
    text.chars().map(clean).collect()
}
