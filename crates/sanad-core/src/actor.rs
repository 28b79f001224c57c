//! Organisations and states, and the ties between them. Never persons.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::time::{Month, Period};

/// Declares an enum that files write as a closed list of words.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "&'static str")]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// All values, in their order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that files use.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl core::str::FromStr for $name {
            type Err = $crate::error::Error;

            fn from_str(text: &str) -> $crate::error::Result<Self> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::error::Error::Word {
                        found: text.to_owned(),
                        expected: concat!($($word, ", "),+),
                    }),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::error::Error;

            fn try_from(text: String) -> $crate::error::Result<Self> { text.parse() }
        }

        impl From<$name> for &'static str {
            fn from(value: $name) -> Self { value.as_str() }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                out.pad(self.as_str())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What sort of organisation an actor is.
    ActorKind {
        /// A state and its government.
        State = "state",
        /// An institution of a state: an army, a parliament, a provincial government.
        Institution = "institution",
        /// An armed organisation outside the state.
        ArmedOrganisation = "armed-organisation",
        /// An umbrella of organisations.
        Alliance = "alliance",
        /// A political party.
        Party = "party",
        /// A social or political movement.
        Movement = "movement",
        /// A civil-society organisation.
        CivilSociety = "civil-society",
        /// An organisation's media outlet.
        MediaOutlet = "media-outlet",
    }
}

/// The family an actor is counted with, by the word that files use: one of [`Family::GENERAL`], or
/// one that a case declares beside its actors. Whether a word is declared is checked by whoever reads
/// the case.
///
/// ```
/// use sanad_core::actor::Family;
///
/// assert_eq!(Family::new("sectarian").general_title(), Some("Sectarian"));
/// assert_eq!(Family::new("river-valley").general_title(), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Family(Cow<'static, str>);

impl Family {
    /// The family of an organisation of which nothing is known.
    pub const UNKNOWN: Self = Self(Cow::Borrowed("unknown"));

    /// Words that every case may use, with their titles, in the order in which charts list them.
    pub const GENERAL: [(&'static str, &'static str); 9] = [
        // States and their institutions.
        ("state", "States"),
        // Organisations with an Islamist programme in one country.
        ("islamist", "Islamist"),
        // Organisations fighting for a nation or ethnic group.
        ("ethno-nationalist", "Ethno-nationalist"),
        // Organisations with a programme across countries.
        ("transnational", "Transnational"),
        // Organisations defined against another sect.
        ("sectarian", "Sectarian"),
        // Parties, party militias and other political organisations.
        ("political", "Political"),
        ("civil-society", "Civil society"),
        // Tribes, communities and others not counted above.
        ("communal", "Communal"),
        ("unknown", "Not known"),
    ];

    /// The family with this word.
    #[must_use]
    pub fn new(word: &str) -> Self {
        Self(Cow::Owned(word.to_owned()))
    }

    /// The word that files use.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The title of a general family; nothing for one that a case declares.
    #[must_use]
    pub fn general_title(&self) -> Option<&'static str> {
        Self::GENERAL.iter().find(|(word, _)| *word == self.0).map(|(_, title)| *title)
    }
}

words! {
    /// How two organisations are tied.
    TieKind {
        /// They act together.
        Alliance = "alliance",
        /// The first belongs to the second.
        Member = "member",
        /// The first became part of the second, or both became one.
        Merger = "merger",
        /// The first left the second.
        Split = "split",
        /// They compete or fight.
        Rivalry = "rivalry",
        /// The first supports the second, or is said to.
        Support = "support",
        /// The second is part of the first.
        Parent = "parent",
        /// They cooperate now and then, without an alliance.
        Cooperation = "cooperation",
    }
}

/// An organisation or a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// Short identifier, such as `ttp`.
    pub id: String,
    /// Full name.
    pub name: String,
    /// Abbreviation shown in charts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short: Option<String>,
    /// What sort of organisation it is.
    pub kind: ActorKind,
    /// The family it is counted with.
    pub family: Family,
    /// Actor identifiers in UCDP's data.
    #[serde(default)]
    pub ucdp_ids: Vec<i64>,
    /// Names in UCDP's data.
    #[serde(default)]
    pub ucdp_names: Vec<String>,
    /// Other names and spellings.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// When it came into being, if dated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Period>,
    /// When it ended, if dated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Period>,
    /// Paragraphs of the essay that name it.
    #[serde(default)]
    pub paragraphs: Vec<u32>,
    /// Where the facts come from, when not from the essay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cite: Option<String>,
    /// A neutral remark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Actor {
    /// The abbreviation if there is one, else the name.
    #[must_use]
    pub fn label(&self) -> &str {
        self.short.as_deref().unwrap_or(&self.name)
    }

    /// The month after which a source's number of this actor means somebody else, with the source's
    /// own neutral name for them: a source goes on to count the government of a state under one
    /// number, and a label that says when an actor ended is no name for what came later. `None` for
    /// an actor whose [`label`](Self::label) is right at all times.
    ///
    /// ```
    /// # use sanad_core::actor::{Actor, ActorKind, Family};
    /// # use sanad_core::{Month, Period};
    /// let mut government = Actor {
    ///     id: "gov".to_owned(),
    ///     name: "Old government of X".to_owned(),
    ///     short: Some("X (to 2021)".to_owned()),
    ///     kind: ActorKind::State,
    ///     family: Family::new("state"),
    ///     ucdp_ids: vec![130],
    ///     ucdp_names: vec!["Government of X".to_owned()],
    ///     aliases: Vec::new(),
    ///     from: None,
    ///     to: Period::year(2021),
    ///     paragraphs: Vec::new(),
    ///     cite: None,
    ///     note: None,
    /// };
    /// let last = Month::new(2021, 12).unwrap();
    /// assert_eq!(government.later_name(), Some((last, "Government of X")));
    /// government.to = None;
    /// assert_eq!(government.later_name(), None);
    /// ```
    #[must_use]
    pub fn later_name(&self) -> Option<(Month, &str)> {
        let end = self.to.filter(|_| self.kind == ActorKind::State || holds_year(self.label()))?;
        let plain = self.ucdp_names.iter().map(String::as_str).chain([self.name.as_str()]);
        let name = plain.into_iter().find(|name| !holds_year(name))?;
        Some((Month::from_date(end.end()), name))
    }
}

/// Whether a text has four digits in a row.
fn holds_year(text: &str) -> bool {
    text.as_bytes().windows(4).any(|part| part.iter().all(u8::is_ascii_digit))
}
