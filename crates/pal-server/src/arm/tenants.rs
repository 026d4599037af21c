//! `GET /tenants`: the directories in which the person behind the caller has an account.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

use super::version::{self, Versions};
use crate::App;
use crate::http::{Answer, Json, SignedIn, account, reading};

pub async fn list(State(app): State<Arc<App>>, signed: SignedIn, uri: Uri) -> Response {
    reading(&app, &signed, async {
        version::check(&uri, Versions::Any)?;
        let own = signed.caller.principal;
        let now = app.now();
        account(&app, own, now).await?;
        // A person known to the embedded issuer has accounts elsewhere; one of another issuer is
        // known in the directory of the token only.
        let login = app.store.login_of(own).await?;
        let accounts = login.map_or_else(|| vec![own], |login| login.accounts);
        let mut value = Vec::new();
        for (at, account) in accounts.iter().enumerate() {
            if !app.store.account(*account, now).await?.is_some_and(|a| a.may_link()) {
                continue;
            }
            let id = account.tenant.to_string().to_ascii_lowercase();
            let tenant = app.store.tenant(account.tenant, now).await?;
            let domain = tenant.as_ref().and_then(|tenant| tenant.domain.clone());
            let shown = TenantEntry {
                id: format!("/tenants/{id}"),
                tenant_id: id,
                tenant_category: if at == 0 { "Home" } else { "ProjectedBy" },
                display_name: tenant.and_then(|tenant| tenant.name),
                domains: domain.clone().map(|domain| [domain]),
                default_domain: domain,
            };
            value.push(shown);
        }
        Ok(Json(Listed { value }).respond())
    })
    .await
}

#[derive(Serialize, JsonSchema)]
struct Listed {
    value: Vec<TenantEntry>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TenantEntry {
    id: String,
    tenant_id: String,
    tenant_category: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domains: Option<[String; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_domain: Option<String>,
}
