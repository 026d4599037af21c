//! `Microsoft.ManagementPartner`: the link register. The record is the caller's own, always; the
//! partner ID in the path is the value to set, or the value that must match.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use pal_model::{Instant, PartnerId};
use pal_store::{Account, LinkAction, LinkChange, LinkError, LinkState};

use super::version::{self, Versions};
use super::{error, partner};
use crate::App;
use crate::http::{HttpError, SignedIn, account, json, limited, live, partner_id, reading};
use crate::limits::Access;

const VERSIONS: Versions = Versions::Only("2018-02-01");

/// `GET …/partners`: whichever partner the caller is linked to.
pub async fn show(State(app): State<Arc<App>>, signed: SignedIn, uri: Uri) -> Response {
    read(&app, &signed, &uri, None).await
}

/// `GET …/partners/{id}`: only if it is that one.
pub async fn show_id(
    State(app): State<Arc<App>>,
    signed: SignedIn,
    uri: Uri,
    Path(id): Path<String>,
) -> Response {
    read(&app, &signed, &uri, Some(&id)).await
}

async fn read(app: &App, signed: &SignedIn, uri: &Uri, id: Option<&str>) -> Response {
    reading(app, signed, async {
        version::check(uri, VERSIONS)?;
        let asked = id.map(partner_id).transpose()?;
        let now = app.now();
        let (account, link) = app.store.own_link(signed.caller.principal, now).await?;
        let account = live(account)?;
        match link.filter(|link| link.state == LinkState::Active) {
            None => Err(not_linked(app, &account, now).await),
            Some(link) if asked.is_some_and(|id| id != link.partner) => Err(error::other_partner()),
            Some(link) => Ok(json(partner::body(&link))),
        }
    })
    .await
}

/// `PUT …/partners/{id}`.
pub async fn create(
    state: State<Arc<App>>,
    signed: SignedIn,
    uri: Uri,
    Path(id): Path<String>,
) -> Response {
    change(state, signed, uri, &id, "create", LinkAction::Create).await
}

/// Ours: whether a PATCH is to date the link, which was made while the clock was ahead, by the clock as it is now.
const CORRECT_DATE: &str = "correct-date";

/// `PATCH …/partners/{id}`: the id is the new one.
pub async fn update(
    state: State<Arc<App>>,
    signed: SignedIn,
    uri: Uri,
    Path(id): Path<String>,
) -> Response {
    let action = match version::parameter(&uri, CORRECT_DATE) {
        Ok(Some(word)) if word.eq_ignore_ascii_case("true") => LinkAction::Correct,
        Ok(_) => LinkAction::Update,
        Err(error) => return error.into_response(),
    };
    change(state, signed, uri, &id, "update", action).await
}

/// `DELETE …/partners/{id}`.
pub async fn delete(
    state: State<Arc<App>>,
    signed: SignedIn,
    uri: Uri,
    Path(id): Path<String>,
) -> Response {
    change(state, signed, uri, &id, "delete", |id| LinkAction::Delete(Some(id))).await
}

/// PUT, PATCH or DELETE without a partner ID: what `--partner-id ""` sends.
pub async fn change_without_id(
    State(app): State<Arc<App>>,
    signed: SignedIn,
    uri: Uri,
) -> Response {
    limited(&app, &signed, Access::Write, async {
        version::check(&uri, VERSIONS)?;
        Err(HttpError::bad_request(
            "The partner ID is missing. Add it to the path, for example \
             /providers/Microsoft.ManagementPartner/partners/5127255.",
        ))
    })
    .await
}

async fn change(
    State(app): State<Arc<App>>,
    signed: SignedIn,
    uri: Uri,
    id: &str,
    verb: &'static str,
    action: impl FnOnce(PartnerId) -> LinkAction,
) -> Response {
    let done = limited(&app, &signed, Access::Write, async {
        version::check(&uri, VERSIONS)?;
        let action = action(partner_id(id)?);
        let owner = signed.caller.principal;
        app.limits.take_link_write(owner)?;
        let at = app.now();
        let change = LinkChange { owner, action, at, rules: app.partners, actor: signed.actor() };
        match app.store.change_link(change).await {
            Ok(_) if matches!(action, LinkAction::Delete(_)) => Ok(empty()),
            Ok(link) => Ok(json(partner::body(&link))),
            Err(LinkError::NotLinked) => {
                let account = account(&app, owner, at).await?;
                Err(not_linked(&app, &account, at).await)
            }
            Err(error) => Err(error.into()),
        }
    })
    .await;
    let outcome = if done.status().is_success() { "done" } else { "refused" };
    app.metrics.link_write(verb, outcome);
    done
}

/// 404 that names the account and the directory: linking in the wrong one is the commonest mistake.
async fn not_linked(app: &App, account: &Account, now: Instant) -> HttpError {
    let tenant = app.store.tenant(account.principal.tenant, now).await.ok().flatten();
    error::not_linked(account, tenant.as_ref())
}

/// 200 and nothing else: any other status makes the clients report a failure.
fn empty() -> Response {
    let mut response = StatusCode::OK.into_response();
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(0));
    response
}

/// `GET …/operations`: the same for everybody.
pub async fn operations(uri: Uri) -> Result<Response, HttpError> {
    version::check(&uri, VERSIONS)?;
    Ok(json(OPERATIONS.as_bytes().to_vec()))
}

macro_rules! operations {
    ($(($name:literal, $operation:literal, $description:literal)),*) => {
        concat!("{\"value\":[", operations!(@ $(($name, $operation, $description)),*), "]}")
    };
    (@ ($name:literal, $operation:literal, $description:literal) $(, $rest:tt)*) => {
        concat!(
            "{\"name\":\"Microsoft.ManagementPartner/partners/", $name,
            "\",\"display\":{\"provider\":\"Microsoft ManagementPartner\",\
             \"resource\":\"ManagementPartner\",\"operation\":\"", $operation,
            " ManagementPartner\",\"description\":\"", $description, " ManagementPartner\"}}",
            operations!(@@ $($rest),*)
        )
    };
    (@@) => { "" };
    (@@ $($rest:tt),+) => { concat!(",", operations!(@ $($rest),+)) };
}

const OPERATIONS: &str = operations!(
    ("read", "Get", "Read All"),
    ("write", "Create", "Create any"),
    ("action", "Update", "Update any"),
    ("delete", "Delete", "Delete any")
);
