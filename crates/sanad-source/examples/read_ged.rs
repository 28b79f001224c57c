//! Reads a UCDP GED file and prints what the reader has to say about it.
//!
//! `cargo run --release -p sanad-source --example read_ged -- FILE [VERSION]`
#![allow(clippy::disallowed_methods, clippy::print_stdout)]

use std::error::Error;
use std::fs::File;
use std::time::Instant;

use sanad_core::diagnostic::count_by_issue;
use sanad_source::ged::{Options, read};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("which file?")?;
    let options = Options { version: arguments.next() };
    let started = Instant::now();
    let ged = read(File::open(path)?, &options)?;
    let seconds = started.elapsed().as_secs_f64();
    println!("rows read {}, kept {}, in {seconds:.3} s", ged.rows_read, ged.events.len());
    println!("deaths in {}, kept {}", ged.deaths_in, ged.deaths_kept);
    println!("{:?} {:?}", ged.release, ged.coverage);
    for (issue, count) in count_by_issue(&ged.diagnostics) {
        println!("{} {count}", issue.as_str());
    }
    for diagnostic in ged.diagnostics.iter().take(10) {
        println!("{diagnostic}");
    }
    Ok(())
}
