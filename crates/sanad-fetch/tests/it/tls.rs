//! https against a server on loopback whose certificate the test makes.
//!
//! The certificate comes from the program `openssl`; where a machine has none, the tests say so and stop.
//! Whom to trust is a variable of the environment, so that each fetch runs in a process of its own.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::kill::start;
use crate::proxy::Proxy;
use crate::server::{Asked, Reply, Server, file, read, write};
use crate::support::{Lab, TABLE, catalogue, table};

/// Certificates of an authority that nobody knows, and of `localhost` by it.
struct Authority {
    folder: tempfile::TempDir,
}

impl Authority {
    /// Makes them; nothing where `openssl` is not there.
    fn made() -> Option<Self> {
        let authority = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        let new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
        let root = [
            "req",
            "-x509",
            "-days",
            "2",
            "-subj",
            "/CN=Invented",
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
        ];
        let leaf = ["req", "-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "leaf.csr"];
        std::fs::write(
            authority.path("names"),
            "subjectAltName=DNS:localhost,DNS:data.publisher.invalid\n",
        )
        .expect("a file");
        let sign = [
            "x509",
            "-req",
            "-in",
            "leaf.csr",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
        ];
        let signed = ["-days", "2", "-extfile", "names", "-outform", "DER", "-out", "leaf.der"];
        let key =
            ["pkcs8", "-topk8", "-nocrypt", "-in", "key.pem", "-outform", "DER", "-out", "key.der"];
        let done = authority.openssl(&[&root[..], &new_key].concat())
            && authority.openssl(&[&leaf[..], &new_key].concat())
            && authority.openssl(&[&sign[..], &signed].concat())
            && authority.openssl(&key);
        if !done {
            eprintln!("skipped: no program openssl makes certificates here");
        }
        done.then_some(authority)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn openssl(&self, arguments: &[&str]) -> bool {
        let mut command = Command::new("openssl");
        command.args(arguments).current_dir(self.folder.path());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    fn config(&self) -> Arc<ServerConfig> {
        let certificate =
            CertificateDer::from(std::fs::read(self.path("leaf.der")).expect("a certificate"));
        let key = std::fs::read(self.path("key.der")).expect("a key");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key);
        Arc::new(config.expect("a certificate and its key"))
    }

    /// A server on https; its port.
    fn serve(&self, answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let (config, answer) = (self.config(), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, answer) = (Arc::clone(&config), Arc::clone(&answer));
                std::thread::spawn(move || {
                    let connection = ServerConnection::new(config).expect("a connection");
                    let mut stream = StreamOwned::new(connection, stream);
                    // A client that does not trust the certificate hangs up.
                    let Some(asked) = read(&mut stream) else { return };
                    let _ = write(&mut stream, &answer(&asked));
                    stream.conn.send_close_notify();
                    let _ = stream.flush();
                });
            }
        });
        port
    }
}

/// What came of a fetch in a process of its own: status, error and hint, a line each.
fn fetched(lab: &Lab, text: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let mut child = start(text, lab.path(), variables);
    assert!(child.wait().expect("a child").success());
    let said = std::fs::read_to_string(lab.path().join("row.txt")).expect("what came of it");
    said.lines().map(str::to_owned).collect()
}

fn trusting(path: &Path) -> Vec<(&'static str, &str)> {
    vec![("SSL_CERT_FILE", path.to_str().expect("a path"))]
}

#[test]
fn a_file_comes_over_https_from_a_server_that_is_trusted_and_from_no_other() {
    let Some(authority) = Authority::made() else { return };
    let bytes = table(3000);
    let sent = bytes.clone();
    let port = authority.serve(move |asked| file(asked, &sent, "\"one\""));
    let text = catalogue(&format!("https://localhost:{port}/data.csv"), TABLE, "");
    let certificate = authority.path("ca.pem");
    let lab = Lab::new();
    let said = fetched(&lab, &text, &trusting(&certificate));
    assert_eq!(said[0], "fetched", "{said:?}");
    assert!(std::fs::read(&lab.finished()[0]).unwrap() == bytes);

    // Who does not know the authority takes nothing, says why, and what to do.
    let others = Authority::made().expect("made before");
    let lab = Lab::new();
    let said = fetched(&lab, &text, &trusting(&others.path("ca.pem")));
    assert_eq!(said[0], "not to be had");
    assert!(
        said[1].contains("https cannot be used") && said[1].contains("invalid peer certificate"),
        "{said:?}"
    );
    assert!(said[2].contains("SSL_CERT_FILE"), "{said:?}");
    assert!(lab.finished().is_empty());

    // A right certificate under another name is a wrong one.
    let lab = Lab::new();
    let said = fetched(&lab, &text.replace("localhost", "127.0.0.1"), &trusting(&certificate));
    assert_eq!(said[0], "not to be had");
    assert!(said[1].contains("https cannot be used"), "{said:?}");
}

#[test]
fn https_goes_through_a_proxy() {
    let Some(authority) = Authority::made() else { return };
    let port = authority.serve(|asked| file(asked, &table(5), "\"one\""));
    let proxy = Proxy::start(port, None);
    let text = catalogue("https://data.publisher.invalid/data.csv", TABLE, "");
    let (certificate, lab) = (authority.path("ca.pem"), Lab::new());
    let address = format!("http://127.0.0.1:{}", proxy.port);
    let mut variables = trusting(&certificate);
    variables.push(("proxy", &address));
    assert_eq!(fetched(&lab, &text, &variables)[0], "fetched");
    assert_eq!(proxy.asked()[0].path, "data.publisher.invalid:443");
}

#[test]
fn plain_http_may_become_https_and_never_the_other_way_round() {
    let Some(authority) = Authority::made() else { return };
    let plain = Server::start(|asked| file(asked, &table(5), "\"one\""));
    let down = plain.url("/data.csv");
    let port = authority.serve(move |asked| match asked.path.as_str() {
        "/down.csv" => Reply::redirect(302, &down),
        _ => file(asked, &table(5), "\"one\""),
    });
    let up =
        Server::start(move |_| Reply::redirect(301, &format!("https://localhost:{port}/data.csv")));
    let (certificate, lab) = (authority.path("ca.pem"), Lab::new());
    let said = fetched(&lab, &catalogue(&up.url("/data.csv"), TABLE, ""), &trusting(&certificate));
    assert_eq!(said[0], "fetched", "{said:?}");
    let lab = Lab::new();
    let text = catalogue(&format!("https://localhost:{port}/down.csv"), TABLE, "");
    let said = fetched(&lab, &text, &trusting(&certificate));
    assert!(said[1].contains("from https to plain http"), "{said:?}");
    assert!(plain.asked().is_empty());
}

#[test]
fn a_token_is_sent_over_https_and_hidden_in_what_is_said() {
    let Some(authority) = Authority::made() else { return };
    let port = authority.serve(|asked| match asked.header("x-ucdp-access-token") {
        Some("tOkEn-99") => Reply::new(401, "the token tOkEn-99 is not known"),
        _ => Reply::new(400, "no token came"),
    });
    let rule = "[publisher.token]\nvariable = \"UCDP_API_TOKEN\"\nheader = \"x-ucdp-access-token\"\npage = \"https://example.org/token\"\n";
    let text = catalogue(&format!("https://localhost:{port}/x.csv"), TABLE, rule);
    let (certificate, lab) = (authority.path("ca.pem"), Lab::new());
    let mut variables = trusting(&certificate);
    variables.push(("UCDP_API_TOKEN", "tOkEn-99"));
    let said = fetched(&lab, &text, &variables);
    assert!(said[1].contains("401") && said[1].contains("[token]"), "{said:?}");
    assert!(!said.concat().contains("tOkEn") && !lab.everything().contains("tOkEn"), "{said:?}");
}
