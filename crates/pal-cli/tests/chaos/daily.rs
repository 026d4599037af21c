//! The daily job of `docs/guide/export-from-azure.md`: a snapshot of Azure, facts out of it, the facts
//! into a service that runs and in which people link over the wire meanwhile.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};

use crate::support::running::{Client, MALMO, Running, TENANT, UTRECHT, object};

const SUBSCRIPTION: &str = "bec40000-5000-4000-8000-000000000001";
const CONTRIBUTOR: &str = "b24988ac-6180-42a0-ab88-20f7382dd24c";

fn write(folder: &Path, name: &str, content: &Value) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join(name), content.to_string()).unwrap();
}

fn principal(n: usize, name: &str) -> Value {
    json!({
        "id": object(n), "appId": object(n + 100), "displayName": name, "accountEnabled": true,
        "servicePrincipalType": "Application", "createdDateTime": "2026-02-01T00:00:00Z",
    })
}

fn assignment(n: usize) -> Value {
    let scope = format!("/subscriptions/{SUBSCRIPTION}");
    let name = format!("bec40000-6000-4000-8000-{n:012x}");
    let on = "2026-03-01T00:00:00Z";
    json!({
        "id": format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"),
        "name": name, "type": "Microsoft.Authorization/roleAssignments",
        "properties": {
            "roleDefinitionId": format!("{scope}/providers/Microsoft.Authorization/roleDefinitions/{CONTRIBUTOR}"),
            "principalId": object(n), "principalType": "ServicePrincipal", "scope": scope,
            "condition": null, "createdOn": on, "updatedOn": on,
        },
    })
}

/// What Azure says on a day: who there is, who has a role, and to whom the first one is linked there.
fn snapshot(folder: &Path, names: &[&str], roles: &[usize], partner: u64, linked: &str) {
    let subscription = json!([{
        "cloudName": "AzureCloud", "homeTenantId": TENANT, "id": SUBSCRIPTION, "isDefault": true,
        "managedByTenants": [], "name": "Production", "state": "Enabled", "tenantId": TENANT,
    }]);
    write(folder, "subscriptions.json", &subscription);
    let principals = names.iter().enumerate().map(|(n, name)| principal(n, name));
    let context = "https://graph.microsoft.com/v1.0/$metadata#servicePrincipals";
    let principals = json!({ "@odata.context": context, "value": principals.collect::<Vec<_>>() });
    write(folder, "service-principals.json", &principals);
    let roles: Vec<Value> = roles.iter().map(|n| assignment(*n)).collect();
    let name = format!("role-assignments.{SUBSCRIPTION}.json");
    write(folder, &name, &json!({ "value": roles }));
    let link = json!({
        "etag": 1, "id": format!("/providers/microsoft.managementpartner/partners/{partner}"),
        "name": partner.to_string(), "type": "Microsoft.ManagementPartner/partners",
        "properties": {
            "partnerId": partner.to_string(), "partnerName": "Azure's", "tenantId": TENANT,
            "objectId": object(0), "version": 1, "state": "Active",
            "createdTime": "2026-03-03T03:03:03Z", "updatedTime": linked,
        },
    });
    write(folder, "partner-link.first.json", &link);
}

/// The job: snapshot to facts, facts into the service.
fn job(service: &Running, folder: &Path, day: u32, more: &[&str]) -> Output {
    let data = service.data();
    let text = |path: PathBuf| path.to_str().unwrap().to_owned();
    let (facts, new) = (text(folder.join("facts.jsonl")), text(folder.join("facts.new.jsonl")));
    let taken = format!("2026-09-{day:02}T06:00:00Z");
    let snapshot = text(folder.join(format!("snapshot-{day}")));
    let done = service.pal(&[
        "import",
        "azure-snapshot",
        &snapshot,
        "--taken-at",
        &taken,
        "--tenant",
        TENANT,
        "--previous",
        &facts,
        "--output",
        &new,
        "--force",
    ]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let mut args = vec!["import", "facts", &new, "--data-dir", &data];
    args.extend(more);
    let done = service.pal(&args);
    if done.status.success() {
        std::fs::rename(&new, &facts).unwrap();
    }
    done
}

fn says(done: &Output) -> String {
    String::from_utf8_lossy(&done.stderr).into_owned()
}

#[test]
fn the_daily_job_goes_on_while_people_link() {
    let service = Running::new(3, &[]);
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    std::fs::copy(service.folder().join("facts.jsonl"), folder.join("facts.jsonl")).unwrap();
    let put = |n: usize, method: &str, partner: u64| {
        let answer = service.client(n).ask(method, &Client::path(Some(partner))).unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
    };
    let exported = || {
        let done = service.pal(&["export", "facts", "--data-dir", &service.data()]);
        String::from_utf8(done.stdout).unwrap()
    };
    let links = |text: &str| text.lines().filter(|line| line.contains("\"link\"")).count();
    let days = |day: u32| folder.join(format!("snapshot-{day}"));
    let names = ["writer-0", "writer-1", "writer-2"];

    // Linked here and in Azure, to the same partner: passed over, whatever the times.
    put(0, "PUT", UTRECHT);
    put(1, "PUT", MALMO);
    snapshot(&days(1), &names, &[0, 1], UTRECHT, "2026-03-03T03:03:03Z");
    let done = job(&service, folder, 1, &[]);
    assert!(done.status.success(), "{}", says(&done));
    let text = exported();
    assert_eq!(links(&text), 2, "{text}");
    assert!(text.contains(SUBSCRIPTION) && text.contains(CONTRIBUTOR), "{text}");

    // A role ends, somebody has another name, somebody links here: as every day.
    put(2, "PUT", UTRECHT);
    snapshot(&days(2), &["writer-0", "renamed", "writer-2"], &[0], UTRECHT, "2026-03-03T03:03:03Z");
    let done = job(&service, folder, 2, &[]);
    assert!(done.status.success(), "{}", says(&done));
    assert!(exported().contains("\"to\":\"2026-09-02T06:00:00Z\""));

    // The first one goes to another partner here. Azure's link is not this service's: refused by line,
    // and nothing is changed.
    put(0, "PATCH", MALMO);
    snapshot(&days(3), &names, &[0, 2], UTRECHT, "2026-03-03T03:03:03Z");
    let before = exported();
    let done = job(&service, folder, 3, &[]);
    let told = says(&done);
    assert!(!done.status.success());
    assert!(told.contains(&format!("is linked to {MALMO} here, not to {UTRECHT}")), "{told}");
    assert!(told.contains("facts.new.jsonl:") && told.contains("--without-links"), "{told}");
    assert_eq!(exported(), before);

    // As the guide has it: it goes on, also when Azure's link changes.
    for (day, partner, linked) in [
        (3, UTRECHT, "2026-03-03T03:03:03Z"),
        (4, MALMO, "2026-09-03T12:00:00Z"),
        (5, MALMO, "2026-09-03T12:00:00Z"),
    ] {
        snapshot(&days(day), &names, &[0, 2], partner, linked);
        let history = exported()
            .lines()
            .filter(|line| line.contains("\"link\""))
            .map(str::to_owned)
            .collect::<Vec<_>>();
        let done = job(&service, folder, day, &["--without-links"]);
        assert!(done.status.success(), "{day}: {}", says(&done));
        let after = exported()
            .lines()
            .filter(|line| line.contains("\"link\""))
            .map(str::to_owned)
            .collect::<Vec<_>>();
        assert_eq!(after, history, "an import changes no link");
    }
    assert!(service.is_ready());
    service.assert_audit_is_whole();
}
