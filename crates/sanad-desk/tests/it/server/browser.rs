//! A browser of one tab: cookies, forms, and nothing else.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// What came back.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Reply {
    /// The first value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value of the first hidden field of a name.
    pub(super) fn hidden(&self, name: &str) -> String {
        let start = format!("<input type=\"hidden\" name=\"{name}\" value=\"");
        let (_, rest) = self.body.split_once(&start).unwrap_or_else(|| panic!("{}", self.body));
        rest.split('"').next().unwrap().to_owned()
    }
}

/// A browser at a server.
pub(super) struct Browser {
    address: SocketAddr,
    pub(super) cookies: BTreeMap<String, String>,
    pub(super) agent: String,
}

impl Browser {
    pub(super) fn new(address: SocketAddr) -> Browser {
        Browser { address, cookies: BTreeMap::new(), agent: "invented browser".to_owned() }
    }

    pub(super) fn get(&mut self, path: &str) -> Reply {
        let head = format!("GET {path} HTTP/1.1\r\n{}\r\n", self.headers());
        self.exchange(head.as_bytes())
    }

    pub(super) fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.post_body(path, form_body(fields).as_bytes(), "")
    }

    /// Sends any body as a form, with further header lines.
    pub(super) fn post_body(&mut self, path: &str, body: &[u8], further: &str) -> Reply {
        let mut bytes = format!(
            "POST {path} HTTP/1.1\r\n{}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n{further}\r\n",
            self.headers(),
            body.len()
        )
        .into_bytes();
        bytes.extend_from_slice(body);
        self.exchange(&bytes)
    }

    fn headers(&self) -> String {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut headers = format!(
            "Host: {}\r\nUser-Agent: {}\r\nConnection: close\r\n",
            self.address, self.agent
        );
        if !cookies.is_empty() {
            headers += &format!("Cookie: {}\r\n", cookies.join("; "));
        }
        headers
    }

    /// Sends bytes and reads what comes back until the server closes.
    pub(super) fn exchange(&mut self, bytes: &[u8]) -> Reply {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        // A server that refuses early may close before everything is sent.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let reply = read_reply(&answer);
        for (name, value) in &reply.headers {
            if name == "set-cookie" {
                self.keep_cookie(value);
            }
        }
        reply
    }

    fn keep_cookie(&mut self, line: &str) {
        let (name, rest) = line.split_once('=').unwrap();
        let value = rest.split(';').next().unwrap();
        match rest.contains("Max-Age=0") {
            true => drop(self.cookies.remove(name)),
            false => drop(self.cookies.insert(name.to_owned(), value.to_owned())),
        }
    }
}

fn read_reply(bytes: &[u8]) -> Reply {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or("0");
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    Reply { status: status.parse().unwrap_or(0), headers, body: body.to_owned() }
}

/// A form as browsers write it.
pub(super) fn form_body(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| -> String {
        // Browsers send line ends as two characters.
        let text = text.replace('\n', "\r\n");
        text.bytes()
            .map(|byte| match byte {
                b' ' => "+".to_owned(),
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => {
                    char::from(byte).to_string()
                }
                _ => format!("%{byte:02X}"),
            })
            .collect()
    };
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}
