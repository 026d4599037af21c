//! Alerts: for each code a world in which it appears, to the letter, and the nearest ones in which
//! it does not. Invented worlds are in `alerts/generated.rs`, credit in `alerts/credit.rs`.
//!
//! `$alice` stands for a GUID made from the name, in facts and in what is expected.

mod credit;
mod generated;
mod said;
mod unlinked;

use pal_attribution::alerts::{Code, TwoMonths, not_looked_at};

use said::{Facts, says};

/// 1 October 2026, noon, is now; 30 days later is 31 October, noon.
const END: &str = "2026-10-31T12:00:00Z";
const LATER: &str = "2026-10-31T12:00:00.000000001Z";
/// 30 days earlier.
const BEFORE: &str = "2026-09-01T12:00:00Z";
const LONG_BEFORE: &str = "2026-09-01T11:59:59.999999999Z";

/// Fabrikam with one subscription, and two partners. Lines 1 to 4.
fn fabrikam() -> Facts {
    Facts::default()
        .add("tenant", "tenant=$fabrikam name=Fabrikam")
        .add("subscription", "tenant=$fabrikam subscription=$prod name=prod")
        .add("partner", "partner=111111 name=Example type=location homeTenant=$example")
        .add("partner", "partner=222222 name=Other type=location")
}

/// Alice in Fabrikam is linked to 111111 and is Contributor of the subscription. Lines 5 to 7.
fn alice(account: &str, link: &str, role: &str) -> Facts {
    fabrikam()
        .person("$fabrikam", "alice", account)
        .linked("alice", link)
        .contributor("alice", role)
}

#[test]
fn last_linked_leaving_when_the_account_ends() {
    let ends = format!("to={END}");
    says(
        &alice(&ends, "", ""),
        &["last-linked-leaving | warning | 111111 | $fabrikam | $alice of $fabrikam | – | \
           2026-10-31T12:00:00Z | From 2026-10-31T12:00:00Z on nobody earns credit for Example \
           (111111) in Fabrikam ($fabrikam): end of the account of alice ($alice) | f:5 f:6"],
    );
    // A nanosecond beyond the horizon.
    says(&alice(&format!("to={LATER}"), "", ""), &[]);
}

#[test]
fn last_linked_leaving_when_the_account_is_disabled_for_a_time() {
    let facts = alice("to=2026-10-10T00:00:00Z", "", "")
        .person(
            "$fabrikam",
            "alice",
            "enabled=false from=2026-10-10T00:00:00Z to=2026-10-12T00:00:00Z",
        )
        .person("$fabrikam", "alice", "from=2026-10-12T00:00:00Z");
    says(
        &facts,
        &["last-linked-leaving | warning | 111111 | $fabrikam | $alice of $fabrikam | – | \
           2026-10-10T00:00:00Z | From 2026-10-10T00:00:00Z to 2026-10-12T00:00:00Z nobody earns \
           credit for Example (111111) in Fabrikam ($fabrikam): account of alice ($alice) disabled \
           | f:5 f:6 f:8"],
    );
}

#[test]
fn last_linked_leaving_when_the_membership_ends() {
    let ops = |of_group: &str, of_alice: &str| {
        fabrikam()
            .person("$fabrikam", "alice", "")
            .linked("alice", "")
            .contributor("ops", "")
            .add(
                "principal",
                &format!("tenant=$fabrikam object=$ops type=Group name=Ops {of_group}"),
            )
            .add("principal", "tenant=$fabrikam object=$nl type=Group name=NL")
            .add("membership", "tenant=$fabrikam group=$ops member=$nl")
            .add("membership", &format!("tenant=$fabrikam group=$nl member=$alice {of_alice}"))
    };
    let said = "last-linked-leaving | warning | 111111 | $fabrikam | $alice of $fabrikam | – | \
                2026-10-31T12:00:00Z | From 2026-10-31T12:00:00Z on nobody earns credit for \
                Example (111111) in Fabrikam ($fabrikam): end of the membership of alice ($alice) \
                in Ops ($ops) | f:6";
    says(&ops("", &format!("to={END}")), &[&format!("{said} f:11")]);
    says(&ops(&format!("to={END}"), ""), &[&format!("{said} f:8")]);
    // The membership goes on in another line.
    let renewed = ops("", &format!("to={END}"));
    let again = format!("tenant=$fabrikam group=$ops member=$alice from={END}");
    says(&renewed.add("membership", &again), &[]);
}

#[test]
fn last_linked_leaving_when_the_link_ends_or_changes() {
    let ends = format!("to={END}");
    let said = "last-linked-leaving | warning | 111111 | $fabrikam | $alice of $fabrikam | – | \
                2026-10-31T12:00:00Z | From 2026-10-31T12:00:00Z on nobody earns credit for \
                Example (111111) in Fabrikam ($fabrikam): ";
    says(&alice("", &ends, ""), &[&format!("{said}end of the link of alice ($alice) | f:6")]);
    let other = format!("tenant=$fabrikam object=$alice partner=222222 from={END}");
    says(
        &alice("", &ends, "").add("link", &other),
        &[&format!("{said}link of alice ($alice) changed to Other (222222) | f:6 f:8")],
    );
    let same = format!("tenant=$fabrikam object=$alice partner=111111 from={END}");
    says(&alice("", &ends, "").add("link", &same), &[]);
}

#[test]
fn a_second_linked_person_keeps_the_credit() {
    let ends = format!("to={END}");
    let bob = |facts: Facts, account: &str| {
        facts.person("$fabrikam", "bob", account).linked("bob", "").contributor("bob", "")
    };
    says(&bob(alice(&ends, "", ""), ""), &[]);
    // Who leaves last is told, and only that.
    says(
        &bob(alice("to=2026-10-05T00:00:00Z", "", ""), "to=2026-10-20T00:00:00Z"),
        &["last-linked-leaving | warning | 111111 | $fabrikam | $bob of $fabrikam | – | \
           2026-10-20T00:00:00Z | From 2026-10-20T00:00:00Z on nobody earns credit for Example \
           (111111) in Fabrikam ($fabrikam): end of the account of bob ($bob) | f:8 f:9"],
    );
    // Bob is linked to another partner: no help.
    let other = alice(&ends, "", "").person("$fabrikam", "bob", "").contributor("bob", "");
    let other = other.add("link", "tenant=$fabrikam object=$bob partner=222222");
    assert_eq!(said::codes(&other), ["last-linked-leaving"]);
}

#[test]
fn last_linked_gone() {
    let said = "last-linked-gone | critical | 111111 | $fabrikam | $alice of $fabrikam | – | \
                2026-09-01T12:00:00Z | Since 2026-09-01T12:00:00Z nobody earns credit for Example \
                (111111) in Fabrikam ($fabrikam): ";
    says(
        &alice(&format!("to={BEFORE}"), "", ""),
        &[&format!("{said}end of the account of alice ($alice) | f:5 f:6")],
    );
    says(&alice(&format!("to={LONG_BEFORE}"), "", ""), &[]);
    // The access was taken away first: the link earns nothing since.
    says(
        &alice("", "", &format!("to={BEFORE}")),
        &[
            &format!("{said}end of role assignment r-alice at /subscriptions/$prod | f:6 f:7"),
            "linked-without-access | warning | 111111 | $fabrikam | $alice of $fabrikam | – | \
             2026-09-01T12:00:00Z | Link of alice ($alice) in Fabrikam ($fabrikam) to Example \
             (111111) has no access: neither a role assignment nor a delegation reaches it | f:6",
        ],
    );
    let bob = alice(&format!("to={BEFORE}"), "", "").person("$fabrikam", "bob", "");
    says(&bob.linked("bob", "").contributor("bob", ""), &[]);
}

/// What ends at this very instant is gone, not leaving: facts hold until their end, not at it.
#[test]
fn what_ends_now_is_gone() {
    assert_eq!(said::codes(&alice("to=2026-10-01T12:00:00Z", "", "")), ["last-linked-gone"]);
    let soon = alice("to=2026-10-01T12:00:00.000000001Z", "", "");
    assert_eq!(said::codes(&soon), ["last-linked-leaving"]);
}

#[test]
fn access_ending_of_a_role_assignment() {
    let ends = format!("to={END}");
    let said = "access-ending | warning | 111111 | $fabrikam | $alice of $fabrikam | \
                /subscriptions/$prod | 2026-10-31T12:00:00Z | Role assignment r-alice (Contributor \
                of alice ($alice) at /subscriptions/$prod) ends at 2026-10-31T12:00:00Z; after \
                that nothing earns credit for Example (111111) there | f:7";
    says(&alice("", "", &ends), &[said]);
    says(&alice("", "", &format!("to={LATER}")), &[]);
    let also = |scope: &str, rest: &str| {
        let role = "tenant=$fabrikam id=r2 principal=$alice role=Reader";
        alice("", "", &ends).add("roleAssignment", &format!("{role} scope={scope} {rest}"))
    };
    // Another path at the same place or above, also one that begins just then.
    says(&also("/", ""), &[]);
    says(&also("/subscriptions/$prod", &format!("from={END}")), &[]);
    // One below does not help the rest, nor does one that must be activated.
    says(&also("/subscriptions/$prod/resourceGroups/rg", ""), &[said]);
    says(&also("/", "eligible=true"), &[said]);
}

#[test]
fn access_ending_names_subscriptions_where_the_scope_does_not() {
    let group = "/providers/Microsoft.Management/managementGroups/$fabrikam";
    let facts = fabrikam()
        .add("subscription", "tenant=$fabrikam subscription=$test name=test")
        .person("$fabrikam", "alice", "")
        .linked("alice", "")
        .role("alice", group, "to=2026-10-02T00:00:00Z")
        .role("alice", "/subscriptions/$test", "");
    says(
        &facts,
        &[&format!(
            "access-ending | warning | 111111 | $fabrikam | $alice of $fabrikam | {group} | \
             2026-10-02T00:00:00Z | Role assignment r-alice (Contributor of alice ($alice) at \
             {group}) ends at 2026-10-02T00:00:00Z; after that nothing earns credit for Example \
             (111111) there (subscription prod ($prod)) | f:8"
        )],
    );
}

/// Carla at Example, who works in Fabrikam by delegation. Lines 5 to 8; 9 is a second line of the
/// delegation that nobody is linked for.
fn carla(link: &str, delegation: &str) -> Facts {
    let lines = "authorizations=[$carla:Contributor,$pipeline:Reader]";
    fabrikam()
        .add("tenant", "tenant=$example name=Example")
        .person("$example", "carla", "")
        .add("link", &format!("tenant=$example object=$carla partner=111111 {link}"))
        .add(
            "delegation",
            &format!(
                "tenant=$fabrikam id=d1 scope=/subscriptions/$prod managingTenant=$example {lines} \
                 {delegation}"
            ),
        )
}

#[test]
fn access_ending_of_a_delegation() {
    says(
        &carla("", &format!("to={END}")),
        &["access-ending | warning | 111111 | $fabrikam | $carla of $example | \
           /subscriptions/$prod | 2026-10-31T12:00:00Z | Delegation d1 (of /subscriptions/$prod to \
           Example ($example)) ends at 2026-10-31T12:00:00Z; after that nothing earns credit for \
           Example (111111) there | f:8"],
    );
    says(&carla("", &format!("to={LATER}")), &[]);
    // A guest with access of her own takes over.
    let guest = carla("", &format!("to={END}")).person("$fabrikam", "alice", "");
    says(&guest.linked("alice", "").contributor("alice", ""), &[]);
}

#[test]
fn linked_without_access() {
    let said = "linked-without-access | warning | 111111 | $fabrikam | $alice of $fabrikam | – | \
                2026-05-01T00:00:00Z | Link of alice ($alice) in Fabrikam ($fabrikam) to Example \
                (111111) has no access: neither a role assignment nor a delegation reaches it | f:6";
    let linked = |role: &str| alice("", "from=2026-05-01T00:00:00Z", role);
    // Long over; or to come.
    says(&linked("to=2026-01-01T00:00:00Z"), &[said]);
    says(&linked("from=2026-10-01T12:00:00.1Z"), &[said]);
    says(&linked("from=2026-10-01T12:00:00Z"), &[]);
    // On a subscription of another directory.
    let moved =
        fabrikam().person("$fabrikam", "alice", "").linked("alice", "from=2026-05-01T00:00:00Z");
    let moved = moved.role("alice", "/subscriptions/$elsewhere", "");
    let moved = moved.add("subscription", "tenant=$other subscription=$elsewhere");
    says(&moved, &[said]);
    says(
        &linked("eligible=true"),
        &["linked-without-access | info | 111111 | $fabrikam | $alice of $fabrikam | – | \
           2026-05-01T00:00:00Z | Link of alice ($alice) in Fabrikam ($fabrikam) to Example \
           (111111) has only roles that must be activated first (R19) | f:6 f:7"],
    );
    // A link that is over.
    let over = "from=2026-05-01T00:00:00Z to=2026-05-02T00:00:00Z";
    says(&alice("", over, "to=2026-01-01T00:00:00Z"), &[]);
}

/// R11, R18: in the managing directory, a delegation is access.
#[test]
fn linked_without_access_in_a_managing_tenant() {
    says(&carla("", ""), &[]);
    says(
        &carla("", "from=2027-01-01T00:00:00Z"),
        &[
            "linked-without-access | warning | 111111 | $example | $carla of $example | – | – | Link \
           of carla ($carla) in Example ($example) to Example (111111) has no access: the facts \
           know no subscription of this tenant and no delegation to it | f:7",
        ],
    );
}

#[test]
fn partner_inactive() {
    let partner = |partner: &str| {
        let facts = Facts::default()
            .add("tenant", "tenant=$fabrikam name=Fabrikam")
            .add("subscription", "tenant=$fabrikam subscription=$prod");
        facts.add("partner", &format!("type=location name=Example {partner}"))
    };
    let alice = |facts: Facts| {
        let link = "tenant=$fabrikam object=$alice partner=111111 from=2026-02-01T00:00:00Z";
        facts.person("$fabrikam", "alice", "").add("link", link).contributor("alice", "")
    };
    let said = |at: &str, name: &str, why: &str| {
        format!(
            "partner-inactive | critical | 111111 | $fabrikam | $alice of $fabrikam | – | {at} | \
             Link of alice ($alice) in Fabrikam ($fabrikam) to {name} is to {why}"
        )
    };
    let ended = said(
        "2026-10-01T12:00:00Z",
        "Example (111111)",
        "a partner ID that ended at 2026-10-01T12:00:00Z | f:3 f:5",
    );
    says(&alice(partner("partner=111111 to=2026-10-01T12:00:00Z")), &[&ended]);
    says(&alice(partner("partner=111111 to=2026-10-01T12:00:00.1Z")), &[]);
    let unknown = said("2026-02-01T00:00:00Z", "111111", "? | f:5").replace(
        " is to ?",
        ": linked to partner 111111, of which no fact is known: no credit; add this fact: \
         {\"kind\":\"partner\",\"partner\":\"111111\",\"type\":\"location\"}",
    );
    says(&alice(partner("partner=999999")), &[&unknown]);
    let later = said(
        "2026-02-01T00:00:00Z",
        "Example (111111)",
        "a partner ID that begins at 2026-11-01T00:00:00Z | f:3 f:5",
    );
    says(&alice(partner("partner=111111 from=2026-11-01T00:00:00Z")), &[&later]);
}

#[test]
fn what_cannot_be_looked_at_is_said() {
    let (now, facts) = (said::NOW.parse().unwrap(), alice("", "", ""));
    let months = TwoMonths::ended_at(now);
    assert_eq!(not_looked_at(&facts.read(), now, Some(&months)), []);
    let missing = TwoMonths { missing: vec![(2026, 8), (2026, 9)], ..months };
    let homeless = facts.without("partner").add("partner", "partner=222222 type=location");
    let belongs = "no active partner has a homeTenant, so no fact tells who belongs to one";
    let lacks = "the usage has no charge of 2026-08 and 2026-09";
    assert_eq!(
        not_looked_at(&homeless.read(), now, Some(&missing)),
        [(Code::AccessWithoutLink, belongs.to_owned()), (Code::CreditDropped, lacks.to_owned())]
    );
    let none = (Code::CreditDropped, "there is no usage".to_owned());
    assert_eq!(not_looked_at(&alice("", "", "").read(), now, None), [none]);
}

/// R20: what an alert is about is what is credited, denies included.
#[test]
fn a_deny_that_begins_is_no_alert_and_counts_for_others() {
    let deny = |rest: &str| {
        let deny = "tenant=$fabrikam id=x principals=[00000000-0000-0000-0000-000000000000] \
                    actions=[*] scope=/subscriptions/$prod";
        alice(&format!("to={END}"), "", "")
            .person("$fabrikam", "bob", "")
            .linked("bob", "")
            .contributor("bob", "")
            .add("denyAssignment", &format!("{deny} {rest}"))
    };
    assert_eq!(said::codes(&deny("excludePrincipals=[$alice]")), ["last-linked-leaving"]);
    // Bob keeps what lies below.
    says(&deny("excludePrincipals=[$alice] doNotApplyToChildScopes=true"), &[]);
    says(&deny("from=2026-10-10T00:00:00Z"), &[]);
}

/// The order is that of codes and ids, whatever the order of lines; a fact that is stated twice is
/// one alert with two lines.
#[test]
fn order_and_doubles() {
    let facts = alice("", "", &format!("to={END}"))
        .contributor("alice", &format!("to={END}"))
        .person("$fabrikam", "zoe", "")
        .linked("zoe", "");
    let lines = said::of(&facts, "pal");
    assert_eq!(said::codes(&facts), ["access-ending", "linked-without-access"]);
    assert!(lines[0].ends_with("| f:7 f:8"), "{}", lines[0]);
    let without_places = |lines: Vec<String>| -> Vec<String> {
        lines.iter().map(|line| line.rsplit_once(" | ").unwrap().0.to_owned()).collect()
    };
    let turned = said::of(&facts.turned(), "pal");
    assert_eq!(without_places(lines), without_places(turned));
}
