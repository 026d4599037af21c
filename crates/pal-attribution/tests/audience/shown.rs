//! A world by hand: what each reader is shown of it, and what not.

use std::collections::BTreeMap;
use std::fs;

use pal_attribution::answer::{Basis, ExplainError, When, explain_to};
use pal_attribution::explain::{Audience, Cause, Check, Explanation, Finding, Verdict};
use pal_attribution::ingest::{Part, ReadOptions};
use pal_attribution::policy::Policy;
use pal_attribution::roles::RoleData;
use pal_model::{Facts, PrivacyLevel, TenantId};

const FABRIKAM: &str = "fab00000-0000-4000-8000-000000000000";
const CONTOSO: &str = "c0750000-0000-4000-8000-000000000000";
const MANAGED: &str = "3a7a6ed0-0000-4000-8000-000000000000";
const STRANGER: &str = "57a46e40-0000-4000-8000-000000000000";
const SUB: &str = "/subscriptions/fab00000-5000-4000-8000-000000000001";
const THEIRS: &str = "/subscriptions/57a46e40-5000-4000-8000-000000000002";
const GROUP: &str = "/subscriptions/fab00000-5000-4000-8000-000000000001/resourceGroups/rg-secret";

/// Ada (5127255) works in one resource group by two groups, Dara (6203118) in all, Bob (7000001) by a
/// delegation to a group of his own directory, Erin is linked (8000001) and has no role.
const FACTS: &str = r#"
{"kind":"tenant","tenant":"FABRIKAM","name":"Fabrikam"}
{"kind":"tenant","tenant":"STRANGER","name":"Stranger"}
{"kind":"tenant","tenant":"MANAGED","name":"Managed Ltd"}
{"kind":"managementGroup","tenant":"FABRIKAM","name":"corp-secret"}
{"kind":"subscription","tenant":"FABRIKAM","subscription":"fab00000-5000-4000-8000-000000000001","name":"prod","managementGroup":"corp-secret","to":"2026-11-01T00:00:00Z"}
{"kind":"subscription","tenant":"STRANGER","subscription":"fab00000-5000-4000-8000-000000000001","name":"prod","from":"2026-11-01T00:00:00Z"}
{"kind":"subscription","tenant":"STRANGER","subscription":"57a46e40-5000-4000-8000-000000000002","name":"theirs"}
{"kind":"partner","partner":"5127255","name":"Contoso Utrecht","type":"location","parent":"5127254","homeTenant":"CONTOSO"}
{"kind":"partner","partner":"5127256","name":"Contoso Malmo","type":"location","parent":"5127254"}
{"kind":"partner","partner":"6203118","name":"Adatum","type":"location"}
{"kind":"partner","partner":"7000001","name":"Managed Berlin","type":"location","homeTenant":"MANAGED"}
{"kind":"partner","partner":"8000001","name":"Lucerne","type":"location"}
{"kind":"partner","partner":"9000001","name":"Nobody","type":"location"}
{"kind":"principal","tenant":"FABRIKAM","object":"00000000-1000-4000-8000-0000000000a1","type":"User","name":"ada@contoso.example"}
{"kind":"principal","tenant":"FABRIKAM","object":"00000000-1000-4000-8000-0000000000d1","type":"User","name":"dara@adatum.example"}
{"kind":"principal","tenant":"FABRIKAM","object":"00000000-1000-4000-8000-0000000000e1","type":"User","name":"erin@lucerne.example"}
{"kind":"principal","tenant":"FABRIKAM","object":"00000000-1000-4000-8000-0000000000f1","type":"User","name":"frida@fabrikam.example"}
{"kind":"principal","tenant":"FABRIKAM","object":"00000000-2000-4000-8000-000000000001","type":"Group","name":"Outer ops"}
{"kind":"principal","tenant":"FABRIKAM","object":"00000000-2000-4000-8000-000000000002","type":"Group","name":"Inner ops"}
{"kind":"membership","tenant":"FABRIKAM","group":"00000000-2000-4000-8000-000000000001","member":"00000000-2000-4000-8000-000000000002"}
{"kind":"membership","tenant":"FABRIKAM","group":"00000000-2000-4000-8000-000000000002","member":"00000000-1000-4000-8000-0000000000a1"}
{"kind":"membership","tenant":"FABRIKAM","group":"00000000-2000-4000-8000-000000000002","member":"00000000-1000-4000-8000-0000000000f1"}
{"kind":"roleAssignment","tenant":"FABRIKAM","id":"1","principal":"00000000-2000-4000-8000-000000000001","role":"Contributor","scope":"GROUP"}
{"kind":"roleAssignment","tenant":"FABRIKAM","id":"2","principal":"00000000-1000-4000-8000-0000000000d1","role":"Owner","scope":"SUB"}
{"kind":"roleAssignment","tenant":"FABRIKAM","id":"3","principal":"00000000-1000-4000-8000-0000000000f1","role":"Owner","scope":"SUB"}
{"kind":"principal","tenant":"MANAGED","object":"00000000-1000-4000-8000-0000000000b1","type":"User","name":"bob@managed.example"}
{"kind":"principal","tenant":"MANAGED","object":"00000000-1000-4000-8000-0000000000c1","type":"User","name":"carl@managed.example"}
{"kind":"principal","tenant":"MANAGED","object":"00000000-2000-4000-8000-000000000003","type":"Group","name":"Managed outer"}
{"kind":"principal","tenant":"MANAGED","object":"00000000-2000-4000-8000-000000000004","type":"Group","name":"Managed inner"}
{"kind":"membership","tenant":"MANAGED","group":"00000000-2000-4000-8000-000000000003","member":"00000000-2000-4000-8000-000000000004"}
{"kind":"membership","tenant":"MANAGED","group":"00000000-2000-4000-8000-000000000004","member":"00000000-1000-4000-8000-0000000000b1"}
{"kind":"membership","tenant":"MANAGED","group":"00000000-2000-4000-8000-000000000004","member":"00000000-1000-4000-8000-0000000000c1"}
{"kind":"delegation","tenant":"FABRIKAM","id":"del","scope":"SUB","managingTenant":"MANAGED","authorizations":[{"principal":"00000000-2000-4000-8000-000000000003","role":"Contributor"},{"principal":"00000000-1000-4000-8000-0000000000c1","role":"Reader"}]}
{"kind":"link","tenant":"FABRIKAM","object":"00000000-1000-4000-8000-0000000000a1","partner":"5127255"}
{"kind":"link","tenant":"FABRIKAM","object":"00000000-1000-4000-8000-0000000000d1","partner":"6203118"}
{"kind":"link","tenant":"FABRIKAM","object":"00000000-1000-4000-8000-0000000000e1","partner":"8000001"}
{"kind":"link","tenant":"MANAGED","object":"00000000-1000-4000-8000-0000000000b1","partner":"7000001"}
{"kind":"link","tenant":"STRANGER","object":"00000000-1000-4000-8000-0000000000d9","partner":"6203118"}
"#;

/// 100 in the resource group, 900 beside it, 50 of tax.
const USAGE: &str = "\
ChargePeriodStart,ChargePeriodEnd,SubAccountId,ResourceId,ChargeCategory,EffectiveCost,BillingCurrency
2026-10-10T00:00:00Z,2026-10-11T00:00:00Z,SUB,GROUP/providers/p/t/vm,Usage,100,EUR
2026-10-10T00:00:00Z,2026-10-11T00:00:00Z,SUB,SUB/resourceGroups/other-secret/providers/p/t/vm,Usage,900,EUR
2026-10-10T00:00:00Z,2026-10-11T00:00:00Z,SUB,GROUP/providers/p/t/vm,Tax,50,EUR
";

fn named(text: &str) -> String {
    let names = [
        ("GROUP", GROUP),
        ("SUB", SUB),
        ("FABRIKAM", FABRIKAM),
        ("CONTOSO", CONTOSO),
        ("MANAGED", MANAGED),
        ("STRANGER", STRANGER),
    ];
    names.iter().fold(text.to_owned(), |text, (name, id)| {
        text.replace(&format!("\"{name}\""), &format!("\"{id}\""))
            .replace(&format!("{name}/"), &format!("{id}/"))
            .replace(&format!(",{name},"), &format!(",{id},"))
    })
}

fn partner(id: &str, money: bool, level: PrivacyLevel) -> Audience {
    let fabrikam: TenantId = FABRIKAM.parse().unwrap();
    let privacy = BTreeMap::from([(fabrikam, level)]);
    Audience::Partner { partners: [id.parse().unwrap()].into(), money, privacy }
}

fn full(id: &str) -> Audience {
    partner(id, true, PrivacyLevel::Full)
}

fn auditor() -> Audience {
    Audience::Customer(FABRIKAM.parse().unwrap())
}

struct Asked {
    resource: &'static str,
    at: &'static str,
    partner: Option<&'static str>,
    usage: bool,
}

const AT: Asked =
    Asked { resource: GROUP, at: "2026-10-15T12:00:00Z", partner: None, usage: false };

fn ask(audience: &Audience, asked: &Asked) -> Result<Explanation, ExplainError> {
    let roles = RoleData::shipped().unwrap();
    let mut facts = Facts::default();
    facts.read("facts.jsonl", &named(FACTS), None).unwrap();
    roles.resolve_names(&mut facts).unwrap();
    facts.check().unwrap();
    let policy = Policy::shipped().unwrap().swap_remove(0);
    let basis = Basis { facts: &facts, roles: &roles, policy: &policy };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("usage.csv");
    fs::write(&file, named(USAGE)).unwrap();
    let parts = [Part::of_file(&file).unwrap()];
    let usage = asked.usage.then(|| (&parts[..], ReadOptions::default()));
    let (resource, when) = (asked.resource.parse().unwrap(), When::At(asked.at.parse().unwrap()));
    explain_to(audience, basis, resource, when, asked.partner.map(|id| id.parse().unwrap()), usage)
}

/// All that is told, as text and as JSON.
#[track_caller]
fn told(audience: &Audience, asked: &Asked) -> String {
    let found = ask(audience, asked).unwrap();
    format!("{found}\n{}", serde_json::to_string(&found).unwrap())
}

#[track_caller]
fn says(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "no '{word}' in\n{text}");
    }
}

#[track_caller]
fn never(text: &str, words: &[&str]) {
    for word in words {
        assert!(!text.contains(word), "'{word}' in\n{text}");
    }
}

#[track_caller]
fn not_there(audience: &Audience, asked: &Asked) {
    assert!(matches!(ask(audience, asked), Err(ExplainError::NotThere)));
}

/// What is not a partner's own.
const OTHERS: [&str; 12] = [
    "dara",
    "frida",
    "bob",
    "carl",
    "erin",
    "Adatum",
    "6203118",
    "7000001",
    "Managed",
    "corp-secret",
    "Stranger",
    "facts.jsonl",
];

#[test]
fn a_partner_is_shown_its_own_way() {
    let text = told(&full("5127255"), &AT);
    says(
        &text,
        &["CREDITED Contoso Utrecht (5127255) in full", "ada@contoso.example", "Inner ops"],
    );
    says(&text, &["Outer ops", "Fabrikam", "rg-secret"]);
    never(&text, &OTHERS);
    let text = told(&full("7000001"), &AT);
    says(&text, &["bob@managed.example", "Managed inner", "delegated to tenant"]);
    never(&text, &["ada", "dara", "frida", "carl", "Contoso", "corp-secret", "Inner ops"]);
}

#[test]
fn what_a_customer_does_not_show_is_not_there() {
    let asked = |resource| Asked { resource, ..AT };
    let of = |level| partner("5127255", true, level);
    let text = told(&of(PrivacyLevel::Subscription), &asked(SUB));
    says(&text, &["NOT CREDITED Contoso Utrecht (5127255): no-access", "prod", "Fabrikam"]);
    never(&text, &OTHERS);
    never(&text, &["rg-secret"]);
    let walk = told(
        &of(PrivacyLevel::Subscription),
        &Asked { partner: Some("5127255"), resource: SUB, ..AT },
    );
    says(&walk, &["scope-too-small", "a scope inside subscription", "may read the reports"]);
    never(&walk, &OTHERS);
    never(&walk, &["rg-secret"]);
    not_there(&of(PrivacyLevel::Subscription), &asked(GROUP));
    for level in [PrivacyLevel::TenantTotal, PrivacyLevel::Masked] {
        not_there(&of(level), &asked(SUB));
        not_there(&of(level), &asked(GROUP));
    }
}

#[test]
fn what_is_not_ones_own_is_not_there() {
    let contoso = full("5127255");
    let elsewhere = "/subscriptions/00000000-5000-4000-8000-00000000dead";
    not_there(&contoso, &Asked { resource: THEIRS, ..AT });
    not_there(&contoso, &Asked { resource: elsewhere, ..AT });
    not_there(&contoso, &Asked { partner: Some("6203118"), ..AT });
    not_there(&contoso, &Asked { partner: Some("424242"), ..AT });
    not_there(&full("9000001"), &AT);
    not_there(&auditor(), &Asked { resource: THEIRS, ..AT });
    not_there(&auditor(), &Asked { resource: elsewhere, ..AT });
    not_there(&auditor(), &Asked { partner: Some("9000001"), ..AT });
    let outside = Asked { resource: "/providers/a/b/c", ..AT };
    assert!(matches!(ask(&contoso, &outside), Err(ExplainError::NoAnswer(_))));
}

#[test]
fn linked_without_a_role_is_answered() {
    let text = told(&full("8000001"), &Asked { resource: SUB, ..AT });
    says(&text, &["NOT CREDITED Lucerne (8000001): no-access", "erin@lucerne.example"]);
    never(&text, &["dara", "ada@", "frida", "held by", "6203118", "5127255", "Managed"]);
    // A way of which nothing is known to others.
    let walk = told(&full("8000001"), &Asked { resource: SUB, partner: Some("8000001"), ..AT });
    never(&walk, &["dara", "ada@", "frida", "held by", "6203118", "5127255", "Managed"]);
}

/// Where the subscription is now is its new owner's to tell.
#[test]
fn a_subscription_that_went_to_a_stranger_is_only_gone() {
    let asked = Asked { at: "2026-11-15T12:00:00Z", partner: Some("5127255"), ..AT };
    let text = told(&full("5127255"), &asked);
    says(&text, &["unknown-subscription", "customer     unknown", "until 2026-11-01T00:00:00Z"]);
    never(&text, &["Stranger", STRANGER]);
    let text = told(&auditor(), &Asked { at: "2026-11-15T12:00:00Z", ..AT });
    never(&text, &["Stranger", STRANGER]);
    // Adatum is linked there, too: it is told of its new customer, and of a masked one nothing.
    let masked = partner("6203118", true, PrivacyLevel::Masked);
    let text = told(&masked, &Asked { at: "2026-11-15T12:00:00Z", resource: SUB, ..AT });
    says(&text, &["customer     Stranger"]);
    never(&text, &[FABRIKAM, "Fabrikam"]);
}

#[test]
fn an_auditor_sees_its_directory_whole_and_others_not_inside() {
    let text = told(&auditor(), &AT);
    says(
        &text,
        &["5127255", "6203118", "7000001", "8000001", "Adatum", "Inner ops", "corp-secret"],
    );
    says(&text, &["bob@managed.example", "directly or by other groups", "held by"]);
    never(
        &text,
        &["carl", "Managed inner", "Managed outer", "00000000-2000-4000-8000-000000000004"],
    );
    never(&text, &["Managed Ltd", "facts.jsonl", "Stranger"]);
}

fn check(found: &Explanation, code: Cause) -> &Check {
    found.checks.as_ref().unwrap().iter().find(|check| check.code == code).unwrap()
}

#[test]
fn amounts_are_a_partners_own() {
    let asked = |resource, partner| Asked { resource, usage: true, partner: Some(partner), ..AT };
    let found = ask(&full("5127255"), &asked(SUB, "5127255")).unwrap();
    let row = &found.amounts.as_ref().unwrap()[0];
    let sums = row.sums.as_ref().unwrap();
    assert_eq!((row.charges, &*sums.credited_cost, row.equal), (1, "100.0000000000", true));
    let credited = Finding::ChargesCredited { charges: 1, month: "2026-10".to_owned() };
    assert_eq!(check(&found, Cause::NoUsage).finding, Some(credited));
    let text = format!("{found}{}", serde_json::to_string(&found).unwrap());
    never(&text, &["900.0", "1000.0", "50.0", "tax", "other-secret", "3 charges"]);
    // An operator and an auditor see what there is.
    let text = told(&auditor(), &asked(SUB, "5127255"));
    says(&text, &["tax 1 charges, 50.0000000000 EUR", "3 charges here and below"]);
    // Without money there is none, and nothing else is missing.
    let viewer = partner("5127255", false, PrivacyLevel::Full);
    let found = ask(&viewer, &asked(SUB, "5127255")).unwrap();
    let text = format!("{found}{}", serde_json::to_string(&found).unwrap());
    says(&text, &["1 charges in EUR credited to 5127255", "amounts are not shown to you"]);
    never(&text, &["100.0", "credited_cost", "recomputed"]);
    assert_eq!(check(&found, Cause::ViewerLimited).verdict, Verdict::Fails);
    // No credit: not a word about charges.
    let found = ask(&full("8000001"), &asked(SUB, "8000001")).unwrap();
    for code in [Cause::NoUsage, Cause::ChargesExcluded] {
        assert_eq!(check(&found, code).verdict, Verdict::DoesNotApply);
    }
    // A way, and nothing to credit in the month.
    let november = Asked { at: "2026-09-15T12:00:00Z", ..asked(GROUP, "5127255") };
    let found = ask(&full("5127255"), &november).unwrap();
    assert_eq!(check(&found, Cause::NoUsage).verdict, Verdict::Fails);
}
