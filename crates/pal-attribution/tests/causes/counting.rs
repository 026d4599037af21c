//! Causes about what is counted and shown: 2, 16, 20 to 22, 28.

use pal_attribution::explain::Verdict;
use serde_json::json;

use crate::causes::world::{LINK, PARTNER, ROLE, World, kind};

#[test]
fn c02_no_usage() {
    World::good().gives("no-usage", Verdict::NotAsked);
    World::good().usage(&["Usage,15,31.00"]).passes(
        "no-usage",
        None,
        &json!({"kind": "charges-start", "charges": 1}),
    );
    let none = World::good().usage(&[]);
    none.first("no-usage", None, &json!({"kind": "no-charge-in-files", "month": "2026-10"}));
    none.gives("charges-excluded", Verdict::DoesNotApply);
    let beside = World::good().at("/subscriptions/$sub/resourceGroups/rg/providers/p/t/other");
    beside.usage(&["Usage,15,31.00"]).first(
        "no-usage",
        None,
        &json!({"kind": "no-charge-in-files", "month": "2026-10"}),
    );
}

#[test]
fn c16_charges_excluded() {
    World::good().gives("charges-excluded", Verdict::NotAsked);
    let all = World::good().usage(&["Usage,15,31.00"]);
    all.passes("charges-excluded", None, &json!({"kind": "all-consumed", "charges": 1}));
    let some = World::good().usage(&["Usage,15,31.00", "Purchase,15,365.00", "Tax,15,8.00"]);
    some.passes(
        "charges-excluded",
        None,
        &json!({"kind": "part-consumed", "consumed": 1, "charges": 3, "excluded": [
            {"reason": "tax", "charges": 1, "cost": "8.0000000000", "currency": "EUR"},
            {"reason": "purchase", "charges": 1, "cost": "365.0000000000", "currency": "EUR"},
        ]}),
    );
    let none = World::good().usage(&["Purchase,15,365.00", "Tax,15,8.00"]);
    none.first(
        "charges-excluded",
        None,
        &json!({"kind": "part-consumed", "consumed": 0, "charges": 2}),
    );
}

const VIEWER: &str = r#"{"kind":"viewer","tenant":"$home","object":"$carla","partner":"111110","level":"executive"}"#;

#[test]
fn c20_viewer_limited() {
    World::good().gives("viewer-limited", Verdict::DoesNotApply);
    let may = World::good().and(VIEWER);
    may.passes("viewer-limited", 7, &json!({"kind": "may-read", "partner": "111111"}));
    may.clone().edit(7, "executive", "viewer").first(
        "viewer-limited",
        7,
        &kind("may-read-without-money"),
    );
    may.clone().edit(7, "111110", "222222").first("viewer-limited", 7, &kind("nobody-may-read"));
    let less = VIEWER.replace("$carla", "$dave").replace("executive", "viewer");
    may.clone().and(&less).passes("viewer-limited", 7, &kind("may-read"));
    may.more(7, r#""to":"2026-10-01T00:00:00Z""#).first(
        "viewer-limited",
        7,
        &kind("nobody-may-read"),
    );
}

#[test]
fn c21_customer_renamed() {
    World::good().passes("customer-renamed", None, &kind("name-shown"));
    let hidden = World::good().and(r#"{"kind":"privacy","tenant":"$customer","level":"masked"}"#);
    hidden.first("customer-renamed", 7, &kind("pseudonym"));
    let other = hidden.clone().edit(7, "$customer", "$other");
    other.passes("customer-renamed", None, &kind("name-shown"));
    hidden.edit(7, "masked", "tenant-total").passes(
        "customer-renamed",
        7,
        &json!({"kind": "name-shown-at-level", "level": "tenant-total"}),
    );
}

#[test]
fn c22_duplicate() {
    World::good().passes("duplicate", PARTNER, &kind("not-a-duplicate"));
    World::good().line(LINK, "").gives("duplicate", Verdict::DoesNotApply);
    let two = World::good()
        .and(r#"{"kind":"partner","partner":"111112","type":"location","parent":"111110"}"#)
        .and(r#"{"kind":"principal","tenant":"$customer","object":"$bob","type":"User"}"#)
        .and(r#"{"kind":"roleAssignment","tenant":"$customer","id":"ra","principal":"$bob","role":"Owner","scope":"/subscriptions/$sub"}"#)
        .and(r#"{"kind":"link","tenant":"$customer","object":"$bob","partner":"111112"}"#);
    two.first("duplicate", PARTNER, &json!({"kind": "duplicate", "counts": "111112"}));
    two.of("111112").passes("duplicate", 7, &kind("not-a-duplicate"));
}

#[test]
fn c28_pec_conditions() {
    World::good().gives("pec-conditions", Verdict::DoesNotApply);
    World::good().under("pec").passes("pec-conditions", ROLE, &kind("whole-day"));
    let noon = World::good().more(LINK, r#""from":"2026-10-15T12:00:00Z""#);
    noon.clone().under("pec").first(
        "pec-conditions",
        ROLE,
        &json!({"kind": "not-whole-day", "hours": 12}),
    );
    noon.clone().whole_days().first(
        "pec-conditions",
        ROLE,
        &json!({"kind": "not-whole-day", "hours": 12}),
    );
    noon.gives("pec-conditions", Verdict::DoesNotApply);
    let never = World::good().line(ROLE, "").under("pec");
    never.gives("pec-conditions", Verdict::DoesNotApply);
    never.first("no-role", None, &kind("no-grant"));
}
