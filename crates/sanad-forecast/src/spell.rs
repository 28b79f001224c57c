//! Spells of violence: when they began, and how long it was quiet before.

/// Months without a death after which a spell of violence is over.
pub const SPELL_ENDS_AFTER_MONTHS: usize = 12;

/// What a place's history says, in a month, of the spell of violence it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spell {
    /// Months since the spell's first death, counting the month itself; 0 where there is no spell.
    pub months: usize,
    /// Months without a death before the spell began, at most those on record; 0 where there is none.
    pub quiet_before_months: usize,
}

/// The spell of each month of a series of counts. A spell begins with a month that has a death and
/// ends with the twelfth month in a row without one; a missing month counts as one without.
///
/// ```
/// use sanad_forecast::{Spell, spells};
///
/// let mut series = vec![0.0; 20];
/// (series[5], series[7]) = (3.0, 1.0);
/// let spells = spells(&series);
/// assert_eq!(spells[4], Spell::default());
/// assert_eq!(spells[7], Spell { months: 3, quiet_before_months: 5 });
/// assert_eq!(spells[18].months, 14);
/// assert_eq!(spells[19], Spell::default());
/// ```
#[must_use]
pub fn spells(series: &[f64]) -> Vec<Spell> {
    let mut spell = Spell::default();
    let mut quiet = 0;
    let next = |&value: &f64| {
        if value > 0.0 {
            if spell.months == 0 {
                spell.quiet_before_months = quiet;
            }
            spell.months += 1;
            quiet = 0;
        } else {
            quiet += 1;
            spell.months += usize::from(spell.months > 0);
            if quiet >= SPELL_ENDS_AFTER_MONTHS {
                spell = Spell::default();
            }
        }
        spell
    };
    series.iter().map(next).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_of_eleven_months_does_not_end_a_spell_and_one_of_twelve_does() {
        let with_pause = |pause: usize| {
            let mut series = vec![0.0, 2.0];
            series.extend(vec![0.0; pause]);
            series.push(1.0);
            spells(&series)[pause + 2]
        };
        assert_eq!(with_pause(11), Spell { months: 13, quiet_before_months: 1 });
        assert_eq!(with_pause(12), Spell { months: 1, quiet_before_months: 12 });
    }

    #[test]
    fn a_missing_month_is_one_without_a_death() {
        assert_eq!(
            spells(&[f64::NAN, 1.0, f64::NAN])[2],
            Spell { months: 2, quiet_before_months: 1 }
        );
    }
}
