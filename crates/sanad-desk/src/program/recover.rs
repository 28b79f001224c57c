//! `sanad-desk lend` and `sanad-desk recover`: two custodians together open a file that nobody at
//! the desk can open.
//!
//! The first opens the outer layer of the file's wrap, on an own machine with a copy of the desk or
//! at the desk, and hands over what is inside, which tells nothing. The second opens that. The
//! recovery is written into the file as a step of the ledger: the filer sees it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{DeskPlace, ask_password, day_at, in_words, read};
use crate::attachment::{lend_original, recover_lent_original};
use crate::backup::write_durably;
use crate::custodian::{hex, opened_key, unhex};
use crate::entry::{EntryHead, FileId, SealedEntry};
use crate::process::Role;
use crate::store::{DeskStore, FileChange, SealedAttachment, StoredFile};
use crate::vault::{KeyPair, Password, SecretKey, recover as recover_key};

/// What the first custodian hands over.
#[derive(clap::Args)]
pub(super) struct LendArguments {
    #[command(flatten)]
    place: DeskPlace,
    /// The id of the file: 32 hexadecimal digits.
    #[arg(long, value_name = "HEX")]
    file: String,
    /// The first custodian's key file.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The second custodian's name.
    #[arg(long, value_name = "NAME")]
    with: String,
    /// The number of a sealed original that is to be recovered too.
    #[arg(long, value_name = "NUMBER")]
    attachment: Option<u32>,
    /// Where to write what the second custodian needs.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// What the second custodian does with it.
#[derive(clap::Args)]
pub(super) struct RecoverArguments {
    #[command(flatten)]
    place: DeskPlace,
    /// What the first custodian wrote.
    #[arg(long, value_name = "FILE")]
    lent: PathBuf,
    /// The second custodian's key file.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Where to write the sealed original that was lent.
    #[arg(long, value_name = "FILE")]
    original: Option<PathBuf>,
}

/// The first line of what is handed over.
const FORMAT: &str = "sanad-desk lent 1";

pub(super) fn lend(arguments: &LendArguments) -> Result<String, String> {
    let LendArguments { place, file, key, with, attachment, out } = arguments;
    let (_, mut store) = place.open()?;
    let file = file_named(store.as_mut(), file)?;
    let (name, pair) = custodian(key)?;
    if name >= *with {
        return Err(format!("of two custodians the one whose name comes first lends: {with}"));
    }
    let inner = file.wraps.open_outer(&file.id.0, (&name, with), &pair.secret);
    let inner = inner.map_err(|_| format!("this file has no wrap to {name} and {with}"))?;
    let mut text = format!(
        "{FORMAT}\nfile {}\nfirst {name}\nsecond {with}\ninner {}\n",
        hex(&file.id.0),
        hex(&inner)
    );
    if let Some(number) = attachment {
        let sealed = original_named(store.as_mut(), &file, *number)?;
        let inner = lend_original(file.id, &sealed, (&name, with), &pair.secret);
        let inner = inner.map_err(|_| format!("attachment {number} is no sealed original"))?;
        let _ = writeln!(text, "attachment {number} {}", hex(&inner));
    }
    write_durably(out, text.as_bytes()).map_err(in_words)?;
    Ok(format!("{}: {with} can open it, and nobody else", out.display()))
}

pub(super) fn recover(arguments: &RecoverArguments) -> Result<String, String> {
    let RecoverArguments { place, lent, key, original } = arguments;
    let (config, mut store) = place.open()?;
    let text = read(lent)?;
    let lines: Vec<&str> = text.lines().collect();
    let field = |line: usize, word: &str| {
        let found = lines.get(line).and_then(|line| line.strip_prefix(word));
        found.ok_or_else(|| format!("{} is nothing that was lent", lent.display()))
    };
    field(0, FORMAT)?;
    let file = file_named(store.as_mut(), field(1, "file ")?)?;
    let (first, second) = (field(2, "first ")?, field(3, "second ")?);
    let (name, pair) = custodian(key)?;
    if name != second {
        return Err(format!("this was lent to {second}, and the key is that of {name}"));
    }
    let inner = unhex(field(4, "inner ")?).map_err(in_words)?;
    let key = recover_key(&file.id.0, &inner, &pair.secret).map_err(in_words)?;
    // A sixth line that is damaged is no file without one.
    let bytes = match lines.get(5) {
        None => None,
        Some(_) => {
            Some(lent_original(store.as_mut(), &file, field(5, "attachment ")?, &pair.secret)?)
        }
    };
    let out = match (&bytes, original) {
        (Some(_), None) => return Err("an original was lent: say where with --original".to_owned()),
        (None, Some(_)) => return Err("no original was lent: lend with --attachment".to_owned()),
        (_, out) => out.as_ref(),
    };
    let today = day_at(&config, None)?;
    let also = if bytes.is_some() { " and a sealed original in it" } else { "" };
    let said = format!("The custodians {first} and {second} opened this file{also}.");
    let shown = opened(store.as_mut(), &file, &key)?;
    note(store.as_mut(), file, &key, today, &said)?;
    if let (Some(bytes), Some(out)) = (bytes, out) {
        write_durably(out, &bytes).map_err(in_words)?;
    }
    Ok(format!("{shown}{said} The filer sees this."))
}

/// A sealed original of a file.
fn original_named(
    store: &mut dyn DeskStore,
    file: &StoredFile,
    number: u32,
) -> Result<SealedAttachment, String> {
    let found = store.attachment(file.id, number).map_err(in_words)?;
    found.ok_or_else(|| format!("the file has no attachment {number}"))
}

/// The bytes of an original, from the number and the inner layer that were lent.
fn lent_original(
    store: &mut dyn DeskStore,
    file: &StoredFile,
    lent: &str,
    second_secret: &SecretKey,
) -> Result<Zeroizing<Vec<u8>>, String> {
    let (number, inner) = lent.split_once(' ').ok_or("the line of the attachment is not whole")?;
    let number = number.parse().map_err(|_| "the line of the attachment has no number")?;
    let sealed = original_named(store, file, number)?;
    let inner = unhex(inner).map_err(in_words)?;
    recover_lent_original(file.id, &sealed, &inner, second_secret).map_err(in_words)
}

/// The texts of a file, in order.
fn opened(store: &mut dyn DeskStore, file: &StoredFile, key: &SecretKey) -> Result<String, String> {
    let mut shown = String::new();
    for sealed in store.entries(file.id).map_err(in_words)? {
        let entry = sealed.open(key, file.id, file.course.kind).map_err(in_words)?;
        let head = &sealed.head;
        let _ = writeln!(shown, "{}, {}, {}:", head.day, head.author.as_str(), head.deed);
        let _ = writeln!(shown, "{}\n", entry.text.as_str());
    }
    Ok(shown)
}

/// Writes the recovery into the file and the ledger.
fn note(
    store: &mut dyn DeskStore,
    file: StoredFile,
    key: &SecretKey,
    day: jiff::civil::Date,
    text: &str,
) -> Result<(), String> {
    let entries = store.entries(file.id).map_err(in_words)?;
    let last = entries.last().ok_or("the file has no entry; the desk's database is not whole")?;
    let head = EntryHead {
        number: last.head.number + 1,
        author: Role::Custodian,
        deed: "recover".to_owned(),
        stage: file.course.stage,
        day,
    };
    let sealed = SealedEntry::seal(key, file.id, file.course.kind, head, text);
    let (entry, commitment) = sealed.map_err(in_words)?;
    let change = FileChange {
        file,
        entries: vec![entry],
        attachments: Vec::new(),
        commitments: vec![commitment],
        day,
    };
    store.change(&change).map_err(in_words)
}

fn file_named(store: &mut dyn DeskStore, text: &str) -> Result<StoredFile, String> {
    let id: [u8; 16] = unhex(text)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| format!("{text:?} is no id of a file: expected 32 hexadecimal digits"))?;
    let found = store.find_by_id(FileId(id)).map_err(in_words)?;
    found.ok_or_else(|| "there is no such file, or it was deleted".to_owned())
}

/// A custodian's name and key, by the file and the password.
fn custodian(path: &Path) -> Result<(String, KeyPair), String> {
    let text = read(path)?;
    let password = Password::new(&ask_password(&path.display().to_string())?);
    let opened = password.and_then(|password| opened_key(&text, &password).ok());
    opened.ok_or_else(|| "the password is wrong, or the key file was changed".to_owned())
}
