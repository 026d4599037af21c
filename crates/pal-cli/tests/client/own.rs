//! What is asked of a service's own API: reports, explanations, alerts, facts.

use serde_json::{Value, json};

use crate::client::Desk;
use crate::client::fake::{Request, reply};

/// Puts these answers before those of the cloud.
fn answers(desk: &Desk, bodies: &[(u16, Value)]) {
    let replies = bodies.iter().map(|(status, body)| reply(*status, body)).collect();
    desk.cloud.state.lock().unwrap().first = replies;
}

/// What was asked of the API, oldest first.
fn asked(desk: &Desk) -> Vec<Request> {
    desk.cloud.requests().into_iter().filter(|r| r.path.starts_with("/api/v1/")).collect()
}

fn alert(partner: &str, message: &str) -> Value {
    json!({
        "code": "access-ending", "severity": "warning", "at": "2026-05-10T00:00:00Z",
        "partnerId": partner, "tenantId": "fab00000-0000-4000-8000-000000000000",
        "principalTenantId": null, "principalId": null, "scope": null, "message": message,
    })
}

fn two_pages(desk: &Desk, host: &str) {
    let next = format!("{host}/api/v1/alerts?policy=pal&%24top=1000&%24skiptoken=abc");
    let left_out = json!([{"code": "access-without-link", "why": "nobody says\u{1b}[31m who"}]);
    answers(
        desk,
        &[
            (
                200,
                json!({"notLookedAt": left_out, "value": [alert("5127255", "one")], "nextLink": next}),
            ),
            (200, json!({"notLookedAt": left_out, "value": [alert("6203118", "two\u{1b}[2J")]})),
        ],
    );
}

#[test]
fn alerts_of_a_service_are_printed_as_those_of_files() {
    let desk = Desk::principal();
    two_pages(&desk, &desk.cloud.url);
    let done = desk.pal(&["alerts", "--server", "--within", "60", "--drop", "10"]);
    assert_eq!(
        done.out,
        "code           severity  at                    facts  message\n\
         -------------  --------  --------------------  -----  -------\n\
         access-ending  warning   2026-05-10T00:00:00Z         one\n\
         access-ending  warning   2026-05-10T00:00:00Z         two\n"
    );
    assert_eq!(done.status, 0);
    assert_eq!(
        done.err,
        "access-without-link is not looked at: nobody says who\npolicy pal; 2 alerts\n"
    );
    let asked = asked(&desk);
    assert_eq!(asked[0].path, "/api/v1/alerts?policy=pal&within=60&drop=10&%24top=1000");
    assert_eq!(asked[1].path, "/api/v1/alerts?policy=pal&%24top=1000&%24skiptoken=abc");
    assert!(asked[1].header("authorization").unwrap().starts_with("Bearer "));

    two_pages(&desk, &desk.cloud.url);
    let csv = desk.ok(&["alerts", "--server", "--format", "csv"]);
    assert_eq!(
        csv,
        "code,severity,at,partner_id,tenant_id,principal_tenant_id,principal_id,scope,message,facts,assumed\n\
         access-ending,warning,2026-05-10T00:00:00Z,5127255,fab00000-0000-4000-8000-000000000000,,,,one,,\n\
         access-ending,warning,2026-05-10T00:00:00Z,6203118,fab00000-0000-4000-8000-000000000000,,,,two,,\n"
    );
    two_pages(&desk, &desk.cloud.url);
    let printed: Value =
        serde_json::from_str(&desk.ok(&["alerts", "--server", "--format", "json"])).unwrap();
    assert_eq!(printed.as_array().unwrap().len(), 2);
    assert_eq!(
        printed[0],
        json!({
            "code": "access-ending", "severity": "warning", "at": "2026-05-10T00:00:00Z",
            "partner_id": "5127255", "tenant_id": "fab00000-0000-4000-8000-000000000000",
            "principal_tenant_id": null, "principal_id": null, "scope": null, "message": "one",
            "facts": [], "assumed": false,
        })
    );
}

/// The token goes where the person has signed in, whatever an answer says.
#[test]
fn a_next_page_elsewhere_is_asked_for_here() {
    let desk = Desk::principal();
    two_pages(&desk, "https://evil.example");
    desk.ok(&["alerts", "--server"]);
    assert_eq!(asked(&desk).len(), 2);
    let other_list =
        json!({"value": [], "nextLink": format!("{}/api/v1/audit?x=1", desk.cloud.url)});
    answers(&desk, &[(200, other_list)]);
    let done = desk.pal(&["alerts", "--server"]);
    assert_eq!(done.status, 1, "{done:?}");
    assert!(done.err.contains("is not a list"), "{done:?}");
}

#[test]
fn what_is_hidden_and_what_is_refused_is_told() {
    let desk = Desk::principal();
    let error = |code: &str, text: &str| json!({"error": {"code": code, "message": text}});
    let commands: [&[&str]; 3] = [
        &["alerts", "--server"],
        &["report", "--server"],
        &["explain", "--server", "--resource", "/subscriptions/x", "--month", "2026-05"],
    ];
    for command in commands {
        answers(&desk, &[(404, error("NotFound", "There is none."))]);
        let done = desk.pal(command);
        assert!(done.err.starts_with("ERROR: (NotFound) There is none.\n"), "{done:?}");
        let mut hidden = reply(404, &error("NotFound", "There is none."));
        hidden.headers.push(("x-openpal-error", "no-such-path".to_owned()));
        desk.cloud.state.lock().unwrap().first = vec![hidden];
        let done = desk.pal(command);
        assert_eq!((done.out.as_str(), done.status), ("", 3), "{done:?}");
        assert!(done.err.contains("for this account"), "{done:?}");
        answers(&desk, &[(400, error("BadRequest", "within: no."))]);
        let done = desk.pal(command);
        assert_eq!((done.out.as_str(), done.status), ("", 1), "{done:?}");
        assert!(done.err.starts_with("ERROR: (BadRequest) within: no.\n"), "{done:?}");
    }
}

#[test]
fn a_report_of_a_service_is_printed_as_it_comes() {
    let desk = Desk::principal();
    answers(&desk, &[(200, json!("partner_id"))]);
    let args = ["report", "--server", "--month", "2026-05", "--group-by", "partner_id,currency"];
    assert_eq!(desk.ok(&args), "\"partner_id\"");
    let path = "/api/v1/reports?policy=pal&format=csv&month=2026-05&duplicates=counted\
                &group_by=partner_id%2Ccurrency";
    assert_eq!(asked(&desk)[0].path, path);
    answers(&desk, &[(200, json!("partner_id"))]);
    let customer = "customer-0123456789abcdef";
    let id = "fab00000-5000-4000-8000-000000000001";
    desk.ok(&[
        "report",
        "--server",
        "--month",
        "2026-05..2026-10",
        "--customer",
        customer,
        "--subscription",
        id,
    ]);
    let path = format!(
        "/api/v1/reports?policy=pal&format=csv&month=2026-05..2026-10&customer={customer}\
         &subscription={id}&duplicates=counted"
    );
    assert_eq!(asked(&desk).last().unwrap().path, path);
}

#[test]
fn what_is_for_files_is_not_for_a_service() {
    let desk = Desk::principal();
    for options in [
        &["--at", "2026-05-01T00:00:00Z"][..],
        &["--known-at", "2026-05-01T00:00:00Z"],
        &["--facts", "x"],
        &["--usage", "x"],
        &["--data-dir", "x"],
        &["--granularity", "any"],
    ] {
        let done = desk.pal(&[&["alerts", "--server"], options].concat());
        assert_eq!(done.status, 2, "{options:?}: {done:?}");
    }
    assert!(asked(&desk).is_empty());
}

#[test]
fn facts_go_into_a_service_and_come_out_of_it() {
    let desk = Desk::principal();
    let facts = "{\"kind\":\"tenant\",\"tenant\":\"fab00000-0000-4000-8000-000000000000\"}\n";
    std::fs::write(desk.dir.path().join("facts.jsonl"), facts).unwrap();
    let done = json!({"added": 1, "replaced": 2, "ended": 3, "unchanged": 4, "revision": 5});
    answers(&desk, &[(200, done)]);
    let done = desk.pal(&["import", "facts", "facts.jsonl", "--server"]);
    assert_eq!((done.out.as_str(), done.status), ("", 0), "{done:?}");
    assert_eq!(
        done.err,
        "facts.jsonl: 1 facts added, 2 replaced, 3 ended, 4 were there already; revision 5\n"
    );
    let sent = &asked(&desk)[0];
    assert_eq!((sent.method.as_str(), sent.body.as_str()), ("POST", facts));
    assert_eq!(sent.header("content-type"), Some("application/jsonl"));
    let wrong = json!({"error": {"code": "FactsRefused", "message": "facts:1: unknown kind"}});
    answers(&desk, &[(400, wrong)]);
    let done = desk.pal(&["import", "facts", "facts.jsonl", "--server"]);
    assert_eq!(done.status, 1);
    assert!(done.err.starts_with("ERROR: (FactsRefused) facts:1: unknown kind\n"), "{done:?}");
    answers(&desk, &[(200, json!("text"))]);
    let args = ["export", "facts", "--server", "--known-at", "2026-05-01T00:00:00Z"];
    assert_eq!(desk.ok(&args), "\"text\"");
    let path = "/api/v1/facts?known_at=2026-05-01T00%3A00%3A00Z";
    assert_eq!(asked(&desk).last().unwrap().path, path);
    for wrong in [
        &["import", "facts", "facts.jsonl"][..],
        &["import", "facts", "facts.jsonl", "--server", "--data-dir", "x"],
        &["import", "facts", "facts.jsonl", "--server", "--create"],
        &["export", "facts"],
    ] {
        assert_eq!(desk.pal(wrong).status, 2, "{wrong:?}");
    }
}
