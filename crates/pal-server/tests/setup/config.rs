//! Each refusal says the key, the value, where it was said, and what belongs there.

use crate::setup::loading::{Pairs, all, one};

const TENANT: &str = "bec40000-0000-4000-8000-000000000000";
const LINE: &str = "on the command line";
const ALLOWED: (&str, &str) = ("identity.allow_embedded_issuer", "true");

/// Faults of single values: key, value, what the refusal must say beside the key and its place.
const VALUES: &[(&str, &str, &str)] = &[
    ("data_dir", "", "is empty: name a folder"),
    ("http.listen", "8443", "'8443' is not an address and a port, such as 127.0.0.1:8443"),
    ("http.listen", "localhost", "'localhost' is not an address and a port"),
    ("http.plain_http", "yes", "'yes' is not true or false"),
    ("http.header_seconds", "many", "'many' is not a whole number, 0 or more"),
    ("http.header_seconds", "-1", "'-1' is not a whole number"),
    ("http.header_seconds", "1.5", "'1.5' is not a whole number"),
    ("http.header_seconds", "0", "is 0; it must be from 1 to 600"),
    ("http.header_seconds", "601", "is 601; it must be from 1 to 600"),
    ("http.body_seconds", "0", "is 0; it must be from 1 to 600"),
    ("http.body_seconds", "601", "is 601; it must be from 1 to 600"),
    ("http.max_header_bytes", "8191", "is 8191; it must be from 8192 to 1048576"),
    ("http.max_header_bytes", "9223372036854775807", "it must be from 8192 to 1048576"),
    ("http.max_connections", "0", "is 0; it must be from 1 to 1048576"),
    // The library for it would panic.
    ("http.max_connections", "9223372036854775807", "it must be from 1 to 1048576"),
    ("http.max_body_bytes", "9223372036854775807", "it must be from 1 to 1073741824"),
    ("http.max_facts_bytes", "9223372036854775807", "it must be from 1 to 17179869184"),
    ("http.shutdown_seconds", "9223372036854775807", "it must be from 0 to 3600"),
    ("usage.watch_seconds", "9223372036854775807", "it must be from 0 to 86400"),
    ("usage.max_upload_mib", "9223372036854775807", "it must be from 1 to 16777216"),
    ("usage.decode_memory_mib", "9223372036854775807", "it must be from 1 to 16777216"),
    ("usage.decode_seconds", "9223372036854775807", "it must be from 1 to 604800"),
    ("http.max_body_bytes", "99999999999999999999999", "is not a whole number"),
    ("identity.embedded", "maybe", "'maybe' is none of auto, on, off"),
    ("identity.embedded", "true", "'true' is not auto, on or off"),
    ("identity.embedded", "off", "identity.issuers is empty: nobody could sign in"),
    ("identity.access_token_minutes", "0", "is 0; it must be from 1 to 60"),
    ("portal.enabled", "maybe", "'maybe' is none of auto, on, off"),
    ("portal.client_id", "", "is empty: give the client ID"),
    ("portal.client_id", "x", "identity.issuers is empty"),
    ("portal.client_secret_file", "x", "portal.client_id is not: set both"),
    ("portal.idle_minutes", "0", "is 0; it must be from 1 to 1440"),
    ("portal.idle_minutes", "1441", "is 1441; it must be from 1 to 1440"),
    ("portal.absolute_hours", "0", "is 0; it must be from 1 to 168"),
    ("portal.demo", "perhaps", "is not"),
    ("identity.access_token_minutes", "61", "is 61; it must be from 1 to 60"),
    ("limits.reads_per_hour", "0", "'0' is not a whole number from 1 to 4294967295"),
    ("limits.link_writes_per_day", "4294967296", "is not a whole number from 1 to 4294967295"),
    ("log.format", "xml", "'xml' is none of text, json"),
    ("operators", "ada", "'ada' is not a list"),
    ("operators", "[\"ada\"]", "'ada' is not TENANT/OBJECT, two GUIDs"),
    ("operators", "[\"a/b\"]", "'a/b' is not TENANT/OBJECT, two GUIDs"),
    (
        "metrics.listen",
        "0.0.0.0:9464",
        "metrics have no sign-in; use a loopback address, or allow it by metrics.allow_remote",
    ),
    ("http.tls_cert", "tls.pem", "http.tls_cert and http.tls_key belong together: set both"),
    ("http.tls_key", "key.pem", "http.tls_cert and http.tls_key belong together: set both"),
    ("public_url", "pal.example.com", "'pal.example.com' is no URL"),
    ("public_url", "https://", "write https:// and a host"),
    ("public_url", "https://pal.example.com:99999", "invalid port number"),
    ("public_url", "http://pal.example.com", "must begin with https://"),
    ("public_url", "ftp://pal.example.com", "must begin with https://"),
    ("public_url", "https://pal.example.com/pal", "must have no path: sign-in needs the root"),
    ("public_url", "https://pal.example.com?a", "must have no path"),
    ("public_url", "https://pal.example.com#a", "must have no path"),
    // These mean the right thing to a reader of URLs, and are compared as texts later.
    ("public_url", " https://pal.example.com", "must be written https://pal.example.com"),
    ("public_url", "https:\\\\pal.example.com", "must be written https://pal.example.com"),
    ("public_url", "https:pal.example.com", "must be written https://pal.example.com"),
    ("public_url", "https://påls.example", "must be written https://xn--pls-ula.example"),
];

/// Values that are good by themselves: the flags, and what the refusal must say.
const TOGETHER: &[(Pairs, &[&str])] = &[
    (
        &[("http.listen", "192.0.2.1:443")],
        &[
            "http.listen is 192.0.2.1:443, which others can reach",
            "embedded issuer is on",
            "identity.issuers",
            "--allow-embedded-issuer",
        ],
    ),
    (
        &[("http.listen", "[2001:db8::1]:443")],
        &["http.listen is [2001:db8::1]:443, which others can reach"],
    ),
    // Every address of the machine: which of them do clients use?
    (&[("http.listen", "0.0.0.0:443")], &["say by which address clients reach it (public_url)"]),
    (&[("http.listen", "[::]:443")], &["say by which address clients reach it (public_url)"]),
    (
        &[("http.listen", "0.0.0.0:443"), ("public_url", "https://pal.example.com")],
        &["which others can reach", "embedded issuer is on"],
    ),
    (
        &[
            ("http.listen", "192.0.2.1:80"),
            ("http.plain_http", "true"),
            ("identity.allow_embedded_issuer", "true"),
        ],
        &[
            "http.plain_http without TLS is for loopback behind a proxy",
            "192.0.2.1:80",
            "http.plain_http is set on the command line",
        ],
    ),
    (
        &[("public_url", "https://pal.example.com")],
        &[
            "public_url is https://pal.example.com, so others can reach it",
            "embedded issuer is on",
            "--allow-embedded-issuer",
            "public_url is set on the command line",
        ],
    ),
    (
        &[("public_url", "https://pal.example.com"), ("http.plain_http", "true")],
        &["so others reach it through a proxy, and the embedded issuer is on"],
    ),
    // Names that only look like this machine.
    (&[("public_url", "https://localhost.example.com")], &["so others can reach it"]),
    (&[("public_url", "https://pal.localhost")], &["so others can reach it"]),
    (&[("public_url", "https://[2001:db8::1]")], &["so others can reach it"]),
    (&[("public_url", "https://192.168.0.1")], &["so others can reach it"]),
    (
        &[("public_url", "https://pal.example.com"), ("identity.embedded", "on")],
        &["so others can reach it"],
    ),
    (
        &[("http.plain_http", "true"), ("http.tls_cert", "a"), ("http.tls_key", "b")],
        &["http.plain_http and http.tls_cert exclude each other"],
    ),
];

/// Issuers: the lines of the entry, and what the refusal must say beside where it is.
const ISSUERS: &[(&str, &str)] = &[
    ("kind = 'oidc'", "audiences is missing"),
    ("audiences = ['a']", "kind is missing"),
    ("kind = 'saml'\naudiences = ['a']", "'saml' is none of entra, oidc"),
    ("kind = 'entra'\naudiences = []", "audiences is empty"),
    ("kind = 'entra'\naudiences = ['a', '']", "audiences is empty, or one of them is"),
    ("kind = 'entra'\naudiences = 'a'", "'a' is not a list"),
    ("kind = 'entra'\naudiences = ['a']\ntenants = ['x']", "tenants: 'x' is not a GUID"),
    ("kind = 'oidc'\naudiences = ['a']", "issuer is missing"),
    (
        "kind = 'oidc'\naudiences = ['a']\nissuer = 'https://id.example'",
        "name the one tenant it speaks for (tenants)",
    ),
    (
        "kind = 'oidc'\naudiences = ['a']\nissuer = 'https://id.example'\ntenant_claim = 'tid'",
        "tenants is empty: say which tenants it may speak for",
    ),
    ("kind = 'oidc'\naudiences = ['a']\nissuer = 'id'\ntenants = ['T']", "issuer 'id' is no URL"),
    (
        "kind = 'oidc'\naudiences = ['a']\nissuer = 'http://id.example'\ntenants = ['T']",
        "issuer 'http://id.example' must begin with https://",
    ),
    (
        "kind = 'oidc'\naudiences = ['a']\nissuer = 'ftp://localhost'\ntenants = ['T']",
        "issuer 'ftp://localhost' must begin with https://",
    ),
    (
        "kind = 'entra'\naudiences = ['a']\njwks_url = 'http://192.0.2.1/keys'",
        "jwks_url 'http://192.0.2.1/keys' must begin with https://",
    ),
    (
        "kind = 'entra'\naudiences = ['a']\njwks_url = 'https://u:geheim@id.example/keys'",
        "jwks_url 'id.example/keys' must have no user name and no password",
    ),
    ("kind = 'entra'\naudiences = ['a']\nclient_secret = 'geheim'", "there is no such key"),
];

fn lacks(text: &str, wanted: &[&str]) -> Option<String> {
    let gone: Vec<_> = wanted.iter().filter(|part| !text.contains(**part)).collect();
    (!gone.is_empty()).then(|| format!("{text}\n    lacks {gone:?}"))
}

/// The program that is tested everywhere is built without object stores.
#[cfg(not(feature = "object-store"))]
#[test]
fn an_object_store_needs_a_program_that_has_them() {
    for value in ["s3://bucket/usage", "2026", "az://key:geheim@container?sig=geheim"] {
        let said = one(&[], (None, &[("usage.store", value)])).unwrap_err();
        let wanted = [
            "usage.store is '",
            "this program was built without object stores",
            "cargo build --release --features object-store",
            "or leave usage.store empty",
            LINE,
        ];
        assert_eq!(lacks(&said, &wanted), None);
        assert!(!said.contains("geheim"), "{said}");
    }
    let shown = one(&[], (None, &[("usage.store", "")])).unwrap();
    assert!(shown.contains("usage.store"), "{shown}");
}

/// Words that only somebody who reads the source understands.
fn of_the_program(text: &str) -> Option<String> {
    let names = ["u16", "u32", "u64", "usize", "struct ", "enum ", "Http", "Embedded", "sequence"];
    names.iter().find(|name| text.contains(**name)).map(|name| format!("{text}\n    says {name}"))
}

#[test]
fn a_wrong_value_is_refused_with_key_value_place_and_what_belongs_there() {
    let flags: Vec<_> = VALUES.iter().map(|(key, value, _)| [(*key, *value)]).collect();
    let cases: Vec<_> = flags.iter().map(|flags| (None, &flags[..])).collect();
    let mut faults = Vec::new();
    for ((key, value, wanted), said) in VALUES.iter().zip(all(&[], &cases)) {
        match said {
            Ok(_) => faults.push(format!("{key} = '{value}' was taken")),
            Err(text) => {
                faults.extend(lacks(&text, &[key, wanted, LINE]));
                faults.extend(of_the_program(&text));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn values_that_do_not_go_together_are_refused() {
    let cases: Vec<_> = TOGETHER.iter().map(|(flags, _)| (None, *flags)).collect();
    let mut faults = Vec::new();
    for ((flags, wanted), said) in TOGETHER.iter().zip(all(&[], &cases)) {
        match said {
            Ok(_) => faults.push(format!("{flags:?} was taken")),
            Err(text) => faults.extend(lacks(&text, wanted)),
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn an_issuer_that_is_not_whole_is_refused_with_its_place_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    for (at, (lines, _)) in ISSUERS.iter().enumerate() {
        let path = folder.path().join(format!("{at}.toml"));
        // The second entry is wrong: the refusal must say which.
        let good = "[[identity.issuers]]\nkind = 'entra'\naudiences = ['a']\n";
        let wrong = lines.replace("'T'", &format!("'{TENANT}'"));
        std::fs::write(&path, format!("{good}[[identity.issuers]]\n{wrong}\n")).unwrap();
        paths.push(path.to_str().unwrap().to_owned());
    }
    let cases: Vec<_> = paths.iter().map(|path| (Some(path.as_str()), &[][..])).collect();
    let mut faults = Vec::new();
    for (((lines, wanted), path), said) in ISSUERS.iter().zip(&paths).zip(all(&[], &cases)) {
        match said {
            Ok(_) => faults.push(format!("{lines} was taken")),
            Err(text) => {
                faults.extend(lacks(&text, &["identity.issuers", "1", wanted, path]));
                faults.extend(of_the_program(&text));
                if text.contains("geheim") {
                    faults.push(format!("{text}\n    shows a password"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A password in a URL is the one secret that could get into a configuration.
#[test]
fn a_password_in_a_url_is_refused_and_not_shown() {
    for url in [
        "https://ada:geheim@pal.example.com",
        "https://:geheim@pal.example.com",
        "https://ada:geheim@pal.example.com:99999",
        "http://ada:geheim@pal.example.com",
    ] {
        let text = one(&[], (None, &[("public_url", url)])).unwrap_err();
        assert!(!text.contains("geheim") && text.contains("public_url"), "{text}");
    }
}

/// One fault at a time is told: the second is found after the first is mended.
#[test]
fn of_several_faults_the_first_is_named() {
    let flags =
        [("http.header_seconds", "0"), ("http.body_seconds", "0"), ("operators", "[\"x\"]")];
    let text = one(&[], (None, &flags)).unwrap_err();
    assert!(text.contains("http.header_seconds") && !text.contains("operators"), "{text}");
    let text = one(&[], (None, &flags[1..])).unwrap_err();
    assert!(text.contains("http.body_seconds"), "{text}");
}

/// What is near a refusal and good.
#[test]
fn what_is_at_the_limit_is_taken() {
    let operator = format!("[\"{TENANT}/{TENANT}\"]");
    let cases: &[Pairs] = &[
        &[],
        &[("http.header_seconds", "1"), ("http.body_seconds", "600")],
        &[("http.max_header_bytes", "8192"), ("http.max_connections", "1")],
        &[("identity.access_token_minutes", "60")],
        &[("http.listen", "[::1]:0"), ("http.plain_http", "true")],
        &[("public_url", "https://pal.example.com/"), ALLOWED],
        &[("public_url", "https://pal.example.com:443"), ALLOWED],
        &[("public_url", "https://PAL.example.com:8443"), ALLOWED],
        &[("public_url", "https://127.0.0.1:8443"), ("http.listen", "[::1]:8443")],
        &[("public_url", "https://[::1]:8443")],
        &[("public_url", "https://LOCALHOST")],
        &[("public_url", "http://localhost:80"), ("http.plain_http", "true")],
        &[("public_url", "https://[2001:db8::1]"), ALLOWED],
        &[("http.listen", "192.0.2.1:443"), ("identity.allow_embedded_issuer", "true")],
        &[("metrics.listen", "[::1]:9464")],
        &[("metrics.listen", "0.0.0.0:9464"), ("metrics.allow_remote", "true")],
        &[
            ("http.listen", "0.0.0.0:8080"),
            ("http.plain_http", "true"),
            ("http.allow_remote_plain_http", "true"),
            ("public_url", "https://pal.example.com"),
            ALLOWED,
        ],
        &[("operators", &operator)],
        // Texts that look like something else.
        &[("data_dir", "2026")],
        &[("data_dir", "true")],
        &[("data_dir", "[a]")],
        &[("log.level", "info,pal_server=debug")],
    ];
    let said = all(&[], &cases.iter().map(|flags| (None, *flags)).collect::<Vec<_>>());
    for (flags, said) in cases.iter().zip(said) {
        assert!(said.is_ok(), "{flags:?}: {said:?}");
    }
}
