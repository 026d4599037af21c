//! Heads of HTTP/1 as they arrive: what the parser below does not let be seen.
//!
//! It takes a length away where chunks come too. Two readers, say a proxy and this service, could then take the bytes
//! for different requests (RFC 9112, 6.1). So the heads are parsed here as well, by the library that the parser uses,
//! and every one of them: clients may send the next request before the answer to the last one, and in one piece with
//! it.
//!
//! From one head to the next there are as many bytes as its length says. A request that comes in chunks is the last
//! one of its connection ([`super::service`]), so that where its chunks end need not be known here.

/// Longest head; the largest that can be configured for the parser, which refuses longer ones and ends the
/// connection.
const LONGEST: usize = 1 << 20;
/// Most headers, as for the parser.
pub const HEADERS: usize = 100;

/// The heads of a connection.
#[derive(Default)]
pub struct Heads {
    /// What has arrived of the next head.
    bytes: Vec<u8>,
    /// How many bytes are left of the body before it.
    body: u64,
    /// How many heads were whole.
    count: u64,
    /// Nothing that arrives now begins a request of HTTP/1.
    ended: bool,
}

impl Heads {
    /// Takes the bytes that arrive next. The number of a request that has both a length and an encoding; the first
    /// request has the number 1.
    pub fn add(&mut self, more: &[u8]) -> Option<u64> {
        if self.ended {
            return None;
        }
        let more = &more[self.left_of_body(more.len())..];
        if !more.contains(&b'\n') && self.bytes.len() + more.len() <= LONGEST {
            self.bytes.extend_from_slice(more);
            return None;
        }
        self.bytes.extend_from_slice(more);
        let mut from = 0;
        let found = loop {
            from += self.left_of_body(self.bytes.len() - from);
            match self.next(from) {
                Next::Partial => break None,
                Next::Whole(length) => from += length,
                Next::Ambiguous => {
                    self.ended = true;
                    break Some(self.count);
                }
                Next::Ended => {
                    self.ended = true;
                    break None;
                }
            }
        };
        self.bytes.drain(..from);
        if self.ended {
            self.bytes = Vec::new();
        }
        found
    }

    /// How many of so many bytes are of the body that is arriving.
    fn left_of_body(&mut self, bytes: usize) -> usize {
        let taken = usize::try_from(self.body).map_or(bytes, |left| left.min(bytes));
        self.body -= taken as u64;
        taken
    }

    fn next(&mut self, from: usize) -> Next {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        let length = match request.parse(&self.bytes[from..]) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) if self.bytes.len() - from <= LONGEST => {
                return Next::Partial;
            }
            // The parser refuses it, too, or it is HTTP/2.
            _ => return Next::Ended,
        };
        self.count += 1;
        let values = |name: &str| {
            let named = request.headers.iter().filter(|h| h.name.eq_ignore_ascii_case(name));
            named.map(|header| header.value).collect::<Vec<_>>()
        };
        let (encodings, lengths) = (values("transfer-encoding"), values("content-length"));
        match (encodings.is_empty(), lengths.first()) {
            (false, Some(_)) => Next::Ambiguous,
            (false, None) => Next::Ended,
            (true, None) => Next::Whole(length),
            (true, Some(value)) => {
                let bytes = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
                let Some(bytes) = bytes else { return Next::Ended };
                self.body = bytes;
                Next::Whole(length)
            }
        }
    }
}

/// What the bytes behind the last request begin with.
enum Next {
    /// A part of a head.
    Partial,
    /// A head of so many bytes.
    Whole(usize),
    /// A head with both a length and an encoding.
    Ambiguous,
    /// Nothing behind it is another head.
    Ended,
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: &str =
        "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-encoding: chunked\r\nCONTENT-LENGTH: 3\r\n\r\n";

    /// What is found, however the bytes arrive.
    fn found(bytes: &str) -> Option<u64> {
        let in_pieces_of = |size| {
            let mut heads = Heads::default();
            bytes.as_bytes().chunks(size).filter_map(|more| heads.add(more)).collect::<Vec<_>>()
        };
        let all = in_pieces_of(bytes.len());
        for size in [1, 2, 7] {
            assert_eq!(in_pieces_of(size), all, "in pieces of {size}: {bytes}");
        }
        assert!(all.len() <= 1);
        all.first().copied()
    }

    #[test]
    fn t61_a_length_beside_an_encoding_is_seen_wherever_it_comes() {
        let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        let put = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n\r\n\r\n";
        assert_eq!(found(BOTH), Some(1));
        assert_eq!(found(&format!("{get}{BOTH}")), Some(2), "in one piece with another request");
        assert_eq!(found(&format!("{put}{get}{BOTH}")), Some(3), "behind a body");
        assert_eq!(found(&format!("\r\n\r\n{BOTH}")), Some(1), "behind empty lines");
        assert_eq!(
            found(&BOTH.replace("\r\n", "\n")),
            Some(1),
            "lines that end in a line feed only"
        );
        let long = BOTH.replace("Host", &format!("X-Long: {}\r\nHost", "x".repeat(200_000)));
        assert_eq!(found(&long), Some(1), "a long head");
    }

    #[test]
    fn what_is_no_head_is_not_taken_for_one() {
        let put = format!("PUT / HTTP/1.1\r\nContent-Length: {}\r\n\r\n{BOTH}", BOTH.len());
        assert_eq!(found(&put), None, "a body");
        assert_eq!(found("PUT / HTTP/1.1\r\nX: content-length: transfer-encoding:\r\n\r\n"), None);
        assert_eq!(found(&format!("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{BOTH}")), None, "frames");
        assert_eq!(found(&format!("no request\r\n\r\n{BOTH}")), None, "the connection ends there");
    }

    #[test]
    fn a_head_without_an_end_is_not_kept() {
        let mut heads = Heads::default();
        for _ in 0..2_000 {
            assert_eq!(heads.add(&[b'x'; 1_024]), None);
        }
        assert!(heads.ended && heads.bytes.capacity() == 0);
    }
}
