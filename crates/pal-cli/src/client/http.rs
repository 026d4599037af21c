//! One request and its answer. Nothing here follows a redirect: a token goes to the address it is
//! for, and nowhere else.

use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;

use reqwest::blocking::{Body, Client, RequestBuilder, Response};
use reqwest::header::{HeaderMap, HeaderName};
use reqwest::{Certificate, Method};
use url::{Host, Url};

use crate::auth::Secret;
use crate::printer::{Failure, Printer};

/// More than this is no answer of a service like this.
const LARGEST: u64 = 8 << 20;
/// How long files may take on their way.
const PATIENCE: Duration = Duration::from_hours(24);

pub struct Ask<'a> {
    pub method: Method,
    pub url: &'a str,
    pub token: Option<&'a Secret>,
    pub form: Option<&'a [(&'a str, String)]>,
    pub headers: &'a [(&'static str, String)],
}

impl<'a> Ask<'a> {
    pub const fn get(url: &'a str) -> Self {
        Self { method: Method::GET, url, token: None, form: None, headers: &[] }
    }

    pub const fn post(url: &'a str, form: &'a [(&'a str, String)]) -> Self {
        Self { method: Method::POST, url, token: None, form: Some(form), headers: &[] }
    }
}

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &'static str) -> Option<&str> {
        self.headers.get(HeaderName::from_static(name))?.to_str().ok()
    }

    /// The body as JSON, nothing if it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

pub struct Http<'p> {
    client: Client,
    printer: &'p Printer,
}

impl<'p> Http<'p> {
    /// Trusts what the machine trusts, and the certificates in `ca_file` and in the files that
    /// `SSL_CERT_FILE` and `REQUESTS_CA_BUNDLE` name.
    ///
    /// # Errors
    ///
    /// When such a file cannot be read.
    pub fn new(
        ca_file: Option<&Path>,
        seconds: u64,
        printer: &'p Printer,
    ) -> Result<Self, Failure> {
        let mut builder = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("pal/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(seconds.min(20)))
            .timeout(Duration::from_secs(seconds));
        let named = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"].map(std::env::var_os);
        let named = named.iter().flatten().filter(|path| !path.is_empty()).map(Path::new);
        for path in named.chain(ca_file) {
            let refused = |why: &dyn std::fmt::Display| {
                Failure::failed(format!(
                    "Cannot read the certificates in {}: {why}",
                    path.display()
                ))
            };
            let pem = std::fs::read(path).map_err(|e| refused(&e))?;
            let found = Certificate::from_pem_bundle(&pem).map_err(|e| refused(&e))?;
            builder = builder.tls_certs_merge(found);
        }
        let client = builder
            .build()
            .map_err(|error| Failure::failed(format!("Cannot set up TLS: {}", cause(&error))))?;
        Ok(Self { client, printer })
    }

    /// Asks once.
    ///
    /// # Errors
    ///
    /// When there is no answer; the text says what to do.
    pub fn send(&self, ask: &Ask) -> Result<Answer, Failure> {
        let mut request = self.request(ask);
        if ask.form.is_none() && ask.method != Method::GET {
            request = request.header("content-length", "0");
        }
        whole(ask, self.answered(ask, request)?)
    }

    /// Asks with a body of any length, for as long as it takes.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub fn upload(&self, ask: &Ask, kind: &str, body: Body) -> Result<Answer, Failure> {
        let request = self.request(ask).header("content-type", kind).timeout(PATIENCE).body(body);
        whole(ask, self.answered(ask, request)?)
    }

    /// Asks once and writes the body of a 200 out as it comes, however long it is; `None`: it is
    /// written. Any other answer is given back.
    ///
    /// # Errors
    ///
    /// When there is no answer, or it breaks off, or cannot be written.
    pub fn download(&self, ask: &Ask, out: &mut dyn Write) -> Result<Option<Answer>, Failure> {
        let request = self.request(ask).timeout(PATIENCE);
        let mut response = self.answered(ask, request)?;
        if response.status().as_u16() != 200 {
            return whole(ask, response).map(Some);
        }
        let mut buffer = vec![0; 1 << 16];
        loop {
            let read = response.read(&mut buffer).map_err(|error| broke_off(ask, &error))?;
            if read == 0 {
                return Ok(None);
            }
            out.write_all(&buffer[..read])?;
        }
    }

    fn request(&self, ask: &Ask) -> RequestBuilder {
        let named = named(ask);
        self.printer.debug(format_args!("{} {named}", ask.method));
        let mut request =
            self.client.request(ask.method.clone(), ask.url).header("accept", "application/json");
        for (name, value) in ask.headers {
            request = request.header(*name, value);
        }
        if let Some(token) = ask.token {
            request = request.bearer_auth(token.expose());
        }
        match ask.form {
            Some(form) => request.form(form),
            None => request,
        }
    }

    fn answered(&self, ask: &Ask, request: RequestBuilder) -> Result<Response, Failure> {
        let response = request.send().map_err(|error| unreachable(named(ask), &error))?;
        let id = response.headers().get("x-ms-request-id").and_then(|id| id.to_str().ok());
        let (status, id) = (response.status().as_u16(), id.unwrap_or("-"));
        self.printer.debug(format_args!("{status} {} request {id}", named(ask)));
        Ok(response)
    }
}

/// The address without what is asked.
fn named<'a>(ask: &Ask<'a>) -> &'a str {
    ask.url.split('?').next().unwrap_or_default()
}

fn whole(ask: &Ask, response: Response) -> Result<Answer, Failure> {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let mut body = Vec::new();
    response.take(LARGEST + 1).read_to_end(&mut body).map_err(|error| broke_off(ask, &error))?;
    if body.len() as u64 > LARGEST {
        let named = named(ask);
        return Err(Failure::failed(format!("The answer of {named} is larger than 8 MiB.")));
    }
    Ok(Answer { status, headers, body })
}

fn broke_off(ask: &Ask, error: &std::io::Error) -> Failure {
    Failure::failed(format!("The answer of {} broke off: {error}", named(ask)))
}

/// Whether the host is this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

/// The cause at the bottom of an error; what is above it only says that something failed.
fn cause(error: &dyn std::error::Error) -> String {
    let mut last = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        last = cause.to_string();
        next = cause.source();
    }
    crate::clean::cell(&last)
}

/// Whether the other side's certificate was the reason. Errors of input and output hold others
/// that are not among their causes.
fn certificate(error: &(dyn std::error::Error + 'static)) -> bool {
    if let Some(found) = error.downcast_ref::<rustls::Error>() {
        return matches!(found, rustls::Error::InvalidCertificate(_));
    }
    let held = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    held.is_some_and(|held| certificate(held)) || error.source().is_some_and(certificate)
}

fn unreachable(url: &str, error: &reqwest::Error) -> Failure {
    let text = cause(error);
    let origin =
        Url::parse(url).map_or_else(|_| url.to_owned(), |u| u.origin().ascii_serialization());
    if certificate(error) {
        return Failure::Untrusted(format!(
            "The certificate of {origin} is not trusted: {text}\nIf it is your own server, name its CA: pal cloud register … --ca-file <ca.pem>, or set SSL_CERT_FILE."
        ));
    }
    Failure::failed(if error.is_timeout() {
        format!(
            "{origin} did not answer in time. Check the address, or wait longer with --timeout."
        )
    } else if error.is_connect() {
        format!(
            "Cannot reach {origin}: {text}\nIs the server running, and the address right? See: pal cloud show"
        )
    } else {
        format!("Asking {origin} failed: {text}")
    })
}
