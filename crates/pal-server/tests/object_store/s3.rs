//! The client for S3, against a bucket that the test plays: what it reads from the environment, files
//! of many parts, and an upload that breaks off.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri};
use pal_usage::{Decoder, DecoderBounds, Discovered, Paths, home};

use crate::object_store::homes::large;
use crate::object_store::world::World;

const TOLD: &str = "PAL_TEST_S3";
const SIZE: u32 = (2 << 23) + 5;

#[derive(Default)]
struct Bucket {
    objects: BTreeMap<String, Vec<u8>>,
    parts: BTreeMap<u32, Vec<u8>>,
    aborted: bool,
    /// A part that is not taken.
    refused: Option<u32>,
    /// Requests without our key's signature.
    strangers: usize,
}

type Shared = Arc<Mutex<Bucket>>;

fn answer(status: StatusCode, body: impl Into<Body>) -> Response<Body> {
    let answer = Response::builder().status(status).header("etag", "\"a\"");
    answer.header("last-modified", "Sun, 03 May 2026 08:00:00 GMT").body(body.into()).unwrap()
}

fn between<'t>(text: &'t str, from: &str, to: &str) -> Option<&'t str> {
    text.split_once(from)?.1.split(to).next()
}

async fn bucket(
    State(bucket): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    let body = to_bytes(body, 16 << 20).await.unwrap().to_vec();
    let mut bucket = bucket.lock().unwrap();
    let signature = headers.get("authorization").map(|value| value.to_str().unwrap());
    if !signature.is_some_and(|text| text.starts_with("AWS4-HMAC-SHA256 Credential=AKIATEST/")) {
        bucket.strangers += 1;
    }
    let query = uri.query().unwrap_or_default();
    let key = uri.path().strip_prefix("/bucket").unwrap().trim_start_matches('/').to_owned();
    let part = between(query, "partNumber=", "&").map(|number| number.parse::<u32>().unwrap());
    match (method.as_str(), query) {
        ("POST", "delete" | "delete=") => {
            let text = String::from_utf8(body).unwrap();
            let key = between(&text, "<Key>", "</Key>").unwrap();
            bucket.objects.remove(key);
            let deleted = format!("<Deleted><Key>{key}</Key></Deleted>");
            answer(StatusCode::OK, format!("<DeleteResult>{deleted}</DeleteResult>"))
        }
        ("POST", "uploads" | "uploads=") => answer(
            StatusCode::OK,
            "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>",
        ),
        ("POST", _) => {
            let whole = std::mem::take(&mut bucket.parts).into_values().flatten().collect();
            bucket.objects.insert(key, whole);
            let text =
                "<CompleteMultipartUploadResult><ETag>a</ETag></CompleteMultipartUploadResult>";
            answer(StatusCode::OK, text)
        }
        ("PUT", _) if part.is_some() && part == bucket.refused => {
            answer(StatusCode::FORBIDDEN, "<Error><Code>QuotaExceeded</Code></Error>")
        }
        ("PUT", _) => {
            match part {
                Some(part) => bucket.parts.insert(part, body),
                None => bucket.objects.insert(key, body),
            };
            answer(StatusCode::OK, "")
        }
        ("DELETE", _) => {
            bucket.aborted = true;
            bucket.parts.clear();
            answer(StatusCode::NO_CONTENT, "")
        }
        _ => read(&bucket, &method, &key, &headers),
    }
}

fn read(bucket: &Bucket, method: &Method, key: &str, headers: &HeaderMap) -> Response<Body> {
    let Some(object) = bucket.objects.get(key) else {
        return answer(StatusCode::NOT_FOUND, "<Error><Code>NoSuchKey</Code></Error>");
    };
    let size = object.len();
    let range = headers.get("range").map(|range| range.to_str().unwrap());
    let Some((from, to)) = range.and_then(|range| range.strip_prefix("bytes=")?.split_once('-'))
    else {
        let mut whole = answer(StatusCode::OK, object.clone());
        whole.headers_mut().insert("content-length", size.into());
        if method == Method::HEAD {
            *whole.body_mut() = Body::empty();
        }
        return whole;
    };
    let (from, to): (usize, usize) = (from.parse().unwrap(), to.parse().unwrap());
    let mut part = answer(StatusCode::PARTIAL_CONTENT, object[from..=to].to_vec());
    let range = format!("bytes {from}-{to}/{size}").parse().unwrap();
    part.headers_mut().insert("content-range", range);
    part
}

/// Plays a bucket while another process does as it is told: the environment is how the client learns
/// where the bucket is, and a test must not change its own.
async fn played(refused: Option<u32>, told: &str) -> (Shared, String) {
    let bucket_here = Shared::default();
    bucket_here.lock().unwrap().refused = refused;
    let app = Router::new().fallback(bucket).with_state(bucket_here.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "object_store::s3::as_told", "--nocapture"]).env(TOLD, told);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AWS_") {
            command.env_remove(name);
        }
    }
    command.envs([
        ("AWS_ENDPOINT_URL", url.as_str()),
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_REGION", "nowhere"),
        ("AWS_ACCESS_KEY_ID", "AKIATEST"),
        ("AWS_SECRET_ACCESS_KEY", "geheim"),
    ]);
    let done = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    serving.abort();
    let said = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
    assert!(done.status.success(), "{said}");
    assert_eq!(bucket_here.lock().unwrap().strangers, 0);
    (bucket_here, said)
}

#[tokio::test]
async fn a_bucket_keeps_files_large_and_small() {
    let (bucket, _) = played(None, "keep").await;
    let bucket = bucket.lock().unwrap();
    let keys: Vec<_> = bucket.objects.iter().map(|(key, bytes)| (&**key, bytes.len())).collect();
    assert_eq!(keys, [("some/prefix/large.parquet", SIZE as usize)]);
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let (bucket, said) = played(Some(2), "break").await;
    let bucket = bucket.lock().unwrap();
    assert!(bucket.aborted && bucket.objects.is_empty() && bucket.parts.is_empty());
    assert!(said.contains("QuotaExceeded"), "{said}");
    assert!(!said.contains("geheim"), "{said}");
}

/// The other process; without being told it has nothing to do.
#[tokio::test]
async fn as_told() {
    let Ok(told) = std::env::var(TOLD) else { return };
    let folder = tempfile::tempdir().unwrap();
    let home = home(folder.path(), "s3://bucket/some/prefix").unwrap().unwrap();
    let sent = large(folder.path(), SIZE);
    let put = home.put("large.parquet", &sent).await;
    if told == "break" {
        println!("{}", put.unwrap_err());
        return;
    }
    put.unwrap();
    let got = folder.path().join("got");
    home.get("large.parquet", &got, u64::from(SIZE)).await.unwrap();
    assert!(std::fs::read(&sent).unwrap() == std::fs::read(&got).unwrap());
    std::fs::write(&sent, "small").unwrap();
    home.put("small.parquet", &sent).await.unwrap();
    home.get("small.parquet", &got, 5).await.unwrap();
    assert_eq!(std::fs::read(&got).unwrap(), b"small");
    home.remove("small.parquet").await.unwrap();
    #[cfg(unix)]
    a_decoder_has_no_credentials(folder.path()).await;
}

/// A program that says what it was given, in place of the decoder.
#[cfg(unix)]
async fn a_decoder_has_no_credentials(folder: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    let (program, said) = (folder.join("decoder"), folder.join("said"));
    std::fs::write(&program, format!("#!/bin/sh\nenv > {}\n", said.display())).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    let mut intake = World::new(None).intake;
    intake.decoder = Decoder::Process(program, DecoderBounds::default());
    intake.inspect(&Paths::Discovered(Discovered::default()), None).await.unwrap_err();
    let said = std::fs::read_to_string(said).unwrap();
    assert!(said.contains("MIMALLOC_ARENA_RESERVE=") && !said.contains("AWS_"), "{said}");
}
