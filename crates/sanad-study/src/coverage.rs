//! Which months the counts by place are shown for.
//!
//! Versions of a source can leave months between them that none covers, as a yearly release and a
//! monthly one do. Such a month is unknown, not quiet; sums, means and maps must not run over it.

use sanad_core::Month;

/// What a briefing compares: the last year with the year before. A shorter latest run, as a monthly
/// release after a gap gives, is shown apart.
const FEWEST_MONTHS: usize = 24;

/// First and last month of the latest unbroken run of two years or more; of the longest run where
/// none is that long. `covered` ascends. `None` where nothing is covered.
pub(super) fn unbroken(covered: &[Month]) -> Option<[Month; 2]> {
    let long = runs(covered).rfind(|run| run.len() >= FEWEST_MONTHS);
    let run = long.or_else(|| runs(covered).max_by_key(|run| run.len()))?;
    Some([*run.first()?, *run.last()?])
}

/// Where the run of months that ends with the last one begins. `covered` ascends. A position in
/// `covered`; 0 where there is no gap, and for no months.
pub(super) fn last_run(covered: &[Month]) -> usize {
    covered.len() - runs(covered).next_back().map_or(0, <[Month]>::len)
}

/// Runs of covered months that lie outside `shown`: first and last month of each. They are known
/// and listed, but no sum or mean runs over them together with the shown ones.
pub(super) fn apart(covered: &[Month], shown: [Month; 2]) -> Vec<[Month; 2]> {
    stretches(covered).into_iter().filter(|stretch| stretch[0] != shown[0]).collect()
}

/// Ascending months as first and last of each run without a gap.
pub(super) fn stretches(months: &[Month]) -> Vec<[Month; 2]> {
    runs(months).filter_map(|run| Some([*run.first()?, *run.last()?])).collect()
}

/// The stretches of months without a gap.
fn runs(covered: &[Month]) -> impl DoubleEndedIterator<Item = &[Month]> {
    covered.chunk_by(|before, after| before.plus(1) == *after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn months(from: &str, to: &str) -> Vec<Month> {
        Month::range(from.parse().unwrap(), to.parse().unwrap()).collect()
    }

    fn shown(months: &[Month; 2]) -> String {
        format!("{} to {}", months[0], months[1])
    }

    #[test]
    fn a_month_after_a_gap_does_not_make_the_gap_quiet() {
        let covered = [months("1989-01", "2021-12"), months("2023-10", "2023-10")].concat();
        let run = unbroken(&covered).unwrap();
        assert_eq!(shown(&run), "1989-01 to 2021-12");
        let apart = apart(&covered, run);
        assert_eq!(apart.iter().map(shown).collect::<Vec<_>>(), ["2023-10 to 2023-10"]);
    }

    #[test]
    fn the_last_run_begins_after_the_last_gap() {
        let covered = [months("1989-01", "1989-03"), months("2023-10", "2023-11")].concat();
        assert_eq!(last_run(&covered), 3);
        assert_eq!((last_run(&covered[..3]), last_run(&[])), (0, 0));
    }

    #[test]
    fn months_are_joined_where_they_follow_each_other() {
        let month = |text: &str| text.parse::<Month>().unwrap();
        let months = ["2023-10", "2025-12", "2026-01", "2026-02"].map(month);
        let found = stretches(&months);
        assert_eq!(found, [[month("2023-10"); 2], [month("2025-12"), month("2026-02")]]);
        assert!(stretches(&[]).is_empty());
    }

    #[test]
    fn the_latest_run_of_two_years_is_shown_or_else_the_longest() {
        let long = [months("2000-01", "2010-12"), months("2012-01", "2013-12")].concat();
        assert_eq!(shown(&unbroken(&long).unwrap()), "2012-01 to 2013-12");
        let short = [months("2000-01", "2000-09"), months("2001-01", "2001-03")].concat();
        assert_eq!(shown(&unbroken(&short).unwrap()), "2000-01 to 2000-09");
        assert_eq!(unbroken(&[]), None);
        assert!(apart(&short[..9], unbroken(&short[..9]).unwrap()).is_empty());
    }
}
