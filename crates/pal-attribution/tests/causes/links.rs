//! Causes about links and partners: 4 to 8, 19.

use pal_attribution::explain::Verdict;
use serde_json::json;

use crate::causes::world::{ALICE, LINK, PARTNER, ROLE, World, during, kind};

#[test]
fn c04_not_linked() {
    World::good().passes("not-linked", LINK, &json!({"kind": "linked", "who": {"name": "alice"}}));
    let nobody = World::good().line(LINK, "");
    nobody.first(
        "not-linked",
        ROLE,
        &json!({"kind": "nobody-linked", "held": {"who": [{"name": "alice"}]}}),
    );
    nobody.gives("no-role", Verdict::DoesNotApply);
    nobody.gives("link-outside-period", Verdict::DoesNotApply);
}

#[test]
fn c05_linked_elsewhere() {
    World::good().passes("linked-elsewhere", LINK, &kind("link-where-access-is"));
    let home = World::good().edit(LINK, "$customer", "$home");
    home.first(
        "linked-elsewhere",
        LINK,
        &json!({"kind": "linked-in-other-tenant", "partner": "111111"}),
    );
    home.passes("not-linked", LINK, &json!({"kind": "linked", "partner": "111111"}));
    // Of a delegation the other way round: in the customer's tenant, not in the managing one.
    let delegated = World::good().line(
        ROLE,
        r#"{"kind":"delegation","tenant":"$customer","id":"del","scope":"/subscriptions/$sub","managingTenant":"$home","authorizations":[{"principal":"$alice","role":"Contributor"}]}"#,
    );
    delegated.first(
        "linked-elsewhere",
        LINK,
        &json!({"kind": "linked-in-other-tenant", "partner": "111111"}),
    );
}

#[test]
fn c06_wrong_partner_id() {
    World::good().passes(
        "wrong-partner-id",
        PARTNER,
        &json!({"kind": "link-names", "partner": {"id": "111111", "name": "Example, Berlin"}}),
    );
    World::good().line(PARTNER, "").first("wrong-partner-id", LINK, &kind("link-names-unknown"));
    // Nobody is linked to the one that is meant, because somebody is linked to one like it.
    let global = World::good()
        .edit(LINK, "111111", "111110")
        .and(r#"{"kind":"partner","partner":"111110","type":"global"}"#);
    global.first("not-linked", ROLE, &json!({"kind": "nobody-linked", "partner": "111111"}));
    global.fails(
        "wrong-partner-id",
        &json!({"kind": "holder-linked-to-sibling", "linked": "111110", "partner": "111111"}),
    );
    let typed = World::good().edit(LINK, "111111", "111112");
    typed.fails(
        "wrong-partner-id",
        &json!({"kind": "holder-linked-to-unknown", "linked": "111112"}),
    );
    let other = typed.and(r#"{"kind":"partner","partner":"111112","type":"location"}"#);
    other.gives("wrong-partner-id", Verdict::DoesNotApply);
    let home = other.edit(ALICE, "$customer", "$home").edit(LINK, "$customer", "$home").line(
        ROLE,
        r#"{"kind":"delegation","tenant":"$customer","id":"del","scope":"/subscriptions/$sub","managingTenant":"$home","authorizations":[{"principal":"$alice","role":"Contributor"}]}"#,
    );
    home.fails(
        "wrong-partner-id",
        &json!({"kind": "holder-linked-from-home", "linked": "111112", "partner": "111111"}),
    );
}

#[test]
fn c07_partner_inactive() {
    World::good().passes("partner-inactive", PARTNER, &during("partner-active", None, None));
    let ended = World::good().more(PARTNER, r#""to":"2026-10-01T00:00:00Z""#);
    ended.first(
        "partner-inactive",
        PARTNER,
        &during("partner-active", None, Some("2026-10-01T00:00:00Z")),
    );
    // Active in October, but not when alice was linked.
    let apart = ended
        .edit(PARTNER, "2026-10-01", "2026-10-05")
        .more(LINK, r#""from":"2026-10-06T00:00:00Z""#)
        .in_october();
    apart.first(
        "partner-inactive",
        PARTNER,
        &during("part-apart", None, Some("2026-10-05T00:00:00Z")),
    );
}

#[test]
fn c08_identity_inactive() {
    World::good().passes("identity-inactive", ALICE, &during("identity-active", None, None));
    let disabled = World::good().more(ALICE, r#""enabled":false"#);
    disabled.first("identity-inactive", ALICE, &json!({"kind": "identity-active", "during": []}));
    let deleted = World::good().more(ALICE, r#""to":"2026-10-01T00:00:00Z""#);
    deleted.first(
        "identity-inactive",
        ALICE,
        &during("identity-active", None, Some("2026-10-01T00:00:00Z")),
    );
    let again = deleted.clone().and(
        r#"{"kind":"principal","tenant":"$customer","object":"$alice","type":"User","from":"2026-10-01T00:00:00Z"}"#,
    );
    again.passes(
        "identity-inactive",
        7,
        &during("identity-active", Some("2026-10-01T00:00:00Z"), None),
    );
    // Deny and role are looked at all the same.
    deleted.passes(
        "role-not-recognised",
        ROLE,
        &json!({"kind": "role-counted", "role": {"name": "Contributor"}}),
    );
    World::good().line(ALICE, "").first(
        "identity-inactive",
        None,
        &json!({"kind": "identity-active", "during": []}),
    );
}

#[test]
fn c19_link_outside_period() {
    World::good().passes("link-outside-period", LINK, &during("link-in-force", None, None));
    let young = World::good().more(LINK, r#""from":"2026-11-01T00:00:00Z""#);
    young.first(
        "link-outside-period",
        LINK,
        &during("linked-when", Some("2026-11-01T00:00:00Z"), None),
    );
    let ended = World::good().more(LINK, r#""to":"2026-10-15T12:00:00Z""#);
    ended.first(
        "link-outside-period",
        LINK,
        &during("linked-when", None, Some("2026-10-15T12:00:00Z")),
    );
    // Of two links the one in force is looked at.
    let again =
        ended.and(r#"{"kind":"link","tenant":"$customer","object":"$bob","partner":"111111"}"#);
    again.clone().line(ROLE, "").passes(
        "link-outside-period",
        7,
        &during("link-in-force", None, None),
    );
    let elsewhere = again.edit(7, "$customer", "$home").edit(ROLE, "$alice", "$owner");
    elsewhere.passes("link-outside-period", 7, &during("link-in-force", None, None));
}
