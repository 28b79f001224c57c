//! `sanad-desk init`: a new desk in a new folder.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{DeskPlace, in_words, read, read_config};
use crate::backup::{make_private_file, make_private_folder, write_durably};
use crate::ledger::Hash256;
use crate::staff::Seat;
use crate::store::Founding;
use crate::vault::PublicKey;
use crate::{Database, DeskConfig};

/// What a new desk is made of.
#[derive(clap::Args)]
pub(super) struct InitArguments {
    #[command(flatten)]
    place: DeskPlace,
    /// The desk.toml; it is copied into the folder.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// A custodian's public key, as `sanad-desk custodian` shows it. One for each custodian of the
    /// desk.toml.
    #[arg(long = "custodian", value_name = "NAME=HEX", required = true)]
    custodians: Vec<String>,
}

pub(super) fn init(arguments: &InitArguments) -> Result<String, String> {
    let InitArguments { place, config: path, custodians } = arguments;
    let config = read_config(path)?;
    let custodians = custodians_from(custodians, &config)?;
    let folder = place.folder();
    if folder.database_path().exists() || folder.config_path().exists() {
        return Err(format!("there is a desk in {} already", place.data.display()));
    }
    let leaves = config.ledger_leaves;
    let founding = Founding::draw(&config.name, config.is_invented, leaves, custodians);
    let founding = founding.map_err(in_words)?;
    make_private_folder(folder.path()).map_err(in_words)?;
    if *folder.database() == Database::InFolder {
        // The log that SQLite puts beside the database takes its rights from it.
        make_private_file(&folder.database_path()).map_err(in_words)?;
    }
    folder.create(&founding).map_err(in_words)?;
    write_durably(&folder.config_path(), read(path)?.as_bytes()).map_err(in_words)?;
    let (_, mut store) = place.open()?;
    let head = store.ledger().map_err(in_words)?.head().to_hex();
    Ok(format!(
        "The desk {:?} is in {}. Its ledger begins with the head {head}: note it elsewhere.\n\
         Nobody works at it yet. Its open channels need these seats:\n{}\n\
         Add people with: sanad-desk user --data {} add NAME --seat SEAT",
        config.name,
        place.data.display(),
        needed_seats(&config),
        place.data.display(),
    ))
}

/// The public keys of exactly the custodians that desk.toml names.
fn custodians_from(
    given: &[String],
    config: &DeskConfig,
) -> Result<BTreeMap<String, PublicKey>, String> {
    let mut keys = BTreeMap::new();
    for text in given {
        let (name, hex) =
            text.split_once('=').ok_or_else(|| format!("{text:?}: expected NAME=HEX"))?;
        let key = Hash256::from_hex(hex).map_err(|error| format!("custodian {name}: {error}"))?;
        if !config.custodians.iter().any(|known| known == name) {
            return Err(format!("desk.toml has no custodian {name:?}"));
        }
        if keys.values().any(|other: &PublicKey| other.0 == key.0) {
            return Err(format!("custodian {name} has the key of another one: each needs an own"));
        }
        keys.insert(name.to_owned(), PublicKey(key.0));
    }
    match config.custodians.iter().find(|name| !keys.contains_key(*name)) {
        Some(name) => {
            Err(format!("the key of custodian {name} is missing: --custodian {name}=HEX"))
        }
        None => Ok(keys),
    }
}

/// The seats that open channels need and nobody has, one in each line.
fn needed_seats(config: &DeskConfig) -> String {
    let open = config.channels.iter().filter(|channel| channel.is_open);
    let lacks = open.flat_map(|channel| config.lacks(channel, &[].into()));
    let seats: std::collections::BTreeSet<Seat> =
        lacks.map(|(body, role)| Seat { body, role }).collect();
    let lines: Vec<String> = seats.iter().map(|seat| format!("    {seat}")).collect();
    lines.join("\n")
}
