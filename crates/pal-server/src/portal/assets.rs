//! The pages' files, inside the program. `build.rs` takes them from `portal/dist`, if they were built.

use std::borrow::Cow;
use std::collections::BTreeMap;

include!(concat!(env!("OUT_DIR"), "/portal.rs"));

/// Where the page has a mark for the nonce of styles, this is it.
const NONCE: &str = "__CSP_NONCE__";

/// Files by their path below `portal/dist`.
#[derive(Default)]
pub struct PortalAssets(BTreeMap<Cow<'static, str>, Cow<'static, [u8]>>);

pub struct Asset<'a> {
    /// Its bytes, as they are to be sent.
    pub bytes: &'a [u8],
    pub kind: &'static str,
    pub encoding: Option<&'static str>,
}

impl PortalAssets {
    /// Those that were built into the program; none, if there were none.
    pub fn embedded() -> Self {
        let files = EMBEDDED.iter();
        Self(files.map(|(name, bytes)| (Cow::Borrowed(*name), Cow::Borrowed(*bytes))).collect())
    }

    pub fn of(files: Vec<(String, Vec<u8>)>) -> Self {
        Self(files.into_iter().map(|(name, bytes)| (name.into(), bytes.into())).collect())
    }

    /// A file, packed as well as the browser can take it. Names are looked up, never opened: no path
    /// leads anywhere else.
    pub fn find(&self, name: &str, accepted: &str) -> Option<Asset<'_>> {
        let plain = self.0.get(name)?;
        let kind = kind(name);
        for (encoding, end) in [("br", ".br"), ("gzip", ".gz")] {
            if let Some(bytes) = self.0.get(format!("{name}{end}").as_str())
                && accepts(accepted, encoding)
            {
                return Some(Asset { bytes, kind, encoding: Some(encoding) });
            }
        }
        Some(Asset { bytes: plain, kind, encoding: None })
    }

    /// The page, and whether it has a mark for a nonce.
    pub fn index(&self, nonce: &str) -> Option<(String, bool)> {
        let page = std::str::from_utf8(self.0.get("index.html")?).ok()?;
        Some((page.replace(NONCE, nonce), page.contains(NONCE)))
    }
}

/// Whether an `Accept-Encoding` takes a packing; `q=0` refuses it.
fn accepts(header: &str, encoding: &str) -> bool {
    header.split(',').any(|part| {
        let mut words = part.split(';').map(str::trim);
        let named = words.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let refused = |word: &str| {
            let value = word.strip_prefix("q=").or_else(|| word.strip_prefix("Q="));
            value.is_some_and(|value| value.bytes().all(|byte| matches!(byte, b'0' | b'.')))
        };
        named && !words.any(refused)
    })
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, end)| end) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json; charset=utf-8",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
