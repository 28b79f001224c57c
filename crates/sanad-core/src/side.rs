//! Names of the sides of an event, without names of persons.
//!
//! UCDP calls some organisations after a person ("Forces of …", "Supporters of …"), and no list says
//! which. So a side keeps the name that its source gives it only where the name cannot be a person's:
//! civilians, a government, the forces of a state. Every other side is its number; a case may list the
//! number and give the organisation a name.

use crate::country::Country;

/// What sides without a name of their own are called in every source.
const GROUPS: [&str; 5] = [
    "Civilians",
    "Protesters",
    "Rioters",
    "Unidentified Armed Group",
    "Unidentified Military Forces",
];

/// What stands before the name of a state.
const OF_A_STATE: [&str; 3] = ["Government of ", "Military Forces of ", "Police Forces of "];

/// The name under which a side is kept: its own where that cannot be a person's, else its number at
/// UCDP, else `position`, its number among the sides of the file. Empty where the source names none.
///
/// ```
/// use sanad_core::side::kept_name;
///
/// assert_eq!(kept_name("Civilians", Some(9999), 1), "Civilians");
/// assert_eq!(kept_name("Government of Pakistan", Some(140), 1), "Government of Pakistan");
/// assert_eq!(kept_name("Forces of Somebody", Some(323), 1), "UCDP actor 323");
/// assert_eq!(kept_name("Supporters of Somebody", None, 7), "unlisted side 7");
/// ```
#[must_use]
pub fn kept_name(name: &str, ucdp_id: Option<i64>, position: usize) -> String {
    let name = name.trim();
    if name.is_empty() || is_impersonal(name) {
        return name.to_owned();
    }
    match ucdp_id {
        Some(id) => format!("UCDP actor {id}"),
        None => format!("unlisted side {position}"),
    }
}

/// Whether a name cannot be a person's: a group of no name, or the organs of a state that is known.
#[must_use]
pub fn is_impersonal(name: &str) -> bool {
    let (bare, added) = without_addition(name.trim());
    let added_is_known = added.is_none_or(|added| is_years(added) || is_state(added));
    if GROUPS.contains(&bare) {
        return added_is_known;
    }
    let state = OF_A_STATE.iter().find_map(|before| bare.strip_prefix(before));
    // "Myanmar (Burma)" and "DR Congo (Zaire)": the addition is the state's other name.
    let whole = OF_A_STATE.iter().find_map(|before| name.trim().strip_prefix(before));
    whole.is_some_and(is_state) || state.is_some_and(is_state)
}

/// A name without what stands in parentheses at its end, and what stands there.
fn without_addition(name: &str) -> (&str, Option<&str>) {
    let parts = name.strip_suffix(')').and_then(|name| name.split_once('('));
    parts.map_or((name, None), |(bare, added)| (bare.trim(), Some(added.trim())))
}

/// Years, as ACLED adds them to the forces of a government: `2018-2022`, `2022-`.
fn is_years(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
}

fn is_state(name: &str) -> bool {
    Country::of_name(name).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_keeps_its_name_only_where_it_cannot_be_a_persons() {
        for name in [
            "Civilians",
            "Civilians (Pakistan)",
            "Protesters (Pakistan)",
            "Government of Afghanistan",
            "Military Forces of Pakistan (2018-2022)",
            "Police Forces of Pakistan (2022-)",
        ] {
            assert!(is_impersonal(name), "{name}");
        }
        for name in [
            "Forces of Jane Roe",
            "forces of Jane Roe",
            "Supporters of Jane Roe",
            "Government of Jane Roe",
            "Civilians (Jane Roe)",
            "Roe faction",
            "Northern Front",
            "UCDP actor 4 (Jane Roe)",
        ] {
            assert!(!is_impersonal(name), "{name}");
        }
    }
}
