//! Who sees what, route by route: a world of two partners and two customers whose every name is a mark,
//! and everybody who asks for everything (P12, T41, T70). A route without a line in [`MATRIX`] fails.

use std::collections::{BTreeMap, BTreeSet};

use pal_server::{Audience, Route, routes};

use crate::service::support::{
    ADA, AUDITOR, Answer, CEM, CONTOSO, DARA, FABRIKAM, OPERATOR, World,
};

/// Customer B; Fabrikam is customer A. Contoso is partner one's home, Adatum partner two's.
const NORTHWIND: &str = "40770000-0000-4000-8000-000000000000";
const ADATUM: &str = "ada70000-0000-4000-8000-000000000000";
const SUB_A: &str = "fab00000-5000-4000-8000-00000000000a";
const SUB_B: &str = "40770000-5000-4000-8000-00000000000b";

/// People with access who are not linked, of either partner, and of the customers themselves.
const GAP_ONE: &str = "40770000-1000-4000-8000-000000000908";
const GAP_TWO: &str = "40770000-1000-4000-8000-000000000909";
const OWN_A: &str = "fab00000-1000-4000-8000-000000000910";
const OWN_B: &str = "40770000-1000-4000-8000-000000000911";

/// Everybody: a letter, a directory, an object there.
const CALLERS: [(char, &str, &str); 11] = [
    // Nobody: no token.
    ('-', "", ""),
    // A guest and a member of customer A without a role.
    ('g', FABRIKAM, "fab00000-1000-4000-8000-000000000901"),
    ('m', FABRIKAM, "fab00000-1000-4000-8000-000000000902"),
    // Partner one's viewer, executive and link administrator.
    ('v', CONTOSO, "c0750000-1000-4000-8000-000000000903"),
    ('e', CONTOSO, "c0750000-1000-4000-8000-000000000904"),
    ('l', CONTOSO, "c0750000-1000-4000-8000-000000000905"),
    // Partner two's executive.
    ('E', ADATUM, "ada70000-1000-4000-8000-000000000906"),
    // Auditors of customers A and B.
    ('a', FABRIKAM, AUDITOR),
    ('b', NORTHWIND, "40770000-1000-4000-8000-000000000907"),
    ('o', FABRIKAM, OPERATOR),
    // A disabled account of customer A.
    ('d', FABRIKAM, CEM),
];

/// Everybody, and everybody whose account is enabled.
const ALL: &str = "-gmvelEabod";
const ACCOUNTS: &str = "gmvelEabo";

/// A route: method, path, query, body; who is let in, and the answers that they get.
type Line = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static [u16]);

const LINK: &str = "/providers/microsoft.managementpartner/partners";
const LINK_ID: &str = "/providers/microsoft.managementpartner/partners/{id}";
const V: &str = "api-version=2018-02-01";
const REPORT: &str = "group_by=partner_id,partner_name,customer_tenant_name,subscription_id,resource_group,resource_id";
const EXPLAIN: &str = "resource=/subscriptions/40770000-5000-4000-8000-00000000000b/resourceGroups/mark-group-b&month=2026-05&usage=true";
/// Changes nothing that anybody is asked about.
const FACT: &str = "{\"kind\":\"partner\",\"partner\":\"42\",\"name\":\"X\",\"type\":\"location\"}";

const MATRIX: &[Line] = &[
    ("GET", "/healthz", "", "", ALL, &[200]),
    ("GET", "/readyz", "", "", ALL, &[200]),
    ("GET", "/metadata/endpoints", "api-version=2022-09-01", "", ALL, &[200]),
    ("GET", "/providers/microsoft.managementpartner/operations", V, "", ALL, &[200]),
    ("GET", LINK, V, "", ACCOUNTS, &[404]),
    // Without a number it is refused before anybody is asked who the caller is.
    ("PUT", LINK, V, "", "gmvelEabod", &[400]),
    ("PATCH", LINK, V, "", "gmvelEabod", &[400]),
    ("DELETE", LINK, V, "", "gmvelEabod", &[400]),
    ("GET", LINK_ID, V, "", ACCOUNTS, &[404]),
    ("PUT", LINK_ID, V, "", ACCOUNTS, &[200]),
    ("PATCH", LINK_ID, V, "", ACCOUNTS, &[404]),
    ("DELETE", LINK_ID, V, "", ACCOUNTS, &[404]),
    ("GET", "/tenants", "api-version=2022-12-01", "", ACCOUNTS, &[200]),
    ("GET", "/subscriptions", "api-version=2022-12-01", "", ACCOUNTS, &[200]),
    ("GET", "/subscriptions/{id}", "api-version=2022-12-01", "", ACCOUNTS, &[404]),
    ("GET", "/api/v1/openapi.json", "", "", ALL, &[200]),
    ("GET", "/api/v1/me", "", "", ACCOUNTS, &[200]),
    ("GET", "/api/v1/me/access", "", "", ACCOUNTS, &[200]),
    ("GET", "/api/v1/reports", REPORT, "", "veEabo", &[200]),
    ("GET", "/api/v1/explain", EXPLAIN, "", "veEabo", &[200, 404]),
    ("GET", "/api/v1/links", "", "", "lo", &[200]),
    ("GET", "/api/v1/links/gaps", "", "", "lo", &[200]),
    ("GET", "/api/v1/access", "", "", "ab", &[200]),
    ("PUT", "/api/v1/access/privacy", "", "{\"level\":\"subscription\"}", "ab", &[200]),
    ("GET", "/api/v1/alerts", "drop=0", "", "labo", &[200]),
    ("GET", "/api/v1/partners", "", "", "o", &[200]),
    ("GET", "/api/v1/partners/{id}", "", "", ACCOUNTS, &[200]),
    ("GET", "/api/v1/facts", "", "", "o", &[200]),
    ("POST", "/api/v1/facts", "", FACT, "o", &[200]),
    ("GET", "/api/v1/audit", "", "", "o", &[200]),
    ("GET", "/api/v1/audit/checkpoints", "", "", "o", &[200]),
    ("POST", "/api/v1/audit/verify", "", "", "o", &[200]),
    ("GET", "/api/v1/usage", "", "", "o", &[200]),
    ("GET", "/api/v1/usage/imports", "", "", "o", &[200]),
    ("POST", "/api/v1/usage/imports", "", "", "o", &[422]),
    ("DELETE", "/api/v1/usage/imports/{number}", "", "", "o", &[404]),
];

/// What is planted, and who sees it: exactly they, on whatever route. Partners see subscriptions and no
/// more of a customer, which has said nothing else; so does no fact.
const MARKS: &[(&str, &str)] = &[
    ("Mark Customer A", "gmvelaao"),
    ("Mark Customer B", "velEbo"),
    ("mark-sub-a", "lao"),
    ("mark-sub-b", "lbo"),
    (SUB_A, "velao"),
    (SUB_B, "velEbo"),
    ("Mark Partner One", "velabo"),
    ("Mark Partner Two", "Ebo"),
    ("Mark Home One", "velo"),
    ("Mark Home Two", "Eo"),
    ("mark-person-one", "labo"),
    ("mark-person-two", "bo"),
    ("mark-gap-one", "lo"),
    ("mark-gap-two", "o"),
    ("mark-own-a", "o"),
    ("mark-own-b", "o"),
    ("mark-group-a", "ao"),
    ("mark-group-b", "bo"),
    ("mark-resource-a", "ao"),
    ("mark-resource-b", "bo"),
    ("31337.11", "eao"),
    ("42424.22", "eEbo"),
];

/// Marks that a route shows to whoever it lets in: the name of a partner whose number was asked for.
const SHOWN: &[(&str, &str)] = &[("/partners/{id}", "Mark Partner One")];

/// Whom a route lets in.
const fn welcome(audience: Audience) -> &'static str {
    match audience {
        Audience::Anybody => ALL,
        Audience::Account => ACCOUNTS,
        Audience::Operator => "o",
        Audience::Viewer => "veEabo",
        Audience::LinkAdministrator => "lo",
        // What is a directory's own is its auditors', and not the operators'.
        Audience::Auditor => "ab",
        Audience::Caretaker => "labo",
    }
}

fn tenant(id: &str, name: &str, domain: &str) -> String {
    format!(
        "{{\"kind\":\"tenant\",\"tenant\":\"{id}\",\"name\":\"{name}\",\"domain\":\"{domain}\"}}\n"
    )
}

fn account(tenant: &str, object: &str, name: &str) -> String {
    format!(
        "{{\"kind\":\"principal\",\"tenant\":\"{tenant}\",\"object\":\"{object}\",\"type\":\"User\",\"name\":\"{name}\"}}\n"
    )
}

fn role(kind: &str, caller: char, rest: &str) -> String {
    let (_, tenant, object) = CALLERS.into_iter().find(|(letter, ..)| *letter == caller).unwrap();
    format!("{{\"kind\":\"{kind}\",\"tenant\":\"{tenant}\",\"object\":\"{object}\"{rest}}}\n")
}

fn partner(id: &str, name: &str, home: &str, rest: &str) -> String {
    format!(
        "{{\"kind\":\"partner\",\"partner\":\"{id}\",\"name\":\"{name}\",\"type\":\"location\",\
         \"homeTenant\":\"{home}\"{rest}}}\n"
    )
}

fn subscription(tenant: &str, id: &str, name: &str) -> String {
    format!(
        "{{\"kind\":\"subscription\",\"tenant\":\"{tenant}\",\"subscription\":\"{id}\",\"name\":\"{name}\"}}\n"
    )
}

/// Both partners earn credit in B, partner one in A, too; a role of each ends in a week.
fn facts() -> String {
    let mut lines = vec![
        tenant(FABRIKAM, "Mark Customer A", "fabrikam.example"),
        tenant(NORTHWIND, "Mark Customer B", "northwind.example"),
        tenant(CONTOSO, "Mark Home One", "contoso.example"),
        tenant(ADATUM, "Mark Home Two", "adatum.example"),
        partner("5127255", "Mark Partner One", CONTOSO, ",\"parent\":\"5127254\""),
        partner("6203118", "Mark Partner Two", ADATUM, ""),
        subscription(FABRIKAM, SUB_A, "mark-sub-a"),
        subscription(NORTHWIND, SUB_B, "mark-sub-b"),
    ];
    for (letter, tenant, object) in CALLERS {
        if !"-oad".contains(letter) {
            lines.push(account(tenant, object, &format!("caller-{letter}@callers.example")));
        }
    }
    lines.extend([
        role("viewer", 'v', ",\"partner\":\"5127254\",\"level\":\"viewer\""),
        role("viewer", 'e', ",\"partner\":\"5127254\",\"level\":\"executive\""),
        role("viewer", 'E', ",\"partner\":\"6203118\",\"level\":\"executive\""),
        role("linkAdministrator", 'l', ",\"partner\":\"5127254\""),
        role("auditor", 'b', ""),
    ]);
    let week = ",\"to\":\"2026-05-10T00:00:00Z\"";
    for (tenant, object, name, subscription, ends) in [
        (FABRIKAM, ADA, "mark-person-one@contoso.example", SUB_A, week),
        (NORTHWIND, ADA, "mark-person-one@contoso.example", SUB_B, ""),
        (NORTHWIND, DARA, "mark-person-two@adatum.example", SUB_B, week),
        (NORTHWIND, GAP_ONE, "mark-gap-one@contoso.example", SUB_B, ""),
        (NORTHWIND, GAP_TWO, "mark-gap-two@adatum.example", SUB_B, ""),
        (FABRIKAM, OWN_A, "mark-own-a@fabrikam.example", SUB_A, ""),
        (NORTHWIND, OWN_B, "mark-own-b@northwind.example", SUB_B, ""),
    ] {
        lines.push(account(tenant, object, name));
        lines.push(format!(
            "{{\"kind\":\"roleAssignment\",\"tenant\":\"{tenant}\",\"id\":\"{tenant}{object}\",\
             \"principal\":\"{object}\",\"role\":\"Contributor\",\
             \"scope\":\"/subscriptions/{subscription}\"{ends}}}\n"
        ));
    }
    lines.concat()
}

async fn world() -> World {
    let world = World::new().await;
    world.import(&facts()).await;
    world.at("2026-05-01T08:00:00Z");
    for (tenant, object, partner) in
        [(FABRIKAM, ADA, "5127255"), (NORTHWIND, ADA, "5127255"), (NORTHWIND, DARA, "6203118")]
    {
        let path = format!("{LINK}/{partner}?{V}");
        let answer = world.call("PUT", path, &world.token_in(tenant, object)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    world.at("2026-05-03T08:00:00Z");
    let row = |subscription: &str, letter: &str, cost: &str| {
        format!(
            "2026-05-02T00:00:00Z,2026-05-03T00:00:00Z,{cost},EUR,Usage,/subscriptions/{subscription}/\
             resourceGroups/mark-group-{letter}/providers/Microsoft.Web/sites/mark-resource-{letter},\
             mark-group-{letter},/subscriptions/{subscription}\n"
        )
    };
    let header = "ChargePeriodStart,ChargePeriodEnd,EffectiveCost,BillingCurrency,ChargeCategory,\
                  ResourceId,x_ResourceGroupName,SubAccountId\n";
    let usage = header.to_owned() + &row(SUB_A, "a", "31337.11") + &row(SUB_B, "b", "42424.22");
    world.usage(&usage).await;
    world
}

/// All that somebody can read in an answer.
fn told(answer: &Answer) -> String {
    format!("{:?}\n{}", answer.headers, String::from_utf8_lossy(&answer.body))
}

#[tokio::test]
async fn t41_t70_everybody_sees_what_is_theirs_on_every_route() {
    let mut seen: BTreeMap<&str, BTreeSet<char>> = BTreeMap::new();
    let mut places: BTreeMap<(&str, char), String> = BTreeMap::new();
    let reading = world().await;
    for Route { method, path, audience, .. } in routes() {
        let line = MATRIX.iter().find(|line| (line.0, line.1) == (method, path));
        let (.., query, body, allowed, statuses) =
            *line.unwrap_or_else(|| panic!("{method} {path} has no line in the matrix"));
        let without_id = path == LINK && method != "GET";
        assert!(without_id || allowed == welcome(audience), "{method} {path}: {audience:?}");
        let id = if path.starts_with("/subscriptions") { SUB_B } else { "5127255" };
        let uri = path.replace("{id}", id).replace("{number}", "999") + "?" + query;
        // What changes something gets a world of its own.
        let own = if method == "GET" { None } else { Some(world().await) };
        let world = own.as_ref().unwrap_or(&reading);
        for (letter, tenant, object) in CALLERS {
            let what = format!("{method} {path} as {letter}");
            let token = if letter == '-' { String::new() } else { world.token_in(tenant, object) };
            let answer = world.send(method, &uri, &token, &[], body.into()).await;
            if allowed.contains(letter) {
                let status = answer.status;
                assert!(statuses.contains(&status), "{what}: {status} {}", answer.text());
                let hidden = answer.header("x-openpal-error") == Some("no-such-path");
                assert!(!hidden, "{what}: {}", answer.text());
            } else if letter == '-' || letter == 'd' {
                let expected = if letter == '-' { 401 } else { 403 };
                assert_eq!(answer.status, expected, "{what}: {}", answer.text());
            } else {
                let nothing =
                    world.call(method, "/api/v1/nothing-is-here".to_owned(), &token).await;
                assert_eq!((answer.status, &answer.body), (404, &nothing.body), "{what}");
            }
            let text = told(&answer);
            for (mark, _) in MARKS {
                let shown = SHOWN.iter().any(|(end, shown)| path.ends_with(end) && shown == mark);
                // What somebody asks for by name is no news to them.
                let found = text.contains(mark) && !shown && !uri.contains(mark);
                if found && seen.entry(*mark).or_default().insert(letter) {
                    places.insert((*mark, letter), what.clone());
                }
            }
        }
    }
    let expected: BTreeMap<&str, BTreeSet<char>> =
        MARKS.iter().map(|(mark, by)| (*mark, by.chars().collect())).collect();
    let wrong: Vec<String> = MARKS
        .iter()
        .flat_map(|(mark, _)| ALL.chars().map(move |letter| (*mark, letter)))
        .filter_map(|(mark, letter)| {
            let is = seen.get(mark).is_some_and(|by| by.contains(&letter));
            match (is, expected[mark].contains(&letter)) {
                (true, false) => Some(format!("{mark} is seen: {}", places[&(mark, letter)])),
                (false, true) => Some(format!("{mark} is seen nowhere as {letter}")),
                _ => None,
            }
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
