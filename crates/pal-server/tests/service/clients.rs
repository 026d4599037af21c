//! Requests in the forms that the clients write them, as recorded traffic and their sources show.

use crate::service::support::{ADA, World};

const V: &str = "api-version=2018-02-01";

/// One client: its name, the spelling of the path, its headers, the body it sends with a PUT.
type Client = (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static str);

const CLIENTS: [Client; 7] = [
    (
        "az with the extension of 2018",
        "/providers/Microsoft.ManagementPartner/partners/{id}",
        &[
            ("accept", "application/json"),
            ("content-type", "application/json; charset=utf-8"),
            ("content-length", "0"),
            ("commandname", "managementpartner create"),
            ("accept-language", "en-US"),
            ("user-agent", "python/3.6.4 requests/2.18.4 msrest/0.4.25 AZURECLI/2.0.27"),
        ],
        "",
    ),
    (
        "az with the extension of today",
        "/providers/Microsoft.ManagementPartner/partners/{id}",
        &[
            ("accept", "*/*"),
            ("content-length", "0"),
            ("commandname", "managementpartner create"),
            ("parametersetname", "--partner-id"),
            ("x-ms-client-request-id", "0d3b0a4e-0000-4000-8000-000000000001"),
        ],
        "",
    ),
    (
        "Az PowerShell",
        "/providers/Microsoft.ManagementPartner/partners/{id}",
        &[
            ("accept-language", "en-US"),
            (
                "user-agent",
                "FxVersion/4.6.25211.01 ACEProvisioningManagementPartnerAPIClient/0.0.0.0",
            ),
        ],
        "",
    ),
    (
        "az rest",
        "/providers/microsoft.managementpartner/partners/{id}",
        &[("content-type", "application/json")],
        "{\"partnerId\": \"5127255\"}",
    ),
    (
        "Terraform",
        "/providers/Microsoft.ManagementPartner/partners/{id}",
        &[("content-type", "application/json"), ("accept", "application/json")],
        "{\"properties\": {\"partnerId\": \"5127255\"}}",
    ),
    (
        "a script with a slash at the end",
        "/providers/Microsoft.ManagementPartner/partners/{id}/",
        &[],
        "",
    ),
    (
        "an address with a doubled slash",
        "//providers/Microsoft.ManagementPartner/partners/{id}",
        &[],
        "",
    ),
];

#[tokio::test]
async fn every_client_links_shows_changes_and_unlinks() {
    for (name, path, headers, body) in CLIENTS {
        let world = World::new().await;
        let token = world.token(ADA);
        let send = async |method: &str, id: &str| {
            let path = format!("{}?{V}", path.replace("{id}", id));
            let body = if method == "PUT" { body.as_bytes().to_vec() } else { Vec::new() };
            world.send(method, &path, &token, headers, body).await
        };
        for (method, id, version) in
            [("PUT", "5127255", 1), ("GET", "5127255", 1), ("PATCH", "5127256", 2)]
        {
            let answer = send(method, id).await;
            assert_eq!(answer.status, 200, "{name}: {method}: {}", answer.text());
            let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
            assert_eq!(body["name"], id, "{name}");
            assert_eq!(body["etag"], version, "{name}");
        }
        let shown = send("GET", "").await;
        assert_eq!(shown.status, 200, "{name}: without an id");
        let gone = send("DELETE", "5127256").await;
        assert_eq!((gone.status, gone.body.len()), (200, 0), "{name}");
        assert_eq!(send("GET", "").await.status, 404, "{name}");
    }
}

#[tokio::test]
async fn the_operations_are_listed_for_everybody() {
    let world = World::new().await;
    let path = format!("/providers/Microsoft.ManagementPartner/operations?{V}");
    let answer = world.call("GET", path, "").await;
    assert_eq!(answer.status, 200);
    let expected = "{\"value\":[{\"name\":\"Microsoft.ManagementPartner/partners/read\",\"display\":{\"provider\":\"Microsoft ManagementPartner\",\"resource\":\"ManagementPartner\",\"operation\":\"Get ManagementPartner\",\"description\":\"Read All ManagementPartner\"}},{\"name\":\"Microsoft.ManagementPartner/partners/write\",\"display\":{\"provider\":\"Microsoft ManagementPartner\",\"resource\":\"ManagementPartner\",\"operation\":\"Create ManagementPartner\",\"description\":\"Create any ManagementPartner\"}},{\"name\":\"Microsoft.ManagementPartner/partners/action\",\"display\":{\"provider\":\"Microsoft ManagementPartner\",\"resource\":\"ManagementPartner\",\"operation\":\"Update ManagementPartner\",\"description\":\"Update any ManagementPartner\"}},{\"name\":\"Microsoft.ManagementPartner/partners/delete\",\"display\":{\"provider\":\"Microsoft ManagementPartner\",\"resource\":\"ManagementPartner\",\"operation\":\"Delete ManagementPartner\",\"description\":\"Delete any ManagementPartner\"}}]}";
    assert_eq!(answer.text(), expected);
}
