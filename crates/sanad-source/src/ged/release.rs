//! What a version number of UCDP GED says about the file.

use sanad_core::Month;

/// A release of UCDP GED as its version number names it.
///
/// Source: UCDP's version labels. Annual releases have two parts, the year of release and the
/// revision (22.1 covers 1989 to 2021). Candidate releases have a zero in the middle and the
/// month last (23.0.10 is October 2023), or, for a quarter, the first and last month (23.01.23.03).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// A final, annual release.
    Annual {
        /// Year of release.
        year: i32,
    },
    /// A preliminary, candidate release.
    Candidate {
        /// First month it was made for.
        from: Month,
        /// Last month it was made for.
        to: Month,
    },
}

impl Release {
    /// Reads a version number such as `22.1`, `v22_1`, `23.0.10` or `23.01.23.03`; nothing for
    /// another form.
    ///
    /// ```
    /// use sanad_source::ged::Release;
    ///
    /// assert_eq!(Release::parse("22.1"), Some(Release::Annual { year: 2022 }));
    /// let month = "2023-10".parse().unwrap();
    /// assert_eq!(Release::parse("v23_0_10"), Some(Release::Candidate { from: month, to: month }));
    /// assert_eq!(Release::parse("latest"), None);
    /// ```
    #[must_use]
    pub fn parse(version: &str) -> Option<Self> {
        let digits = version.trim().trim_start_matches(['v', 'V']);
        let parts: Vec<u32> = digits
            .split(['.', '_', '-'])
            .map(|part| part.parse().ok().filter(|number| *number < 100))
            .collect::<Option<_>>()?;
        let year = |part: u32| 2000 + part as i32;
        match parts[..] {
            [release, _] => Some(Self::Annual { year: year(release) }),
            [release, 0, month] => {
                let month = Month::new(year(release), month)?;
                Some(Self::Candidate { from: month, to: month })
            }
            [first_year, first, last_year, last] => {
                let from = Month::new(year(first_year), first)?;
                let to = Month::new(year(last_year), last)?;
                (from <= to).then_some(Self::Candidate { from, to })
            }
            _ => None,
        }
    }

    /// Whether the publisher calls the release preliminary.
    #[must_use]
    pub const fn is_preliminary(self) -> bool {
        matches!(self, Self::Candidate { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_numbers_tell_annual_from_candidate_releases() {
        let month = |text: &str| text.parse::<Month>().unwrap();
        let candidate = |from, to| Some(Release::Candidate { from: month(from), to: month(to) });
        assert_eq!(Release::parse("25.1"), Some(Release::Annual { year: 2025 }));
        assert_eq!(Release::parse("17.2"), Some(Release::Annual { year: 2017 }));
        assert_eq!(Release::parse("23.0.9"), candidate("2023-09", "2023-09"));
        assert_eq!(Release::parse("23.01.23.03"), candidate("2023-01", "2023-03"));
        for text in ["", "22", "23.0.13", "23.1.10", "23.04.23.03", "22.1.a", "2022.1"] {
            assert_eq!(Release::parse(text), None, "{text}");
        }
    }
}
