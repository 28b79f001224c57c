//! The organisations and states of a case.

use std::collections::{BTreeMap, BTreeSet};

use sanad_core::actor::Actor;
use serde::Deserialize;
use toml::Spanned;

use super::position;
use crate::error::{Contradiction, Error, Result};

const DOCUMENT: &str = "actors.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    actor: Vec<Spanned<Actor>>,
}

/// Reads `actors.toml`.
///
/// # Errors
///
/// [`Error::Toml`] with line and field; [`Error::Empty`]; [`Error::Contradiction`] when an id is
/// listed twice, two actors have the same UCDP number, or an actor ends before it begins.
///
/// ```
/// let text = "[[actor]]\nid = \"a\"\nname = \"A\"\nkind = \"movement\"\nfamily = \"political\"";
/// assert_eq!(sanad_case::read_actors(text)?[0].label(), "A");
/// # Ok::<(), sanad_case::Error>(())
/// ```
pub fn read_actors(text: &str) -> Result<Vec<Actor>> {
    let document: Document = position::parse(DOCUMENT, text)?;
    let (mut ids, mut numbers) = (BTreeSet::new(), BTreeMap::new());
    let mut actors = Vec::with_capacity(document.actor.len());
    for entry in document.actor {
        let line = position::line(text, entry.span().start);
        let actor = entry.into_inner();
        check(&actor, &mut ids, &mut numbers).map_err(|problem| Error::Contradiction {
            document: DOCUMENT,
            line,
            problem,
        })?;
        actors.push(actor);
    }
    Ok(actors)
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
