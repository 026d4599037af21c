//! Certificates: your own, or a certificate authority and a certificate made at the first start.
//!
//! Azure's clients refuse plain HTTP, so there is TLS from the first second. The authority is made
//! once and never again: whoever trusts it must not have to do so twice. The certificate below it
//! is short-lived, made anew when it nears its end or when the names change.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use pal_model::Instant;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::Settings;

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("cannot use {path}: {why}")]
    File { path: PathBuf, why: String },
    #[error("cannot make a certificate: {0}")]
    Make(#[from] rcgen::Error),
    #[error("TLS cannot be used: {0}")]
    Use(#[from] rustls::Error),
}

/// What the listener needs, and what clients must trust.
pub struct TlsSetup {
    pub config: Arc<ServerConfig>,
    /// Our own authority, if the certificate is below it.
    pub ca: Option<PathBuf>,
    /// That authority and the public roots.
    pub bundle: Option<PathBuf>,
}

/// Where the public roots usually are.
const ROOTS: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/etc/openssl/cert.pem",
];

/// Life of a server certificate in days: no client takes more than 398.
const DAYS: i64 = 397;
/// It is made anew so many days before its end.
const EARLY: i64 = 30;

/// What to do about an authority that is damaged.
const AUTHORITY_AGAIN: &str = "put ca.pem and ca-key.pem back from a copy, or delete both: then a \
                               new authority is made, which clients must be told to trust";
/// What to do about a certificate of ours that is damaged.
const CERTIFICATE_AGAIN: &str = "delete server.pem and server-key.pem: they are made anew";

fn file(path: &Path, why: impl std::fmt::Display) -> TlsError {
    TlsError::File { path: path.to_owned(), why: why.to_string() }
}

/// Reads or makes what is needed for `base`.
///
/// # Errors
/// See [`TlsError`].
pub fn prepare(settings: &Settings, base: &str, now: Instant) -> Result<TlsSetup, TlsError> {
    if let (Some(cert), Some(key)) = (&settings.http.tls_cert, &settings.http.tls_key) {
        return Ok(TlsSetup { config: configure(cert, key)?, ca: None, bundle: None });
    }
    let folder = settings.data_dir.join("tls");
    fs::create_dir_all(&folder).map_err(|error| file(&folder, error))?;
    let own = OwnAuthority { folder };
    let today = today(now);
    let authority = own.authority(today)?;
    own.certificate(&authority, &names(base), today)?;
    own.bundle()?;
    let (cert, key) = (own.path("server.pem"), own.path("server-key.pem"));
    let config = configure(&cert, &key)
        .map_err(|error| file(&cert, format!("{error}; {CERTIFICATE_AGAIN}")))?;
    Ok(TlsSetup { config, ca: Some(own.path("ca.pem")), bundle: Some(own.path("bundle.pem")) })
}

fn today(now: Instant) -> Date {
    let at = Timestamp::from_nanosecond(now.nanoseconds()).unwrap_or(Timestamp::UNIX_EPOCH);
    at.to_zoned(TimeZone::UTC).date()
}

fn names(base: &str) -> Vec<String> {
    let mut names: Vec<String> =
        ["localhost", "127.0.0.1", "::1"].into_iter().map(str::to_owned).collect();
    let host = url::Url::parse(base).ok().and_then(|url| url.host_str().map(str::to_owned));
    if let Some(host) = host {
        let host = host.trim_matches(['[', ']']).to_owned();
        if !names.contains(&host) {
            names.push(host);
        }
    }
    names
}

/// The folder of an authority of our own.
struct OwnAuthority {
    folder: PathBuf,
}

impl OwnAuthority {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The authority; made if it is not there. One that is there in part is never replaced:
    /// somebody may trust it.
    fn authority(&self, today: Date) -> Result<Issuer<'static, KeyPair>, TlsError> {
        let (cert, key) = (self.path("ca.pem"), self.path("ca-key.pem"));
        let mut params = CertificateParams::default();
        params.distinguished_name = name("OpenPAL local certificate authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.use_authority_key_identifier_extension = true;
        if cert.exists() && !key.exists() {
            return Err(file(&key, format!("it is gone; {AUTHORITY_AGAIN}")));
        }
        let pair = if key.exists() {
            let text = fs::read_to_string(&key).map_err(|error| file(&key, error))?;
            KeyPair::from_pem(&text)
                .map_err(|_| file(&key, format!("it is no private key; {AUTHORITY_AGAIN}")))?
        } else {
            let pair = KeyPair::generate()?;
            write(&key, &pair.serialize_pem(), true)?;
            pair
        };
        if cert.exists() {
            // What the key signs, nobody would believe if the certificate were another key's.
            configure(&cert, &key)
                .map_err(|error| file(&cert, format!("{error}; {AUTHORITY_AGAIN}")))?;
            return Ok(Issuer::new(params, pair));
        }
        life(&mut params, today, 3_650);
        let made = params.self_signed(&pair)?;
        self.forget_certificate()?;
        write(&cert, &made.pem(), false)?;
        Ok(Issuer::new(params, pair))
    }

    /// The certificate is made anew, now or, if this start ends early, at the next one.
    fn forget_certificate(&self) -> Result<(), TlsError> {
        let note = self.path("server.txt");
        match fs::remove_file(&note) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(file(&note, error)),
            _ => Ok(()),
        }
    }

    /// The server's certificate; made if it is not there, ends soon, or has other names.
    fn certificate(
        &self,
        authority: &Issuer<'static, KeyPair>,
        names: &[String],
        today: Date,
    ) -> Result<(), TlsError> {
        let (cert, key, note) =
            (self.path("server.pem"), self.path("server-key.pem"), self.path("server.txt"));
        let kept = fs::read_to_string(&note).unwrap_or_default();
        let (until, of) = kept.trim_end().split_once(' ').unwrap_or_default();
        let good = until
            .parse::<Date>()
            .is_ok_and(|until| until.checked_sub(EARLY.days()).is_ok_and(|early| today < early));
        if good && of == names.join(" ") && cert.exists() && key.exists() {
            return Ok(());
        }
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name = name("OpenPAL");
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let until = life(&mut params, today, DAYS);
        let pair = KeyPair::generate()?;
        let made = params.signed_by(&pair, authority)?;
        self.forget_certificate()?;
        let ca = fs::read_to_string(self.path("ca.pem"))
            .map_err(|error| file(&self.path("ca.pem"), error))?;
        write(&key, &pair.serialize_pem(), true)?;
        write(&cert, &(made.pem() + &ca), false)?;
        write(&note, &format!("{until} {}\n", names.join(" ")), false)
    }

    /// Our authority and the public roots in one file: `REQUESTS_CA_BUNDLE` replaces all others.
    fn bundle(&self) -> Result<(), TlsError> {
        let ca = self.path("ca.pem");
        let mut text = fs::read_to_string(&ca).map_err(|error| file(&ca, error))?;
        let public = ROOTS.iter().find_map(|path| fs::read_to_string(path).ok());
        match public {
            Some(public) => text.push_str(&public),
            None => tracing::warn!(
                "no public certificate authorities were found: bundle.pem has ours only"
            ),
        }
        let path = self.path("bundle.pem");
        if fs::read_to_string(&path).ok().as_deref() == Some(&text) {
            return Ok(());
        }
        write(&path, &text, false)
    }
}

fn name(common: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common);
    name
}

/// From yesterday, because clocks differ, for so many days; the last one.
fn life(params: &mut CertificateParams, today: Date, days: i64) -> Date {
    let from = today.checked_sub(1.days()).unwrap_or(today);
    let until = today.checked_add(days.days()).unwrap_or(today);
    let at = |date: Date| {
        date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
    };
    params.not_before = at(from);
    params.not_after = at(until);
    until
}

/// Writes a file whole or not at all; a private one is readable by its owner only.
pub(crate) fn write(path: &Path, text: &str, private: bool) -> Result<(), TlsError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let write = || -> std::io::Result<()> {
        let part = path.with_extension("part");
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        mode(&mut options, private);
        let mut file = options.open(&part)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&part, path)
    };
    write().map_err(|error| file(&folder.join(path.file_name().unwrap_or_default()), error))
}

#[cfg(unix)]
fn mode(options: &mut fs::OpenOptions, private: bool) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(if private { 0o600 } else { 0o644 });
}

#[cfg(not(unix))]
fn mode(_: &mut fs::OpenOptions, _: bool) {}

fn configure(cert: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let chain: Vec<CertificateDer> = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect)
        .map_err(|error| file(cert, error))?;
    if chain.is_empty() {
        return Err(file(cert, "there is no certificate in it; it must be PEM"));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| match error {
        pem::Error::NoItemsFound => file(key, "there is no private key in it; it must be PEM"),
        error => file(key, error),
    })?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                file(key, format!("it is not the key of {}", cert.display()))
            }
            error => file(cert, format!("it and {} cannot be used: {error}", key.display())),
        })?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests;
