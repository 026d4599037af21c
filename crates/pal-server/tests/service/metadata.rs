//! Where everything is, in the three shapes that the clients read.

use serde_json::Value;

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
