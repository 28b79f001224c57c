//! `codebook.toml`: the frames, audiences and outlets that statements are coded with.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::position;
use crate::error::{Contradiction, Error, Result};

const DOCUMENT: &str = "codebook.toml";

/// A codebook.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Codebook {
    /// What a message may say.
    #[serde(rename = "frame")]
    pub frames: Vec<Code>,
    /// Whom it may speak to.
    #[serde(rename = "audience", default)]
    pub audiences: Vec<Code>,
    /// Through what it may be made public.
    #[serde(rename = "outlet", default)]
    pub outlets: Vec<Code>,
}

/// What a code stands for among the measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measured {
    /// Delegitimisation of rivals.
    Rivals,
    /// Outreach to women.
    Women,
}

/// One code.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// Slug under which it is coded.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// What it means.
    pub definition: String,
    /// What belongs to it.
    pub includes: String,
    /// What does not.
    pub excludes: String,
    /// A neutral example in the case's own words.
    pub example: String,
    /// Other names under which records of the case carry it.
    #[serde(default)]
    pub also: Vec<String>,
    /// The measure it counts in, if any.
    #[serde(default)]
    pub measures: Option<Measured>,
}

impl Codebook {
    /// The frame that a record's word for a frame means.
    #[must_use]
    pub fn frame(&self, word: &str) -> Option<usize> {
        find(&self.frames, word)
    }

    /// The audience that a record's word for an audience means.
    #[must_use]
    pub fn audience(&self, word: &str) -> Option<usize> {
        find(&self.audiences, word)
    }
}

fn find(codes: &[Code], word: &str) -> Option<usize> {
    let by_id = codes.iter().position(|code| code.id == word);
    by_id.or_else(|| codes.iter().position(|code| code.also.iter().any(|also| also == word)))
}

/// Reads `codebook.toml`.
///
/// # Errors
///
/// [`Error::Toml`] with line and field; [`Error::Contradiction`] for a name that two codes of one
/// list carry, or an empty rule.
pub fn read_codebook(text: &str) -> Result<Codebook> {
    let codebook: Codebook = position::parse(DOCUMENT, text)?;
    let lists = [&codebook.frames, &codebook.audiences, &codebook.outlets];
    let fault = lists.into_iter().find_map(|list| fault(list));
    match fault {
        None => Ok(codebook),
        Some((entry, problem)) => {
            let at = text.find(&format!("id = \"{entry}\""));
            let line = at.map_or(1, |at| position::line(text, at));
            Err(Error::Contradiction { document: DOCUMENT, line, problem })
        }
    }
}

fn fault(codes: &[Code]) -> Option<(String, Contradiction)> {
    let mut seen = BTreeSet::new();
    for code in codes {
        let rules = [&code.title, &code.definition, &code.includes, &code.excludes, &code.example];
        if rules.iter().any(|rule| rule.trim().is_empty()) {
            let (entry, wrong) = (code.id.clone(), "a rule is empty");
            return Some((entry.clone(), Contradiction::Untestable { entry, wrong }));
        }
        for name in core::iter::once(&code.id).chain(&code.also) {
            if !seen.insert(name.clone()) {
                let id = name.clone();
                return Some((code.id.clone(), Contradiction::Twice { kind: "code", id }));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
[[frame]]
id = "a"
title = "A"
definition = "D."
includes = "I."
excludes = "E."
example = "X."
also = ["b"]
measures = "women"

[[frame]]
id = "c"
title = "C"
definition = "D."
includes = "I."
excludes = "E."
example = "X."
"#;

    #[test]
    fn a_frame_is_found_by_its_names_and_faults_are_told() {
        let read = read_codebook(TEXT).unwrap();
        assert_eq!((read.frame("b"), read.frame("c"), read.frame("d")), (Some(0), Some(1), None));
        let refused = |from: &str, to: &str| {
            read_codebook(&TEXT.replacen(from, to, 1)).unwrap_err().to_string()
        };
        assert!(refused("id = \"c\"", "id = \"b\"").contains("twice"));
        assert!(refused("includes = \"I.\"", "includes = \" \"").contains("a rule is empty"));
        assert!(refused("example", "quotation").contains("quotation"));
        assert!(refused("\"women\"", "\"men\"").contains("codebook.toml line"));
    }
}
