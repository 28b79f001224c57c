//! The program as a person or a script meets it: messages, exit codes, and what a killed or
//! refused command leaves behind.
#![allow(clippy::disallowed_methods, clippy::print_stderr)]

mod advice;
mod architecture;
mod bad_boundaries;
mod bad_cases;
mod bad_events;
mod bad_tables;
mod bad_use;
mod brief;
mod claims;
mod cycle;
mod damage;
mod desk;
mod disk;
mod fetch;
mod forecasts;
mod front_methods;
mod fronts;
mod gaps;
mod hints;
mod kept;
mod kill;
mod models;
mod moments;
mod narrative;
mod new_case;
mod other_case;
mod philippines;
mod publish;
mod published;
mod reading;
mod serve;
mod support;
mod surveys;
