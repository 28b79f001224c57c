//! Which counts of a quarter are shown.
//!
//! # Why nothing small can be recovered
//!
//! Write k for the smallest count shown. Parts are disjoint and every sum that is shown is of one
//! part, so sums of different parts say nothing about each other. Within a part:
//!
//! - *A district that stands alone* has k files or more; nothing small is in it but its breakdowns.
//! - *A rest* of n districts, each with fewer than k files, is shown with its sum S only when
//!   k ≤ S ≤ (n − 1)(k − 1). Then any one district may have any number from 0 to k − 1, because
//!   the n − 1 others can make up what is left, each with fewer than k. Without the upper bound
//!   they could not: two districts with 18 files between them would have nine each.
//! - *A whole body* that is shown because its districts cannot be: any district may have any
//!   number from 0 to k − 1, with all other files in one other district (then the rest is a small
//!   sum, and the body is shown whole). A rest of all districts is shown as the whole body too.
//! - The same two steps again with bodies in place of districts, and the desk in place of a body.
//! - *A breakdown* that is not shown has at least one class below k. With T ≥ k files in the part,
//!   any class may have any number v from 0 to k − 1, with the others holding T − v.
//!
//! Two breakdowns of one part are two ways to cut the same files, and one can hold the other: what is
//! paid is answered or closed, what is closed harm is paid. That gives no lower bound above zero to
//! a class that is small: where the stages are shown, each has k or more, and whatever small number
//! of files the class of compensation has, there is room for it in `answered`; and the other way
//! round. A breakdown of harm by promptness would not be safe, because files that missed a deadline
//! are in both: with 25 reports of harm and 20 late files, five at least were in time.
//!
//! So whoever knows these rules still cannot rule out any number below k for anything that is not
//! shown. `tests/it/release.rs` counts this out over all small desks.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::counts::{Breakdown, CountedFile};
use super::schedule::Quarter;

/// Which files a part holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum PartName {
    /// One district of a body.
    District {
        /// The body.
        body: String,
        /// The district.
        district: String,
    },
    /// All districts of a body that do not stand alone.
    OtherDistricts {
        /// The body.
        body: String,
    },
    /// A body whole.
    Body {
        /// The body.
        body: String,
    },
    /// All bodies that do not stand alone.
    OtherBodies,
    /// The desk whole.
    Desk,
}

/// A breakdown whose classes all have enough files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedBreakdown {
    /// The breakdown.
    pub breakdown: Breakdown,
    /// Files by class, in the order of [`Breakdown::classes`].
    pub counts: Vec<u64>,
}

/// Files that are counted together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleasedPart {
    /// Which files.
    pub name: PartName,
    /// The districts of each body that it holds, also those without a file.
    pub units: BTreeSet<(String, String)>,
    /// How many files.
    pub total: u64,
    /// The breakdowns that can be shown.
    pub breakdowns: Vec<PublishedBreakdown>,
}

/// A body with its districts, or the desk with its bodies, to be cut into parts.
struct Branch<'a> {
    /// The members with their totals.
    members: Vec<(&'a str, u64)>,
    smallest: u64,
}

/// How a branch is cut.
enum BranchCut<'a> {
    /// Some members alone, the others together (or none left over).
    Members { alone: Vec<&'a str>, rest: Vec<&'a str> },
    /// Not at all.
    Whole,
}

impl<'a> Branch<'a> {
    /// The cut by the rules at the head of this module.
    fn cut(&self) -> BranchCut<'a> {
        let smallest = self.smallest;
        let (alone, rest): (Vec<_>, Vec<_>) =
            self.members.iter().copied().partition(|(_, total)| *total >= smallest);
        let names =
            |members: Vec<(&'a str, u64)>| members.into_iter().map(|(name, _)| name).collect();
        let sum: u64 = rest.iter().map(|(_, total)| total).sum();
        let most = (rest.len() as u64).saturating_sub(1) * (smallest - 1);
        // Where nobody stands alone the rest is the whole, and has to look like it: by another name
        // it would tell that the sum lies within the bounds.
        let is_safe = rest.is_empty() || (smallest..=most).contains(&sum);
        if !alone.is_empty() && is_safe {
            BranchCut::Members { alone: names(alone), rest: names(rest) }
        } else {
            BranchCut::Whole
        }
    }
}

/// The counts of files that may be shown. `units` lists every body with the districts of its
/// channels, also where nobody filed: that a district has no file is small too. `smallest` below 2
/// counts as 2. Files of units that are not listed are counted with those that are.
pub fn publish(
    files: &[CountedFile],
    units: &BTreeMap<String, BTreeSet<String>>,
    smallest: u64,
) -> Vec<ReleasedPart> {
    let smallest = smallest.max(2);
    let mut units = units.clone();
    for file in files {
        units.entry(file.body.clone()).or_default().insert(file.district.clone());
    }
    let mut sizes: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for file in files {
        *sizes.entry((&file.body, &file.district)).or_default() += 1;
    }
    let size = |body: &str, district: &str| sizes.get(&(body, district)).copied().unwrap_or(0);
    let body_size = |body: &str| units[body].iter().map(|district| size(body, district)).sum();
    let bodies = Branch {
        members: units.keys().map(|body| (body.as_str(), body_size(body))).collect(),
        smallest,
    };
    let everything = || units_of(&units, units.keys().map(String::as_str));
    let mut named: Vec<(PartName, BTreeSet<(String, String)>)> = Vec::new();
    match bodies.cut() {
        BranchCut::Whole => named.push((PartName::Desk, everything())),
        BranchCut::Members { alone, rest } => {
            for body in alone {
                let members = units[body].iter().map(|name| (name.as_str(), size(body, name)));
                let branch = Branch { members: members.collect(), smallest };
                named.extend(parts_of_body(body, &units, &branch));
            }
            if !rest.is_empty() {
                named.push((PartName::OtherBodies, units_of(&units, rest.into_iter())));
            }
        }
    }
    let parts = named.into_iter().map(|(name, units)| counted(name, units, files, smallest));
    parts.filter(|part| part.total >= smallest).collect()
}

fn units_of<'a>(
    units: &BTreeMap<String, BTreeSet<String>>,
    bodies: impl Iterator<Item = &'a str>,
) -> BTreeSet<(String, String)> {
    let pairs =
        |body: &'a str| units[body].iter().map(move |district| (body.to_owned(), district.clone()));
    bodies.flat_map(pairs).collect()
}

fn parts_of_body(
    body: &str,
    units: &BTreeMap<String, BTreeSet<String>>,
    branch: &Branch<'_>,
) -> Vec<(PartName, BTreeSet<(String, String)>)> {
    let owned = || body.to_owned();
    let BranchCut::Members { alone, rest } = branch.cut() else {
        return vec![(PartName::Body { body: owned() }, units_of(units, std::iter::once(body)))];
    };
    let unit = |district: &str| (owned(), district.to_owned());
    let mut parts: Vec<_> = alone
        .into_iter()
        .map(|district| {
            let name = PartName::District { body: owned(), district: district.to_owned() };
            (name, BTreeSet::from([unit(district)]))
        })
        .collect();
    if !rest.is_empty() {
        let units = rest.into_iter().map(unit).collect();
        parts.push((PartName::OtherDistricts { body: owned() }, units));
    }
    parts
}

fn counted(
    name: PartName,
    units: BTreeSet<(String, String)>,
    files: &[CountedFile],
    smallest: u64,
) -> ReleasedPart {
    let is_in = |file: &&CountedFile| units.contains(&(file.body.clone(), file.district.clone()));
    let files: Vec<&CountedFile> = files.iter().filter(is_in).collect();
    let mut breakdowns = Vec::new();
    for breakdown in Breakdown::ALL {
        let mut counts = vec![0; breakdown.classes().len()];
        for file in &files {
            counts[breakdown.class(file)] += 1;
        }
        if counts.iter().all(|count| *count >= smallest) {
            breakdowns.push(PublishedBreakdown { breakdown, counts });
        }
    }
    ReleasedPart { name, units, total: files.len() as u64, breakdowns }
}

/// The released counts of a quarter as CSV. Every row of an invented desk says that it is invented.
pub fn to_csv(quarter: Quarter, parts: &[ReleasedPart], is_invented: bool) -> String {
    let mut text = String::from("quarter,body,district,breakdown,class,files,status\n");
    let status = if is_invented { "invented" } else { "reported" };
    for part in parts {
        let (body, district) = match &part.name {
            PartName::District { body, district } => (body.as_str(), district.as_str()),
            PartName::OtherDistricts { body } => (body.as_str(), "other districts together"),
            PartName::Body { body } => (body.as_str(), "all districts"),
            PartName::OtherBodies => ("other bodies together", "all districts"),
            PartName::Desk => ("all bodies", "all districts"),
        };
        let mut row = |breakdown: &str, class: &str, files: u64| {
            let _ =
                writeln!(text, "{quarter},{body},{district},{breakdown},{class},{files},{status}");
        };
        row("all", "all", part.total);
        for shown in &part.breakdowns {
            for (class, count) in shown.breakdown.classes().iter().zip(&shown.counts) {
                row(shown.breakdown.as_str(), class, *count);
            }
        }
    }
    text
}
