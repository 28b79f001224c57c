//! Which links of a coded statement are kept.

/// Hosts of news agencies, newspapers, broadcasters, research institutes and public bodies. A host
/// below one of them is on the list too. No outlet of an armed organisation is, no platform on
/// which anybody posts, and no archive that copies either.
pub const NEWS_HOSTS: [&str; 66] = [
    "acleddata.com",
    "aljazeera.com",
    "amnesty.org",
    "amu.tv",
    "apnews.com",
    "app.com.pk",
    "arynews.tv",
    "bbc.co.uk",
    "bbc.com",
    "brecorder.com",
    "brookings.edu",
    "carnegieendowment.org",
    "chathamhouse.org",
    "crisisgroup.org",
    "csis.org",
    "ctc.westpoint.edu",
    "dawn.com",
    "doi.org",
    "dw.com",
    "economist.com",
    "foreignpolicy.com",
    "france24.com",
    "ft.com",
    "geo.tv",
    "gnet-research.org",
    "gov.uk",
    "hrcp-web.org",
    "hrw.org",
    "hudson.org",
    "icct.nl",
    "indianexpress.com",
    "ispr.gov.pk",
    "jamestown.org",
    "jstor.org",
    "khaama.com",
    "lawfaremedia.org",
    "nation.com.pk",
    "nikkei.com",
    "npr.org",
    "nytimes.com",
    "ohchr.org",
    "orfonline.org",
    "pajhwok.com",
    "pakpips.com",
    "picss.net",
    "rand.org",
    "reuters.com",
    "rferl.org",
    "rusi.org",
    "samaa.tv",
    "satp.org",
    "scmp.com",
    "stimson.org",
    "thediplomat.com",
    "thefridaytimes.com",
    "theguardian.com",
    "thehindu.com",
    "thenews.com.pk",
    "tolonews.com",
    "tribune.com.pk",
    "ucdp.uu.se",
    "un.org",
    "usip.org",
    "voanews.com",
    "warontherocks.com",
    "washingtonpost.com",
];

/// The longest link that is kept, in bytes.
const LINK_BYTES: usize = 300;

/// The link as it is kept: `https`, host and path; nothing when it is not to be kept.
pub(super) fn admissible(link: &str) -> Option<String> {
    let rest = link.strip_prefix("https://").or_else(|| link.strip_prefix("http://"))?;
    let rest = rest.split(['?', '#']).next()?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.to_ascii_lowercase();
    let listed = |known: &str| {
        host.strip_suffix(known).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    let plain = path.bytes().all(|byte| byte.is_ascii_graphic()) && !nested(path);
    let kept = format!("https://{host}/{path}");
    (NEWS_HOSTS.iter().any(|known| listed(known)) && is_host(&host) && plain)
        .then_some(kept)
        .filter(|link| link.len() <= LINK_BYTES)
}

/// Whether a text can be the name of a host.
fn is_host(host: &str) -> bool {
    host.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-')
}

/// Whether a path holds another address, as redirects and copies do.
fn nested(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    ["http:", "https:", "http%3a", "https%3a", "//"].iter().any(|mark| path.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_hosts_are_kept_and_nothing_can_be_hung_on_them() {
        for (link, kept) in [
            ("https://www.dawn.com/news/1", Some("https://www.dawn.com/news/1")),
            ("http://UN.org/x?y=https://a.b", Some("https://un.org/x")),
            ("https://evildawn.com/news", None),
            ("https://dawn.com.evil.net/news", None),
            ("https://dawn.com@evil.net/news", None),
            ("https://evil.net:443@dawn.com/", None),
            ("https://dawn.com:8080/", None),
            ("https://un.org/redirect/https://a.b", None),
            ("https://un.org/redirect/https%3A%2F%2Fa.b", None),
            ("ftp://dawn.com/", None),
            ("dawn.com/news", None),
            ("https://example.org/", None),
        ] {
            assert_eq!(admissible(link).as_deref(), kept, "{link}");
        }
        assert_eq!(admissible(&format!("https://dawn.com/{}", "x".repeat(400))), None);
    }

    #[test]
    fn the_list_is_in_order_and_has_no_platform() {
        assert!(NEWS_HOSTS.is_sorted());
        for platform in
            ["t.me", "x.com", "twitter.com", "youtube.com", "facebook.com", "archive.org"]
        {
            assert!(!NEWS_HOSTS.contains(&platform), "{platform}");
        }
    }
}
