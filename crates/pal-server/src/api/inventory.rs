//! Who is linked where: `GET /api/v1/links` and `/api/v1/links/gaps` for those who look after the
//! links of a partner, `GET /api/v1/access` for those who look after a directory. Read only (R5).

use std::collections::{HashMap, HashSet};

use pal_api::{Account, Gap, List, Nothing, Privacy, Subscription};
use pal_model::{
    Facts, Instant, Link, PartnerId, Principal, PrincipalFact, PrincipalKind, Stated, TenantId,
    fold,
};

use super::subscriptions;
use crate::http::{
    Auditor, Call, HttpError, Json, LinkAdministrator, Page, Part, Sight, joined, now, time,
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

    fn account(&self, who: Principal) -> Account {
        let stated = self.accounts.get(&who);
        let account = stated.map(|stated| &stated.fact);
        Account {
            tenant_id: who.tenant.into(),
            tenant_name: self.tenants.get(&who.tenant).copied().flatten().map(str::to_owned),
            object_id: who.object.into(),
            name: account.and_then(|a| a.name.clone()),
            sign_in_name: account.and_then(|a| a.sign_in_name.clone()),
            kind: account.map(|a| a.kind.name().into()),
            enabled: account.is_some_and(|a| a.enabled),
            assumed: stated.is_some_and(|s| self.facts.mark(s.source).assumed),
        }
    }

    fn subscriptions(&self, who: Principal, customer: Option<TenantId>) -> Vec<Subscription> {
        let mut seen = subscriptions(self.facts, who, self.at);
        seen.retain(|seen| customer.is_none_or(|id| *seen.tenant_id == *id.to_string()));
        seen
    }

    fn link(&self, stated: &Stated<Link>, subscriptions: Vec<Subscription>) -> pal_api::Link {
        let link = &stated.fact;
        let account = self.account(link.principal());
        let warnings = [
            (!account.enabled, "disabled"),
            (!self.partners.contains_key(&link.partner), "partner-inactive"),
            (subscriptions.is_empty(), "no-access"),
        ];
        let since = stated.during.from();
        pal_api::Link {
            account,
            partner_id: link.partner.into(),
            partner_name: self.partners.get(&link.partner).copied().flatten().map(str::to_owned),
            since: (since > Instant::MIN).then(|| time::text(since).into()),
            since_assumed: self.facts.mark(stated.source).assumed,
            subscriptions,
            warnings: warnings
                .into_iter()
                .filter(|(is, _)| *is)
                .map(|(_, text)| text.into())
                .collect(),
        }
    }
}

/// `GET /api/v1/links`: everybody who is linked to a partner ID that the caller looks after.
pub async fn links(call: Call<LinkAdministrator>) -> Result<Json<List<pal_api::Link>>, HttpError> {
    listed(call, |directory, sight, page| {
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
pub async fn gaps(call: Call<LinkAdministrator>) -> Result<Json<List<Gap>>, HttpError> {
    listed(call, |directory, sight, page| {
        let part = page.part(unlinked(directory, sight), |(who, _)| who.to_string())?;
        Ok(part.map(|(who, subscriptions)| Gap { account: directory.account(who), subscriptions }))
    })
    .await
}

fn unlinked(directory: &Directory, sight: &Sight) -> Vec<(Principal, Vec<Subscription>)> {
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
            seen.retain(|s| !homes.iter().any(|home| *s.tenant_id == *home.to_string()));
            (!seen.is_empty()).then_some((who, seen))
        })
        .collect()
}

async fn listed<T: Send + 'static>(
    call: Call<LinkAdministrator>,
    list: impl FnOnce(&Directory, &Sight, &Page) -> Result<Part<T>, HttpError> + Send + 'static,
) -> Result<Json<List<T>>, HttpError> {
    let page = call.page().await?;
    let Call { app, reader: LinkAdministrator(sight), .. } = call;
    let (facts, asked) = (page.facts(&app, &sight.facts).await?, page.clone());
    let made = app
        .work
        .lists
        .admit()
        .await?
        .run(move |_| list(&Directory::new(&facts, asked.at), &sight, &asked));
    Ok(page.list(&app, Nothing {}, joined(made.await)?))
}

/// `GET /api/v1/access`: who is linked in the caller's directory, or through a delegation of it, with
/// which access, and what partners see of it.
pub async fn access(call: Call<Auditor>) -> Result<Json<List<pal_api::Link, Privacy>>, HttpError> {
    let page = call.page().await?;
    let Call { app, reader: Auditor(sight), .. } = call;
    let tenant = sight.who.tenant;
    let privacy =
        Privacy { tenant_id: tenant.into(), privacy: sight.privacy_of(tenant).name().into() };
    let (facts, asked) = (page.facts(&app, &sight.facts).await?, page.clone());
    let made = app.work.lists.admit().await?.run(move |_| {
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
    Ok(page.list(&app, privacy, joined(made.await)?))
}
