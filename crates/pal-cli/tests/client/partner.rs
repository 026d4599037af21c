//! `pal managementpartner` and `pal link`: az's output, errors and exit status.

use serde_json::json;

use crate::client::Desk;
use crate::client::fake::{CONTOSO, FABRIKAM, Reply, TAILWIND, reply};

const JSON: &str = r#"{
  "createdTime": "2026-05-03T09:12:00.5Z",
  "etag": 3,
  "id": "/providers/microsoft.managementpartner/partners/5127255",
  "name": "5127255",
  "objectId": "a0a00000-0000-4000-8000-000000000001",
  "partnerId": "5127255",
  "partnerName": "Contoso Services, Utrecht",
  "state": "Active",
  "tenantId": "c0750000-0000-4000-8000-000000000000",
  "type": "Microsoft.ManagementPartner/partners",
  "updatedTime": "2026-11-20T21:14:03.118302Z",
  "version": 3
}
"#;

#[test]
fn the_four_commands_print_what_az_prints() {
    let desk = Desk::principal();
    let done = desk.pal(&["managementpartner", "create", "--partner-id", "5127255"]);
    assert_eq!((done.out.as_str(), done.err.as_str(), done.status), (JSON, "", 0));
    assert_eq!(desk.ok(&["managementpartner", "show"]), JSON);
    assert_eq!(
        desk.ok(&["managementpartner", "show", "--partner-id", "5127255", "-o", "TABLE"]),
        "CreatedTime             Name     ObjectId                              PartnerId    PartnerName                State    TenantId                              UpdatedTime                  Version\n\
         ----------------------  -------  ------------------------------------  -----------  -------------------------  -------  ------------------------------------  ---------------------------  ---------\n\
         2026-05-03T09:12:00.5Z  5127255  a0a00000-0000-4000-8000-000000000001  5127255      Contoso Services, Utrecht  Active   c0750000-0000-4000-8000-000000000000  2026-11-20T21:14:03.118302Z  3\n"
    );
    assert_eq!(
        desk.ok(&["managementpartner", "show", "-o", "tsv"]),
        "2026-05-03T09:12:00.5Z\t3\t/providers/microsoft.managementpartner/partners/5127255\t5127255\ta0a00000-0000-4000-8000-000000000001\t5127255\tContoso Services, Utrecht\tActive\tc0750000-0000-4000-8000-000000000000\tMicrosoft.ManagementPartner/partners\t2026-11-20T21:14:03.118302Z\t3\n"
    );
    let named = ["managementpartner", "show", "--query", "partnerName", "-o", "tsv"];
    assert_eq!(desk.ok(&named), "Contoso Services, Utrecht\n");
    assert_eq!(desk.ok(&["managementpartner", "show", "-o", "none"]), "");
    let changed = desk.ok(&["managementpartner", "update", "--partner-id", "5127256"]);
    assert_eq!(changed, JSON.replace("5127255", "5127256"));
    let done = desk.pal(&["managementpartner", "delete", "--partner-id", "5127256"]);
    assert_eq!((done.out.as_str(), done.err.as_str(), done.status), ("", "", 0));

    let requests = desk.cloud.requests();
    let writes = requests.iter().filter(|r| ["PUT", "PATCH", "DELETE"].contains(&&*r.method));
    for write in writes {
        assert_eq!((write.body.as_str(), write.header("content-length")), ("", Some("0")));
        assert!(write.header("authorization").unwrap().starts_with("Bearer "));
        assert_eq!(write.header("x-ms-client-request-id").unwrap().len(), 36);
    }
    let show =
        requests.iter().find(|r| r.method == "GET" && r.path.contains("/partners/?")).unwrap();
    assert_eq!(
        show.path,
        "/providers/Microsoft.ManagementPartner/partners/?api-version=2018-02-01"
    );
}

#[test]
fn errors_have_azs_form_and_status() {
    let desk = Desk::principal();
    let done = desk.pal(&["managementpartner", "show"]);
    assert_eq!((done.out.as_str(), done.status), ("", 3));
    assert_eq!(
        done.err,
        "ERROR: (NotFound) No partner ID is linked.\nCode: NotFound\nMessage: No partner ID is linked.\n\
         To link one: pal managementpartner create --partner-id <your location ID>\n"
    );
    desk.ok(&["managementpartner", "create", "--partner-id", "5127255"]);
    let done = desk.pal(&["managementpartner", "create", "--partner-id", "5127256"]);
    assert_eq!(done.status, 1);
    assert!(
        done.err.starts_with("ERROR: (Conflict) Linked already.\nCode: Conflict\n"),
        "{done:?}"
    );
    let done = desk.pal(&["managementpartner", "create"]);
    assert_eq!(done.status, 2, "{done:?}");
    let done = desk.pal(&["managementpartner", "crate"]);
    assert_eq!(
        (done.err.as_str(), done.status),
        (
            "ERROR: 'crate' is misspelled or not recognized by the system.\nDid you mean: create\n",
            2
        )
    );
    let done = desk.pal(&["managementpartner", "show", "--query", "a["]);
    assert_eq!(done.status, 2, "{done:?}");
    assert!(done.err.starts_with("ERROR: Invalid jmespath query supplied for --query: "));
}

#[test]
fn what_the_service_cannot_do_now_is_tried_three_times_more() {
    let desk = Desk::principal();
    let busy = |status| Reply {
        headers: vec![("Retry-After", "0".to_owned())],
        ..reply(status, &json!({"error": {"code": "Busy", "message": "Later."}}))
    };
    let before = desk.cloud.requests().len();
    desk.cloud.state.lock().unwrap().first = vec![busy(429), busy(503), busy(500)];
    desk.ok(&["managementpartner", "create", "--partner-id", "5127255"]);
    assert_eq!(desk.cloud.requests().len() - before, 4);
    desk.cloud.state.lock().unwrap().first = vec![busy(429), busy(429), busy(429), busy(429)];
    let done = desk.pal(&["managementpartner", "show"]);
    assert_eq!(done.err, "ERROR: (Busy) Later.\nCode: Busy\nMessage: Later.\n");
    assert_eq!(done.status, 1);
}

#[test]
fn a_refused_token_is_renewed_once() {
    let desk = Desk::principal();
    let refused = || Reply {
        headers: vec![("WWW-Authenticate", "Bearer error=\"invalid_token\"".to_owned())],
        ..reply(401, &json!({"error": {"code": "ExpiredAuthenticationToken", "message": "Old."}}))
    };
    desk.cloud.state.lock().unwrap().first = vec![refused()];
    desk.ok(&["managementpartner", "create", "--partner-id", "5127255"]);
    let tokens =
        |desk: &Desk| desk.cloud.requests().iter().filter(|r| r.path.ends_with("/token")).count();
    assert_eq!(tokens(&desk), 2);
    desk.cloud.state.lock().unwrap().first = vec![refused(), refused()];
    let done = desk.pal(&["managementpartner", "show"]);
    assert_eq!((done.status, tokens(&desk)), (1, 3), "{done:?}");
}

#[test]
fn a_dry_run_changes_nothing() {
    let desk = Desk::principal();
    let plan =
        |args: &[&str]| desk.ok(&[args, &["--query", "[action,from,to]", "-o", "json"]].concat());
    let create = ["managementpartner", "create", "--partner-id", "5127255"];
    let planned = plan(&[&create[..], &["--dry-run"]].concat());
    assert_eq!(planned, "[\n  \"link\",\n  null,\n  \"5127255\"\n]\n");
    assert!(desk.cloud.state.lock().unwrap().links.is_empty());
    desk.ok(&create);
    let update = ["managementpartner", "update", "--partner-id", "5127256", "--what-if"];
    assert_eq!(plan(&update), "[\n  \"change\",\n  \"5127255\",\n  \"5127256\"\n]\n");
    let delete = ["managementpartner", "delete", "--partner-id", "5127255", "--dry-run"];
    assert_eq!(plan(&delete), "[\n  \"remove\",\n  \"5127255\",\n  null\n]\n");
    assert_eq!(desk.cloud.state.lock().unwrap().links.len(), 1);
}

#[test]
fn t52_a_partner_id_cannot_leave_its_place_in_the_address() {
    let desk = Desk::principal();
    desk.pal(&["managementpartner", "show", "--partner-id", "../../subscriptions?x=1 2/ö"]);
    let last = desk.cloud.requests().pop().unwrap();
    assert_eq!(
        last.path,
        "/providers/Microsoft.ManagementPartner/partners/..%2F..%2Fsubscriptions%3Fx%3D1%202%2F%C3%B6?api-version=2018-02-01"
    );
    let before = desk.cloud.requests().len();
    let done = desk.pal(&["managementpartner", "show", "--partner-id", "1\u{1b}[2J"]);
    assert_eq!((done.status, desk.cloud.requests().len()), (2, before), "{done:?}");
}

#[test]
fn links_of_all_directories_are_listed() {
    let desk = Desk::person();
    {
        let mut state = desk.cloud.state.lock().unwrap();
        state.links.push((CONTOSO.to_owned(), "5127255".to_owned()));
        state.links.push((FABRIKAM.to_owned(), "5127256".to_owned()));
    }
    let list = ["link", "list", "--all-directories"];
    let query = ["--query", "[].[directory,state,partnerId,message]", "-o", "tsv"];
    assert_eq!(
        desk.ok(&[&list[..], &query].concat()),
        "Contoso\tlinked\t5127255\tNone\nFabrikam\tlinked\t5127256\tNone\nTailwind Traders\tnot linked\tNone\tNone\n"
    );
    let table = desk.ok(&[&list[..], &["-o", "table"]].concat());
    assert!(table.starts_with("Account              Directory         Domain"), "{table}");
    assert_eq!(table.lines().count(), 5, "{table}");
    let one = desk.ok(&["link", "list", "--query", "[].tenantId", "-o", "tsv"]);
    assert_eq!(one, format!("{CONTOSO}\n"));
    let shown = desk.ok(&["link", "show", "--query", "[account,since]", "-o", "tsv"]);
    assert_eq!(shown, "ada@contoso.example\n2026-05-03T09:12:00.5Z\n");
    desk.ok(&["account", "set", "--tenant", "tailwind.example"]);
    let done = desk.pal(&["link", "show"]);
    assert_eq!(done.status, 3);
    assert!(
        done.err.contains("ada@contoso.example in directory Tailwind Traders (tailwind.example)")
    );
}

#[test]
fn a_directory_that_cannot_be_asked_has_a_row_that_says_why() {
    let desk = Desk::new();
    desk.cloud.state.lock().unwrap().closed = Some(TAILWIND.to_owned());
    let done = desk.pal(&["login", "--use-device-code"]);
    assert!(
        done.err.contains(&format!("WARNING: No sign-in to the directory {TAILWIND}: ")),
        "{done:?}"
    );
    let done = desk.pal(&[
        "link",
        "list",
        "--all-directories",
        "--query",
        "[].[state,message]",
        "-o",
        "tsv",
    ]);
    assert_eq!(
        done.out,
        "not linked\tNone\nnot linked\tNone\nerror\tSign-in failed: AADSTS50076: More is needed here.\n"
    );
    assert_eq!(done.status, 1, "{done:?}");
}
