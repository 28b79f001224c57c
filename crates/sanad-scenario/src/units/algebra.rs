//! Products of powers of primary units. Powers are whole numbers and saturate at the bounds of 32
//! bits.

use std::collections::BTreeMap;
use std::fmt;

use crate::document::UnitDefinition;
use crate::name::canonical_name;

/// A unit reduced to primary units with their powers; empty is dimensionless. `Display` writes it
/// as a product and a quotient, names in alphabetical order: `1`, `people/years`, `1/(kg*s^2)`.
///
/// ```
/// use sanad_scenario::Unit;
///
/// assert!(Unit::dimensionless().is_dimensionless());
/// assert_eq!(Unit::dimensionless().to_string(), "1");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unit {
    /// By canonical name; no power is zero.
    powers: BTreeMap<String, i32>,
}

impl Unit {
    /// No unit. What a plain number has.
    #[must_use]
    pub fn dimensionless() -> Self {
        Self::default()
    }

    /// A unit that is no product of others.
    fn primary(name: &str) -> Self {
        Self { powers: BTreeMap::from([(name.to_owned(), 1)]) }
    }

    /// Whether there is no unit left.
    #[must_use]
    pub fn is_dimensionless(&self) -> bool {
        self.powers.is_empty()
    }

    /// The product, or with `sign` −1 the quotient: exponents add up.
    pub(crate) fn times(&self, other: &Self, sign: i32) -> Self {
        let mut powers = self.powers.clone();
        for (name, power) in &other.powers {
            let sum =
                powers.get(name).copied().unwrap_or(0).saturating_add(power.saturating_mul(sign));
            if sum == 0 {
                powers.remove(name);
            } else {
                powers.insert(name.clone(), sum);
            }
        }
        Self { powers }
    }

    /// A whole power. The zeroth has no unit.
    pub(crate) fn power(&self, exponent: i32) -> Self {
        let powers = self.powers.iter();
        let powers = powers.map(|(name, power)| (name.clone(), power.saturating_mul(exponent)));
        Self { powers: powers.filter(|(_, power)| *power != 0).collect() }
    }

    /// The square root, if every power is even.
    pub(crate) fn root(&self) -> Option<Self> {
        let halves = self
            .powers
            .iter()
            .map(|(name, power)| (power % 2 == 0).then(|| (name.clone(), power / 2)));
        Some(Self { powers: halves.collect::<Option<_>>()? })
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |sign: i32| -> Vec<String> {
            let chosen = self.powers.iter().filter(|(_, power)| power.signum() == sign);
            chosen
                .map(|(name, power)| match power.abs() {
                    1 => name.clone(),
                    power => format!("{name}^{power}"),
                })
                .collect()
        };
        let (above, below) = (part(1), part(-1));
        f.write_str(&if above.is_empty() { "1".to_owned() } else { above.join("*") })?;
        match below.len() {
            0 => Ok(()),
            1 => write!(f, "/{}", below[0]),
            _ => write!(f, "/({})", below.join("*")),
        }
    }
}

/// The baseline units of the standard: each line is a primary unit and its other names. Spelled in
/// their canonical form. They are not converted into one another: a week is not seven days here.
const BASELINE: [&[&str]; 11] = [
    &["nanoseconds", "ns", "nanosecond"],
    &["microseconds", "us", "microsecond"],
    &["milliseconds", "ms", "millisecond"],
    &["seconds", "s", "second"],
    &["minutes", "min", "minute"],
    &["hours", "hr", "hour"],
    &["days", "day"],
    &["weeks", "wk", "week"],
    &["months", "mo", "month"],
    &["quarters", "qtr", "quarter"],
    &["years", "yr", "year"],
];

/// Names of units and what they reduce to. A name that is in neither map is a primary unit of its
/// own, so that a misspelt unit is seen only by the clash that it causes.
#[derive(Debug, Clone, Default)]
pub(crate) struct UnitTable {
    /// Canonical name of a derived unit → its defining equation.
    equations: BTreeMap<String, String>,
    /// Canonical other name → canonical name.
    aliases: BTreeMap<String, String>,
}

/// Most definitions that may refer to one another. Also the most parentheses of one text, and the
/// longest chain of aliases; beyond it a definition is taken for circular.
const NESTING: usize = 32;

impl UnitTable {
    /// The standard's units and a file's own, which prevail. Disabled definitions are passed over.
    pub(crate) fn new(definitions: &[UnitDefinition]) -> Self {
        let mut table = Self::default();
        for names in BASELINE {
            for alias in &names[1..] {
                table.aliases.insert((*alias).to_owned(), names[0].to_owned());
            }
        }
        for name in ["dimensionless", "unitless", "dmnl"] {
            table.equations.insert(name.to_owned(), "1".to_owned());
        }
        for definition in definitions.iter().filter(|definition| !definition.disabled) {
            let name = canonical_name(&definition.name);
            // A definition that repeats a baseline unit under another of its names joins it.
            let known = table.aliases.get(&name).cloned();
            if !definition.equation.trim().is_empty() {
                table.aliases.remove(&name);
                table.equations.insert(name.clone(), definition.equation.clone());
            }
            for alias in &definition.aliases {
                let alias = canonical_name(alias);
                let target = known.clone().unwrap_or_else(|| name.clone());
                if alias != target && !table.equations.contains_key(&alias) {
                    table.aliases.insert(alias, target);
                }
            }
        }
        table
    }

    /// Reads a unit equation. Names joined by `*`, `-` (a product, too) and `/` from left to right,
    /// each perhaps with a power after `^`; parentheses, quoted names, and `1`.
    ///
    /// # Errors
    ///
    /// A sentence that says what cannot be read; a definition that leads back to itself.
    pub(crate) fn parse(&self, text: &str) -> Result<Unit, String> {
        self.parse_nested(text, 0)
    }

    /// A unit's text, as one of several definitions within one another.
    fn parse_nested(&self, text: &str, nesting: usize) -> Result<Unit, String> {
        if nesting > NESTING {
            return Err("the definition of the unit is circular".to_owned());
        }
        let mut reader = UnitReader { table: self, text, place: 0, nesting };
        let unit = reader.product()?;
        reader.skip_space();
        match text[reader.place..].chars().next() {
            None => Ok(unit),
            Some(character) => Err(format!("{character:?} has no place in the unit {text:?}")),
        }
    }

    /// A unit by its name, aliases followed.
    fn named(&self, name: &str, nesting: usize) -> Result<Unit, String> {
        let mut name = canonical_name(name);
        for _ in 0..NESTING {
            if let Some(equation) = self.equations.get(&name) {
                return self.parse_nested(equation, nesting + 1);
            }
            match self.aliases.get(&name) {
                Some(target) if *target != name => name.clone_from(target),
                _ => return Ok(Unit::primary(&name)),
            }
        }
        Err(format!("the aliases of the unit {name} are circular"))
    }
}

/// A unit's text, and how far it is read.
struct UnitReader<'a> {
    table: &'a UnitTable,
    text: &'a str,
    place: usize,
    nesting: usize,
}

impl UnitReader<'_> {
    /// Passes over white space.
    fn skip_space(&mut self) {
        let rest = &self.text[self.place..];
        self.place += rest.len() - rest.trim_start().len();
    }

    /// Passes over a character, if it is next.
    fn accept(&mut self, character: char) -> bool {
        self.skip_space();
        let found = self.text[self.place..].starts_with(character);
        if found {
            self.place += character.len_utf8();
        }
        found
    }

    /// Factors joined by signs of multiplication and division. From left to right: `a/b*c` is
    /// (a/b)·c.
    fn product(&mut self) -> Result<Unit, String> {
        let mut unit = self.factor()?;
        loop {
            // The standard lets a hyphen stand for a product.
            if self.accept('*') || self.accept('-') {
                unit = unit.times(&self.factor()?, 1);
            } else if self.accept('/') {
                unit = unit.times(&self.factor()?, -1);
            } else {
                return Ok(unit);
            }
        }
    }

    /// A unit with its exponent.
    fn factor(&mut self) -> Result<Unit, String> {
        let unit = self.base()?;
        if !self.accept('^') {
            return Ok(unit);
        }
        let negative = self.accept('-');
        self.skip_space();
        let digits: String =
            self.text[self.place..].chars().take_while(char::is_ascii_digit).collect();
        self.place += digits.len();
        let exponent: i32 = digits
            .parse()
            .map_err(|_| format!("the power in {:?} is not a whole number", self.text))?;
        Ok(unit.power(if negative { -exponent } else { exponent }))
    }

    /// A name, a number or a unit in brackets. An unquoted name goes on to the next operator, so
    /// that it may have several words. The only number is 1; another is taken for a name.
    fn base(&mut self) -> Result<Unit, String> {
        if self.accept('(') {
            self.nesting += 1;
            if self.nesting > NESTING {
                return Err("the unit is nested too deep".to_owned());
            }
            let unit = self.product()?;
            if !self.accept(')') {
                return Err(format!("a parenthesis in {:?} is not closed", self.text));
            }
            self.nesting -= 1;
            return Ok(unit);
        }
        self.skip_space();
        let rest = &self.text[self.place..];
        let length = match rest.strip_prefix('"') {
            Some(quoted) => quoted.find('"').map_or(rest.len(), |end| end + 2),
            None => rest.find(['*', '/', '^', '(', ')', '-']).unwrap_or(rest.len()),
        };
        let name = rest[..length].trim();
        self.place += length;
        match name {
            "" => Err(format!("a unit is missing in {:?}", self.text)),
            "1" => Ok(Unit::dimensionless()),
            _ => self.table.named(name, self.nesting),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let definitions = [
            UnitDefinition {
                name: "People".into(),
                aliases: vec!["person".into(), "persons".into()],
                ..UnitDefinition::default()
            },
            UnitDefinition {
                name: "crowd".into(),
                equation: "people^2".into(),
                ..UnitDefinition::default()
            },
            UnitDefinition { name: "a".into(), equation: "b".into(), ..UnitDefinition::default() },
            UnitDefinition { name: "b".into(), equation: "a".into(), ..UnitDefinition::default() },
        ];
        let table = UnitTable::new(&definitions);
        table.parse(text).map_or_else(|fault| fault, |unit| unit.to_string())
    }

    #[test]
    fn units_reduce_to_primary_ones() {
        assert_eq!(shown("person/day"), "people/days");
        assert_eq!(shown("crowd / persons"), "people");
        assert_eq!(shown("1/(year*year)"), "1/years^2");
        assert_eq!(shown("Dmnl"), "1");
        assert_eq!(shown("$-month^-1"), "$/months");
    }

    #[test]
    fn brackets_side_by_side_are_not_nested_and_brackets_within_brackets_are() {
        let side_by_side = vec!["(m)"; NESTING + 1].join("*");
        assert_eq!(shown(&side_by_side), format!("m^{}", NESTING + 1));
        let within = format!("{}m{}", "(".repeat(NESTING + 1), ")".repeat(NESTING + 1));
        assert!(shown(&within).contains("too deep"), "{}", shown(&within));
    }

    #[test]
    fn faults_are_told() {
        assert!(shown("a").contains("circular"));
        assert!(shown("m^x").contains("whole number"));
        assert!(shown("(m").contains("not closed"));
        assert!(shown("m//s").contains("missing"));
    }
}
