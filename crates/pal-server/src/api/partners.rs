//! `GET /api/v1/partners/{id}`: what a partner ID stands for, to everybody with an account, so that a
//! person sees a name before it links. Names must not be gathered by trying numbers (T29, T30): such
//! questions are counted as link changes are. `GET /api/v1/partners`, all of them, is the operators'.

use std::collections::BTreeMap;

use pal_api::{List, Location};
use pal_model::{Facts, Instant, Partner, PartnerId, PartnerKind, Stated};
use pal_store::Account;

use crate::http::{Call, HttpError, Json, Operator, now, partner_id};

pub async fn partner(call: Call<Account>) -> Result<Json<pal_api::Partner>, HttpError> {
    let Call { app, reader: account, inside, .. } = call;
    let (at, id) = (app.now(), partner_id(&inside)?);
    app.limits.take_lookup(account.principal)?;
    let facts = app.live.facts().await?;
    let found = stated(&facts, at, |fact| fact.partner == id).remove(&id);
    let found = found.ok_or_else(|| {
        HttpError::not_found(format!(
            "There is no partner with the ID {id}. Check the Associated Partner ID of your \
             partner profile."
        ))
    })?;
    Ok(Json(described(&locations(&facts, at), found, at)))
}

pub async fn partners(call: Call<Operator>) -> Result<Json<List<pal_api::Partner>>, HttpError> {
    let (app, page) = (&call.app, call.page().await?);
    let facts = page.facts(app, &app.live.facts().await?).await?;
    let locations = locations(&facts, page.at);
    let all = stated(&facts, page.at, |_| true).into_values();
    let all = all.map(|stated| described(&locations, stated, page.at)).collect();
    page.list_of(app, all)
}
/// For each partner that is meant the fact that holds, or else the last that did.
fn stated(
    facts: &Facts,
    at: Instant,
    meant: impl Fn(&Partner) -> bool,
) -> BTreeMap<PartnerId, &Stated<Partner>> {
    let rank = |stated: &Stated<Partner>| (stated.during.contains(at), stated.during.from());
    let mut found: BTreeMap<PartnerId, &Stated<Partner>> = BTreeMap::new();
    for stated in facts.partners.iter().filter(|stated| meant(&stated.fact)) {
        let best = found.entry(stated.fact.partner).or_insert(stated);
        if rank(stated) > rank(best) {
            *best = stated;
        }
    }
    found
}

/// What can be linked to instead of a global account: for each its active locations, by number.
fn locations(facts: &Facts, at: Instant) -> Locations<'_> {
    let mut all = Locations::new();
    for fact in now(&facts.partners, at).map(|stated| &stated.fact) {
        if let Some(parent) = fact.parent
            && fact.kind == PartnerKind::Location
        {
            all.entry(parent).or_default().insert(fact.partner, fact);
        }
    }
    all
}

type Locations<'f> = BTreeMap<PartnerId, BTreeMap<PartnerId, &'f Partner>>;

fn described(locations: &Locations, stated: &Stated<Partner>, at: Instant) -> pal_api::Partner {
    let partner = &stated.fact;
    let own = locations.get(&partner.partner).into_iter().flat_map(BTreeMap::values);
    let own = own.map(|fact| Location { partner_id: fact.partner.into(), name: fact.name.clone() });
    let status = if stated.during.contains(at) { "active" } else { "inactive" };
    let kind = match partner.kind {
        PartnerKind::Location => "location",
        PartnerKind::Global => "global",
    };
    pal_api::Partner {
        partner_id: partner.partner.into(),
        name: partner.name.clone(),
        status: status.into(),
        kind: kind.into(),
        parent_id: partner.parent.map(Into::into),
        locations: own.collect(),
    }
}
