//! A cluster as processes on loopback: the same answers as without it, and an end whatever is lost.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod losses;
mod same;
mod support;
mod whole;
