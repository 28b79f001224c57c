//! Pages for people. Each is useful without scripts, has its whole state in its address, and says of every
//! figure where its data are and how it was made.
//!
//! A page is a function of a scene. It reads its numbers from the tables that programs get, by a
//! scene with another query, so that page and table cannot differ; figures come from `sanad-figure`
//! and from the briefing's parts. Where the case or its record cannot fill a page, the page is a
//! fault that says what is missing and how the case would come to have it; where only a part is
//! missing, the page says so in its place.

pub(crate) mod behind;
pub(crate) mod claims;
pub(crate) mod compare;
pub(crate) mod content;
pub(crate) mod data;
pub(crate) mod fronts;
pub(crate) mod guide;
pub(crate) mod layout;
pub(crate) mod map;
pub(crate) mod organisations;
pub(crate) mod outlook;
pub(crate) mod overview;
pub(crate) mod part;
pub(crate) mod places;
pub(crate) mod record;
pub(crate) mod scenarios;
pub(crate) mod script;
pub(crate) mod style;
pub(crate) mod why;

pub(crate) use content::PageContent;
