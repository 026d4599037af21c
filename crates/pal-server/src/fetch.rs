//! Key documents of issuers: from configured addresses only, bounded in size and time.

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use pal_identity::KeyFetch;

/// Largest document.
const LARGEST: usize = 1 << 20;

/// Reads by HTTPS; by HTTP from this machine only.
pub struct Fetcher(reqwest::Client);

impl Fetcher {
    /// With further certificate authorities, if a file of them is given.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn new(ca_file: Option<&Path>) -> Result<Self, String> {
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(5))
            .user_agent(concat!("openpal/", env!("CARGO_PKG_VERSION")));
        if let Some(path) = ca_file {
            let told = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
            let pem = std::fs::read(path).map_err(|error| told(&error))?;
            let roots =
                reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| told(&error))?;
            for root in roots {
                builder = builder.add_root_certificate(root);
            }
        }
        builder.build().map(Self).map_err(|error| error.to_string())
    }
}

#[async_trait]
impl KeyFetch for Fetcher {
    async fn fetch(&self, url: &str) -> Result<Vec<u8>, String> {
        let told = |error: reqwest::Error| error.without_url().to_string();
        let mut answer = self.0.get(url).send().await.map_err(told)?;
        if answer.status() != reqwest::StatusCode::OK {
            return Err(format!("it answered {}", answer.status()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(told)? {
            if body.len() + chunk.len() > LARGEST {
                return Err(format!("the document is larger than {LARGEST} bytes"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}
