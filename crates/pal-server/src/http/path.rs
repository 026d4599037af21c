//! One normaliser of paths, before both authorization and routing (T27).
//!
//! Azure's clients write `/providers/Microsoft.ManagementPartner/partners/` and
//! `//metadata/endpoints`, in any casing. They must all mean the same, and mean it to every part
//! of the service: so the path itself is rewritten, once, and nobody looks at the original.
//!
//! Unreserved characters that are percent-encoded are decoded, slashes are made single, one at the
//! end is dropped, ASCII letters are lowered below the prefixes that are ARM's. What is left
//! encoded reaches the handler as data: `12%2F3` is a wrong partner ID, never two segments.
//!
//! Worked example: `//Providers/Microsoft%2eManagementPartner//partners/` becomes
//! `/providers/microsoft.managementpartner/partners`.

use axum::http::Uri;
use axum::http::uri::PathAndQuery;

/// The first segments below which casing means nothing.
const CASELESS: [&str; 5] = ["providers", "subscriptions", "tenants", "metadata", "api"];

/// The request with its path normalised; the query is left as it is.
pub fn normalise<B>(mut request: axum::http::Request<B>) -> axum::http::Request<B> {
    if let Some(path) = normal(request.uri().path()) {
        let mut parts = request.uri().clone().into_parts();
        let query = request.uri().query().map_or_else(String::new, |query| format!("?{query}"));
        if let Ok(rewritten) = PathAndQuery::try_from(format!("{path}{query}")) {
            parts.path_and_query = Some(rewritten);
            if let Ok(uri) = Uri::from_parts(parts) {
                *request.uri_mut() = uri;
            }
        }
    }
    request
}

/// The normal form of a path; `None` = it is in normal form.
fn normal(path: &str) -> Option<String> {
    let decoded = decode_unreserved(path);
    let mut segments: Vec<&str> = decoded.split('/').filter(|s| !s.is_empty()).collect();
    // A dot segment never leads anywhere else: it stays, as a name that nothing is served under.
    // The portal has the same paths below its own; its files have names of their own.
    let mirrored = match segments.split_first() {
        Some((&"portal", [first, ..])) if ["arm", "api"].contains(first) => Some(first),
        _ => segments.first(),
    };
    let lower = mirrored.is_some_and(|first| {
        *first == "arm" || CASELESS.iter().any(|prefix| prefix.eq_ignore_ascii_case(first))
    });
    let mut text = String::with_capacity(path.len());
    if segments.is_empty() {
        segments.push("");
    }
    for segment in segments {
        text.push('/');
        text.push_str(segment);
    }
    if lower {
        text.make_ascii_lowercase();
    }
    (text != path).then_some(text)
}

fn decode_unreserved(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        text.push_str(&rest[..at]);
        let code = rest.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                text.push(byte as char);
                rest = &rest[at + 3..];
            }
            _ => {
                text.push('%');
                rest = &rest[at + 1..];
            }
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t27_paths_that_mean_the_same_become_the_same() {
        let one = "/providers/microsoft.managementpartner/partners/5127255";
        for written in [
            "/providers/Microsoft.ManagementPartner/partners/5127255",
            "//providers/microsoft.managementpartner/PARTNERS/5127255/",
            "/providers//Microsoft%2EManagementPartner/partners/5127255//",
            "/%70roviders/microsoft.managementpartner/partners/%35127255",
        ] {
            assert_eq!(normal(written).as_deref(), Some(one), "{written}");
        }
        assert_eq!(normal(one), None);
        for (written, normalised) in [
            ("/partners/12%2F3", None),
            ("/a/../b", None),
            ("/a/%2e%2e/b", Some("/a/../b")),
            ("/%252e", None),
            ("/a/%zz%", None),
            ("/", None),
            ("//", Some("/")),
            ("/C0750000-0000-4000-8000-000000000000/oauth2/v2.0/token", None),
            ("/assets/Index-B1.js", None),
            ("/portal/assets/Index-B1.js", None),
            ("/portal/Api/X", None),
            ("/portal/api/v1/Me/", Some("/portal/api/v1/me")),
            ("//portal//arm/providers/Microsoft.X", Some("/portal/arm/providers/microsoft.x")),
            ("/portal/", Some("/portal")),
        ] {
            assert_eq!(normal(written).as_deref(), normalised, "{written}");
        }
    }

    #[test]
    fn t27_normalising_twice_is_normalising_once() {
        for written in ["//A/%41%2f/%25%34%31/", "/PROVIDERS/%2e%2E/x", "/%", "/%4", "//%2F//"] {
            let once = normal(written).unwrap_or_else(|| written.to_owned());
            if !written.contains("%25") {
                assert_eq!(normal(&once), None, "{written}");
            }
        }
    }
}
