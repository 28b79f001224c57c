//! One request, with redirects followed so that a token stays with the server that it is for.
//!
//! Redirects are followed here and not by the library, because three things must hold at each step: a
//! token goes to the first origin (scheme, host and port) alone, also when the server repeats it in the
//! address that it sends to; https never becomes plain http; and the next address is one of the web.
//! A token goes over plain http to this machine alone, where tests and mirrors are.

use std::io::Read;
use std::time::Duration;

use ureq::http::HeaderMap;
use url::Url;

use crate::error::{Error, Result};
use crate::secret::{Secret, redacted};

/// The most redirects that are followed.
const REDIRECTS: usize = 10;
/// Bytes of an answer's headers that are read.
const HEADER_BYTES: usize = 64 << 10;
/// Hours that one answer may take, however steadily its bytes come.
const BODY_SECONDS: u64 = 4 * 3600;

/// How a client is to behave.
#[derive(Debug, Clone, Default)]
pub struct ClientOptions {
    /// A proxy, such as `http://user:password@proxy.example:8080`; none when absent.
    pub proxy: Option<String>,
}

/// Sends requests.
pub(crate) struct Client {
    agent: ureq::Agent,
}

/// A request to one server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HttpRequest<'a> {
    /// The address, without a token.
    pub(crate) url: &'a Url,
    pub(crate) secret: Option<&'a Secret>,
    pub(crate) user_agent: &'a str,
    /// Seconds without a byte after which the connection counts as dead.
    pub(crate) timeout: Duration,
    pub(crate) headers: &'a [(&'static str, String)],
}

/// An answer whose body has not been read.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Box<dyn Read>,
}

impl Answer {
    /// A header, where it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body's length as the server states it, bytes.
    pub(crate) fn length(&self) -> Option<u64> {
        self.header("content-length")?.trim().parse().ok()
    }
}

/// Why a request gave no answer.
pub(crate) enum Failure {
    /// It may work the next time.
    Passing(String),
    /// It will not.
    Lasting(Error),
}

impl Client {
    /// A client; certificates of the system are read here, once.
    pub(crate) fn new(options: &ClientOptions) -> Result<Self> {
        let bad = |reason: &str| Error::Address {
            // A proxy's address can hold a password.
            address: "the proxy".to_owned(),
            reason: reason.to_owned(),
        };
        let proxy = match options.proxy.as_deref() {
            None => None,
            Some(address) => {
                Some(ureq::Proxy::new(address).map_err(|_| bad("expected http://HOST:PORT"))?)
            }
        };
        let config = ureq::Agent::config_builder()
            .proxy(proxy)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .max_response_header_size(HEADER_BYTES)
            .max_idle_connections(0)
            .timeout_recv_body(Some(Duration::from_secs(BODY_SECONDS)));
        #[cfg(feature = "tls")]
        let config = config.tls_config(tls()?);
        Ok(Self { agent: config.build().new_agent() })
    }

    /// Asks, and follows redirects. The token goes to the first server alone.
    pub(crate) fn get(&self, request: &HttpRequest<'_>) -> core::result::Result<Answer, Failure> {
        let mut url = request.url.clone();
        let mut seen = vec![url.clone()];
        loop {
            let is_home = url.origin() == request.url.origin();
            let secret = request.secret.filter(|_| is_home);
            let answer = self.once(request, &url, secret)?;
            if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
                return Ok(answer);
            }
            let next = next_address(request, &url, answer.header("location"))?;
            if seen.contains(&next) {
                return Err(failed(request, "in a circle"));
            }
            if seen.len() > REDIRECTS {
                return Err(failed(request, &format!("more than {REDIRECTS} times")));
            }
            seen.push(next.clone());
            url = next;
        }
    }

    /// One exchange with one server.
    fn once(
        &self,
        request: &HttpRequest<'_>,
        url: &Url,
        secret: Option<&Secret>,
    ) -> core::result::Result<Answer, Failure> {
        let shown = || shown(request.secret, url);
        if url.scheme() == "https" && !cfg!(feature = "tls") {
            return Err(Failure::Lasting(Error::NoTls { address: shown() }));
        }
        if secret.is_some() && url.scheme() == "http" && !is_loopback(url) {
            let problem = "is plain http, over which no token is sent".to_owned();
            return Err(Failure::Lasting(Error::Redirect { address: shown(), problem }));
        }
        let target = secret.map_or_else(|| url.clone(), |secret| secret.address(url));
        let mut call = self.agent.get(target.as_str());
        if let Some((name, value)) = secret.and_then(Secret::header) {
            call = call.header(name, value);
        }
        for (name, value) in request.headers {
            call = call.header(*name, value);
        }
        let call = call
            .header("accept-encoding", "identity")
            .config()
            .user_agent(request.user_agent)
            .timeout_connect(Some(request.timeout))
            .timeout_recv_response(Some(request.timeout))
            .timeout_per_read(Some(request.timeout))
            .timeout_per_write(Some(request.timeout))
            .build();
        let answer = call.call().map_err(|error| classified(request, url, &error))?;
        let (parts, body) = answer.into_parts();
        let reader = body.into_with_config().limit(u64::MAX).reader();
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body: Box::new(reader) })
    }
}

/// Where a redirect leads.
fn next_address(
    request: &HttpRequest<'_>,
    url: &Url,
    location: Option<&str>,
) -> core::result::Result<Url, Failure> {
    let location = location.ok_or_else(|| failed(request, "without saying where"))?;
    let next = url.join(location).map_err(|_| failed(request, "to what is no address"))?;
    let is_web = matches!(next.scheme(), "http" | "https");
    if !is_web {
        return Err(failed(request, "to what is no page of the web"));
    }
    if url.scheme() == "https" && next.scheme() == "http" {
        return Err(failed(request, "from https to plain http"));
    }
    Ok(request.secret.map_or(next.clone(), |secret| secret.without(&next)))
}

/// The error for a redirect.
fn failed(request: &HttpRequest<'_>, problem: &str) -> Failure {
    let address = shown(request.secret, request.url);
    Failure::Lasting(Error::Redirect { address, problem: format!("redirects {problem}") })
}

/// Whether an address is this machine's own.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(host)) => host.is_loopback(),
        Some(url::Host::Ipv6(host)) => host.is_loopback(),
        Some(url::Host::Domain(host)) => host == "localhost",
        None => false,
    }
}

/// An address for a message: without user, password, fragment and token.
pub(crate) fn shown(secret: Option<&Secret>, url: &Url) -> String {
    let mut url = secret.map_or_else(|| url.clone(), |secret| secret.without(url));
    // Only fails for addresses that cannot have a user.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_fragment(None);
    redacted(secret, url.as_str())
}

/// Whether an error may pass. A name that is not found may be a network that is not there yet; a
/// certificate that is wrong stays wrong.
fn classified(request: &HttpRequest<'_>, url: &Url, error: &ureq::Error) -> Failure {
    let reason = redacted(request.secret, &error.to_string());
    match error {
        #[cfg(feature = "tls")]
        ureq::Error::Io(fault) if is_about_a_certificate(fault) => {
            Failure::Lasting(Error::Tls { reason })
        }
        ureq::Error::Io(_)
        | ureq::Error::Timeout(_)
        | ureq::Error::HostNotFound
        | ureq::Error::ConnectionFailed
        | ureq::Error::ConnectProxyFailed(_)
        | ureq::Error::Protocol(_) => Failure::Passing(reason),
        ureq::Error::Tls(_) => Failure::Lasting(Error::Tls { reason }),
        #[cfg(feature = "tls")]
        ureq::Error::Rustls(_) => Failure::Lasting(Error::Tls { reason }),
        _ => Failure::Lasting(Error::Address { address: shown(request.secret, url), reason }),
    }
}

/// Whether a connection failed because of the server's certificate, which no further attempt mends.
#[cfg(feature = "tls")]
fn is_about_a_certificate(fault: &std::io::Error) -> bool {
    let inner = fault.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    matches!(inner, Some(rustls::Error::InvalidCertificate(_)))
}

/// https with the system's certificates and ring's algorithms.
#[cfg(feature = "tls")]
fn tls() -> Result<ureq::tls::TlsConfig> {
    use std::sync::Arc;
    use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

    let found = rustls_native_certs::load_native_certs();
    // Without certificates https fails when it is used; plain http goes on.
    let roots: Vec<Certificate<'static>> =
        found.certs.iter().map(|cert| Certificate::from_der(cert.as_ref()).to_owned()).collect();
    Ok(TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::Specific(Arc::new(roots)))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build())
}
