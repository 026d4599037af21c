//! `GET /tenants`: the directories in which the person behind the caller has an account.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use serde_json::{Value, json};

use super::version::{self, Versions};
use crate::App;
use crate::http::{SignedIn, account, json, reading};

/// For the clients' listing after a sign-in.
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
        let mut tenants: Vec<Value> = Vec::new();
        for (at, account) in accounts.iter().enumerate() {
            if !app.store.account(*account, now).await?.is_some_and(|a| a.may_link()) {
                continue;
            }
            let id = account.tenant.to_string().to_ascii_lowercase();
            let mut shown = json!({
                "id": format!("/tenants/{id}"),
                "tenantId": id,
                "tenantCategory": if at == 0 { "Home" } else { "ProjectedBy" },
            });
            if let Some(tenant) = app.store.tenant(account.tenant, now).await? {
                if let Some(name) = tenant.name {
                    shown["displayName"] = name.into();
                }
                if let Some(domain) = tenant.domain {
                    shown["domains"] = json!([domain]);
                    shown["defaultDomain"] = domain.into();
                }
            }
            tenants.push(shown);
        }
        Ok(json(json!({ "value": tenants }).to_string().into_bytes()))
    })
    .await
}
