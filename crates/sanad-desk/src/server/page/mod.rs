//! How pages are drawn. Nothing here reads a request or the store.

pub(super) mod filer;
pub(super) mod layout;
pub(super) mod partner;
pub(super) mod public;
pub(super) mod staff;
pub(super) mod style;
