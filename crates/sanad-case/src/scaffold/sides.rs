//! The organisations that a file of events names, under names that cannot be a person's.

use std::collections::{BTreeMap, BTreeSet};

use sanad_core::country::Country;
use sanad_core::event::Events;
use sanad_core::side::is_impersonal;

use super::names::{SourceNames, Tally};
use super::spelling::{plain, slug, without_accents};

/// Words that organisations have in their names and persons do not, in small letters without accents.
const ORGANISATION_WORDS: [&str; 104] = [
    "action",
    "african",
    "alliance",
    "anti",
    "arab",
    "armed",
    "army",
    "autonomous",
    "autonomy",
    "battalion",
    "bloc",
    "block",
    "brigade",
    "brigades",
    "cartel",
    "christian",
    "christians",
    "civil",
    "coalition",
    "combatant",
    "command",
    "committee",
    "communist",
    "community",
    "congress",
    "coordination",
    "corps",
    "council",
    "defence",
    "defense",
    "democracy",
    "democratic",
    "eagles",
    "emirate",
    "farmers",
    "federal",
    "federation",
    "fighters",
    "forces",
    "free",
    "freedom",
    "front",
    "guard",
    "guards",
    "herders",
    "hindus",
    "independence",
    "independent",
    "indigenous",
    "insurgents",
    "islamic",
    "jihad",
    "joint",
    "justice",
    "land",
    "league",
    "leninist",
    "liberation",
    "lions",
    "local",
    "maoist",
    "marxist",
    "military",
    "militia",
    "militias",
    "mobilization",
    "movement",
    "muslim",
    "muslims",
    "national",
    "nationalist",
    "new",
    "northern",
    "organisation",
    "organization",
    "party",
    "patriotic",
    "patriots",
    "peasant",
    "people",
    "peoples",
    "popular",
    "progressive",
    "rebels",
    "renewal",
    "republic",
    "republican",
    "resistance",
    "revolution",
    "revolutionary",
    "self",
    "socialist",
    "southern",
    "state",
    "students",
    "sultanate",
    "supreme",
    "tigers",
    "union",
    "united",
    "unity",
    "vigilantes",
    "workers",
    "youth",
];

/// Words that join others.
const JOINING_WORDS: [&str; 14] =
    ["a", "and", "by", "de", "del", "der", "du", "for", "in", "la", "of", "s", "the", "to"];

/// Words before or after the name of a person or family, in small letters: a name with one of them is
/// kept only where no other word is that of a place.
const PERSONAL_WORDS: [&str; 14] = [
    "brothers",
    "clan",
    "faction",
    "family",
    "followers",
    "forces",
    "gang",
    "group",
    "militia",
    "militias",
    "network",
    "supporters",
    "tribe",
    "wing",
];

/// Words for people who are no organisation.
const NOBODY: [&str; 3] = ["civilians", "protesters", "rioters"];

/// A side of events.
#[derive(Debug, Clone)]
pub(super) struct Side {
    /// UCDP's number of it; nothing where the file has none.
    pub(super) number: Option<i64>,
    /// Its name, where that cannot be a person's.
    pub(super) name: Option<String>,
    pub(super) tally: Tally,
    /// UCDP's types of violence that it took part in.
    pub(super) violence: BTreeSet<u8>,
    /// The state whose government it is.
    pub(super) state: Option<Country>,
    /// A word for files.
    pub(super) id: String,
}

impl Side {
    /// The name for people: its own, else its number.
    pub(super) fn label(&self) -> String {
        match (&self.name, self.number) {
            (Some(name), _) => name.clone(),
            (None, Some(number)) => format!("UCDP actor {number}"),
            (None, None) => format!("Organisation {}", self.id.trim_start_matches("side-")),
        }
    }
}

/// What tells sides apart: UCDP's number, or the name where there is none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Number(i64),
    Name(String),
}

/// Deaths by spelling, the side's sums, and the types of violence that it took part in.
type FoundSide<'a> = (BTreeMap<&'a str, i64>, Tally, BTreeSet<u8>);

/// The sides of the events of a country, those with most deaths first; civilians are none.
pub(super) fn sides(events: &Events, gwno: i32, places: &SourceNames) -> Vec<Side> {
    let mut found: BTreeMap<Key, FoundSide<'_>> = BTreeMap::new();
    for index in (0..events.len()).filter(|index| events.country_id[*index] == gwno) {
        let pairs = [
            (events.side_a_id[index], events.side_a.get(index).trim()),
            (events.side_b_id[index], events.side_b.get(index).trim()),
        ];
        for (number, name) in pairs {
            let bare = name.split_once('(').map_or(name, |(bare, _)| bare).trim().to_lowercase();
            if NOBODY.contains(&bare.as_str()) || (number < 0 && name.is_empty()) {
                continue;
            }
            let key = if number < 0 { Key::Name(name.to_owned()) } else { Key::Number(number) };
            let (names, tally, violence) = found.entry(key).or_default();
            *names.entry(name).or_default() += 1;
            tally.add(events, index);
            violence.insert(events.violence[index]);
        }
    }
    let mut sides: Vec<Side> = found
        .into_iter()
        .map(|(key, (names, tally, violence))| {
            let name = names.iter().rev().max_by_key(|(_, events)| **events);
            let name = name.map_or("", |(name, _)| *name);
            let number = if let Key::Number(number) = key { Some(number) } else { None };
            let state = name.strip_prefix("Government of ").and_then(Country::of_name);
            let kept = is_no_person(name, places).then(|| name.to_owned());
            Side { number, name: kept, tally, violence, state, id: String::new() }
        })
        .collect();
    sides.sort_by_key(|side| core::cmp::Reverse((side.tally.deaths, side.tally.events)));
    name_ids(&mut sides);
    sides
}

/// Gives each side a word of its own.
fn name_ids(sides: &mut [Side]) {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for (position, side) in sides.iter_mut().enumerate() {
        let wanted = match (&side.state, &side.name, side.number) {
            (Some(country), ..) => format!("gov-{}", country.iso3.to_lowercase()),
            (None, Some(name), _) => slug(name),
            (None, None, Some(number)) => format!("ucdp-{number}"),
            (None, None, None) => format!("side-{}", position + 1),
        };
        let (mut id, mut number) = (wanted.clone(), 2);
        while !taken.insert(id.clone()) {
            id = format!("{wanted}-{number}");
            number += 1;
        }
        side.id = id;
    }
}

/// Whether a name cannot be a person's: an organ of a state, letters, or words that only organisations,
/// countries and provinces have.
fn is_no_person(name: &str, places: &SourceNames) -> bool {
    if name.is_empty() || is_impersonal(name) {
        return !name.is_empty();
    }
    let words: Vec<&str> = name
        .split(|letter: char| !(letter.is_alphanumeric() || letter == '\'' || letter == '’'))
        .filter(|word| !word.is_empty())
        .collect();
    let small: Vec<String> =
        words.iter().map(|word| without_accents(word).to_lowercase()).collect();
    let is_personal = small.iter().any(|word| PERSONAL_WORDS.contains(&word.as_str()));
    let is_known = |word: &String| {
        let bare = word.trim_end_matches("'s").trim_matches('\'');
        ORGANISATION_WORDS.contains(&bare) || JOINING_WORDS.contains(&bare)
    };
    let is_place = |word: &str| {
        !is_personal
            && (places.provinces.contains_key(&plain(word)) || Country::of_name(word).is_some())
    };
    let mut pairs = words.iter().zip(&small);
    let is_joined = |word: &str| name.contains(&format!("-{word}"));
    let each = pairs.all(|(word, small)| {
        is_letters(word)
            || is_known(small)
            || is_place(word)
            || (word.len() == 1 && is_joined(word) && word.chars().all(char::is_uppercase))
    });
    each && small.iter().any(|word| !JOINING_WORDS.contains(&word.as_str()))
}

/// Whether a word is made of the first letters of others, such as an abbreviation of an organisation.
fn is_letters(word: &str) -> bool {
    let capitals = word.chars().filter(|letter| letter.is_uppercase()).count();
    let small = word.chars().filter(|letter| letter.is_lowercase()).count();
    capitals >= 2 && (small == 0 || word.chars().count() <= 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_cannot_be_a_persons_are_kept() {
        let mut places = SourceNames::default();
        places.provinces.insert("river".to_owned(), super::super::names::Named::default());
        for name in [
            "ABC",
            "ABC-K",
            "ABC - NM",
            "LeT",
            "Government of Mali",
            "Sultanate of River",
            "National Liberation Army",
            "People's Front",
            "Muslims (Mali)",
        ] {
            assert!(is_no_person(name, &places), "{name}");
        }
        for name in [
            "Forces of Jane Roe",
            "Roe group",
            "River clan",
            "Military faction (forces of Roe & Doe)",
            "Jane Roe",
            "J. Roe",
            "Roe",
            "Doe Liberation Army",
            "Supporters of ABC Doe",
        ] {
            assert!(!is_no_person(name, &places), "{name}");
        }
    }
}
