//! Causes about roles: 1, 9 to 13, 15, 23.

use pal_attribution::explain::Verdict;
use serde_json::json;

use crate::causes::world::{ALICE, LINK, ROLE, SUBSCRIPTION, World, during, kind};

const GROUP: [&str; 3] = [
    r#"{"kind":"principal","tenant":"$customer","object":"$ops","type":"Group","name":"ops"}"#,
    r#"{"kind":"membership","tenant":"$customer","group":"$ops","member":"$alice"}"#,
    r#"{"kind":"roleAssignment","tenant":"$customer","id":"ra","principal":"$ops","role":"Contributor","scope":"/subscriptions/$sub"}"#,
];

/// Access by a group: lines 5 (left out), 7 the group, 8 the membership, 9 the role.
fn by_group() -> World {
    GROUP.into_iter().fold(World::good().line(ROLE, ""), World::and)
}

/// Access by a delegation: carla is in the partner's own tenant; line 7 is the delegation.
fn delegated() -> World {
    World::good()
        .line(ALICE, r#"{"kind":"principal","tenant":"$home","object":"$carla","type":"User","name":"carla"}"#)
        .line(ROLE, "")
        .line(LINK, r#"{"kind":"link","tenant":"$home","object":"$carla","partner":"111111"}"#)
        .and(r#"{"kind":"delegation","tenant":"$customer","id":"del","scope":"/subscriptions/$sub","managingTenant":"$home","authorizations":[{"principal":"$carla","role":"Contributor"}]}"#)
}

/// Somebody of the customer's own, so that access is held here whoever else has it.
const OWNER: &str = r#"{"kind":"roleAssignment","tenant":"$customer","id":"own","principal":"$owner","role":"Owner","scope":"/subscriptions/$sub"}"#;

/// The subscription in another tenant from October on.
const NOW: &str = r#"{"kind":"subscription","tenant":"$other","subscription":"$sub","from":"2026-10-01T00:00:00Z"}"#;

#[test]
fn c01_no_role() {
    World::good().passes("no-role", ROLE, &json!({"kind": "has-role", "who": {"name": "alice"}}));
    let none = World::good().line(ROLE, "");
    none.first("no-role", None, &kind("no-grant"));
    let others = none.and(OWNER);
    others.first("no-role", LINK, &kind("linked-without-role"));
    others.fails("not-linked", &json!({"kind": "none-of-them-linked", "partner": "111111"}));
    let ended = World::good().more(ROLE, r#""to":"2026-10-01T00:00:00Z""#).and(OWNER);
    ended.first("no-role", ROLE, &during("role-at-other-time", None, Some("2026-10-01T00:00:00Z")));
}

#[test]
fn c09_role_not_recognised() {
    World::good().passes(
        "role-not-recognised",
        ROLE,
        &json!({"kind": "role-counted", "policy": "pal", "role": {"name": "Contributor"}}),
    );
    let reader = World::good().edit(ROLE, "Contributor", "Reader");
    reader.passes(
        "role-not-recognised",
        ROLE,
        &json!({"kind": "role-counted", "role": {"name": "Reader"}}),
    );
    reader.under("incentive").first(
        "role-not-recognised",
        ROLE,
        &json!({"kind": "role-not-counted", "policy": "incentive"}),
    );
    // A role that means something else at another time only.
    let custom = World::good().edit(ROLE, "Contributor", "$role").under("incentive").and(
        r#"{"kind":"roleDefinition","role":"$role","type":"CustomRole","actions":["*"],"from":"2026-11-01T00:00:00Z"}"#,
    );
    custom.first("role-not-recognised", ROLE, &kind("role-not-counted-then"));
}

#[test]
fn c10_eligible_only() {
    World::good().in_october().passes(
        "eligible-only",
        ROLE,
        &json!({"kind": "role-hours", "active": 744, "whole": 744, "covered": 744}),
    );
    let eligible = World::good().more(ROLE, r#""eligible":true"#);
    eligible.first(
        "eligible-only",
        ROLE,
        &json!({"kind": "only-eligible", "role": {"name": "Contributor"}}),
    );
    eligible.passes("no-role", ROLE, &kind("to-be-activated"));
    // Active for eight hours, before the link began.
    let hours = r#""from":"2026-10-02T08:00:00Z","to":"2026-10-02T16:00:00Z""#;
    let active = World::good().more(ROLE, hours).in_october();
    active.passes(
        "eligible-only",
        ROLE,
        &json!({"kind": "role-hours", "active": 8, "whole": 744, "covered": 8}),
    );
    let late = active.more(LINK, r#""from":"2026-10-03T00:00:00Z""#);
    late.first(
        "eligible-only",
        ROLE,
        &during("part-apart", Some("2026-10-02T08:00:00Z"), Some("2026-10-02T16:00:00Z")),
    );
    late.fails("link-outside-period", &during("part-apart", Some("2026-10-03T00:00:00Z"), None));
}

#[test]
fn c11_not_a_member() {
    by_group().passes("not-a-member", 8, &json!({"kind": "in-group", "who": {"name": "alice"}}));
    World::good().gives("not-a-member", Verdict::DoesNotApply);
    let left = by_group().more(8, r#""to":"2026-09-01T00:00:00Z""#);
    left.first("not-a-member", 8, &during("reaches-holder", None, Some("2026-09-01T00:00:00Z")));
    // A link of the group itself: it is no identity, and its members are not linked.
    let group = by_group().edit(LINK, "$alice", "$ops");
    group.first("identity-inactive", 7, &json!({"kind": "identity-active", "during": []}));
    group.fails("not-a-member", &kind("group-linked"));
}

#[test]
fn c12_denied() {
    const DENY: &str = r#"{"kind":"denyAssignment","tenant":"$customer","id":"deny","principals":["00000000-0000-0000-0000-000000000000"],"actions":["*"],"scope":"/subscriptions/$sub"}"#;
    World::good().gives("denied", Verdict::DoesNotApply);
    let denied = World::good().and(DENY);
    denied.first("denied", 7, &json!({"kind": "denied", "deny": "deny"}));
    denied.clone().edit(7, r#"["*"]"#, r#"["a/write"]"#).passes(
        "denied",
        None,
        &kind("not-denied"),
    );
    denied.clone().edit(7, r#"["*"]"#, r#"["a/write"]"#).under("pec").first(
        "denied",
        7,
        &json!({"kind": "denied", "deny": "deny"}),
    );
    let short = denied.clone().more(7, r#""to":"2026-10-02T00:00:00Z""#).in_october();
    short.passes("denied", 7, &kind("denied-for-a-part"));
    // It stands in the way of what else is missing, too.
    let both = denied.more(ALICE, r#""enabled":false"#);
    both.first("identity-inactive", ALICE, &json!({"kind": "identity-active", "during": []}));
    both.fails("denied", &json!({"kind": "denied", "deny": "deny"}));
    short.more(ALICE, r#""enabled":false"#).passes("denied", 7, &kind("denied-for-a-part"));
}

#[test]
fn c13_not_delegated() {
    delegated().passes("not-delegated", 7, &json!({"kind": "authorised", "delegation": "del"}));
    World::good().gives("not-delegated", Verdict::DoesNotApply);
    let other = delegated().edit(7, "$carla", "$dave");
    other.first("not-delegated", 7, &json!({"kind": "not-authorised", "who": {"name": "carla"}}));
    other.and(OWNER).first(
        "not-delegated",
        7,
        &json!({"kind": "not-authorised", "who": {"name": "carla"}}),
    );
    let ended = delegated().more(7, r#""to":"2026-09-01T00:00:00Z""#);
    ended.first(
        "not-delegated",
        7,
        &during("delegated-at-other-time", None, Some("2026-09-01T00:00:00Z")),
    );
    let eligible = delegated().edit(7, r#""role""#, r#""eligible":true,"role""#);
    eligible.first("eligible-only", 7, &kind("only-eligible"));
    eligible.fails("not-delegated", &kind("only-eligible"));
}

#[test]
fn c15_scope_too_small() {
    World::good().passes("scope-too-small", ROLE, &kind("role-reaches"));
    let beside = World::good().at("/subscriptions/$sub/resourceGroups/rg2");
    beside.first(
        "scope-too-small",
        ROLE,
        &json!({"kind": "role-elsewhere", "role": {"name": "Contributor"}}),
    );
    beside.clone().and(OWNER).first(
        "scope-too-small",
        ROLE,
        &json!({"kind": "role-elsewhere", "role": {"name": "Contributor"}}),
    );
    beside.passes(
        "no-role",
        ROLE,
        &json!({"kind": "role-elsewhere", "role": {"name": "Contributor"}}),
    );
    // Of the subscription, a part is earned further below.
    let below = World::good().at("/subscriptions/$sub").usage(&["Usage,15,31.00"]);
    below.first(
        "scope-too-small",
        ROLE,
        &json!({"kind": "role-elsewhere", "role": {"name": "Contributor"}}),
    );
    let amounts = serde_json::to_value(below.explained().amounts).unwrap();
    assert_eq!(amounts[0]["credited_cost"], "31.0000000000");
    assert_eq!((&amounts[0]["currency"], &amounts[0]["charges"]), (&json!("EUR"), &json!(1)));
    let elsewhere = World::good().edit(ROLE, "$sub", "$other");
    elsewhere.first("scope-too-small", ROLE, &kind("role-elsewhere"));
    let delegation = delegated().edit(7, "$sub\"", "$sub/resourceGroups/rg2\"");
    delegation.first(
        "scope-too-small",
        7,
        &json!({"kind": "role-elsewhere", "who": {"name": "carla"}}),
    );
    // What has ended, or is another customer's, is no role here.
    let ended = beside.more(ROLE, r#""to":"2026-10-01T00:00:00Z""#);
    ended.first("no-role", None, &kind("no-grant"));
    ended.gives("scope-too-small", Verdict::DoesNotApply);
    let theirs = delegation.edit(7, "$customer", "$other").and(OWNER);
    theirs.first(
        "linked-elsewhere",
        LINK,
        &json!({"kind": "linked-in-other-tenant", "partner": "111111"}),
    );
    theirs.gives("scope-too-small", Verdict::DoesNotApply);
}

#[test]
fn c23_subscription_moved() {
    World::good().passes("subscription-moved", SUBSCRIPTION, &during("in-tenant", None, None));
    let moved = World::good().more(SUBSCRIPTION, r#""to":"2026-10-01T00:00:00Z""#).and(NOW);
    moved.first(
        "subscription-moved",
        7,
        &during("role-in-former-tenant", Some("2026-10-01T00:00:00Z"), None),
    );
    let others = OWNER.replace("$customer", "$other");
    moved.clone().and(&others).first(
        "subscription-moved",
        7,
        &during("role-in-former-tenant", Some("2026-10-01T00:00:00Z"), None),
    );
    // Linked there, but without a role: both are causes.
    let linked = moved.clone().edit(ROLE, "$alice", "$bob");
    linked.first("no-role", None, &kind("no-grant"));
    linked.fails(
        "subscription-moved",
        &during("link-in-former-tenant", Some("2026-10-01T00:00:00Z"), None),
    );
    linked.fails(
        "subscription-moved",
        &during("link-in-former-tenant", Some("2026-10-01T00:00:00Z"), None),
    );
    // Another fact, but the same tenant.
    let renamed = moved.clone().edit(7, "$other", "$customer");
    renamed.passes(
        "subscription-moved",
        7,
        &during("in-tenant", Some("2026-10-01T00:00:00Z"), None),
    );
    // Before the move it was all right.
    let before = moved.edit(SUBSCRIPTION, "2026-10-01", "2026-11-01").edit(7, "2026-10", "2026-11");
    before.passes(
        "subscription-moved",
        SUBSCRIPTION,
        &during("in-tenant", None, Some("2026-11-01T00:00:00Z")),
    );
    before.passes("no-role", ROLE, &json!({"kind": "has-role", "role": {"name": "Contributor"}}));
    // No fact for that time at all.
    let gap = World::good().more(SUBSCRIPTION, r#""from":"2026-11-01T00:00:00Z""#);
    gap.first(
        "subscription-moved",
        SUBSCRIPTION,
        &json!({"kind": "in-no-tenant", "known": {"from": "2026-11-01T00:00:00Z", "to": null}}),
    );
    gap.gives("no-role", Verdict::DoesNotApply);
    gap.passes("partner-inactive", 3, &during("partner-active", None, None));
}
