//! What the endpoints answer, field by field in the order in which Entra ID sends them.

use serde::Serialize;

#[derive(Debug, Serialize)]
pub struct Discovery {
    pub(crate) issuer: String,
    pub(crate) authorization_endpoint: String,
    pub(crate) token_endpoint: String,
    pub(crate) device_authorization_endpoint: String,
    pub(crate) end_session_endpoint: String,
    pub(crate) jwks_uri: String,
    pub(crate) response_modes_supported: [&'static str; 2],
    pub(crate) response_types_supported: [&'static str; 1],
    pub(crate) grant_types_supported: [&'static str; 4],
    pub(crate) subject_types_supported: [&'static str; 1],
    pub(crate) id_token_signing_alg_values_supported: [&'static str; 1],
    pub(crate) scopes_supported: [&'static str; 4],
    pub(crate) token_endpoint_auth_methods_supported: [&'static str; 2],
    pub(crate) code_challenge_methods_supported: [&'static str; 1],
    pub(crate) authorization_response_iss_parameter_supported: bool,
}

/// A number of seconds. The first version of the endpoints writes it as text.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Seconds {
    /// Version 2.
    Number(i64),
    /// Version 1.
    Text(String),
}

#[derive(Debug, Serialize)]
pub struct Tokens {
    pub(crate) token_type: &'static str,
    pub(crate) expires_in: Seconds,
    pub(crate) ext_expires_in: Seconds,
    #[serde(flatten)]
    pub(crate) first_version: Option<FirstVersion>,
    pub(crate) access_token: String,
    #[serde(flatten)]
    pub(crate) of_person: Option<OfPerson>,
}

/// What only the first version of the endpoints says.
#[derive(Debug, Serialize)]
pub struct FirstVersion {
    pub(crate) expires_on: String,
    pub(crate) not_before: String,
    pub(crate) resource: String,
}

/// What comes with the access token of a person.
#[derive(Debug, Serialize)]
pub struct OfPerson {
    pub(crate) refresh_token: String,
    pub(crate) id_token: String,
    pub(crate) client_info: String,
    pub(crate) scope: String,
}

/// The home account, which names the person in every tenant. It is sent encoded, as `client_info`.
#[derive(Serialize)]
pub(crate) struct ClientInfo {
    pub uid: String,
    pub utid: String,
}

/// The codes with which a device is signed in.
#[derive(Debug, Serialize)]
pub struct DeviceCodes {
    pub(crate) user_code: String,
    pub(crate) device_code: String,
    #[serde(flatten)]
    pub(crate) page: DevicePage,
    pub(crate) expires_in: i64,
    pub(crate) interval: i64,
    pub(crate) message: String,
}

/// Where the person enters the code. Clients of the first version read another name.
#[derive(Debug, Serialize)]
pub enum DevicePage {
    /// Version 2.
    #[serde(rename = "verification_uri")]
    Uri(String),
    /// Version 1.
    #[serde(rename = "verification_url")]
    Url(String),
}

/// Why there is no token.
#[derive(Debug, Serialize)]
pub struct ErrorBody<'e> {
    pub(crate) error: &'e str,
    pub(crate) error_description: String,
    pub(crate) error_codes: [u32; 1],
    pub(crate) timestamp: String,
    pub(crate) trace_id: &'e str,
    pub(crate) correlation_id: &'e str,
}
