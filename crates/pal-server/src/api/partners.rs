//! `GET /api/v1/partners/{id}`: what a partner ID stands for, to everybody with an account, so that a
//! person sees a name before it links. Names must not be gathered by trying numbers (T29, T30): such
//! questions are counted as link changes are. `GET /api/v1/partners`, all of them, is the operators'.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use pal_model::{Facts, Instant, Partner, PartnerId, PartnerKind, Stated};
use serde_json::{Map, Value, json};

use crate::App;
use crate::http::{
    HttpError, PAGED, PARTNER, Page, Parameter, Query, SignedIn, account, json, now, partner_id,
    reading,
};

/// What stands in the path.
pub const INSIDE: &[Parameter] =
    &[Parameter { name: "id", form: PARTNER, text: "The partner ID.", required: true }];

/// One partner, by number.
pub async fn partner(
    State(app): State<Arc<App>>,
    signed: SignedIn,
    uri: Uri,
    Path(id): Path<String>,
) -> Response {
    reading(&app, &signed, async {
        let (who, at) = (signed.caller.principal, app.now());
        account(&app, who, at).await?;
        Query::read(&uri, &[])?;
        let id = partner_id(&id)?;
        app.limits.take_lookup(who)?;
        let facts = app.live.facts().await?;
        let found = stated(&facts, at, |fact| fact.partner == id).remove(&id);
        let found = found.ok_or_else(|| {
            HttpError::not_found(format!(
                "There is no partner with the ID {id}. Check the Associated Partner ID of your \
                 partner profile."
            ))
        })?;
        Ok(json(described(&locations(&facts, at), found, at).to_string().into_bytes()))
    })
    .await
}

/// All partners, by number.
pub async fn partners(State(app): State<Arc<App>>, signed: SignedIn, uri: Uri) -> Response {
    reading(&app, &signed, async {
        super::operator(&app, &signed).await?;
        let page = Page::read(&app, &signed, &uri, &Query::read(&uri, PAGED)?).await?;
        let facts = page.facts(&app, &app.live.facts().await?).await?;
        let all = stated(&facts, page.at, |_| true).into_values().collect();
        let locations = locations(&facts, page.at);
        let shown = |stated: &Stated<Partner>| described(&locations, stated, page.at);
        let part = page.part(all, |stated| shown(stated).to_string())?;
        Ok(page.answer(&app, Map::new(), part.map(shown)))
    })
    .await
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

fn described(locations: &Locations, stated: &Stated<Partner>, at: Instant) -> Value {
    let partner = &stated.fact;
    let own = locations.get(&partner.partner).into_iter().flat_map(BTreeMap::values);
    let own = own.map(|fact| json!({ "partnerId": fact.partner.to_string(), "name": fact.name }));
    json!({
        "partnerId": partner.partner.to_string(),
        "name": partner.name,
        "status": if stated.during.contains(at) { "active" } else { "inactive" },
        "type": match partner.kind {
            PartnerKind::Location => "location",
            PartnerKind::Global => "global",
        },
        "parentId": partner.parent.map(|id| id.to_string()),
        "locations": own.collect::<Vec<_>>(),
    })
}
