//! The address on this machine that the browser is sent back to. Answers once to who knows the
//! state, and to nobody else.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener, TcpStream};
use std::time::Duration;

use super::page::page;
use crate::printer::Failure;

/// How long somebody may take to sign in, in seconds.
const PATIENCE: i64 = 600;
/// A request larger than this is none of ours.
const LARGEST: usize = 64 << 10;

/// Listens on the loopback addresses.
pub struct Listener {
    sockets: Vec<TcpListener>,
    port: u16,
}

/// The fields that the sign-in service sent back.
pub type Fields = Vec<(String, String)>;

impl Listener {
    /// Takes a free port.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn open() -> Result<Self, Failure> {
        let open = || -> io::Result<Self> {
            let first = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
            let port = first.local_addr()?.port();
            let mut sockets = vec![first];
            // "localhost" may lead to either address; without IPv6 one is enough.
            sockets.extend(TcpListener::bind((Ipv6Addr::LOCALHOST, port)));
            for socket in &sockets {
                socket.set_nonblocking(true)?;
            }
            Ok(Self { sockets, port })
        };
        open().map_err(|error| {
            Failure::failed(format!(
                "Cannot listen on this machine for the browser's answer: {error}\nWithout a browser: pal login --use-device-code"
            ))
        })
    }

    /// The address to send the browser back to.
    pub fn address(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Waits for the answer that carries this state.
    ///
    /// # Errors
    ///
    /// When it does not come.
    pub fn wait(&self, state: &str) -> Result<Fields, Failure> {
        let end = crate::clock::now() + PATIENCE;
        while crate::clock::now() < end {
            for socket in &self.sockets {
                if let Ok((mut stream, _)) = socket.accept()
                    && let Some(fields) = self.answer(&mut stream, state)
                {
                    return Ok(fields);
                }
            }
            std::thread::sleep(Duration::from_millis(30));
        }
        Err(Failure::failed("Nobody signed in within ten minutes.\nTo try again: pal login"))
    }

    fn answer(&self, stream: &mut TcpStream, state: &str) -> Option<Fields> {
        stream.set_nonblocking(false).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
        let fields = read(stream).ok().and_then(|request| self.fields(&request));
        let right = fields.filter(|fields| fields.iter().any(|(n, v)| n == "state" && v == state));
        let shown = match &right {
            None => {
                page("404 Not Found", "Nothing here", "This address waits for one sign-in only.")
            }
            Some(fields) if fields.iter().any(|(name, _)| name == "code") => page(
                "200 OK",
                "Signed in",
                "You can close this window and go back to the command line.",
            ),
            Some(_) => page("200 OK", "Not signed in", "The command line says why."),
        };
        // Whether the browser still reads is no matter.
        let _ = stream.write_all(shown.as_bytes());
        right
    }

    /// The fields of a request to our address: in the query, or in a form.
    fn fields(&self, request: &str) -> Option<Fields> {
        let (head, body) = request.split_once("\r\n\r\n")?;
        let mut lines = head.split("\r\n");
        let mut first = lines.next()?.split(' ');
        let (method, target) = (first.next()?, first.next()?);
        let host = lines.find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("host").then(|| value.trim())
        })?;
        // A page elsewhere whose name was turned to this machine does not get an answer.
        let own = ["localhost", "127.0.0.1", "[::1]"].map(|name| format!("{name}:{}", self.port));
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path != "/" || !own.iter().any(|name| name == host) {
            return None;
        }
        let text = match method {
            "GET" => query,
            "POST" => body,
            _ => return None,
        };
        Some(url::form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }
}

/// One request, its body included.
fn read(stream: &mut TcpStream) -> io::Result<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.split("\r\n").find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                return Ok(text.into_owned());
            }
        }
        let count = stream.read(&mut buffer)?;
        if count == 0 || bytes.len() > LARGEST {
            return Err(io::ErrorKind::InvalidData.into());
        }
        bytes.extend_from_slice(&buffer[..count]);
    }
}
