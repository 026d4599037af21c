//! `GET /portal/session/links`: the person's accounts in all directories, with the link of each, what it
//! can earn on, and what the account may here.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use pal_api::{OwnAccess, OwnDirectories, OwnDirectory, Roles};
use pal_attribution::access::{HeldGrant, Holdings};
use pal_model::{Facts, Instant, Principal, RoleClass, SubscriptionId, Tenant, TenantId};
use pal_store::{Account, LinkRecord, LinkState};

use super::session::Current;
use super::show::{accounts, how};
use crate::App;
use crate::http::{Answer, HttpError, Json, SignedIn, joined, linked_to, live, now, pal, reading};

struct OwnLink {
    account: Account,
    link: Option<LinkRecord>,
}

/// For whoever has a session: about that person only.
pub async fn links(
    State(app): State<Arc<App>>,
    Extension(session): Extension<Current>,
    signed: SignedIn,
) -> Response {
    reading(&app, &signed, async {
        let at = app.now();
        let mut all = Vec::new();
        for who in accounts(&app, &session).await? {
            let (account, link) = app.store.own_link(who, at).await?;
            if let Ok(account) = live(account) {
                let link = link.filter(|link| link.state == LinkState::Active);
                all.push(OwnLink { account, link });
            }
        }
        let (facts, own) = (app.live.facts().await?, app.clone());
        let place = app.work.lists.admit().await?;
        let made = place.run(move |_| shown(&all, (&facts, at), &own));
        let value = joined(made.await)?;
        Ok(Json(OwnDirectories { value }).respond())
    })
    .await
}

/// All of them in one pass over the facts: people have hundreds of directories.
fn shown(
    all: &[OwnLink],
    (facts, at): (&Facts, Instant),
    app: &App,
) -> Result<Vec<OwnDirectory>, HttpError> {
    let policy = pal()?;
    let who: Vec<Principal> = all.iter().map(|own| own.account.principal).collect();
    let holdings = Holdings::new(facts, &app.live.roles, &policy, at, &who);
    let tenants: HashMap<TenantId, &Tenant> =
        now(&facts.tenants, at).map(|stated| (stated.fact.tenant, &stated.fact)).collect();
    let viewers: HashSet<_> = now(&facts.viewers, at).map(|s| s.fact.principal()).collect();
    let administrators: HashSet<_> =
        now(&facts.link_administrators, at).map(|s| s.fact.principal()).collect();
    let auditors: HashSet<_> = now(&facts.auditors, at).map(|s| s.fact.principal()).collect();
    let one = |own: &OwnLink| {
        let who = own.account.principal;
        let tenant = tenants.get(&who.tenant);
        OwnDirectory {
            tenant_id: who.tenant.into(),
            tenant_name: tenant.and_then(|t| t.name.clone()),
            domain: tenant.and_then(|t| t.domain.clone()),
            object_id: who.object.into(),
            name: own.account.name.clone(),
            how: how(&own.account).into(),
            link: own.link.clone().map(linked_to),
            access: access(holdings.of(who)),
            roles: Roles {
                viewer: viewers.contains(&who),
                link_administrator: administrators.contains(&who),
                auditor: auditors.contains(&who),
                operator: app.operators.contains(&who),
            },
        }
    };
    Ok(all.iter().map(one).collect())
}

/// On how many subscriptions an account's link earns now, and by which class of role at best (R15).
fn access<'h, 'a: 'h>(held: impl Iterator<Item = HeldGrant<'h, 'a>>) -> OwnAccess {
    let mut subscriptions: BTreeSet<SubscriptionId> = BTreeSet::new();
    let mut best: Option<RoleClass> = None;
    for held in held.filter(HeldGrant::earns) {
        let reached = held.reaches.iter().filter(|reached| !reached.denied);
        subscriptions.extend(reached.map(|reached| reached.subscription.subscription));
        best = best.max(Some(held.class));
    }
    let role = best.map(|class| class.code().into());
    OwnAccess { subscriptions: subscriptions.len() as u64, role }
}
