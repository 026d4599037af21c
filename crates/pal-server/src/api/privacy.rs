//! `PUT /api/v1/access/privacy`: an auditor says what partners see of the own directory.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use pal_model::PrivacyLevel;
use pal_store::{PrivacyChange, PrivacyError};
use serde_json::{Map, Value, json};

use crate::App;
use crate::http::{HttpError, Query, Sight, SignedIn, json, object, writing};
use crate::limits::Bounds;

/// The levels, from the one that shows most.
pub const LEVELS: [PrivacyLevel; 4] = [
    PrivacyLevel::Full,
    PrivacyLevel::Subscription,
    PrivacyLevel::TenantTotal,
    PrivacyLevel::Masked,
];

/// For auditors. The body is read once it is known that one sends it.
pub async fn set_privacy(
    State(app): State<Arc<App>>,
    signed: SignedIn,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    writing(&app, &signed, async {
        if !Sight::of(&app, &signed).await?.audits {
            return Err(HttpError::no_such_path());
        }
        Query::read(&uri, &[])?;
        let bounds = Bounds { bytes: 4 << 10, ..app.facts_body };
        let level = level(&object(&headers, body, bounds).await?)?;
        let tenant = signed.caller.principal.tenant;
        let change = PrivacyChange { tenant, level, at: app.now(), actor: signed.actor() };
        app.store.set_privacy(change).await?;
        let body = json!({ "tenantId": tenant.to_string(), "privacy": level.name() });
        Ok(json(body.to_string().into_bytes()))
    })
    .await
}

/// The level, and nothing else that would then not be done.
fn level(asked: &Map<String, Value>) -> Result<PrivacyLevel, HttpError> {
    let text = asked.get("level").and_then(Value::as_str).filter(|_| asked.len() == 1);
    let level = LEVELS.into_iter().find(|level| Some(level.name()) == text);
    level.ok_or_else(|| {
        let names = LEVELS.map(PrivacyLevel::name).join(", ");
        HttpError::bad_request(format!(
            "Say {{\"level\":\"…\"}} and nothing else; it is one of {names}. Nothing was changed."
        ))
    })
}

impl From<PrivacyError> for HttpError {
    fn from(error: PrivacyError) -> Self {
        match error {
            PrivacyError::Store(error) => error.into(),
            PrivacyError::Later(from) => Self::new(
                StatusCode::CONFLICT,
                "Conflict",
                format!(
                    "What partners see of this directory is stated from {from} on already. Nothing was \
                     changed. Ask the operator to take that fact back first."
                ),
            ),
        }
    }
}
