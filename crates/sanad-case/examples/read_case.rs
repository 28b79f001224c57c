//! Reads the files of a case and prints what the readers have to say about them.
//!
//! `cargo run -p sanad-case --example read_case -- cases/pakistan`
#![allow(clippy::disallowed_methods, clippy::print_stdout)]

use std::error::Error;
use std::fs::read_to_string;
use std::path::PathBuf;

use sanad_case::{Chronicle, read_actors, read_case, read_chronicle, read_places};
use sanad_core::chronicle::KnownIds;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("which case?")?);
    let text = |name: &str| read_to_string(folder.join(name));
    let case = read_case(&text("case.toml")?)?;
    let places = read_places(&text(&case.places)?)?;
    println!("{}: {} places, {} aliases", case.id, places.places.len(), places.aliases.len());
    let book = places.into_book(case.current_on)?;
    let actors = read_actors(&text(&case.actors)?)?;
    println!("{} actors", actors.len());
    let mut chronicle = Chronicle::default();
    for file in &case.chronicle {
        let read = read_chronicle(&text(file)?, &KnownIds::from_case(&book, &actors))?;
        println!("{file}: {} of {} entries kept", read.records.len(), read.entries_read);
        read.diagnostics.iter().for_each(|diagnostic| println!("{file}: {diagnostic}"));
        chronicle.append(read);
    }
    println!("{} records, {} remarks", chronicle.records.len(), chronicle.diagnostics.len());
    Ok(())
}
