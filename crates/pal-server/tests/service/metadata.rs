//! Where everything is, in the three shapes that the clients read.

use pal_server::{Authority, AuthorityKind};
use serde_json::{Value, json};

use crate::service::support::World;

async fn metadata(version: &str) -> Value {
    let world = World::new().await;
    let path = format!("/metadata/endpoints?api-version={version}");
    let answer = world.call("GET", path, "").await;
    assert_eq!(answer.status, 200, "{version}: {}", answer.text());
    serde_json::from_slice(&answer.body).unwrap()
}

const BASE: &str = "https://pal.example";

#[tokio::test]
async fn the_shape_of_2022_is_one_object() {
    let body = metadata("2022-09-01").await;
    assert_eq!(body["authentication"]["loginEndpoint"], BASE);
    assert_eq!(body["authentication"]["audiences"][0], format!("{BASE}/"));
    assert_eq!(body["resourceManager"], BASE);
    assert!(body["name"].is_string() && body["suffixes"].is_object());
}

#[tokio::test]
async fn the_shape_of_2019_is_a_list_of_it() {
    let body = metadata("2019-05-01").await;
    assert_eq!(body[0], metadata("2022-09-01").await);
}

#[tokio::test]
async fn the_shape_of_2015_has_no_empty_address() {
    for version in ["2015-01-01", "1.0"] {
        let body = metadata(version).await;
        for name in ["galleryEndpoint", "graphEndpoint", "portalEndpoint"] {
            assert!(body[name].as_str().unwrap().starts_with(BASE), "{version} {name}");
        }
        assert_eq!(body["authentication"]["loginEndpoint"], format!("{BASE}/"));
        assert_eq!(body["authentication"]["audiences"][0], format!("{BASE}/"));
    }
}

/// az writes the address with two slashes when it was registered with one at its end; hosts of
/// requests are never believed (T31).
#[tokio::test]
async fn t31_slashes_and_hosts_change_nothing() {
    let world = World::new().await;
    let headers = [("host", "evil.example"), ("x-forwarded-host", "evil.example")];
    let path = "//Metadata/Endpoints/?api-version=2022-09-01";
    let answer = world.send("GET", path, "", &headers, Vec::new()).await;
    assert_eq!(answer.status, 200);
    assert!(!answer.text().contains("evil"));
}

fn entra() -> Authority {
    Authority {
        kind: AuthorityKind::Entra,
        address: "https://login.microsoftonline.com".to_owned(),
        audiences: vec![
            "api://openpal".to_owned(),
            "7a110000-7000-4000-8000-000000000001".to_owned(),
        ],
        tenant: Some("c0750000-0000-4000-8000-000000000000".parse().unwrap()),
        client: None,
        scope: None,
    }
}

fn keycloak() -> Authority {
    Authority {
        kind: AuthorityKind::Oidc,
        address: "https://id.example/realms/contoso".to_owned(),
        audiences: vec!["openpal".to_owned()],
        tenant: None,
        client: Some("pal-cli".to_owned()),
        scope: Some("links".to_owned()),
    }
}

/// What clients read of where to sign in, and the challenge of a 401 beside it.
async fn told(authority: Authority) -> (Value, Value, String) {
    let world = World::at_authority(authority).await;
    let get = async |path: &str| world.call("GET", path.to_owned(), "").await;
    let parsed = |answer: &crate::service::support::Answer| -> Value {
        serde_json::from_slice(&answer.body).unwrap()
    };
    let new = parsed(&get("/metadata/endpoints?api-version=2022-09-01").await);
    let old = parsed(&get("/metadata/endpoints?api-version=1.0").await);
    let refused = get("/tenants?api-version=2022-12-01").await;
    assert_eq!(refused.status, 401);
    let challenge = refused.header("www-authenticate").unwrap().to_owned();
    (new["authentication"].clone(), old["authentication"].clone(), challenge)
}

#[tokio::test]
async fn an_issuer_elsewhere_is_named_with_its_audience() {
    let tenant = "c0750000-0000-4000-8000-000000000000";
    let (new, old, challenge) = told(entra()).await;
    assert_eq!(
        new,
        json!({
            "loginEndpoint": "https://login.microsoftonline.com",
            "audiences": ["api://openpal", "7a110000-7000-4000-8000-000000000001"],
            "tenant": tenant,
            "identityProvider": "AAD",
        })
    );
    assert_eq!(old["loginEndpoint"], "https://login.microsoftonline.com/");
    assert_eq!(old["audiences"][0], "api://openpal");
    let start = format!(
        "Bearer authorization_uri=\"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize\", \
         resource=\"api://openpal\", error=\"invalid_token\""
    );
    assert!(challenge.starts_with(&start), "{challenge}");

    let (new, old, challenge) = told(keycloak()).await;
    assert_eq!(
        new,
        json!({
            "loginEndpoint": "https://id.example/realms/contoso",
            "audiences": ["openpal"],
            "tenant": "common",
            "identityProvider": "OpenIdConnect",
            "clientId": "pal-cli",
            "scope": "links",
        })
    );
    assert_eq!(old["audiences"], json!(["openpal"]));
    let start =
        "Bearer authorization_uri=\"https://id.example/realms/contoso\", resource=\"openpal\", ";
    assert!(challenge.starts_with(start), "{challenge}");
    let (_, _, challenge) = told(Authority::embedded(BASE)).await;
    let start = format!(
        "Bearer authorization_uri=\"{BASE}/common/oauth2/v2.0/authorize\", resource=\"{BASE}/\", "
    );
    assert!(challenge.starts_with(&start), "{challenge}");
}
