//! What holds for every request and every answer: this host alone, no request that another site
//! began, and headers that keep a browser from doing and from keeping what the pages do not need.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::answer::PageNeed;
use super::house::DeskHouse;
use super::page::style::content_security_policy;

/// Headers of every answer. Nothing is kept, fetched from elsewhere or told elsewhere, no script
/// runs but that of a filing's form, nobody frames a page.
const HEADERS: [(HeaderName, &str); 10] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // Browsers heed it where a proxy has brought TLS, and pass it over on loopback.
    (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_DNS_PREFETCH_CONTROL, "off"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
];

/// The most bytes of an address. No address of the desk is longer than some dozen.
const MOST_ADDRESS_BYTES: usize = 400;

/// Lets through what may be answered, and dresses every answer.
pub(super) async fn guard(house: Arc<DeskHouse>, request: Request, next: Next) -> Response {
    let mut response = match refusal(&house, &request) {
        None => next.run(request).await,
        Some((status, sentence)) => (status, format!("{sentence}\n")).into_response(),
    };
    let need = response.extensions().get::<PageNeed>().copied();
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::from_str(content_security_policy(need)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Why a request is not answered, with the status; nothing where it may go on to its page. The
/// sentence is for whoever set up the proxy, in English: no page of the desk leads to it.
fn refusal(house: &DeskHouse, request: &Request) -> Option<(StatusCode, &'static str)> {
    let method = request.method();
    if !matches!(*method, Method::GET | Method::HEAD | Method::POST) {
        return Some((StatusCode::METHOD_NOT_ALLOWED, "expected GET, HEAD or POST"));
    }
    let address = request.uri();
    if address.path_and_query().map_or(0, |address| address.as_str().len()) > MOST_ADDRESS_BYTES {
        return Some((StatusCode::URI_TOO_LONG, "the address is too long"));
    }
    // What stands in an address stands in histories and in the logs of proxies.
    if address.query().is_some() {
        return Some((StatusCode::BAD_REQUEST, "no address of this desk has a question mark"));
    }
    let host = match address.authority() {
        Some(authority) => Some(authority.as_str()),
        None => request.headers().get(header::HOST).and_then(|value| value.to_str().ok()),
    };
    if !is_own_host(host, house.address, &house.hosts) {
        return Some((
            StatusCode::MISDIRECTED_REQUEST,
            "this server does not answer for that host: start it with --host NAME",
        ));
    }
    if *method == Method::POST && !is_own_form(address.path(), request.headers()) {
        return Some((StatusCode::FORBIDDEN, "forms of other sites are not taken"));
    }
    None
}

/// Whether a form was sent from a page of this desk, as far as the browser says. Browsers that say
/// nothing are let through: pages of staff have a secret of the session in every form as well, and
/// a filer has nothing that another site could use. One address takes files, and no other kind of form.
fn is_own_form(path: &str, headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    let is_own_site = matches!(site, None | Some("same-origin" | "none"));
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.map_or("", |kind| kind.split(';').next().unwrap_or_default().trim());
    let expected = match path.ends_with("/receipt/attach") {
        true => "multipart/form-data",
        false => "application/x-www-form-urlencoded",
    };
    is_own_site && kind.eq_ignore_ascii_case(expected)
}

/// Whether a request's host is this server: its address, localhost where it listens on loopback,
/// or a name that was allowed. A page elsewhere whose name was made to lead here (DNS rebinding)
/// names another.
fn is_own_host(host: Option<&str>, address: SocketAddr, allowed: &[String]) -> bool {
    let Some(host) = host else { return false };
    let host = host.to_ascii_lowercase();
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (host.as_str(), None),
    };
    if allowed.iter().any(|one| one.eq_ignore_ascii_case(name) || one.eq_ignore_ascii_case(&host)) {
        return true;
    }
    let is_port = port.is_some_and(|port| port.parse() == Ok(address.port()));
    let own = match address.ip() {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    };
    let is_local =
        address.ip().is_loopback() && ["localhost", "127.0.0.1", "[::1]"].contains(&name);
    is_port && (name == own || is_local)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_host_is_answered_for() {
        let address = SocketAddr::from(([127, 0, 0, 1], 8710));
        let allowed = ["desk.example".to_owned()];
        for host in
            ["127.0.0.1:8710", "LOCALHOST:8710", "[::1]:8710", "desk.example", "desk.example:443"]
        {
            assert!(is_own_host(Some(host), address, &allowed), "{host}");
        }
        for host in
            ["", "127.0.0.1", "evil.example:8710", "localhost.evil.example:8710", "[::2]:8710"]
        {
            assert!(!is_own_host(Some(host), address, &allowed), "{host}");
        }
        assert!(!is_own_host(None, address, &allowed));
    }

    #[test]
    fn a_form_of_another_site_or_of_another_type_is_not_taken() {
        let sent_to = |path: &str, site: Option<&'static str>, kind: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
            if let Some(site) = site {
                headers.insert("sec-fetch-site", HeaderValue::from_static(site));
            }
            is_own_form(path, &headers)
        };
        let with = |site, kind| sent_to("/en/receipt", site, kind);
        let form = "application/x-www-form-urlencoded";
        assert!(with(None, form) && with(Some("same-origin"), form));
        assert!(with(Some("none"), "application/x-www-form-urlencoded; charset=utf-8"));
        assert!(!with(Some("cross-site"), form) && !with(Some("same-site"), form));
        let with_file = "multipart/form-data; boundary=x";
        assert!(!with(None, "text/plain") && !with(None, with_file));
        assert!(sent_to("/en/receipt/attach", None, with_file));
        assert!(!sent_to("/en/receipt/attach", None, form));
        assert!(!sent_to("/en/receipt/attach", Some("cross-site"), with_file));
    }
}
