//! A cluster as processes on loopback: the same answers as without it, and an end whatever is lost.

mod losses;
mod same;
mod support;
mod whole;
