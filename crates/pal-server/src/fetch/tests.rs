//! The reader of key documents against servers that answer in ways a server should not.

use std::time::Instant;

use pal_identity::PublicKeys;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

/// A server for one request, which writes these pieces and then closes, or waits if it is slow;
/// its address. The task ends with how many connections it saw.
async fn server(pieces: Vec<Vec<u8>>, slow: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/keys", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_head(&mut stream).await;
        for piece in pieces {
            // The reader may have hung up already: that is what some tests want.
            if stream.write_all(&piece).await.is_err() {
                return;
            }
        }
        if slow {
            let _ = stream.read(&mut [0]).await;
        }
    });
    url
}

async fn read_head(stream: &mut TcpStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
}

async fn fetch(text: &str) -> Result<Vec<u8>, String> {
    let url = server(vec![text.as_bytes().to_vec()], false).await;
    Fetcher::new(None).unwrap().fetch(&url).await
}

#[tokio::test]
async fn a_document_is_read_whole() {
    let body = "{\"keys\":[]}";
    let plain = format!("{HEAD}Content-Length: {}\r\n\r\n{body}", body.len());
    assert_eq!(fetch(&plain).await.unwrap(), body.as_bytes());
    let chunked = format!(
        "{HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\n{{\"key\r\n6\r\ns\":[]}}\r\n0\r\n\r\n"
    );
    assert_eq!(fetch(&chunked).await.unwrap(), body.as_bytes());
}

#[tokio::test]
async fn what_is_not_an_answer_of_200_is_refused() {
    let body = "Content-Length: 11\r\n\r\n{\"keys\":[]}";
    for status in [
        "201 Created",
        "204 No Content",
        "206 Partial Content",
        "304 Not Modified",
        "401 Unauthorized",
        "404 Not Found",
        "500 Internal Server Error",
    ] {
        let error = fetch(&format!("HTTP/1.1 {status}\r\n{body}")).await.unwrap_err();
        assert!(error.contains(status), "{status}: {error}");
    }
    for text in ["", "nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"keys\":"]
    {
        assert!(fetch(text).await.is_err(), "{text}");
    }
}

/// The same test in a process whose environment names a proxy that is not there.
#[test]
fn this_machine_is_not_asked_by_way_of_a_proxy() {
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        command.env(name, "http://127.0.0.1:1");
    }
    command.env_remove("NO_PROXY").env_remove("no_proxy");
    command.args(["--exact", "fetch::tests::a_document_is_read_whole"]);
    let done = command.output().unwrap();
    let text = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && text.contains("1 passed"), "{text}");
}

/// The other address would be read with the trust of the first.
#[tokio::test]
async fn a_redirect_is_refused_and_nobody_asks_there() {
    let target = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = target.local_addr().unwrap();
    for status in [301, 302, 303, 307, 308] {
        let head = format!("HTTP/1.1 {status} Elsewhere\r\nLocation: http://{address}/\r\n");
        let error = fetch(&format!("{head}Content-Length: 0\r\n\r\n")).await.unwrap_err();
        assert!(error.contains(&status.to_string()), "{error}");
    }
    // A connection that had been made would be there to take.
    let asked = tokio::time::timeout(Duration::from_millis(50), target.accept()).await;
    assert!(asked.is_err(), "the redirect was followed");
}

#[tokio::test]
async fn a_document_of_more_than_a_megabyte_is_refused() {
    let sized = |bytes: usize| {
        let head = format!("{HEAD}Content-Length: {bytes}\r\n\r\n");
        vec![head.into_bytes(), vec![b' '; bytes]]
    };
    let fetcher = Fetcher::new(None).unwrap();
    let whole = fetcher.fetch(&server(sized(LARGEST), false).await).await.unwrap();
    assert_eq!(whole.len(), LARGEST);
    let error = fetcher.fetch(&server(sized(LARGEST + 1), false).await).await.unwrap_err();
    assert!(error.contains("larger than 1048576 bytes"), "{error}");
    // Without a length, and without an end.
    let mut endless = vec![format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n").into_bytes()];
    let chunk = [b"10000\r\n".to_vec(), vec![b' '; 0x1_0000], b"\r\n".to_vec()].concat();
    endless.extend(std::iter::repeat_n(chunk, 64));
    let error = fetcher.fetch(&server(endless, true).await).await.unwrap_err();
    assert!(error.contains("larger than 1048576 bytes"), "{error}");
}

#[tokio::test]
async fn a_server_that_never_ends_is_given_up() {
    let limit = Duration::from_millis(200);
    let fetcher = Fetcher::within(None, limit).unwrap();
    let half = format!("{HEAD}Content-Length: 100\r\n\r\n{{\"keys\":");
    for (what, pieces) in [("no head", vec![]), ("half a body", vec![half.into_bytes()])] {
        let url = server(pieces, true).await;
        let begun = Instant::now();
        assert!(fetcher.fetch(&url).await.is_err(), "{what}");
        let took = begun.elapsed();
        assert!(took >= limit && took < Duration::from_secs(3), "{what}: {took:?}");
    }
}

/// Whoever sits between could put keys of his own in.
#[tokio::test]
async fn plain_http_is_for_this_machine_only() {
    let fetcher = Fetcher::new(None).unwrap();
    for url in [
        "http://192.0.2.1/keys",
        "http://id.example/keys",
        "http://localhost.example/keys",
        "http://127.0.0.1.example/keys",
        "http://127.0.0.1@id.example/keys",
        "http://[2001:db8::1]/keys",
        "ftp://localhost/keys",
        "file:///etc/passwd",
        "keys",
    ] {
        let begun = Instant::now();
        let error = fetcher.fetch(url).await.unwrap_err();
        assert!(error.contains("must begin with https://"), "{url}: {error}");
        assert!(begun.elapsed() < Duration::from_secs(1), "{url}: somebody was asked");
    }
}

/// The bytes are judged by whoever asked; they come unchanged.
#[tokio::test]
async fn bytes_that_are_no_keys_come_through_and_are_refused_there() {
    let latin = b"{\"keys\":[],\"name\":\"Malm\xf6\"}";
    let documents: [&[u8]; 4] = [latin, b"<html>", b"", b"{\"keys\":[]}"];
    for body in documents {
        let head = format!("{HEAD}Content-Length: {}\r\n\r\n", body.len());
        let url = server(vec![head.into_bytes(), body.to_vec()], false).await;
        let read = Fetcher::new(None).unwrap().fetch(&url).await.unwrap();
        assert_eq!(read, body);
        assert!(PublicKeys::default().replace(&read).is_err(), "{body:?}");
    }
}

#[test]
fn a_file_of_authorities_that_is_none_is_refused_with_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.pem");
    std::fs::write(&broken, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        .unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "no certificate").unwrap();
    for path in [folder.path().join("gone.pem"), broken, empty] {
        let Err(error) = Fetcher::new(Some(&path)) else { panic!("{} was taken", path.display()) };
        assert!(error.starts_with(path.to_str().unwrap()), "{error}");
    }
}
