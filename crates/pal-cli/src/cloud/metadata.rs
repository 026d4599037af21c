//! What a cloud says of itself: `/metadata/endpoints`, api-version 2022-09-01.

use pal_model::Guid;
use serde::Deserialize;
use url::Url;

use super::{Cloud, SignIn};
use crate::client::http::{Ask, Http, is_loopback};
use crate::printer::Failure;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    authentication: Authentication,
    resource_manager: Option<String>,
    portal: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Authentication {
    login_endpoint: String,
    audiences: Vec<String>,
    tenant: Option<String>,
    identity_provider: Option<String>,
    client_id: Option<String>,
    scope: Option<String>,
}

impl Authentication {
    fn sign_in(&self) -> SignIn {
        let provider = self.identity_provider.as_deref().unwrap_or_default();
        let tenant = self.tenant.clone().filter(|tenant| tenant.parse::<Guid>().is_ok());
        SignIn {
            open_id: provider.eq_ignore_ascii_case("OpenIdConnect"),
            tenant,
            client_id: self.client_id.clone(),
            scope: self.scope.clone(),
        }
    }
}

/// An address as people type it: https (http only on this machine), no slash at the end.
///
/// # Errors
///
/// When it is none, or one that tokens must not be sent to.
pub fn base_url(text: &str) -> Result<String, Failure> {
    let wrong =
        |why: &str| Failure::Usage(format!("'{text}' {why}. Example: https://localhost:8443"));
    let url = Url::parse(text).map_err(|_| wrong("is no address"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("has a user name in it; an address has none"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("has more than an address"));
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return Err(wrong("is not https: tokens would be sent in the open")),
        _ => return Err(wrong("is not an https address")),
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Asks the resource manager at `base` what the cloud is made of.
///
/// # Errors
///
/// When it does not answer, or not as a resource manager does.
pub fn discover(http: &Http, name: &str, base: &str) -> Result<Cloud, Failure> {
    let url = format!("{base}/metadata/endpoints?api-version=2022-09-01");
    let answer = http.send(&Ask::get(&url))?;
    let unlike = |what: &str| {
        Failure::failed(format!(
            "{base} does not answer like a resource manager: {what}. Check --endpoint-resource-manager; it is the address without a path."
        ))
    };
    if answer.status != 200 {
        return Err(unlike(&format!("status {} for {url}", answer.status)));
    }
    let metadata: Metadata = serde_json::from_slice(&answer.body)
        .map_err(|_| unlike("its metadata is not understood"))?;
    let sign_in = metadata.authentication.sign_in();
    let audience = metadata.authentication.audiences.into_iter().next();
    Ok(Cloud {
        name: name.to_owned(),
        resource_manager: match metadata.resource_manager {
            Some(manager) => base_url(&manager)?,
            None => base.to_owned(),
        },
        active_directory: base_url(&metadata.authentication.login_endpoint)?,
        audience: audience.ok_or_else(|| unlike("its metadata names no audience"))?,
        portal: metadata.portal,
        sign_in,
        ca_file: None,
    })
}
