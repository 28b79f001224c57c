//! What holds for every request and every answer: only reading, only this host, and the headers that keep
//! a browser from doing what the pages do not need.
//!
//! The server has no accounts, so that whoever reaches it may read it. What it must not be is a way
//! for pages elsewhere to read it through somebody's browser; that is what the check of the host
//! and the headers are for.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::answer::OutputFormat;
use crate::fault::{Fault, FaultKind};
use crate::handler::refuse;
use crate::house::House;
use crate::route::without_ending;

/// Bytes of an address: a statement of SQL in percent fits. A statement has at most 16,384 bytes,
/// each of which takes three in percent.
const MOST_ADDRESS_BYTES: usize = 60_000;

/// The header that says which pages may load an answer.
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Headers of every answer. Nothing is fetched from elsewhere, neither script nor style stands in a page,
/// nobody frames it.
///
/// The policy allows the style sheet, the script and the pictures of this server, and forms and
/// a script that ask it, and nothing else. `nosniff` keeps a browser from taking a table for a page. No referrer is sent,
/// because an address holds a question. The two cross-origin headers keep a page elsewhere from
/// holding a window of this one and from loading its answers; a figure as a file is the exception,
/// because it may be embedded elsewhere. The last refuses devices that no page asks for.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (RESOURCE_POLICY, "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

/// Headers of a figure as a file in place of those above. A page elsewhere may show it, and the style
/// that stands in it holds: without it the picture has no colours where it is opened by itself.
const OF_FIGURES: [(HeaderName, &str); 2] = [
    (RESOURCE_POLICY, "cross-origin"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    ),
];

/// Lets through what may be answered, and dresses every answer. Whether a refusal is a page or a
/// problem document goes by the path: what lies under `/api/v1/`, and the catalogue, is for
/// programs.
pub(crate) async fn guard(house: Arc<House>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let is_for_people = !path.starts_with("/api/v1/") && path != "/catalogue.json";
    let mut response = match check(&house, &request) {
        Ok(()) => next.run(request).await,
        Err(fault) => refuse(&house, &fault, &path, is_for_people),
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if is_figure(&path, &response) {
        let headers = response.headers_mut();
        for (name, value) in OF_FIGURES {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    response
}

/// Whether an answer is a figure as a file, or says that the one at hand still holds. A page
/// elsewhere can show it and cannot read it.
fn is_figure(path: &str, response: &Response) -> bool {
    let media = response.headers().get(header::CONTENT_TYPE);
    let pictures = [OutputFormat::Svg, OutputFormat::Png];
    let is_picture = |form: &OutputFormat| media.is_some_and(|media| media == form.media());
    let is_kept = |form: &OutputFormat| without_ending(path, *form).is_some();
    pictures.iter().any(is_picture)
        || (response.status() == StatusCode::NOT_MODIFIED && pictures.iter().any(is_kept))
}

/// What of a request is refused whatever its address.
///
/// # Errors
///
/// `WrongMethod` for all but GET and HEAD; `TooLong` for an address beyond the bound; `WrongHost`
/// where the request names a host that is none of this server's.
fn check(house: &House, request: &Request) -> Result<(), Fault> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let what = format!("found {}, expected GET or HEAD", request.method());
        return Err(Fault::new(FaultKind::WrongMethod, what));
    }
    let length = request.uri().path_and_query().map_or(0, |address| address.as_str().len());
    if length > MOST_ADDRESS_BYTES {
        let what = format!("{length} bytes, and the bound is {MOST_ADDRESS_BYTES}");
        return Err(Fault::new(FaultKind::TooLong, what));
    }
    let host = match request.uri().authority() {
        Some(authority) => Some(authority.as_str()),
        None => request.headers().get(header::HOST).and_then(|value| value.to_str().ok()),
    };
    if is_own_host(host, house.address, &house.settings.hosts) {
        return Ok(());
    }
    let found: String = host.unwrap_or_default().chars().take(100).collect();
    Err(Fault::new(FaultKind::WrongHost, format!("the request names the host {found:?}"))
        .in_place("header Host")
        .with_hint("ask by the address that the server said when it started, or allow the name: --allow-host NAME"))
}

/// Whether a request's host is this server: its address, localhost where it listens on loopback, or
/// a name that was allowed. A page elsewhere whose name was made to lead here (DNS rebinding) names
/// another. The port has to be the server's own, or 80 where none is named; a name that was allowed
/// may come with any. A request without a host is refused.
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
    let is_port = match port {
        Some(port) => port.parse() == Ok(address.port()),
        None => address.port() == 80,
    };
    let ip = address.ip();
    let own = match ip {
        std::net::IpAddr::V4(ip) => ip.to_string(),
        std::net::IpAddr::V6(ip) => format!("[{ip}]"),
    };
    let is_loopback = ip.is_loopback() || ip.is_unspecified();
    let is_local = is_loopback && ["localhost", "127.0.0.1", "[::1]"].contains(&name);
    is_port && (name == own || is_local)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_host_is_answered_for() {
        let address = SocketAddr::from(([127, 0, 0, 1], 8700));
        let allowed = ["sanad.example".to_owned()];
        for host in [
            "127.0.0.1:8700",
            "localhost:8700",
            "LOCALHOST:8700",
            "[::1]:8700",
            "sanad.example",
            "sanad.example:443",
        ] {
            assert!(is_own_host(Some(host), address, &allowed), "{host}");
        }
        for host in [
            "",
            "127.0.0.1",
            "127.0.0.1:80",
            "evil.example:8700",
            "localhost.evil.example:8700",
            "127.0.0.1:8700:1",
            "[::2]:8700",
        ] {
            assert!(!is_own_host(Some(host), address, &allowed), "{host}");
        }
        assert!(!is_own_host(None, address, &allowed));
        let other = SocketAddr::from(([192, 168, 1, 5], 80));
        assert!(is_own_host(Some("192.168.1.5"), other, &[]));
        assert!(!is_own_host(Some("localhost"), other, &[]));
    }
}
