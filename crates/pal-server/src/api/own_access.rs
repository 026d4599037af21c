//! `GET /api/v1/me/access`: the access that earns credit for the caller's link, grant by grant, with the
//! way to each; or would, if it were activated or not denied. About the caller itself only.

use std::collections::HashMap;

use pal_api::{GrantStep, List, Nothing};
use pal_attribution::access::{Grant, HeldGrant, Holdings, Origin};
use pal_model::{Facts, Instant, Principal, PrincipalFact, TenantId};
use pal_store::Account;

use crate::App;
use crate::http::{Call, HttpError, Json, Page, Part, joined, now, pal, time};

pub async fn own_access(call: Call<Account>) -> Result<Json<List<pal_api::Grant>>, HttpError> {
    let page = call.page().await?;
    let Call { app, reader: account, .. } = call;
    let facts = page.facts(&app, &app.live.facts().await?).await?;
    let (own, asked) = (app.clone(), page.clone());
    let place = app.work.lists.admit().await?;
    let made = place.run(move |_| listed(&own, &facts, account.principal, &asked));
    Ok(page.list(&app, Nothing {}, joined(made.await)?))
}

fn listed(
    app: &App,
    facts: &Facts,
    who: Principal,
    page: &Page,
) -> Result<Part<pal_api::Grant>, HttpError> {
    let policy = pal()?;
    let shown = GrantView {
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
    let mut all: Vec<(String, pal_api::Grant)> = (shown.holdings.of(who))
        .map(|held| (held.grant.scope.folded().to_owned(), shown.held(&held)))
        .collect();
    // What has the same scope and role differs in something.
    all.sort_by_cached_key(|(scope, grant)| {
        (scope.clone(), grant.role.clone(), format!("{grant:?}"))
    });
    page.part(all.into_iter().map(|(_, grant)| grant).collect(), |grant| format!("{grant:?}"))
}

struct GrantView<'s, 'f> {
    facts: &'f Facts,
    holdings: &'s Holdings<'f>,
    who: Principal,
    principals: HashMap<Principal, &'f PrincipalFact>,
    customers: HashMap<TenantId, Option<&'f str>>,
}

impl GrantView<'_, '_> {
    fn held(&self, held: &HeldGrant) -> pal_api::Grant {
        let (grant, holdings) = (held.grant, self.holdings);
        let during = holdings.during(self.who, grant);
        let said = |at: Instant, never: Instant| (at != never).then(|| time::text(at).into());
        let customer = self.customers.get(&grant.customer).copied().flatten();
        pal_api::Grant {
            scope: grant.scope.text().to_owned(),
            scope_name: holdings.scope_name(grant.scope, grant.customer),
            customer_tenant_id: grant.customer.into(),
            customer_tenant_name: customer.map(str::to_owned),
            role: grant.role.map_or_else(|| "unknown".to_owned(), |role| holdings.role_name(role)),
            role_class: held.class.code().into(),
            pec_eligible: held.pec_eligible,
            via: self.via(grant),
            from: said(during.from(), Instant::MIN),
            to: said(during.to(), Instant::MAX),
            eligible_only: held.eligible,
            denied: held.denied(),
            condition: holdings.has_condition(grant),
            assumed: self.is_assumed(grant),
        }
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
    fn via(&self, grant: &Grant) -> Vec<GrantStep> {
        let groups = self.holdings.way(self.who, grant).into_iter().map(|stated| {
            let group = Principal::new(stated.fact.tenant, stated.fact.group);
            let name = self.principals.get(&group).and_then(|fact| fact.name.clone());
            GrantStep { kind: "group".into(), id: group.object.to_string(), name }
        });
        let mut via: Vec<GrantStep> = groups.collect();
        if let Origin::Delegation(index, _) = grant.origin {
            let id = self.facts.delegations[index].fact.id.clone();
            via.push(GrantStep { kind: "delegation".into(), id, name: None });
        }
        via
    }
}
