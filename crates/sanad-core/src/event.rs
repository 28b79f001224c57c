//! Events of violence, held as columns: one million rows must fit on a laptop.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};

use crate::actor::words;
use crate::time::Month;

words! {
    /// UCDP's type of organised violence.
    Violence {
        /// Between a state and an organisation or another state (UCDP type 1).
        StateBased = "state-based",
        /// Between organisations of which none is a state (UCDP type 2).
        NonState = "non-state",
        /// By a state or an organisation against civilians (UCDP type 3).
        OneSided = "one-sided",
    }
}

impl Violence {
    /// UCDP's number for the type, 1 to 3.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::StateBased => 1,
            Self::NonState => 2,
            Self::OneSided => 3,
        }
    }

    /// The type with UCDP's number.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::StateBased),
            2 => Some(Self::NonState),
            3 => Some(Self::OneSided),
            _ => None,
        }
    }
}

words! {
    /// By what means an attack was made, where a source says so. A means is that of the side that acted,
    /// and an event may have several. What a source does not code is not known: it is never inferred from
    /// a kind of event, a side or a number of deaths.
    Means {
        /// A bomb, a mine or another explosive device.
        Explosive = "explosive",
        /// By somebody who meant to die in the attack.
        Suicide = "suicide",
        /// An aircraft without a crew.
        Drone = "drone",
        /// From the air, where the source does not tell by what.
        AirStrike = "air-strike",
        /// Artillery, mortars, rockets or missiles.
        IndirectFire = "indirect-fire",
        /// Grenades.
        Grenade = "grenade",
        /// Chemical weapons.
        Chemical = "chemical",
        /// Firearms that one person carries.
        SmallArms = "small-arms",
        /// Sights for the night, by heat.
        ThermalSight = "thermal-sight",
        /// Several places or parties at once, by plan.
        CoordinatedAssault = "coordinated-assault",
        /// Fire that was set.
        Arson = "arson",
    }
}

impl Means {
    /// Reads words joined by semicolons, as a cell of a table has them: each means once, in the order of
    /// [`ALL`](Self::ALL). An empty text is none.
    ///
    /// # Errors
    ///
    /// [`Error::Word`](crate::Error::Word) for a word outside the list.
    ///
    /// ```
    /// use sanad_core::event::Means;
    ///
    /// let found = Means::parse_list("suicide; explosive;suicide")?;
    /// assert_eq!(Means::join(&found), "explosive;suicide");
    /// assert!(Means::parse_list("")?.is_empty());
    /// assert!(Means::parse_list("bombs").is_err());
    /// # Ok::<(), sanad_core::Error>(())
    /// ```
    pub fn parse_list(text: &str) -> crate::Result<BTreeSet<Self>> {
        let words = text.split(';').map(str::trim).filter(|word| !word.is_empty());
        words.map(str::parse).collect()
    }

    /// The words of several means, joined by semicolons.
    #[must_use]
    pub fn join(means: &BTreeSet<Self>) -> String {
        means.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(";")
    }
}

words! {
    /// Which month an event of several days is counted in.
    DateRule {
        /// The month of the last day, as VIEWS and UCDP's own monthly series do.
        End = "end",
        /// The month of the first day.
        Start = "start",
        /// Every month in proportion to the days that fall in it.
        Spread = "spread",
    }
}

impl DateRule {
    /// The months an event counts in, with parts in millionths that add up to
    /// [`WHOLE_PPM`](crate::place::WHOLE_PPM).
    ///
    /// ```
    /// use sanad_core::event::DateRule;
    ///
    /// let day = |text: &str| text.parse().unwrap();
    /// let parts = DateRule::Spread.months(day("2010-03-31"), day("2010-04-02"));
    /// assert_eq!(parts.len(), 2);
    /// assert_eq!(parts[0].1 + parts[1].1, 1_000_000);
    /// assert_eq!(parts[1].1, 666_667);
    /// ```
    #[must_use]
    pub fn months(self, start: NaiveDate, end: NaiveDate) -> Vec<(Month, i64)> {
        let one = |day| vec![(Month::from_date(day), crate::place::WHOLE_PPM)];
        match self {
            Self::End => one(end),
            Self::Start => one(start),
            Self::Spread => {
                let months: Vec<Month> =
                    Month::range(Month::from_date(start), Month::from_date(end)).collect();
                let days: Vec<f64> = months
                    .iter()
                    .map(|month| {
                        let last = month.last_day().min(end) + Days::new(1);
                        (last - month.first_day().max(start)).num_days() as f64
                    })
                    .collect();
                months.into_iter().zip(crate::place::apportion(&days)).collect()
            }
        }
    }
}

/// A column of texts that repeat: a code per row and each distinct text once, in order of first
/// appearance. Code 0 is the empty text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// Code per row: a position in [`values`](Self::values).
    pub codes: Vec<u32>,
    /// The distinct texts.
    pub values: Vec<String>,
}

impl Default for Words {
    fn default() -> Self {
        Self { codes: Vec::new(), values: vec![String::new()] }
    }
}

impl Words {
    /// The text of `row`.
    ///
    /// # Panics
    ///
    /// When `row` is out of range.
    #[must_use]
    pub fn get(&self, row: usize) -> &str {
        &self.values[self.codes[row] as usize]
    }
}

/// Events of one source version, one column per property, all of the same length.
///
/// Deaths are counts of persons. No headline, article or name of a person is held.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Events {
    /// The source's identifier of the event.
    pub id: Vec<i64>,
    /// Row in the source's file, the header being row 1.
    pub row: Vec<u32>,
    /// First day, in days since 1970-01-01.
    pub start_day: Vec<i32>,
    /// Last day, in days since 1970-01-01.
    pub end_day: Vec<i32>,
    /// UCDP's precision of the date, 1 (day) to 5 (more than a month).
    pub date_prec: Vec<u8>,
    /// UCDP's type of violence, 1 to 3.
    pub violence: Vec<u8>,
    /// The source's identifier of the conflict; −1 where it gives none.
    pub conflict_id: Vec<i64>,
    /// The source's identifier of the dyad; −1 where it gives none.
    pub dyad_id: Vec<i64>,
    /// The source's identifier of side A; −1 where it gives none.
    pub side_a_id: Vec<i64>,
    /// Name of side A.
    pub side_a: Words,
    /// The source's identifier of side B; −1 where it gives none.
    pub side_b_id: Vec<i64>,
    /// Name of side B.
    pub side_b: Words,
    /// Gleditsch–Ward number of the country where it happened.
    pub country_id: Vec<i32>,
    /// Name of that country.
    pub country: Words,
    /// Province as the source spells it.
    pub adm1: Words,
    /// District as the source spells it.
    pub adm2: Words,
    /// UCDP's precision of the place, 1 to 7.
    pub where_prec: Vec<u8>,
    /// Degrees north; NaN where the source gives none.
    pub latitude: Vec<f64>,
    /// Degrees east; NaN where the source gives none.
    pub longitude: Vec<f64>,
    /// Deaths of side A.
    pub deaths_a: Vec<i32>,
    /// Deaths of side B.
    pub deaths_b: Vec<i32>,
    /// Deaths of civilians.
    pub deaths_civilians: Vec<i32>,
    /// Deaths of persons of unknown status.
    pub deaths_unknown: Vec<i32>,
    /// Best estimate of deaths.
    pub deaths_best: Vec<i32>,
    /// Low estimate of deaths.
    pub deaths_low: Vec<i32>,
    /// High estimate of deaths.
    pub deaths_high: Vec<i32>,
    /// Means of attack of side A, the side that acted, as [`Means::join`] writes them; empty where
    /// none is coded for the event, `None` where the source codes none at all.
    pub means: Option<Words>,
}

impl Events {
    /// How many events there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.id.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.id.is_empty()
    }
}

/// A day as days since 1970-01-01, the form in which columns hold it.
///
/// ```
/// use sanad_core::event::{day_number, number_day};
///
/// let day = "2014-12-16".parse().unwrap();
/// assert_eq!(number_day(day_number(day)), day);
/// ```
#[must_use]
pub fn day_number(day: NaiveDate) -> i32 {
    day.signed_duration_since(NaiveDate::default()).num_days() as i32
}

/// The day that is `number` days after 1970-01-01; the calendar's ends when out of range.
#[must_use]
pub fn number_day(number: i32) -> NaiveDate {
    let epoch = NaiveDate::default();
    let days = Days::new(u64::from(number.unsigned_abs()));
    if number < 0 {
        epoch.checked_sub_days(days).unwrap_or(NaiveDate::MIN)
    } else {
        epoch.checked_add_days(days).unwrap_or(NaiveDate::MAX)
    }
}
