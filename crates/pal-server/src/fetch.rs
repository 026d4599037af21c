//! Key documents of issuers, and codes for tokens: from configured addresses only, bounded in size and time.

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use pal_identity::KeyFetch;
use reqwest::{Certificate, Client, ClientBuilder, Response};

use crate::portal::BackChannel;

const LARGEST: usize = 1 << 20;
/// Longest time from the question to the last byte.
const LONGEST: Duration = Duration::from_secs(5);

/// Reads by HTTPS; by HTTP from this machine only.
pub struct Fetcher {
    /// By way of a proxy, if the environment names one.
    outward: Client,
    /// Never by way of a proxy: that would be plain HTTP from another machine.
    here: Client,
}

impl Fetcher {
    /// With further certificate authorities, if a file of them is given.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn new(ca_file: Option<&Path>) -> Result<Self, String> {
        Self::within(ca_file, LONGEST)
    }

    fn within(ca_file: Option<&Path>, longest: Duration) -> Result<Self, String> {
        let builder = || {
            Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .timeout(longest)
                .user_agent(concat!("openpal/", env!("CARGO_PKG_VERSION")))
        };
        let here = builder().no_proxy().build().map_err(|error| error.to_string())?;
        let Some(path) = ca_file else {
            let outward = builder().build().map_err(|error| error.to_string())?;
            return Ok(Self { outward, here });
        };
        let told = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let pem = std::fs::read(path).map_err(|error| told(&error))?;
        let roots = Certificate::from_pem_bundle(&pem).map_err(|error| told(&error))?;
        if roots.is_empty() {
            return Err(told(&"there is no certificate in it; it must be PEM"));
        }
        let outward = roots.into_iter().fold(builder(), ClientBuilder::add_root_certificate);
        // What is in a certificate is not looked at before this.
        let outward = outward.build();
        let outward = outward.map_err(|_| told(&"a certificate in it cannot be read"))?;
        Ok(Self { outward, here })
    }
}

#[async_trait]
impl KeyFetch for Fetcher {
    async fn fetch(&self, url: &str) -> Result<Vec<u8>, String> {
        let client = self.client(url).ok_or("the address must begin with https://")?;
        let answer = client.get(url).send().await.map_err(told)?;
        if answer.status() != reqwest::StatusCode::OK {
            return Err(format!("it answered {}", answer.status()));
        }
        whole(answer).await
    }
}

#[async_trait]
impl BackChannel for Fetcher {
    async fn post(&self, url: &str, form: &[(&str, &str)]) -> Result<(u16, Vec<u8>), String> {
        let client = self.client(url).ok_or("the address must begin with https://")?;
        let answer = client.post(url).form(form).send().await.map_err(told)?;
        Ok((answer.status().as_u16(), whole(answer).await?))
    }
}

fn told(error: reqwest::Error) -> String {
    error.without_url().to_string()
}

async fn whole(mut answer: Response) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(told)? {
        if body.len() + chunk.len() > LARGEST {
            return Err(format!("the document is larger than {LARGEST} bytes"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

impl Fetcher {
    /// A way on which nobody between could answer: TLS, or no way at all.
    fn client(&self, url: &str) -> Option<&Client> {
        let url = url::Url::parse(url).ok()?;
        match (url.scheme(), url.host_str()?) {
            ("https", _) => Some(&self.outward),
            ("http", "localhost" | "127.0.0.1" | "[::1]") => Some(&self.here),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
