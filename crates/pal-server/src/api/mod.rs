//! What is ours on the wire: health, and `/api/v1`.

mod alerts;
mod audit;
mod explain;
mod facts;
mod health;
mod inventory;
mod me;
mod own_access;
mod partners;
mod privacy;
mod report;
mod usage;

use axum::routing::get;
use pal_api::Subscription;
use pal_attribution::access::visible_subscriptions;
use pal_model::{Facts, Instant, Principal};

use crate::http::{Audience, Form, PAGED, PARTNER, Parameter, Route};

/// The routes of `/api/v1`, and health.
#[rustfmt::skip]
pub fn routes() -> Vec<Route> {
    let number = Parameter::required("number", Form::Pattern("^[0-9]{1,18}$"), "Of the import.");
    vec![
        Route::plain("GET", "/healthz", Audience::Anybody, get(health::healthz)),
        Route::plain("GET", "/readyz", Audience::Anybody, get(health::readyz)),
        Route::new("GET", "/api/v1/me", ("me", "Who the caller is here, its link, and the subscriptions it sees."), &[], me::me),
        Route::new("GET", "/api/v1/me/access", ("ownAccess", "The access that the caller's link earns credit by, grant by grant."), PAGED, own_access::own_access),
        Route::new("GET", "/api/v1/reports", ("reports", "A report, as far as the caller may see it, or the balance."), report::PARAMETERS, report::reports),
        Route::new("GET", "/api/v1/partners", ("partners", "All partners. For operators."), PAGED, partners::partners),
        Route::new("GET", "/api/v1/partners/{id}", ("partner", "What a partner ID stands for."), &[], partners::partner)
            .inside(Parameter::required("id", PARTNER, "The partner ID.")),
        Route::new("GET", "/api/v1/facts", ("facts", "All facts. For operators."), facts::PARAMETERS, facts::export),
        Route::new("POST", "/api/v1/facts", ("importFacts", "Takes facts in, whole or not at all; no links. For operators."), &[], facts::import),
        Route::new("GET", "/api/v1/audit", ("audit", "What was done by whom, newest first. For operators."), audit::PARAMETERS, audit::records),
        Route::new("GET", "/api/v1/audit/checkpoints", ("auditCheckpoints", "The signed checkpoints of the audit log, newest first. For operators."), PAGED, audit::checkpoints),
        Route::new("POST", "/api/v1/audit/verify", ("verifyAudit", "Whether anybody changed the past. For operators."), &[], audit::verify),
        Route::new("GET", "/api/v1/usage", ("usage", "The usage that counts, month by month. For operators."), usage::MONTHS, usage::months),
        Route::new("GET", "/api/v1/usage/imports", ("usageImports", "Imports of usage, newest first. For operators."), PAGED, usage::imports),
        Route::new("POST", "/api/v1/usage/imports", ("importUsage", "Takes cost exports in, whole or not at all. For operators."), usage::IMPORT, usage::import),
        Route::new("DELETE", "/api/v1/usage/imports/{number}", ("withdrawUsage", "Takes an import back: nothing of it counts any more. For operators."), &[], usage::withdraw)
            .inside(number),
        Route::new("GET", "/api/v1/explain", ("explain", "Why a resource's charges are credited, or why not, as far as the caller may see it."), explain::PARAMETERS, explain::explain),
        Route::new("GET", "/api/v1/links", ("links", "Who is linked to the partner IDs that the caller looks after."), PAGED, inventory::links),
        Route::new("GET", "/api/v1/links/gaps", ("gaps", "Who of the partner has access to a customer and is not linked."), PAGED, inventory::gaps),
        Route::new("GET", "/api/v1/access", ("access", "Who is linked in the caller's directory, with which access. For its auditors."), PAGED, inventory::access),
        Route::new("PUT", "/api/v1/access/privacy", ("setPrivacy", "Says what partners see of the caller's directory from now on. For its auditors."), &[], privacy::set_privacy),
        Route::new("GET", "/api/v1/alerts", ("alerts", "What will cost a partner credit, or already does."), alerts::PARAMETERS, alerts::alerts),
    ]
}

fn subscriptions(facts: &Facts, who: Principal, at: Instant) -> Vec<Subscription> {
    let seen =
        visible_subscriptions(facts, who, at).into_iter().map(|visible| visible.subscription);
    seen.map(|seen| Subscription {
        subscription_id: seen.subscription.into(),
        display_name: seen.name.clone(),
        tenant_id: seen.tenant.into(),
    })
    .collect()
}
