//! How a release of UCDP's events is cited.

use super::release::Release;

/// How the makers of GED ask the data set to be cited, whatever its version.
pub(super) const GED_ARTICLE: &str = "Sundberg, R. and Melander, E. (2013), Introducing the UCDP Georeferenced Event Dataset, \
     Journal of Peace Research 50(4)";

/// How the makers of the candidate events ask for them to be cited.
const CANDIDATE_ARTICLE: &str = "Hegre, H., Croicu, M., Eck, K. and Högbladh, S. (2020), Introducing the UCDP Candidate Events \
     Dataset, Research & Politics 7(3)";

/// The article that a yearly release is published with, by the release's year.
const YEARLY_ARTICLES: [(u32, &str); 4] = [
    (
        22,
        "Davies, S., Pettersson, T. and Öberg, M. (2022), Organized violence 1989–2021 and drone warfare, Journal of \
         Peace Research 59(4)",
    ),
    (
        23,
        "Davies, S., Pettersson, T. and Öberg, M. (2023), Organized violence 1989–2022, and the return of conflict \
         between states, Journal of Peace Research 60(4)",
    ),
    (
        24,
        "Davies, S., Engström, G., Pettersson, T. and Öberg, M. (2024), Organized violence 1989–2023, and the prevalence \
         of organized crime groups, Journal of Peace Research 61(4)",
    ),
    (
        25,
        "Davies, S., Pettersson, T., Sollenberg, M. and Öberg, M. (2025), Organized violence 1989–2024, and the \
         challenges of identifying civilian victims, Journal of Peace Research 62(4)",
    ),
];

/// How UCDP asks a release of its events to be cited. A release whose own article is not known here, or
/// whose version is not known, is cited with the article on the data set alone.
///
/// ```
/// let cited = sanad_source::ged::citation;
/// assert!(cited(Some("26.0.1")).contains("Candidate"));
/// assert!(cited(Some("22.1")).contains("1989–2021"));
/// assert!(!cited(Some("26.1")).contains("1989–2021"));
/// ```
#[must_use]
pub fn citation(version: Option<&str>) -> String {
    let release = version.and_then(Release::parse);
    if release.is_some_and(Release::is_preliminary) {
        return CANDIDATE_ARTICLE.to_owned();
    }
    let year = version.and_then(|version| version.split('.').next()?.parse::<u32>().ok());
    let article = YEARLY_ARTICLES.iter().find(|(known, _)| Some(*known) == year);
    match article {
        Some((_, article)) => format!("{GED_ARTICLE}; {article}"),
        None => GED_ARTICLE.to_owned(),
    }
}
