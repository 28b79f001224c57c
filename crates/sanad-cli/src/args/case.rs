//! `sanad case`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand};
use sanad_core::place::Level;
use sanad_source::boundaries::NamedAttributes;

use super::Subject;

#[derive(Debug, Args)]
pub(crate) struct CaseArgs {
    #[command(subcommand)]
    pub(crate) what: CaseCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CaseCommand {
    /// Write a new case of a country from its events and, if there are any, borders
    New(CaseNew),
    /// Try the forecast of a briefing on past years, for the case to ship
    Trials(CaseTrials),
    /// Forecast districts across years in which only theatres are known, for the case to ship
    GapForecast(CaseTrials),
}

#[derive(Debug, Args)]
pub(crate) struct CaseTrials {
    #[command(flatten)]
    pub(crate) subject: Subject,
    /// The file to write (.csv); stdout when absent
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct CaseNew {
    /// The folder to write, which must not exist yet
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// The country, by its code of ISO 3166 or its name in English
    #[arg(long, value_name = "COUNTRY")]
    pub(crate) country: String,
    /// UCDP's events of the country, or of many: a release, a candidate file or an export (CSV)
    #[arg(long, value_name = "FILE")]
    pub(crate) ged: PathBuf,
    /// Borders of its provinces or districts (GeoJSON); names and points of the events without them
    #[arg(long, value_name = "FILE")]
    pub(crate) boundaries: Option<PathBuf>,
    /// The attributes of the borders, where they are not those of OCHA or geoBoundaries:
    /// name=ATTRIBUTE,code=ATTRIBUTE, and parent=, parent-name= for the region that a place lies in
    #[arg(long, value_name = "LIST", requires = "boundaries")]
    pub(crate) attributes: Option<AttributeList>,
}

/// Attributes of a file of borders, as NAME=ATTRIBUTE joined by commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AttributeList {
    /// Attributes of the name and of the code; none where those of OCHA or geoBoundaries are meant.
    names: Option<[String; 2]>,
    parent: Option<String>,
    parent_name: Option<String>,
    level: Option<Level>,
}

const ATTRIBUTES_EXPECTED: &str = "expected name=ATTRIBUTE,code=ATTRIBUTE, and if need be \
    parent=ATTRIBUTE, parent-name=ATTRIBUTE and level=adm1 or level=adm2; the level alone with the \
    attributes of OCHA or geoBoundaries";

impl FromStr for AttributeList {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut given: [Option<String>; 5] = Default::default();
        for pair in text.split(',') {
            let named = pair.split_once('=').map(|(key, value)| (key.trim(), value.trim()));
            let Some((key, value)) = named.filter(|(_, value)| !value.is_empty()) else {
                return Err(format!("found {pair:?}, {ATTRIBUTES_EXPECTED}"));
            };
            let keys = ["name", "code", "parent", "parent-name", "level"];
            let Some(position) = keys.iter().position(|known| *known == key) else {
                return Err(format!("found {key:?}, {ATTRIBUTES_EXPECTED}"));
            };
            if given[position].replace(value.to_owned()).is_some() {
                return Err(format!("{key} stands there twice, {ATTRIBUTES_EXPECTED}"));
            }
        }
        let [name, code, parent, parent_name, level] = given;
        let level = match level.as_deref() {
            None => None,
            Some("adm1") => Some(Level::Adm1),
            Some("adm2") => Some(Level::Adm2),
            Some(other) => return Err(format!("found level={other}, {ATTRIBUTES_EXPECTED}")),
        };
        let is_level_alone = level.is_some() && parent.is_none() && parent_name.is_none();
        let names = match (name, code) {
            (Some(name), Some(code)) => Some([name, code]),
            (None, None) if is_level_alone => None,
            _ => return Err(format!("name or code is missing, {ATTRIBUTES_EXPECTED}")),
        };
        Ok(Self { names, parent, parent_name, level })
    }
}

impl AttributeList {
    /// The attributes for a reader; `usual` is the level where none is given. Nothing where they are those of
    /// OCHA or geoBoundaries.
    pub(crate) fn named(&self, usual: Level) -> Option<NamedAttributes> {
        let [name, code] = self.names.clone()?;
        Some(NamedAttributes {
            name,
            code,
            parent: self.parent.clone(),
            parent_name: self.parent_name.clone(),
            level: self.level.unwrap_or(usual),
        })
    }

    /// The level that the list gives.
    pub(crate) const fn level(&self) -> Option<Level> {
        self.level
    }
}

/// The list as a command line has it up to the level, each with its comma.
impl core::fmt::Display for AttributeList {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Some([name, code]) = &self.names else { return Ok(()) };
        write!(out, "name={name},code={code},")?;
        let optional = [("parent", &self.parent), ("parent-name", &self.parent_name)];
        for (key, value) in optional {
            if let Some(value) = value {
                write!(out, "{key}={value},")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_attributes_needs_a_name_and_a_code_or_a_level_alone() {
        let list: AttributeList = "name=a, code=b,parent=c,level=adm1".parse().unwrap();
        assert_eq!(list.to_string(), "name=a,code=b,parent=c,");
        assert_eq!(list.named(Level::Adm2).map(|names| names.level), Some(Level::Adm1));
        let alone: AttributeList = "level=adm1".parse().unwrap();
        assert_eq!((alone.named(Level::Adm2), alone.level()), (None, Some(Level::Adm1)));
        for wrong in [
            "",
            "name=a",
            "parent=a,level=adm1",
            "name=a,code=",
            "name=a,name=b,code=c",
            "nam=a,code=b",
            "name=a,code=b,level=2",
        ] {
            assert!(wrong.parse::<AttributeList>().is_err(), "{wrong}");
        }
    }
}
