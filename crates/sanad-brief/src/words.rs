//! Numbers as sentences.

use sanad_core::Estimate;
use sanad_core::chronicle::Front;
use sanad_core::{Month, Period, Precision};

use crate::content::{FrontBlock, FrontPeak, Headline, Monthly, NationalYear, Newest, PlaceKind};
use crate::latest::Most;

/// A whole number with thin grouping: 1,885.
pub(crate) fn whole(value: f64) -> String {
    sanad_figure::number(value, 0)
}

/// The name of a month without its year.
const fn month_name(month: Month) -> &'static str {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    NAMES[month.month() as usize - 1]
}

/// A month for people: December 2021.
pub(crate) fn month(month: Month) -> String {
    format!("{} {}", month_name(month), month.year())
}

/// A stretch of months: "2021" for a full year, "March to May 2021" within one, else "January 2020 to
/// May 2021".
pub(crate) fn months([from, to]: [Month; 2]) -> String {
    if from.month() == 1 && to == from.plus(11) {
        from.year().to_string()
    } else if from.year() == to.year() {
        format!("{} to {}", month_name(from), month(to))
    } else {
        format!("{} to {}", month(from), month(to))
    }
}

/// What is held and not shown.
pub(crate) fn apart(runs: &[[Month; 2]]) -> String {
    format!(
        "Counts by place are held for {} as well and are not shown: no version of the source covers \
         the months between, and a sum over them would take what is unknown for quiet.",
        stretches(runs)
    )
}

/// When something happened, as short as its precision allows: "2021–2025", "May–June 2025".
pub(crate) fn when(period: Period) -> String {
    let (start, end) = (period.start(), period.end());
    let (first, last) = (Month::from_date(start), Month::from_date(end));
    let whole_months = start == first.first_day() && end == last.last_day();
    if period.precision() != Precision::Interval || !whole_months {
        return period.to_string().replace('/', " to ");
    }
    if first.month() == 1 && last.month() == 12 {
        format!("{}–{}", first.year(), last.year())
    } else {
        format!("{first} to {last}")
    }
}

/// The name of a front.
pub(crate) const fn front(front: Front) -> &'static str {
    match front {
        Front::Narrative => "Narrative",
        Front::Governance => "Governance",
        Front::Regional => "Regional",
    }
}

/// The sentences at the top of a briefing without national months that are newer than the counts by
/// place, made from numbers alone.
pub(crate) fn headline(headline: &Headline) -> Vec<String> {
    let national = headline.national.as_ref().map(national);
    let first = [newest_by_place(headline), national].into_iter().flatten();
    first.chain(last_year_by_place(headline)).chain(front_peak(headline)).collect()
}

/// The newest months counted by place, where they lie beyond a gap.
pub(crate) fn newest_by_place(headline: &Headline) -> Option<String> {
    headline.newest.as_ref().map(|months| newest(headline, months))
}

/// The last twelve months in a row that are counted by place.
pub(crate) fn last_year_by_place(headline: &Headline) -> Vec<String> {
    [Some(violence(headline)), change(headline)].into_iter().flatten().collect()
}

/// Stretches of months in words: "October 2023, January to February 2026".
pub(crate) fn stretches(all: &[[Month; 2]]) -> String {
    let one = |&[from, to]: &[Month; 2]| if from == to { month(from) } else { months([from, to]) };
    all.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// The newest months that are known by place, and what is missing beside them.
fn newest(headline: &Headline, newest: &Newest) -> String {
    let mut text = format!(
        "In {}, the newest months counted by place, {} recorded{} {} events of organised violence and \
         {} deaths (low and high estimate {} and {})",
        stretches(&newest.months),
        newest.source,
        if newest.is_preliminary { ", preliminarily," } else { "" },
        whole(newest.events),
        whole(newest.deaths.value),
        whole(newest.deaths.low),
        whole(newest.deaths.high),
    );
    if let Some((province, share)) = &newest.province {
        text.push_str(&format!("; {} % of the deaths were in {province}", whole(share * 100.0)));
    }
    if let Some((district, deaths)) = &newest.district {
        text.push_str(&most(headline, district, *deaths));
    }
    if newest.deaths_unplaced >= 0.5 {
        let unplaced = whole(newest.deaths_unplaced);
        text.push_str(&format!("; {unplaced} deaths are known to the country only"));
    }
    text.push('.');
    if !newest.missing.is_empty() {
        let missing = stretches(&newest.missing);
        text.push_str(&format!(" By place nothing covers {missing}: unknown, not quiet."));
    }
    text
}

/// The last full year of the national series, where it is later than the counts by place.
fn national(year: &NationalYear) -> String {
    let since = match year.most {
        Most::Since(since) => format!(", the most since {since}"),
        Most::OfSeries => ", the most in the whole series".to_owned(),
        Most::NotKnown => String::new(),
    };
    format!(
        "In {}, a later version of the source, national only ({}), counts {} events and {} deaths{}\
         {since}.",
        year.year,
        year.source,
        whole(year.events as f64),
        whole(year.deaths_best as f64),
        year.deaths_high.map_or_else(String::new, |high| {
            format!(" (high estimate {})", whole(high as f64))
        }),
    )
}

/// What happened in the last twelve months in a row that are counted by place, in one sentence.
fn violence(headline: &Headline) -> String {
    let mut text = format!(
        "In {}, the last twelve months in a row that are counted by {}, {} recorded {} events of \
         organised violence and {} deaths (low and high estimate {} and {})",
        months(headline.months),
        headline.finest.one(&headline.names),
        headline.source,
        whole(headline.events),
        whole(headline.deaths.value),
        whole(headline.deaths.low),
        whole(headline.deaths.high),
    );
    if let Some((province, share)) = &headline.province {
        text.push_str(&format!("; {} % of the deaths were in {province}", whole(share * 100.0)));
    }
    if let Some((district, deaths)) =
        headline.district.as_ref().filter(|_| headline.finest == PlaceKind::District)
    {
        text.push_str(&most(headline, district, *deaths));
    }
    text.push('.');
    text
}

/// The place of the second level with most deaths.
fn most(headline: &Headline, place: &str, deaths: f64) -> String {
    format!("; the {} with most was {place} ({})", headline.names.adm2.one, whole(deaths))
}

/// Those months against the twelve before, with the interval of the ratio; nothing where no ratio
/// is known.
fn change(headline: &Headline) -> Option<String> {
    let ratio = headline.change?;
    Some(format!(
        "Deaths per month in {} were {} times those of the twelve months before (95 % interval {} to \
         {}{}).",
        months(headline.months),
        sanad_figure::number(ratio.value, 1),
        sanad_figure::number(ratio.low, 1),
        sanad_figure::number(ratio.high, 1),
        if ratio.low <= 1.0 && 1.0 <= ratio.high {
            ", which does not exclude that nothing changed"
        } else {
            ""
        },
    ))
}

/// The most strained front, its province and its index; nothing where no front is measured.
pub(crate) fn front_peak(headline: &Headline) -> Option<String> {
    let peak = headline.front.as_ref()?;
    Some(format!(
        "Of the three fronts, the most strained in {} was the {} front in {}: {} on a scale of 0 \
         to 100 (90 % interval {}), with {} % of its evidence at hand{}.",
        month(peak.month),
        front(peak.front).to_lowercase(),
        peak.place,
        whole(peak.index.value),
        interval(peak.index, 0),
        whole(peak.evidence_share * 100.0),
        later_fronts(peak),
    ))
}

/// What is known of the fronts after the month that is compared.
fn later_fronts(peak: &FrontPeak) -> String {
    let named = |(front_of, last): &(Front, Month)| {
        format!("the {} front (to {})", front(*front_of).to_lowercase(), month(*last))
    };
    match &peak.later[..] {
        [] if peak.until > peak.month => {
            "; after that month no front has enough evidence for an index".to_owned()
        }
        [] => String::new(),
        later => format!(
            "; after that month there is an index of {} alone",
            later.iter().map(named).collect::<Vec<_>>().join(" and ")
        ),
    }
}

/// An interval: "62 to 79".
pub(crate) fn interval(measured: Estimate, decimals: usize) -> String {
    format!("{} to {}", fixed(measured.low, decimals), fixed(measured.high, decimals))
}

/// A number with a fixed number of decimals, so that a column lines up.
///
/// What rounds to zero has no sign.
pub(crate) fn fixed(value: f64, decimals: usize) -> String {
    if decimals == 0 {
        return whole(value);
    }
    let written = format!("{value:.decimals$}");
    let is_zero = !written.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
    if is_zero { written.trim_start_matches('-').to_owned() } else { written }
}

/// The month with most and the group with most, of a monthly series by group.
pub(crate) fn peak(monthly: &Monthly) -> String {
    let length = monthly.series.first().map_or(0, |(_, values)| values.len());
    let total = |at: usize| monthly.series.iter().map(|(_, values)| values[at]).sum::<f64>();
    let Some(most) = (0..length).max_by(|&a, &b| total(a).total_cmp(&total(b))) else {
        return "none recorded".to_owned();
    };
    let all: f64 = (0..length).map(total).sum();
    let sum = |values: &[f64]| values.iter().sum::<f64>();
    let greatest = monthly.series.iter().max_by(|a, b| sum(&a.1).total_cmp(&sum(&b.1)));
    let group = greatest.map_or_else(String::new, |(name, values)| {
        format!("; {} % of all deaths: {name}", whole(100.0 * sum(values) / all.max(1.0)))
    });
    format!("most in {} ({}){group}", month(monthly.from.plus(most as i32)), whole(total(most)))
}

/// Index points with their sign: "+3.1".
pub(crate) fn signed(points: f64) -> String {
    let sign = if points < 0.0 { "−" } else { "+" };
    format!("{sign}{}", sanad_figure::number(points.abs(), 1))
}

/// The range of evidence shares of a front over the months that have an index: "50 %" or "50 to
/// 67 %".
pub(crate) fn evidence(block: &FrontBlock) -> String {
    let shares = block.rows.iter().flat_map(|row| {
        row.index
            .iter()
            .zip(&row.evidence_share)
            .filter(|(index, _)| index.is_some())
            .map(|(_, s)| *s)
    });
    let (low, high) = shares.fold((1.0_f64, 0.0_f64), |(low, high), s| (low.min(s), high.max(s)));
    let (low, high) = (whole(low * 100.0), whole(high * 100.0));
    if low == high { format!("{low} %") } else { format!("{low} to {high} %") }
}

/// A forecast's chance, 0 to 1, as percent. No number of draws makes an event certain or impossible:
/// what rounds to all or nothing is said to lie beyond the last whole percent.
pub(crate) fn chance(chance: f64) -> String {
    match (100.0 * chance).round() {
        percent if percent >= 100.0 => "over 99 %".to_owned(),
        percent if percent < 1.0 => "under 1 %".to_owned(),
        percent => format!("{percent} %"),
    }
}

#[cfg(test)]
mod tests {
    use sanad_core::place::LevelNames;

    use super::*;

    #[test]
    fn no_chance_is_written_as_certain_or_impossible() {
        let written = [1.0, 0.996, 0.99, 0.5, 0.006, 0.004, 0.0].map(chance);
        let expected = ["over 99 %", "over 99 %", "99 %", "50 %", "1 %", "under 1 %", "under 1 %"];
        assert_eq!(written, expected);
    }

    #[test]
    fn a_period_is_written_as_short_as_its_precision_allows() {
        for (text, shown) in [
            ("2021/2025", "2021–2025"),
            ("2025-05/2025-06", "2025-05 to 2025-06"),
            ("2025-08-21/2025-08-31", "2025-08-21 to 2025-08-31"),
            ("2025-08", "2025-08"),
            ("2024", "2024"),
        ] {
            assert_eq!(when(text.parse().unwrap()), shown);
        }
    }

    #[test]
    fn fronts_that_go_on_after_the_month_compared_are_named() {
        let month = |text: &str| text.parse::<Month>().unwrap();
        let mut peak = FrontPeak {
            front: Front::Narrative,
            place: "North".to_owned(),
            month: month("2021-12"),
            index: Estimate { low: 79.0, value: 81.0, high: 84.0 },
            evidence_share: 0.4,
            until: month("2026-02"),
            later: vec![(Front::Governance, month("2025-09"))],
        };
        let said = later_fronts(&peak);
        assert_eq!(
            said,
            "; after that month there is an index of the governance front (to September 2025) alone"
        );
        peak.later.clear();
        assert!(later_fronts(&peak).contains("no front has enough evidence"));
        peak.until = peak.month;
        assert_eq!(later_fronts(&peak), "");
    }

    #[test]
    fn months_beyond_a_gap_are_named() {
        let month = |text: &str| text.parse().unwrap();
        let said = apart(&[[month("2023-10"), month("2023-10")]]);
        assert!(said.starts_with("Counts by place are held for October 2023 as well"), "{said}");
    }

    #[test]
    fn an_interval_that_holds_one_is_said_not_to_exclude_no_change() {
        let month = |text: &str| text.parse().unwrap();
        let deaths = Estimate { low: 426.0, value: 448.0, high: 488.0 };
        let mut numbers = Headline {
            finest: PlaceKind::District,
            names: LevelNames::default(),
            newest: None,
            source: "SOURCE 1".to_owned(),
            months: [month("2021-01"), month("2021-12")],
            events: 189.0,
            deaths,
            change: Some(Estimate { low: 0.9, value: 1.1, high: 1.4 }),
            province: Some(("North".to_owned(), 0.55)),
            district: None,
            national: None,
            front: None,
        };
        let sentences = headline(&numbers);
        assert!(sentences[0].contains("189 events"), "{sentences:?}");
        assert!(sentences[0].contains("low and high estimate 426 and 488"), "{sentences:?}");
        assert!(sentences[0].ends_with("55 % of the deaths were in North."), "{sentences:?}");
        assert!(sentences[1].contains("does not exclude that nothing changed"), "{sentences:?}");
        numbers.change = Some(Estimate { low: 1.2, value: 1.5, high: 1.8 });
        assert!(!headline(&numbers)[1].contains("exclude"));
    }
}
