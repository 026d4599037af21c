//! The floor of HTTP: the same stack with the same certificate and the same check of the token, and
//! then a constant. What the service takes longer is its own.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use async_trait::async_trait;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum_server::tls_rustls::RustlsConfig;
use pal_identity::{KeyFetch, TrustedIssuer, Verifier};
use pal_model::Instant;

use crate::world::{AUDIENCE, TENANT};

/// As long as the body of a link.
const BODY: &str = r#"{"id":"/providers/microsoft.managementpartner/partners/5127255","type":"Microsoft.ManagementPartner/partners","name":"5127255","etag":1,"properties":{"partnerId":"5127255","partnerName":"Contoso Services, Utrecht","tenantId":"bec40000-0000-4000-8000-000000000000","objectId":"bec40000-3000-4000-8000-000000000000","version":1,"updatedTime":"2026-05-03T09:12:00.350161Z","createdTime":"2026-05-03T09:12:00.350161Z","state":"Active"}}"#;

/// The keys of the one issuer, read before.
struct Given(Vec<u8>);

#[async_trait]
impl KeyFetch for Given {
    async fn fetch(&self, _: &str) -> Result<Vec<u8>, String> {
        Ok(self.0.clone())
    }
}

/// Serves until the process is killed.
///
/// # Errors
/// The certificate or the keys cannot be read, or the port is taken.
pub async fn serve(address: SocketAddr, issuer: &str, keys: &Path, tls: &Path) -> Result<()> {
    let keys = std::fs::read(keys).context("cannot read the keys")?;
    let trusted = TrustedIssuer::oidc(
        issuer.to_owned(),
        format!("{issuer}/keys"),
        vec![AUDIENCE.to_owned()],
        vec![TENANT.parse()?],
        None,
        Some("oid".to_owned()),
    );
    let verifier = Arc::new(Verifier::new(vec![trusted], Arc::new(Given(keys))));
    let config =
        RustlsConfig::from_pem_file(tls.join("server.pem"), tls.join("server-key.pem")).await?;
    let routes = Router::new().route("/constant", get(constant)).with_state(verifier);
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    axum_server::from_tcp_rustls(listener, config)?.serve(routes.into_make_service()).await?;
    Ok(())
}

async fn constant(State(verifier): State<Arc<Verifier>>, headers: HeaderMap) -> impl IntoResponse {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = token.and_then(|text| text.strip_prefix("Bearer ")).unwrap_or_default();
    let status = match verifier.verify(token, now()).await {
        Ok(_) => StatusCode::OK,
        Err(_) => StatusCode::UNAUTHORIZED,
    };
    (status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], BODY)
}

#[expect(clippy::disallowed_methods, reason = "tokens are valid now")]
fn now() -> Instant {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let nanoseconds = now.map_or(0, |now| now.as_nanos()).cast_signed();
    Instant::from_nanoseconds(nanoseconds).unwrap_or(Instant::MIN)
}
