//! A proxy on loopback that tunnels, refuses, or asks for a password.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::server::{Asked, Reply, Server, file, read, write};
use crate::support::{Lab, TABLE, catalogue, table};

/// A proxy that leads every tunnel to one server, whatever host is named.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Proxy {
    /// Starts a proxy that leads to `target`, and takes no one without `password` where one is given.
    pub(crate) fn start(target: u16, password: Option<&'static str>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let log = Arc::clone(&log);
                std::thread::spawn(move || serve(stream, target, password, &log));
            }
        });
        Self { port, asked }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("a lock").clone()
    }
}

fn serve(mut client: TcpStream, target: u16, password: Option<&str>, log: &Mutex<Vec<Asked>>) {
    let Some(asked) = read(&client) else { return };
    let is_known = password.is_none_or(|right| asked.header("proxy-authorization") == Some(right));
    let is_tunnel = asked.method == "CONNECT";
    log.lock().expect("a lock").push(asked);
    if !is_tunnel || !is_known {
        let status = if is_tunnel { 407 } else { 405 };
        let _ = write(&client, &Reply::new(status, "not through here"));
        return;
    }
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", target)) else { return };
    if client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").is_err() {
        return;
    }
    let (Ok(mut from_client), Ok(mut to_server)) = (client.try_clone(), server.try_clone()) else {
        return;
    };
    std::thread::spawn(move || pipe(&mut from_client, &mut to_server));
    pipe(&mut server, &mut client);
}

/// Copies until one side is silent; a side that hangs up is no failure.
fn pipe(from: &mut TcpStream, to: &mut TcpStream) {
    let mut buffer = [0; 4096];
    while let Ok(count) = from.read(&mut buffer) {
        if count == 0 || to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Write);
}

fn port(server: &Server) -> u16 {
    server.base().rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port")
}

#[test]
fn a_file_comes_through_a_proxy_that_alone_knows_where_the_publisher_is() {
    let bytes = table(3000);
    let sent = bytes.clone();
    let server = Server::start(move |asked| {
        let reply = file(asked, &sent, "\"one\"");
        if asked.before == 0 { reply.cut(20_000) } else { reply }
    });
    let proxy = Proxy::start(port(&server), None);
    let mut lab = Lab::new();
    lab.proxy = Some(format!("http://127.0.0.1:{}", proxy.port));
    // No name server knows this host.
    let (_, had) = lab.had(&catalogue("http://data.publisher.invalid/data.csv", TABLE, ""));
    assert!(had == bytes);
    let tunnels: Vec<String> = proxy.asked().iter().map(|asked| asked.path.clone()).collect();
    assert_eq!(tunnels, ["data.publisher.invalid:80"; 2], "each attempt goes through the proxy");
    assert_eq!(server.asked()[1].header("range"), Some("bytes=20000-"));
}

#[test]
fn a_proxy_that_asks_for_a_password_gets_it_and_nobody_else_sees_it() {
    let server = Server::start(|asked| file(asked, &table(5), "\"one\""));
    // "user:s3cret" in base 64.
    let proxy = Proxy::start(port(&server), Some("Basic dXNlcjpzM2NyZXQ="));
    let mut lab = Lab::new();
    lab.proxy = Some(format!("http://user:s3cret@127.0.0.1:{}", proxy.port));
    let text = catalogue("http://data.publisher.invalid/data.csv", TABLE, "");
    let (row, _) = lab.had(&text);
    assert!(!format!("{row:?}{}{:?}", lab.everything(), server.asked()).contains("s3cret"));
    assert!(server.asked()[0].header("proxy-authorization").is_none());
    lab.proxy = Some(format!("http://user:wr0ng@127.0.0.1:{}", proxy.port));
    let row = lab.row(&text.replace("data.csv", "other.csv"));
    let message = row.error.expect("the proxy refuses").to_string();
    assert!(!message.contains("wr0ng") && message.contains("could not be read"), "{message}");
}

#[test]
fn a_proxy_that_refuses_or_is_not_there_or_has_no_address_is_said() {
    let server = Server::start(|_| Reply::new(403, "not through here"));
    let text = catalogue("http://data.publisher.invalid/data.csv", TABLE, "");
    let mut lab = Lab::new();
    lab.proxy = Some(server.base());
    let message = lab.refused(&text);
    assert!(message.contains("could not be read"), "{message}");
    assert_eq!(server.asked()[0].method, "CONNECT");
    lab.proxy = Some("not an address".to_owned());
    let error = lab.try_fetch(&text, &["s"]).unwrap_err();
    assert!(
        error.is_wrong_use() && error.to_string().contains("expected http://HOST:PORT"),
        "{error}"
    );
}
