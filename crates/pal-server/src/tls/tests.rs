//! Certificates as a client sees them: each is judged by a handshake, at a time that the test says.

use std::collections::BTreeMap;
use std::time::Duration;

use rustls::pki_types::{ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConnection};
use tempfile::TempDir;

use super::*;

const FIRST: &str = "2026-05-01T12:00:00Z";
const HERE: &str = "https://localhost:8443";

#[derive(Debug)]
struct At(u64);

impl TimeProvider for At {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_secs(self.0)))
    }
}

/// A data folder, as a start at some time leaves it.
struct Data(TempDir);

impl Data {
    fn new() -> Self {
        let data = Self(tempfile::tempdir().unwrap());
        data.start(HERE, FIRST).unwrap();
        data
    }

    fn start(&self, base: &str, at: &str) -> Result<TlsSetup, TlsError> {
        let settings = Settings { data_dir: self.0.path().to_owned(), ..Settings::default() };
        prepare(&settings, base, at.parse().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join("tls").join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Every file and what is in it.
    fn all(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let entries = fs::read_dir(self.0.path().join("tls")).unwrap();
        entries.map(|e| e.unwrap().path()).map(|p| (p.clone(), fs::read(p).unwrap())).collect()
    }
}

/// Whether a client that trusts only `ca` believes the server to be `host`, `days` after the first
/// start.
fn believes(ca: &str, config: &Arc<ServerConfig>, host: &str, days: i64) -> Result<(), String> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca.as_bytes()).unwrap()).unwrap();
    let first: Instant = FIRST.parse().unwrap();
    let seconds = i64::try_from(first.nanoseconds() / 1_000_000_000).unwrap() + days * 86_400;
    let clock = Arc::new(At(seconds.try_into().unwrap()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let client = ClientConfig::builder_with_details(provider, clock)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let host = ServerName::try_from(host.to_owned()).unwrap();
    let mut client = ClientConnection::new(Arc::new(client), host).unwrap();
    let mut server = ServerConnection::new(config.clone()).unwrap();
    while client.is_handshaking() || server.is_handshaking() {
        let mut bytes = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut bytes).unwrap();
        }
        pass(&bytes, &mut server)?;
        let mut bytes = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut bytes).unwrap();
        }
        pass(&bytes, &mut client)?;
    }
    Ok(())
}

fn pass<D>(
    mut bytes: &[u8],
    to: &mut impl std::ops::DerefMut<Target = rustls::ConnectionCommon<D>>,
) -> Result<(), String> {
    while !bytes.is_empty() {
        to.read_tls(&mut bytes).unwrap();
        to.process_new_packets().map_err(|error| error.to_string())?;
    }
    Ok(())
}

#[test]
fn the_first_start_makes_an_authority_and_a_certificate_for_this_machine() {
    let data = Data::new();
    let ready = data.start("https://pal.example.com", FIRST).unwrap();
    let ca = data.read("ca.pem");
    assert_eq!(ready.ca, Some(data.path("ca.pem")));
    for host in ["localhost", "127.0.0.1", "::1", "pal.example.com"] {
        assert_eq!(believes(&ca, &ready.config, host, 0), Ok(()), "{host}");
    }
    for host in ["example.com", "other.example.com", "127.0.0.2", "a.localhost"] {
        let said = believes(&ca, &ready.config, host, 0).unwrap_err();
        assert!(said.contains("not valid for name"), "{host}: {said}");
    }
    // An address in brackets is a name, too.
    let ready = data.start("https://[2001:db8::1]:8443", FIRST).unwrap();
    assert_eq!(believes(&ca, &ready.config, "2001:db8::1", 0), Ok(()));
    // Another authority of the same name is another.
    let other = Data::new();
    assert!(believes(&other.read("ca.pem"), &ready.config, "localhost", 0).is_err());
}

#[cfg(unix)]
#[test]
fn private_keys_are_their_owners_only() {
    use std::os::unix::fs::PermissionsExt;
    let data = Data::new();
    let mut seen = 0;
    for (path, text) in data.all() {
        let private = String::from_utf8(text).unwrap().contains("PRIVATE KEY");
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode & 0o022, 0, "{} is {mode:o}", path.display());
        if private {
            seen += 1;
            assert_eq!(mode, 0o600, "{}", path.display());
        }
        assert_eq!(private, path.to_str().unwrap().ends_with("-key.pem"), "{}", path.display());
    }
    assert_eq!(seen, 2);
}

#[test]
fn later_starts_change_nothing_until_the_end_is_near() {
    let data = Data::new();
    let made = data.all();
    // 30 days before the end of the 397 it is renewed.
    for at in [FIRST, "2027-05-02T23:59:59Z"] {
        data.start(HERE, at).unwrap();
        assert_eq!(data.all(), made, "{at}");
    }
    for (at, days) in [("2027-05-03T00:00:00Z", 367), ("2029-01-01T00:00:00Z", 976)] {
        let before = data.read("server.pem");
        let ready = data.start(HERE, at).unwrap();
        let ca = data.read("ca.pem");
        assert_eq!(ca.as_bytes(), made[&data.path("ca.pem")], "another authority");
        assert_ne!(data.read("server.pem"), before, "{at}");
        assert_eq!(believes(&ca, &ready.config, "localhost", days), Ok(()), "{at}");
    }
}

#[test]
fn a_certificate_lasts_from_the_day_before_for_397_days() {
    let data = Data::new();
    let ready = data.start(HERE, FIRST).unwrap();
    let ca = data.read("ca.pem");
    for (days, good) in [(-2, false), (-1, true), (0, true), (396, true), (397, false)] {
        let said = believes(&ca, &ready.config, "localhost", days);
        assert_eq!(said.is_ok(), good, "{days}: {said:?}");
    }
}

#[test]
fn other_names_make_another_certificate_of_the_same_authority() {
    let data = Data::new();
    let (ca, before) = (data.read("ca.pem"), data.read("server.pem"));
    let ready = data.start("https://pal.example.com", FIRST).unwrap();
    assert_eq!(data.read("ca.pem"), ca);
    assert_ne!(data.read("server.pem"), before);
    assert_eq!(believes(&ca, &ready.config, "pal.example.com", 0), Ok(()));
    // The name that is gone is not served any more.
    let ready = data.start(HERE, FIRST).unwrap();
    assert!(believes(&ca, &ready.config, "pal.example.com", 0).is_err());
}

/// Not every client looks at it, so it is read: basic constraints, critical, an authority with a
/// path of length 0.
#[test]
fn the_authority_says_that_there_is_no_authority_below_it() {
    let has = |pem: &str, wanted: &[u8]| {
        let der = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
        der.windows(wanted.len()).any(|bytes| bytes == wanted)
    };
    let data = Data::new();
    let constraints = b"\x06\x03\x55\x1d\x13\x01\x01\xff\x04\x08\x30\x06\x01\x01\xff\x02\x01\x00";
    assert!(has(&data.read("ca.pem"), constraints));
    let authority = &constraints[..constraints.len() - 3];
    assert!(!has(&data.read("server.pem"), authority), "the server is no authority");
}

/// Damage: the file, what becomes of it (none = it goes), and what the refusal says beside its path.
const DAMAGE: &[(&str, Option<&str>, &str)] = &[
    ("ca-key.pem", Some("damaged"), "it is no private key; put ca.pem and ca-key.pem back"),
    ("ca-key.pem", Some(""), "it is no private key"),
    ("ca-key.pem", Some("OTHER"), "put ca.pem and ca-key.pem back from a copy, or delete both"),
    ("ca-key.pem", None, "it is gone; put ca.pem and ca-key.pem back"),
    ("ca.pem", Some("damaged"), "there is no certificate in it"),
    ("ca.pem", Some("OTHER"), "put ca.pem and ca-key.pem back from a copy, or delete both"),
    ("server-key.pem", Some("damaged"), "delete server.pem and server-key.pem"),
    ("server-key.pem", Some("OTHER"), "delete server.pem and server-key.pem"),
    ("server.pem", Some("damaged"), "there is no certificate in it"),
    ("server.pem", Some("OTHER"), "delete server.pem and server-key.pem"),
];

#[test]
fn a_damaged_file_is_refused_and_nothing_is_written() {
    let other = Data::new();
    for (name, becomes, wanted) in DAMAGE {
        let data = Data::new();
        match becomes {
            None => fs::remove_file(data.path(name)).unwrap(),
            Some("OTHER") => fs::write(data.path(name), other.read(name)).unwrap(),
            Some(text) => fs::write(data.path(name), text).unwrap(),
        }
        let before = data.all();
        let Err(error) = data.start(HERE, FIRST) else { panic!("{name}, {becomes:?}: taken") };
        let text = error.to_string();
        assert!(text.contains(&data.path(name).display().to_string()), "{text}");
        assert!(text.contains(wanted), "{name}, {becomes:?}: {text}");
        assert_eq!(data.all(), before, "{name}, {becomes:?}: something was written");
    }
}

#[test]
fn what_the_refusals_advise_works() {
    for gone in [&["server.pem", "server-key.pem"][..], &["server-key.pem"], &["server.pem"]] {
        let data = Data::new();
        let ca = data.read("ca.pem");
        for name in gone {
            fs::remove_file(data.path(name)).unwrap();
        }
        let ready = data.start(HERE, FIRST).unwrap();
        assert_eq!(data.read("ca.pem"), ca, "{gone:?}");
        assert_eq!(believes(&ca, &ready.config, "localhost", 0), Ok(()), "{gone:?}");
    }
    // A new authority also makes the certificate anew: the old one is not below it.
    let data = Data::new();
    let old = data.read("ca.pem");
    fs::remove_file(data.path("ca.pem")).unwrap();
    fs::remove_file(data.path("ca-key.pem")).unwrap();
    let ready = data.start(HERE, FIRST).unwrap();
    assert_ne!(data.read("ca.pem"), old);
    assert_eq!(believes(&data.read("ca.pem"), &ready.config, "localhost", 0), Ok(()));
    // A start that ended between key and certificate: its key is kept.
    let data = Data::new();
    let key = data.read("ca-key.pem");
    fs::remove_file(data.path("ca.pem")).unwrap();
    let ready = data.start(HERE, FIRST).unwrap();
    assert_eq!(data.read("ca-key.pem"), key);
    assert_eq!(believes(&data.read("ca.pem"), &ready.config, "localhost", 0), Ok(()));
}

#[test]
fn a_certificate_that_is_given_is_used_and_nothing_is_made() {
    let given = Data::new();
    let other = Data::new();
    let ca = given.read("ca.pem");
    let mut settings = Settings::default();
    let empty = tempfile::tempdir().unwrap();
    empty.path().clone_into(&mut settings.data_dir);
    let mut start = |cert: PathBuf, key: PathBuf| {
        settings.http.tls_cert = Some(cert);
        settings.http.tls_key = Some(key);
        let done = prepare(&settings, HERE, FIRST.parse().unwrap());
        assert_eq!(fs::read_dir(&empty).unwrap().count(), 0, "something was made");
        done
    };
    let (cert, key) = (given.path("server.pem"), given.path("server-key.pem"));
    let ready = start(cert.clone(), key.clone()).unwrap();
    assert_eq!((ready.ca, ready.bundle), (None, None));
    assert_eq!(believes(&ca, &ready.config, "localhost", 0), Ok(()));
    let gone = given.path("gone.pem");
    for (cert, key, names, wanted) in [
        (&cert, &other.path("server-key.pem"), &other.path("server-key.pem"), "is not the key of"),
        (&cert, &cert, &cert, "there is no private key in it; it must be PEM"),
        (&key, &key, &key, "there is no certificate in it; it must be PEM"),
        (&cert, &gone, &gone, "No such file"),
        (&gone, &key, &gone, "No such file"),
    ] {
        let Err(error) = start(cert.clone(), key.clone()) else { panic!("{wanted}: taken") };
        let text = error.to_string();
        assert!(text.contains(wanted) && text.contains(names.to_str().unwrap()), "{text}");
    }
}
