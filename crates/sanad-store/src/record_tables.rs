//! Records of many snapshots as one table of a plan. Where no file is shared with other imports,
//! the table is the files themselves, without a condition on rows.

use std::collections::BTreeSet;

use crate::error::Result;
use crate::observatory::Observatory;
use crate::session::Catalog;
use crate::snapshot::Snapshot;

impl Observatory {
    /// Makes the records of one kind that `snapshots` hold one table `name`, however many they
    /// are. Its rows begin with [`PROVENANCE`](crate::records::PROVENANCE). Whether any of them
    /// holds such records; without them there is no table.
    pub(crate) fn register_records(
        &self,
        catalog: &Catalog,
        name: &str,
        kind: &str,
        snapshots: &[&Snapshot],
    ) -> Result<bool> {
        let mut stamped = BTreeSet::new();
        let mut arms = Vec::new();
        let mut shared = false;
        for snapshot in snapshots {
            for file in snapshot.files.get(kind).into_iter().flatten() {
                let path = self.sound_file(file)?;
                if file.stamped {
                    stamped.insert(path);
                    shared |= file.shared;
                } else {
                    // A file of the first layout does not say in its rows whose it is.
                    let arm = format!("{name}_{}", arms.len());
                    catalog.register_hidden(&arm, &[path])?;
                    arms.push(format!("SELECT {}, r.* FROM {arm} r", provenance(snapshot)));
                }
            }
        }
        let paths: Vec<_> = stamped.into_iter().collect();
        if arms.is_empty() && !shared {
            return match paths.is_empty() {
                true => Ok(false),
                false => catalog.register_all(name, &paths).map(|()| true),
            };
        }
        if !paths.is_empty() {
            let files = format!("{name}_files");
            catalog.register_hidden(&files, &paths)?;
            arms.push(format!("SELECT * FROM {files} WHERE {}", is_of(snapshots)));
        }
        catalog.define(name, &union(&arms))?;
        Ok(true)
    }
}

/// The condition that a row is of one of these snapshots.
fn is_of(snapshots: &[&Snapshot]) -> String {
    let ids: Vec<String> = snapshots.iter().map(|snapshot| quoted(&snapshot.id)).collect();
    format!("snapshot IN ({})", ids.join(", "))
}

/// The columns that rows of the first layout lack, as constants.
fn provenance(snapshot: &Snapshot) -> String {
    format!(
        "{} AS source, {} AS version, {} AS snapshot",
        quoted(&snapshot.source.id),
        quoted(&snapshot.source.version),
        quoted(&snapshot.id)
    )
}

/// A text as SQL writes it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// All rows of all selects, in halves of halves: a chain of many would be as deep as it is long.
fn union(selects: &[String]) -> String {
    match selects {
        [] => String::new(),
        [one] => one.clone(),
        _ => {
            let (first, second) = selects.split_at(selects.len() / 2);
            format!("(({}) UNION ALL BY NAME ({}))", union(first), union(second))
        }
    }
}
