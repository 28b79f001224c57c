//! Days on which several places were hit.

/// The days that occur at least `places` times, in rising order. `event_days` has an entry for each
/// place and day on which it was hit, the places themselves left out: a day that occurs three times
/// saw three places.
///
/// ```
/// let days = sanad_evidence::coordinated_days(vec![4, 1, 4, 9, 4, 9], 2);
/// assert_eq!(days, [4, 9]);
/// ```
#[must_use]
pub fn coordinated_days(mut event_days: Vec<u32>, places: usize) -> Vec<u32> {
    event_days.sort_unstable();
    let same_day = event_days.chunk_by(|one, next| one == next);
    same_day.filter(|hits| hits.len() >= places).map(|hits| hits[0]).collect()
}
