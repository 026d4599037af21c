//! `PUT /api/v1/access/privacy`: an auditor says what partners see of the own directory.

use axum::http::StatusCode;
use pal_api::Privacy;
use pal_model::PrivacyLevel;
use pal_store::{PrivacyChange, PrivacyError};

use crate::http::{Auditor, Call, HttpError, Json};

/// The levels, from the one that shows most.
const LEVELS: [PrivacyLevel; 4] = [
    PrivacyLevel::Full,
    PrivacyLevel::Subscription,
    PrivacyLevel::TenantTotal,
    PrivacyLevel::Masked,
];

pub async fn set_privacy(
    call: Call<Auditor, Json<pal_api::PrivacyChange>>,
) -> Result<Json<Privacy>, HttpError> {
    let Call { app, signed, body: Json(asked), .. } = call;
    let level = LEVELS.into_iter().find(|level| level.name() == &*asked.level);
    let level = level.ok_or_else(|| {
        let names = LEVELS.map(PrivacyLevel::name).join(", ");
        HttpError::bad_request(format!(
            "Say {{\"level\":\"…\"}} and nothing else; it is one of {names}. Nothing was changed."
        ))
    })?;
    let tenant = signed.caller.principal.tenant;
    let change = PrivacyChange { tenant, level, at: app.now(), actor: signed.actor() };
    app.store.set_privacy(change).await?;
    Ok(Json(Privacy { tenant_id: tenant.into(), privacy: level.name().into() }))
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
