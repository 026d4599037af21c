//! A connection of the load generator: requests that were written beforehand, answers read as far as
//! their length says. Less work than a full client, so that more of the machine is the server's.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Where to connect, and whom to trust.
#[derive(Clone)]
pub struct Target {
    /// The address.
    pub address: SocketAddr,
    /// The name in the certificate.
    pub name: String,
    /// Trust.
    pub tls: Arc<ClientConfig>,
}

/// A connection that stays open.
pub struct Connection {
    stream: TlsStream<TcpStream>,
    buffer: Vec<u8>,
    filled: usize,
}

/// An answer: its status, and its body.
pub struct Answer<'a> {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: &'a [u8],
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// The network, or the certificate is not trusted.
    pub async fn open(target: &Target) -> io::Result<Self> {
        let stream = TcpStream::connect(target.address).await?;
        stream.set_nodelay(true)?;
        let name = ServerName::try_from(target.name.clone()).map_err(io::Error::other)?;
        let stream = TlsConnector::from(target.tls.clone()).connect(name, stream).await?;
        Ok(Self { stream, buffer: vec![0; 16 << 10], filled: 0 })
    }

    /// Sends a whole request and waits for the whole answer.
    ///
    /// # Errors
    /// The network, or an answer that says no length.
    pub async fn ask(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.stream.flush().await?;
        self.filled = 0;
        let (head, status, length) = loop {
            self.read().await?;
            let seen = &self.buffer[..self.filled];
            if let Some(end) = seen.windows(4).position(|end| end == b"\r\n\r\n") {
                let (status, length) = understand(&seen[..end])?;
                break (end + 4, status, length);
            }
        };
        let end = head + length;
        if end > self.buffer.len() {
            self.buffer.resize(end, 0);
        }
        while self.filled < end {
            self.read().await?;
        }
        Ok(Answer { status, body: &self.buffer[head..end] })
    }

    async fn read(&mut self) -> io::Result<()> {
        if self.filled == self.buffer.len() {
            return Err(io::Error::other("the head of the answer is too long"));
        }
        match self.stream.read(&mut self.buffer[self.filled..]).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            more => {
                self.filled += more;
                Ok(())
            }
        }
    }
}

/// Status and length of the body.
fn understand(head: &[u8]) -> io::Result<(u16, usize)> {
    let wrong = || io::Error::other(format!("an answer without a length: {head:?}"));
    let text = std::str::from_utf8(head).map_err(|_| wrong())?;
    let mut lines = text.split("\r\n");
    let status = lines.next().and_then(|line| line.get(9..12)?.parse().ok()).ok_or_else(wrong)?;
    let length = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    Ok((status, length.ok_or_else(wrong)?))
}

#[cfg(test)]
mod tests {
    use super::understand;

    #[test]
    fn heads_are_understood() {
        let head = b"HTTP/1.1 200 OK\r\nServer: x\r\ncontent-length: 12";
        assert_eq!(understand(head).unwrap(), (200, 12));
        assert!(understand(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked").is_err());
        assert!(understand(b"nonsense").is_err());
    }
}
