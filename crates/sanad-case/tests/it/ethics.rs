//! The rules of `ETHICS.md` that a machine can hold, over every case in `cases/`.
#![allow(clippy::disallowed_methods)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use sanad_case::{Case, Document, read_case};
use sanad_core::actor::ActorKind;
use toml::{Table, Value};

/// The longest summary, in characters: one line, too short for a quotation.
const SUMMARY_CHARS: usize = 180;
/// The longest note, in characters.
const NOTE_CHARS: usize = 240;

/// Fields that would hold what this project does not keep: words of others, ways to reach them,
/// and persons.
const BANNED_FIELDS: [&str; 26] = [
    "address",
    "article",
    "author",
    "birth",
    "body",
    "channel",
    "commander",
    "content",
    "email",
    "handle",
    "headline",
    "leader",
    "link",
    "message",
    "perpetrator",
    "person",
    "persons",
    "phone",
    "quotation",
    "quote",
    "slogan",
    "suspect",
    "text",
    "transcript",
    "url",
    "victim",
];

/// Parts of words that take sides, make heroes or deny that somebody is human. A name in law, such
/// as "foreign terrorist organisation", is taken out before looking.
const LOADED: [&str; 24] = [
    "barbar",
    "brave",
    "butcher",
    "cowardly",
    "eliminat",
    "evil",
    "heinous",
    "hero",
    "infest",
    "jihadi",
    "liquidat",
    "martyr",
    "massacre",
    "militant den",
    "miscreant",
    "neutralis",
    "neutraliz",
    "radicals",
    "regime",
    "savage",
    "slaughter",
    "so-called",
    "terrorist",
    "vermin",
];
const NAMES_IN_LAW: [&str; 1] = ["foreign terrorist organisation"];

/// A label that one side puts on another is told as a label.
const LABELS: [&str; 3] = ["khawarij", "hindustan", "apostate"];

/// Capitalised words of the cases that are no place or organisation in their lists. A word that is
/// not here turns the test red: add it when it names anything but a person. Persons are not named;
/// were an office-holder ever to be, the name would stand here with the office as a comment.
const PROPER_WORDS: &str = "
    Act Amendment Constitution Eighteenth Governance Empowerment Order Self Treaty Plan Operation
    AB COD GED UCDP Dawn News
    January February March April May June July August September October November December
    American Balochi Chinese Indian Iranian Muslim Muslims Pashto Punjabi Punjabis Urdu
    Darazinda Dasu Europe Gaza Keamari Hassan Bettani Indus Moscow Pahalgam Turkey Waters
    Colombia Kabul Philippines Syria Vietnam Access Now
    World Bank National Nutrition Survey Assembly Senate AI
    Afghans Indians Nepali Khost Paktika Torkham Wana Twenty
    Autonomous Democratic Marawi
    God Line Control Azb Zarb Sabaoon Sarbakaf Sindoor Fitna Hindustan Khawarij Pass Public School";

/// First words of sentences that the texts do not hold in small letters elsewhere.
const FIRST_WORDS: &str = "
    Articles Competition Complaints Conflicts Criticism Descriptions Excerpts Immunisation Mention
    Orders Poverty Republication Returns Soldiers Warnings
    Acknowledging Blaming Broad Budgets Carried Clearing Coded Estimates Everybody Guarding Hostility
    Incidents Mergers Real Rebels Successful Votes Want Worse Coordinators Exchanges Formerly Intergovernmental Largest Length
    Strength Switch Ordered Paramilitary Negotiations Opposition Peace Protesters Responsibility Selective
    Accusations Authentic Bottlenecks Conditions Counting Denial Denials Edited Enrolment Excesses Fuel Habits
    Investment Ordinary Recoveries Regret Seizures Seven Six";

struct CaseFiles {
    folder: PathBuf,
    case: Case,
}

fn cases() -> Vec<CaseFiles> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../cases");
    let mut found: Vec<CaseFiles> = fs::read_dir(&root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|folder| folder.join("case.toml").is_file())
        .map(|folder| {
            let case = read_case(&read(&folder.join("case.toml"))).unwrap();
            CaseFiles { folder, case }
        })
        .collect();
    found.sort_by(|one, other| one.folder.cmp(&other.folder));
    assert!(!found.is_empty(), "no case in {}", root.display());
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

impl CaseFiles {
    fn table(&self, name: &str) -> Table {
        read(&self.folder.join(name)).parse().unwrap()
    }

    /// Entries of the chronicle, with the name of their list.
    fn chronicle(&self) -> Vec<(String, Table)> {
        self.case.chronicle.iter().flat_map(|name| entries(&self.table(name))).collect()
    }

    /// Entries of every hand-written list: chronicle, actors, places, claims.
    fn all(&self) -> Vec<(String, Table)> {
        let mut lists = vec![&self.case.places, &self.case.actors];
        let written = [
            Document::Claims,
            Document::Codebook,
            Document::Cycle,
            Document::Priors,
            Document::Levers,
            Document::Scenarios,
            Document::Benchmarks,
        ];
        lists.extend(written.iter().filter_map(|kind| self.case.files.get(kind)));
        lists.extend(&self.case.indicators);
        let listed = lists.into_iter().flat_map(|name| entries(&self.table(name)));
        self.chronicle().into_iter().chain(listed).chain(self.model()).collect()
    }

    /// What the model says of its variables, each as an entry.
    fn model(&self) -> Vec<(String, Table)> {
        let Some(file) = self.case.files.get(&Document::Model) else { return Vec::new() };
        let text = read(&self.folder.join(file));
        let variable = |part: &str| {
            let name = part.split('"').next()?.to_owned();
            let (_, doc) = part.split_once("<doc>")?;
            let note = doc.split("</doc>").next()?.to_owned();
            let entry = [("name", name), ("note", note)];
            let entry = entry.map(|(field, text)| (field.to_owned(), Value::String(text)));
            Some(("variable".to_owned(), entry.into_iter().collect()))
        };
        let parts = text.split(" name=\"").skip(1);
        parts.filter_map(variable).collect()
    }
}

fn entries(file: &Table) -> Vec<(String, Table)> {
    // What is no list of entries is a setting of the whole file: a day, a number, a few words.
    let lists = file.iter().filter_map(|(kind, list)| Some((kind, list.as_array()?)));
    let each = lists.flat_map(|(kind, list)| {
        list.iter().filter_map(move |entry| Some((kind.clone(), entry.as_table()?.clone())))
    });
    each.collect()
}

fn name(entry: &Table) -> &str {
    ["id", "name"].into_iter().find_map(|field| entry.get(field)?.as_str()).unwrap_or("?")
}

/// The texts of an entry, field by field, lists item by item.
fn texts(entry: &Table) -> Vec<(&str, &str)> {
    fn of<'a>(field: &'a str, value: &'a Value, found: &mut Vec<(&'a str, &'a str)>) {
        match value {
            Value::String(text) => found.push((field, text)),
            Value::Array(items) => items.iter().for_each(|item| of(field, item, found)),
            Value::Table(inner) => inner.iter().for_each(|(field, item)| of(field, item, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    entry.iter().for_each(|(field, value)| of(field, value, &mut found));
    found
}

fn fields(entry: &Table) -> Vec<&str> {
    let inner = entry.values().filter_map(Value::as_table).flat_map(Table::keys);
    entry.keys().chain(inner).map(String::as_str).collect()
}

/// Fields that hold sentences of ours.
const PROSE: [&str; 12] = [
    "definition",
    "example",
    "excludes",
    "found",
    "includes",
    "limits",
    "mechanism",
    "needs",
    "note",
    "reason",
    "summary",
    "wording",
];

fn prose(entry: &Table) -> impl Iterator<Item = &str> {
    texts(entry).into_iter().filter(|(field, _)| PROSE.contains(field)).map(|(_, text)| text)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// All remarks at once, so that a writer sees everything that is to be changed.
fn none(diagnostics: &[String]) {
    assert!(diagnostics.is_empty(), "{} remarks:\n{}", diagnostics.len(), diagnostics.join("\n"));
}

#[test]
fn no_field_holds_words_of_others_or_a_person() {
    let mut diagnostics = Vec::new();
    for (kind, entry) in cases().iter().flat_map(CaseFiles::all) {
        for field in fields(&entry) {
            if BANNED_FIELDS.contains(&field) {
                diagnostics.push(format!("{kind} {}: field {field}", name(&entry)));
            }
        }
    }
    none(&diagnostics);
}

#[test]
fn no_kind_of_actor_is_a_person() {
    for kind in ActorKind::ALL {
        let word = kind.as_str();
        assert!(!["person", "leader", "individual", "commander"].contains(&word), "{word}");
    }
}

#[test]
fn summaries_are_one_short_line_without_quotation() {
    let mut diagnostics = Vec::new();
    for (kind, entry) in cases().iter().flat_map(CaseFiles::chronicle) {
        let Some(summary) = entry.get("summary").and_then(Value::as_str) else {
            diagnostics.push(format!("{kind} {}: no summary", name(&entry)));
            continue;
        };
        diagnostics.extend(
            form(summary, SUMMARY_CHARS)
                .map(|fault| format!("{kind} {}: {fault}: {summary}", name(&entry))),
        );
        let note = entry.get("note").and_then(Value::as_str).unwrap_or("As told.");
        diagnostics.extend(
            form(note, NOTE_CHARS).map(|fault| format!("{kind} {}: note {fault}", name(&entry))),
        );
    }
    none(&diagnostics);
}

#[test]
fn claims_are_worded_in_short_sentences_without_quotation() {
    let mut diagnostics = Vec::new();
    for (kind, entry) in cases().iter().flat_map(CaseFiles::all).filter(|(kind, _)| kind == "claim")
    {
        for text in prose(&entry) {
            let fault = form(text, NOTE_CHARS);
            diagnostics
                .extend(fault.map(|fault| format!("{kind} {}: {fault}: {text}", name(&entry))));
        }
    }
    none(&diagnostics);
}

#[test]
fn every_claim_names_its_paragraphs_and_evidence_its_work() {
    let mut diagnostics = Vec::new();
    for case in cases() {
        let text = case.case.text.as_ref();
        let last = text.map_or([0, 0], |text| [text.paragraphs, text.footnotes].map(i64::from));
        let claims = case.all().into_iter().filter(|(kind, _)| kind == "claim");
        for (_, claim) in claims {
            let numbers = |field: &str| -> Vec<i64> {
                let list = claim.get(field).and_then(Value::as_array);
                list.into_iter().flatten().filter_map(Value::as_integer).collect()
            };
            for (field, last) in [("paragraphs", last[0]), ("footnotes", last[1])] {
                if numbers(field).iter().any(|number| !(1..=last).contains(number)) {
                    diagnostics.push(format!("{}: {field} the text does not have", name(&claim)));
                }
            }
            if numbers("paragraphs").is_empty() {
                diagnostics.push(format!("{}: no paragraph", name(&claim)));
            }
            let prior = claim.get("prior").and_then(Value::as_array).into_iter().flatten();
            if prior.filter_map(Value::as_table).any(|one| !has(one, "cite") || !has(one, "found"))
            {
                diagnostics.push(format!("{}: evidence without its work", name(&claim)));
            }
        }
    }
    none(&diagnostics);
}

/// What is wrong with the form of a text of ours, if anything.
fn form(text: &str, limit: usize) -> Option<&'static str> {
    if text.chars().count() > limit {
        Some("too long")
    } else if text.contains('\n') {
        Some("more than one line")
    } else if text.contains(['"', '“', '”', '„', '«', '»', '‹', '›', '‘', '「', '」'])
    {
        Some("a quotation")
    } else if text.contains('!') {
        Some("an exclamation")
    } else if !text.ends_with('.') {
        Some("no full stop")
    } else {
        None
    }
}

#[test]
fn nothing_leads_to_an_outlet_or_account() {
    let mut diagnostics = Vec::new();
    for (kind, entry) in cases().iter().flat_map(CaseFiles::all) {
        for (field, text) in texts(&entry) {
            let lower = text.to_lowercase();
            let found = ["http", "www.", "t.me", ".onion", "://", "@"];
            if let Some(way) = found.into_iter().find(|way| lower.contains(way)) {
                diagnostics.push(format!("{kind} {}: {field} holds {way}", name(&entry)));
            }
        }
    }
    none(&diagnostics);
}

#[test]
fn wording_takes_no_side() {
    let mut diagnostics = Vec::new();
    for (kind, entry) in cases().iter().flat_map(CaseFiles::all) {
        let own = |field: &str| {
            PROSE.contains(&field) || ["name", "short", "title", "delay"].contains(&field)
        };
        for (field, text) in texts(&entry).into_iter().filter(|(field, _)| own(field)) {
            if let Some(word) = loaded(text) {
                diagnostics.push(format!("{kind} {}: {field} says {word:?}", name(&entry)));
            }
            let lower = text.to_lowercase();
            if LABELS.iter().any(|label| lower.contains(label)) && !lower.contains("label") {
                diagnostics
                    .push(format!("{kind} {}: {field} uses a label as a name", name(&entry)));
            }
        }
    }
    for case in cases() {
        let Some(model) = case.case.files.get(&Document::Model) else { continue };
        if let Some(word) = loaded(&read(&case.folder.join(model))) {
            diagnostics.push(format!("{model}: says {word:?}"));
        }
    }
    none(&diagnostics);
}

fn loaded(text: &str) -> Option<&'static str> {
    let mut lower = text.to_lowercase();
    for term in NAMES_IN_LAW {
        lower = lower.replace(term, "");
    }
    LOADED.into_iter().find(|part| {
        let mut from = lower.match_indices(part);
        from.any(|(at, _)| !lower[..at].chars().next_back().is_some_and(char::is_alphabetic))
    })
}

#[test]
fn no_person_is_named() {
    let mut diagnostics = BTreeSet::new();
    for case in cases() {
        let all = case.all();
        let mut known = listed_words(&all);
        known.extend(words(PROPER_WORDS).map(str::to_owned));
        let ordinary = ordinary_words(&case, &all);
        for (kind, entry) in &all {
            for word in prose(entry).flat_map(|text| unknown_names(text, &known, &ordinary)) {
                diagnostics.insert(format!("{kind} {}: who or what is {word}?", name(entry)));
            }
        }
    }
    none(&diagnostics.into_iter().collect::<Vec<_>>());
}

/// Capitalised words that are neither known names nor an ordinary word at the start of a sentence.
fn unknown_names<'t>(
    text: &'t str,
    known: &BTreeSet<String>,
    ordinary: &BTreeSet<String>,
) -> Vec<&'t str> {
    let sentences = text.split_inclusive(['.', ':', ';']);
    let placed = sentences.flat_map(|sentence| words(sentence).enumerate());
    let capitalised = placed.filter(|(_, word)| word.starts_with(char::is_uppercase));
    let unknown = capitalised.filter(|&(at, word)| {
        let starts = at == 0 && ordinary.contains(&word.to_lowercase());
        !starts && !known.contains(word)
    });
    unknown.map(|(_, word)| word).collect()
}

/// Words of the names of places and organisations.
fn listed_words(all: &[(String, Table)]) -> BTreeSet<String> {
    let lists = all.iter().filter(|(kind, _)| ["place", "alias", "actor"].contains(&kind.as_str()));
    let named = ["name", "short", "aliases", "ucdp_names"];
    let names =
        lists.flat_map(|(_, entry)| texts(entry)).filter(|(field, _)| named.contains(field));
    names.flat_map(|(_, text)| words(text).map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// Words that stand somewhere in small letters, so that a capital at the start means nothing.
fn ordinary_words(case: &CaseFiles, all: &[(String, Table)]) -> BTreeSet<String> {
    let small = |text: &str| -> Vec<String> {
        words(text).filter(|w| w.starts_with(char::is_lowercase)).map(str::to_owned).collect()
    };
    let mut found: BTreeSet<String> = all
        .iter()
        .flat_map(|(_, entry)| prose(entry).flat_map(small).collect::<Vec<_>>())
        .chain(words(FIRST_WORDS).map(str::to_lowercase))
        .collect();
    for page in [case.folder.join("README.md"), case.folder.join("../README.md")] {
        found.extend(small(&read(&page)));
    }
    found
}

#[test]
fn every_entry_says_where_it_comes_from() {
    let mut diagnostics = Vec::new();
    for case in cases() {
        let last = case.case.text.as_ref().map_or(0, |text| i64::from(text.paragraphs));
        for (kind, entry) in case.chronicle() {
            let paragraph = entry.get("paragraph").and_then(Value::as_integer).unwrap_or(0);
            let described = (1..=last).contains(&paragraph);
            if !described && !has(&entry, "cite") {
                diagnostics.push(format!("{kind} {}: neither paragraph nor cite", name(&entry)));
            }
        }
        let actors = entries(&case.table(&case.case.actors));
        for (kind, entry) in actors.into_iter().filter(|(kind, _)| kind != "family") {
            if !has(&entry, "paragraphs") && !has(&entry, "cite") {
                diagnostics.push(format!("{kind} {}: neither paragraphs nor cite", name(&entry)));
            }
        }
    }
    none(&diagnostics);
}

/// The names that a `cite` gives after "source", in brackets.
fn named_sources(cite: &str) -> impl Iterator<Item = &str> {
    let brackets = cite.split("(source ").skip(1).filter_map(|rest| rest.split(')').next());
    brackets.flat_map(|names| names.split(", "))
}

#[test]
fn a_source_that_a_cite_names_has_its_address_and_none_stands_there_unused() {
    let mut diagnostics = Vec::new();
    for case in cases() {
        let page = fs::read_to_string(case.folder.join("SOURCES.md")).unwrap_or_default();
        let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
        let listed: BTreeMap<&str, &str> = rows.collect();
        let all = case.all();
        let cites = all.iter().flat_map(|(_, entry)| texts(entry));
        let named: BTreeSet<&str> = cites
            .filter(|(field, _)| *field == "cite")
            .flat_map(|(_, text)| named_sources(text))
            .collect();
        for source in &named {
            if !listed.get(source).is_some_and(|row| row.contains("<http")) {
                diagnostics.push(format!("{source}: no address in SOURCES.md"));
            }
        }
        let unused = listed.keys().filter(|source| !named.contains(*source));
        diagnostics.extend(unused.map(|source| format!("{source}: in SOURCES.md and in no cite")));
    }
    none(&diagnostics);
}

fn has(entry: &Table, field: &str) -> bool {
    match entry.get(field) {
        Some(Value::String(text)) => !text.trim().is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        _ => false,
    }
}

#[test]
fn the_licence_of_every_source_is_shipped_with_the_case() {
    let mut diagnostics = Vec::new();
    for case in cases() {
        let notice = read(&case.folder.join("LICENSE.md"));
        let cards = case.case.figures.iter().map(|figure| case.table(&figure.card));
        let cards = cards.map(|card| {
            let field = |name: &str| card[name].as_str().unwrap().to_owned();
            (field("id"), field("licence"), field("citation"), field("url"))
        });
        let references = case.case.references.iter().map(|reference| {
            (
                reference.id.clone(),
                reference.licence.clone(),
                reference.citation.clone(),
                reference.url.clone(),
            )
        });
        for (id, licence, citation, url) in references.chain(cards) {
            if [&licence, &citation, &url].iter().any(|text| text.trim().is_empty()) {
                diagnostics.push(format!("{id}: licence, citation or url is empty"));
            }
            if !notice.contains(&format!("`{id}`")) || !notice.contains(&licence) {
                diagnostics.push(format!("{id}: not in LICENSE.md with its licence {licence}"));
            }
        }
    }
    none(&diagnostics);
}

#[test]
fn nothing_but_lists_cards_and_counts_is_shipped() {
    let mut diagnostics = Vec::new();
    for case in cases() {
        let figures: BTreeSet<&str> =
            case.case.figures.iter().map(|figure| figure.file.as_str()).collect();
        for entry in fs::read_dir(&case.folder).unwrap() {
            let file = entry.unwrap().file_name().into_string().unwrap();
            let model = case.case.files.get(&Document::Model) == Some(&file);
            let written = file.ends_with(".toml") || file.ends_with(".md") || model;
            if !written && !figures.contains(file.as_str()) {
                diagnostics.push(format!("{file}: neither written here nor a figure with a card"));
            }
        }
    }
    none(&diagnostics);
}

/// The checks above see what they are there to see.
#[test]
fn a_text_that_breaks_a_rule_is_found() {
    assert_eq!(form("They say \"never\".", 99), Some("a quotation"));
    assert_eq!(form("Victory is near!", 99), Some("an exclamation"));
    assert_eq!(form(&"a".repeat(200), SUMMARY_CHARS), Some("too long"));
    assert_eq!(form("The army strikes.", 99), None);
    let named: Vec<&str> =
        named_sources("Dawn, 2 May 2025 (source one, two); AP (source three)").collect();
    assert_eq!(named, ["one", "two", "three"]);
    assert_eq!(loaded("The heroic army strikes."), Some("hero"));
    assert_eq!(loaded("Terrorists attack."), Some("terrorist"));
    assert_eq!(loaded("It is listed as a foreign terrorist organisation."), None);
    assert_eq!(loaded("Laws against terrorism are applied."), None);
    let known = ["Quetta".to_owned()].into();
    let ordinary = ["the".to_owned()].into();
    let found = |text| unknown_names(text, &known, &ordinary);
    assert_eq!(found("The minister Jane Doe speaks in Quetta."), ["Jane", "Doe"]);
    assert_eq!(found("Doe speaks. The minister answers."), ["Doe"]);
}
