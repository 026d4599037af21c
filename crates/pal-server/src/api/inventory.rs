//! Who is linked where: `GET /api/v1/links` and `/api/v1/links/gaps` for those who look after the
//! links of a partner, `GET /api/v1/access` for those who look after a directory. Read only (R5).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use pal_attribution::access::visible_subscriptions;
use pal_model::{
    Facts, Instant, Link, PartnerId, Principal, PrincipalFact, PrincipalKind, Stated, TenantId,
    fold,
};
use serde_json::{Map, Value, json};

use crate::App;
use crate::http::{
    HttpError, PAGED, Page, Part, Query, Sight, SignedIn, joined, now, reading, time,
};

/// Accounts, names and partners of one moment, by id.
struct Directory<'f> {
    facts: &'f Facts,
    at: Instant,
    accounts: HashMap<Principal, &'f Stated<PrincipalFact>>,
    tenants: HashMap<TenantId, Option<&'f str>>,
    partners: HashMap<PartnerId, Option<&'f str>>,
}

impl<'f> Directory<'f> {
    fn new(facts: &'f Facts, at: Instant) -> Self {
        Self {
            facts,
            at,
            accounts: now(&facts.principals, at).map(|s| (s.fact.principal(), s)).collect(),
            tenants: now(&facts.tenants, at)
                .map(|s| (s.fact.tenant, s.fact.name.as_deref()))
                .collect(),
            partners: now(&facts.partners, at)
                .map(|s| (s.fact.partner, s.fact.name.as_deref()))
                .collect(),
        }
    }

    fn account(&self, who: Principal) -> Value {
        let stated = self.accounts.get(&who);
        let account = stated.map(|stated| &stated.fact);
        json!({
            "tenantId": who.tenant.to_string(),
            "tenantName": self.tenants.get(&who.tenant).copied().flatten(),
            "objectId": who.object.to_string(),
            "name": account.and_then(|a| a.name.clone()),
            "signInName": account.and_then(|a| a.sign_in_name.clone()),
            "type": account.map(|a| a.kind.name()),
            "enabled": account.is_some_and(|a| a.enabled),
            "assumed": stated.is_some_and(|s| self.facts.mark(s.source).assumed),
        })
    }

    /// The subscriptions that somebody sees, of one customer or of all.
    fn subscriptions(&self, who: Principal, customer: Option<TenantId>) -> Vec<Value> {
        visible_subscriptions(self.facts, who, self.at)
            .iter()
            .map(|visible| visible.subscription)
            .filter(|subscription| customer.is_none_or(|id| subscription.tenant == id))
            .map(|subscription| {
                json!({
                    "subscriptionId": subscription.subscription.to_string(),
                    "displayName": subscription.name,
                    "tenantId": subscription.tenant.to_string(),
                })
            })
            .collect()
    }

    fn link(&self, stated: &Stated<Link>, subscriptions: Vec<Value>) -> Value {
        let link = &stated.fact;
        let mut value = self.account(link.principal());
        let mut warnings = Vec::new();
        if value["enabled"] != true {
            warnings.push("disabled");
        }
        if !self.partners.contains_key(&link.partner) {
            warnings.push("partner-inactive");
        }
        if subscriptions.is_empty() {
            warnings.push("no-access");
        }
        value["partnerId"] = link.partner.to_string().into();
        value["partnerName"] = self.partners.get(&link.partner).copied().flatten().into();
        let since = (stated.during.from() > Instant::MIN).then(|| time::text(stated.during.from()));
        value["since"] = since.into();
        value["sinceAssumed"] = self.facts.mark(stated.source).assumed.into();
        value["subscriptions"] = subscriptions.into();
        value["warnings"] = warnings.into();
        value
    }
}

/// `GET /api/v1/links`: everybody who is linked to a partner ID that the caller looks after.
pub async fn links(State(app): State<Arc<App>>, signed: SignedIn, uri: Uri) -> Response {
    listed(&app, &signed, &uri, |directory, sight, page| {
        let own = |link: &Link| sight.operator || sight.administers.contains(&link.partner);
        let all = now(&directory.facts.links, directory.at).filter(|s| own(&s.fact)).collect();
        let part = page.part(all, |stated| name(stated))?;
        Ok(part.map(|s| directory.link(s, directory.subscriptions(s.fact.principal(), None))))
    })
    .await
}

/// What tells a link from the others.
fn name(stated: &Stated<Link>) -> String {
    let link = &stated.fact;
    format!("{} {} {} {}", link.tenant, link.object, link.partner, stated.during.from())
}

/// `GET /api/v1/links/gaps`: people of the partner who can work for customers and are not linked.
///
/// Somebody is the partner's who has an account in its home directory, or signs in elsewhere with a
/// name of a domain of its home: a guest.
pub async fn gaps(State(app): State<Arc<App>>, signed: SignedIn, uri: Uri) -> Response {
    listed(&app, &signed, &uri, |directory, sight, page| {
        let part = page.part(unlinked(directory, sight), |(who, _)| who.to_string())?;
        Ok(part.map(|(who, subscriptions)| {
            let mut value = directory.account(who);
            value["subscriptions"] = subscriptions.into();
            value
        }))
    })
    .await
}

fn unlinked(directory: &Directory, sight: &Sight) -> Vec<(Principal, Vec<Value>)> {
    let homes: Vec<TenantId> = now(&directory.facts.partners, directory.at)
        .filter(|s| sight.operator || sight.administers.contains(&s.fact.partner))
        .filter_map(|s| s.fact.home_tenant)
        .collect();
    // Every domain of a home: its people have addresses of any of them.
    let domains: HashSet<String> = now(&directory.facts.tenants, directory.at)
        .filter(|s| homes.contains(&s.fact.tenant))
        .flat_map(|s| s.fact.domain.iter().chain(&s.fact.domains))
        .map(|domain| fold(domain))
        .collect();
    let ours = |account: &PrincipalFact| {
        homes.contains(&account.tenant)
            || account.domain().is_some_and(|domain| domains.contains(&fold(domain)))
    };
    let linked: HashSet<Principal> =
        now(&directory.facts.links, directory.at).map(|stated| stated.fact.principal()).collect();
    now(&directory.facts.principals, directory.at)
        .map(|stated| &stated.fact)
        .filter(|account| account.enabled && account.kind != PrincipalKind::Group)
        .filter(|account| ours(account) && !linked.contains(&account.principal()))
        .filter_map(|account| {
            let who = account.principal();
            let mut seen = directory.subscriptions(who, None);
            // What is the partner's own earns nothing.
            seen.retain(|s| !homes.iter().any(|home| s["tenantId"] == home.to_string()));
            (!seen.is_empty()).then_some((who, seen))
        })
        .collect()
}

/// For those who look after links, and operators.
async fn listed(
    app: &App,
    signed: &SignedIn,
    uri: &Uri,
    list: impl FnOnce(&Directory, &Sight, &Page) -> Result<Part<Value>, HttpError> + Send + 'static,
) -> Response {
    reading(app, signed, async {
        let sight = Sight::of(app, signed).await?;
        if !sight.operator && sight.administers.is_empty() {
            return Err(HttpError::no_such_path());
        }
        let page = Page::read(app, signed, uri, &Query::read(uri, PAGED)?).await?;
        let (facts, asked) = (page.facts(app, &sight.facts).await?, page.clone());
        let made = tokio::task::spawn_blocking(move || {
            list(&Directory::new(&facts, asked.at), &sight, &asked)
        });
        let part = joined(made.await)?;
        Ok(page.answer(app, Map::new(), part))
    })
    .await
}

/// `GET /api/v1/access`: who is linked in the caller's directory, or through a delegation of it, with
/// which access, and what partners see of it.
pub async fn access(State(app): State<Arc<App>>, signed: SignedIn, uri: Uri) -> Response {
    reading(&app, &signed, async {
        let sight = Sight::of(&app, &signed).await?;
        if !sight.audits {
            return Err(HttpError::no_such_path());
        }
        let page = Page::read(&app, &signed, &uri, &Query::read(&uri, PAGED)?).await?;
        let tenant = signed.caller.principal.tenant;
        let mut rest = Map::new();
        rest.insert("tenantId".to_owned(), tenant.to_string().into());
        rest.insert("privacy".to_owned(), sight.privacy_of(tenant).name().into());
        let (facts, asked) = (page.facts(&app, &sight.facts).await?, page.clone());
        let made = tokio::task::spawn_blocking(move || {
            let directory = Directory::new(&facts, asked.at);
            let linked = now(&facts.links, asked.at).filter_map(|stated| {
                let who = stated.fact.principal();
                let seen = directory.subscriptions(who, Some(tenant));
                // Somebody elsewhere who cannot work here is nobody's business here.
                (who.tenant == tenant || !seen.is_empty()).then_some((stated, seen))
            });
            let part = asked.part(linked.collect(), |(stated, _)| name(stated))?;
            Ok(part.map(|(stated, seen)| directory.link(stated, seen)))
        });
        let part = joined(made.await)?;
        Ok(page.answer(&app, rest, part))
    })
    .await
}
