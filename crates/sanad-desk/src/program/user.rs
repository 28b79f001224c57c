//! `sanad-desk user`: the staff and their seats.

use std::collections::BTreeMap;

use clap::Subcommand;

use super::{DeskPlace, ask_password, in_words};
use crate::DeskConfig;
use crate::config::is_id;
use crate::process::Role;
use crate::staff::{Member, Seat, SeatKey};
use crate::store::DeskStore;
use crate::vault::{KeyPair, Password, PasswordCost, SecretKey};

/// What is to be done with the staff.
#[derive(clap::Args)]
pub(super) struct UserArguments {
    #[command(flatten)]
    place: DeskPlace,
    #[command(subcommand)]
    command: UserCommand,
}

#[derive(Subcommand)]
enum UserCommand {
    /// Add somebody. Password and second factor are drawn, and shown once.
    Add {
        /// The name to log in with.
        name: String,
        /// A seat: BODY/ROLE, or desk/auditor, desk/partner. Several are allowed.
        #[arg(long = "seat", value_name = "BODY/ROLE", required = true)]
        seats: Vec<Seat>,
        /// Who hands the keys of seats over that somebody holds already. Asks for this member's
        /// password.
        #[arg(long, value_name = "NAME")]
        through: Option<String>,
    },
    /// List the staff and the seats that nobody holds.
    List,
    /// Take a seat from somebody.
    Withdraw {
        /// The name.
        name: String,
        /// The seat.
        #[arg(long, value_name = "BODY/ROLE")]
        seat: Seat,
    },
    /// Take somebody off the staff.
    Remove {
        /// The name.
        name: String,
    },
}

pub(super) fn user(arguments: &UserArguments) -> Result<String, String> {
    let (config, mut store) = arguments.place.open()?;
    let store = store.as_mut();
    match &arguments.command {
        UserCommand::Add { name, seats, through } => {
            add(&config, store, name, seats, through.as_deref())
        }
        UserCommand::List => list(&config, store),
        UserCommand::Withdraw { name, seat } => {
            store.withdraw_seat(name, seat).map_err(in_words)?;
            Ok(format!("{name} no longer holds {seat}. {}", left_without(store, seat)?))
        }
        UserCommand::Remove { name } => {
            store.remove_member(name).map_err(in_words)?;
            Ok(format!("{name} is off the staff. End the sessions that are open."))
        }
    }
}

fn add(
    config: &DeskConfig,
    store: &mut dyn DeskStore,
    name: &str,
    seats: &[Seat],
    through: Option<&str>,
) -> Result<String, String> {
    if !is_id(name) {
        return Err(format!("{name:?} is no name: expected 1 to 40 of a to z, 0 to 9 and -"));
    }
    if store.member(name).map_err(in_words)?.is_some() {
        return Err(format!("{name} is on the staff already: take another name, or remove first"));
    }
    seats.iter().try_for_each(|seat| check_seat(config, seat))?;
    let known = store.seats().map_err(in_words)?;
    let is_new = |seat: &&Seat| known.iter().all(|key| key.seat != **seat);
    let handed = match seats.iter().find(|seat| !is_new(seat)) {
        Some(seat) => handed_over(store, seat, through)?,
        None => BTreeMap::new(),
    };
    let (mut member, first) = Member::enrol(name, PasswordCost::STANDARD).map_err(in_words)?;
    let mut keys = Vec::new();
    for seat in seats {
        let secret = match handed.get(seat) {
            Some(secret) => secret.clone(),
            None if is_new(&seat) => {
                let pair = KeyPair::random().map_err(in_words)?;
                keys.push(SeatKey { seat: seat.clone(), public: pair.public });
                pair.secret
            }
            None => return Err(format!("{} does not hold {seat}", through.unwrap_or_default())),
        };
        member.give_seat(seat, &secret).map_err(in_words)?;
    }
    keys.iter().try_for_each(|key| store.keep_seat(key)).map_err(in_words)?;
    store.keep_member(&member).map_err(in_words)?;
    Ok(format!(
        "{name} is on the staff. This is shown now and never again; hand it over on paper:\n\n    \
         password       {}\n    second factor  {}\n",
        first.password.as_str(),
        first.totp.to_base32().as_str(),
    ))
}

/// The keys of the seats of the member who hands them over.
fn handed_over(
    store: &mut dyn DeskStore,
    seat: &Seat,
    through: Option<&str>,
) -> Result<BTreeMap<Seat, SecretKey>, String> {
    let Some(giver) = through else {
        return Err(format!(
            "{seat} has a key already, which only those who hold the seat can hand over: add --through NAME"
        ));
    };
    let member = store.member(giver).map_err(in_words)?;
    let member = member.ok_or_else(|| format!("there is nobody called {giver}"))?;
    let password = Password::new(&ask_password(giver)?);
    let unlocked = password.and_then(|password| member.unlock(&password).ok());
    Ok(unlocked.ok_or("the password is wrong")?.seats)
}

fn check_seat(config: &DeskConfig, seat: &Seat) -> Result<(), String> {
    let is_of_the_desk = matches!(seat.role, Role::Auditor | Role::Partner | Role::Custodian);
    match (is_of_the_desk, seat.body.as_str()) {
        (true, Seat::WHOLE_DESK) => Ok(()),
        (true, _) => Err(format!("a {} works for the whole desk: desk/{0}", seat.role.as_str())),
        (false, Seat::WHOLE_DESK) => Err(format!("{seat}: name the body that this role works for")),
        (false, body) if config.bodies.contains_key(body) => Ok(()),
        (false, body) => Err(format!("desk.toml has no body {body:?}")),
    }
}

fn list(config: &DeskConfig, store: &mut dyn DeskStore) -> Result<String, String> {
    let members = store.members().map_err(in_words)?;
    let mut lines = Vec::new();
    for member in &members {
        let seats: Vec<String> = member.seats.keys().map(Seat::to_string).collect();
        lines.push(format!("{}: {}", member.name, seats.join(", ")));
    }
    let held = members.iter().flat_map(|member| member.seats.keys());
    let held = held.map(|seat| (seat.body.clone(), seat.role)).collect();
    for channel in config.channels.iter().filter(|channel| channel.is_open) {
        for (body, role) in config.lacks(channel, &held) {
            let seat = Seat { body, role };
            lines.push(format!("nobody holds {seat}, so channel {} cannot deliver", channel.id));
        }
    }
    if lines.is_empty() {
        lines.push("nobody is on the staff".to_owned());
    }
    Ok(lines.join("\n"))
}

fn left_without(store: &mut dyn DeskStore, seat: &Seat) -> Result<String, String> {
    let members = store.members().map_err(in_words)?;
    let is_held = members.iter().any(|member| member.seats.contains_key(seat));
    Ok(match is_held {
        true => "Others hold it.".to_owned(),
        false => "Nobody holds it now: its open files wait until their deadline takes them to the \
                  next body, or two custodians recover them."
            .to_owned(),
    })
}
