//! The organisations and states of a case.

use std::collections::{BTreeMap, BTreeSet};

use sanad_core::actor::{Actor, Family};
use serde::Deserialize;
use toml::Spanned;

use super::position;
use crate::error::{Contradiction, Error, Result};

const DOCUMENT: &str = "actors.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ActorsDocument {
    #[serde(default)]
    actor: Vec<Spanned<Actor>>,
    #[serde(default)]
    family: Vec<Spanned<DeclaredFamily>>,
}

/// A family of organisations that a case tells apart.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredFamily {
    /// The word that files use.
    pub id: Family,
    /// What charts call it.
    pub title: String,
}

/// Reads `actors.toml`.
///
/// # Errors
///
/// [`Error::Toml`] with line and field; [`Error::Empty`]; [`Error::Contradiction`] when an id is
/// listed twice, two actors have the same UCDP number, an actor ends before it begins, or its family
/// is neither a general one nor declared in the file.
///
/// ```
/// let text = "[[actor]]\nid = \"a\"\nname = \"A\"\nkind = \"movement\"\nfamily = \"political\"";
/// assert_eq!(sanad_case::read_actors(text)?[0].label(), "A");
/// # Ok::<(), sanad_case::Error>(())
/// ```
pub fn read_actors(text: &str) -> Result<Vec<Actor>> {
    let document: ActorsDocument = position::parse(DOCUMENT, text)?;
    let families = families(text, &document.family)?;
    let (mut ids, mut numbers) = (BTreeSet::new(), BTreeMap::new());
    let mut actors = Vec::with_capacity(document.actor.len());
    let lines = position::Lines::new(text);
    for entry in document.actor {
        let line = lines.line(entry.span().start);
        let actor = entry.into_inner();
        check(&actor, &mut ids, &mut numbers)
            .and_then(|()| has_family(&actor, &families))
            .map_err(|problem| Error::Contradiction { document: DOCUMENT, line, problem })?;
        actors.push(actor);
    }
    Ok(actors)
}

/// Reads the families of `actors.toml`: the general ones in their order, under the titles that the
/// file gives them if it does, then those that it declares.
///
/// # Errors
///
/// [`Error::Toml`] with line and field; [`Error::Empty`]; [`Error::Contradiction`] when a family is
/// declared twice.
pub fn read_families(text: &str) -> Result<Vec<DeclaredFamily>> {
    let document: ActorsDocument = position::parse(DOCUMENT, text)?;
    families(text, &document.family)
}

fn families(text: &str, declared: &[Spanned<DeclaredFamily>]) -> Result<Vec<DeclaredFamily>> {
    let general = Family::GENERAL.iter();
    let mut all: Vec<DeclaredFamily> = general
        .map(|(word, title)| DeclaredFamily { id: Family::new(word), title: (*title).to_owned() })
        .collect();
    let mut seen = BTreeSet::new();
    for entry in declared {
        let family = entry.get_ref();
        if !seen.insert(&family.id) {
            let (kind, id) = ("family", family.id.as_str().to_owned());
            return Err(Error::Contradiction {
                document: DOCUMENT,
                line: position::line(text, entry.span().start),
                problem: Contradiction::Twice { kind, id },
            });
        }
        match all.iter_mut().find(|known| known.id == family.id) {
            Some(known) => known.title.clone_from(&family.title),
            None => all.push(family.clone()),
        }
    }
    Ok(all)
}

fn has_family(
    actor: &Actor,
    families: &[DeclaredFamily],
) -> core::result::Result<(), Contradiction> {
    if families.iter().any(|family| family.id == actor.family) {
        return Ok(());
    }
    let (entry, family) = (actor.id.clone(), actor.family.as_str().to_owned());
    Err(Contradiction::Family { entry, family })
}

fn check(
    actor: &Actor,
    ids: &mut BTreeSet<String>,
    numbers: &mut BTreeMap<i64, String>,
) -> core::result::Result<(), Contradiction> {
    let id = || actor.id.clone();
    if !ids.insert(id()) {
        return Err(Contradiction::ActorTwice { id: id() });
    }
    for &number in &actor.ucdp_ids {
        if let Some(first) = numbers.insert(number, id()) {
            return Err(Contradiction::NumberTwice { number, first, second: id() });
        }
    }
    match (actor.from, actor.to) {
        (Some(from), Some(to)) if to.end() < from.start() => {
            Err(Contradiction::ActorBackwards { id: id(), from, to })
        }
        _ => Ok(()),
    }
}
