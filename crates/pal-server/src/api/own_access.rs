//! `GET /api/v1/me/access`: the access that earns credit for the caller's link, grant by grant, with the
//! way to each; or would, if it were activated or not denied. About the caller itself only.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use pal_attribution::access::{Grant, Held, Holdings, Origin};
use pal_model::{Facts, Instant, Principal, PrincipalFact, TenantId};
use serde_json::{Map, Value, json};

use crate::App;
use crate::http::{
    HttpError, PAGED, Page, Part, Query, SignedIn, account, joined, now, pal, reading, time,
};

/// For anybody with an account.
pub async fn own_access(State(app): State<Arc<App>>, signed: SignedIn, uri: Uri) -> Response {
    reading(&app, &signed, async {
        let who = signed.caller.principal;
        account(&app, who, app.now()).await?;
        let page = Page::read(&app, &signed, &uri, &Query::read(&uri, PAGED)?).await?;
        let facts = page.facts(&app, &app.live.facts().await?).await?;
        let (own, asked) = (app.clone(), page.clone());
        let made = tokio::task::spawn_blocking(move || listed(&own, &facts, who, &asked));
        let part = joined(made.await)?;
        Ok(page.answer(&app, Map::new(), part))
    })
    .await
}

fn listed(app: &App, facts: &Facts, who: Principal, page: &Page) -> Result<Part<Value>, HttpError> {
    let policy = pal()?;
    let shown = Shown {
        holdings: &Holdings::new(facts, &app.live.roles, &policy, page.at, &[who]),
        who,
        principals: now(&facts.principals, page.at)
            .map(|stated| (stated.fact.principal(), &stated.fact))
            .collect(),
        customers: now(&facts.tenants, page.at)
            .map(|stated| (stated.fact.tenant, stated.fact.name.as_deref()))
            .collect(),
        facts,
    };
    let mut all: Vec<(String, Value)> = (shown.holdings.of(who))
        .map(|held| (held.grant.scope.folded().to_owned(), shown.held(&held)))
        .collect();
    // What has the same scope and role differs in something.
    all.sort_by_cached_key(|(scope, value)| {
        (scope.clone(), value["role"].to_string(), value.to_string())
    });
    let part = page.part(all, |(_, value)| value.to_string())?;
    Ok(part.map(|(_, value)| value))
}

/// What grants are shown with.
struct Shown<'s, 'f> {
    facts: &'f Facts,
    holdings: &'s Holdings<'f>,
    who: Principal,
    principals: HashMap<Principal, &'f PrincipalFact>,
    customers: HashMap<TenantId, Option<&'f str>>,
}

impl Shown<'_, '_> {
    fn held(&self, held: &Held) -> Value {
        let (grant, holdings) = (held.grant, self.holdings);
        let during = holdings.during(self.who, grant);
        let said = |at: Instant, never: Instant| (at != never).then(|| time::text(at));
        json!({
            "scope": grant.scope.text(),
            "scopeName": holdings.scope_name(grant.scope, grant.customer),
            "customerTenantId": grant.customer.to_string(),
            "customerTenantName": self.customers.get(&grant.customer).copied().flatten(),
            "role": grant.role.map_or_else(|| "unknown".to_owned(), |role| holdings.role_name(role)),
            "roleClass": held.class.code(),
            "pecEligible": held.pec_eligible,
            "via": self.via(grant),
            "from": said(during.from(), Instant::MIN),
            "to": said(during.to(), Instant::MAX),
            "eligibleOnly": held.eligible,
            "denied": held.denied(),
            "condition": holdings.has_condition(grant),
            "assumed": self.is_assumed(grant),
        })
    }

    /// Whether the start of the grant, or of a membership on the way to it, is an assumption.
    fn is_assumed(&self, grant: &Grant) -> bool {
        let source = match grant.origin {
            Origin::Assignment(index) => self.facts.role_assignments[index].source,
            Origin::Delegation(index, _) => self.facts.delegations[index].source,
        };
        let way = self.holdings.way(self.who, grant).into_iter().map(|stated| stated.source);
        way.chain([source]).any(|source| self.facts.mark(source).assumed)
    }

    /// The way from the account outwards: groups in groups, then the delegation.
    fn via(&self, grant: &Grant) -> Vec<Value> {
        let groups = self.holdings.way(self.who, grant).into_iter().map(|stated| {
            let group = Principal::new(stated.fact.tenant, stated.fact.group);
            let name = self.principals.get(&group).and_then(|fact| fact.name.as_deref());
            json!({ "kind": "group", "id": group.object.to_string(), "name": name })
        });
        let mut via: Vec<Value> = groups.collect();
        if let Origin::Delegation(index, _) = grant.origin {
            let id = &self.facts.delegations[index].fact.id;
            via.push(json!({ "kind": "delegation", "id": id, "name": null }));
        }
        via
    }
}
