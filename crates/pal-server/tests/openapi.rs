//! The description of the API is the one that the program makes, and has every route of it.

use std::collections::BTreeSet;
use std::path::Path;

use pal_server::{openapi, portal_routes, routes};

use crate::service::support::World;

#[test]
fn the_file_is_what_the_program_serves() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/openapi.json");
    let made = serde_json::to_string_pretty(&openapi()).unwrap() + "\n";
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(kept == made, "run UPDATE_DOCS=1 cargo test -p pal-server --test all openapi");
}

#[test]
fn every_route_of_the_api_is_described_and_none_that_is_not_there() {
    let document = openapi();
    let mut described = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            described.insert((method.to_ascii_uppercase(), path.clone()));
        }
    }
    let served: BTreeSet<_> = routes()
        .iter()
        .chain(&portal_routes())
        .map(|route| (route.method.to_owned(), route.path.to_owned()))
        .collect();
    assert!(described.is_subset(&served), "{described:?}");
    let missing = served.difference(&described).filter(|(_, path)| path.starts_with("/api/v1/"));
    let missing: Vec<_> = missing.filter(|(_, path)| !path.ends_with("openapi.json")).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Whoever keeps the description asks whether it is still the same, and is not sent it again.
#[tokio::test]
async fn a_known_description_is_not_sent_again() {
    let world = World::new().await;
    let path = "/api/v1/openapi.json";
    let first = world.call("GET", path.to_owned(), "").await;
    let tag = first.header("etag").unwrap().to_owned();
    assert_eq!((first.status, first.header("cache-control")), (200, Some("no-cache")));
    for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
        let again = world.send("GET", path, "", &[("if-none-match", &known)], Vec::new()).await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{known}");
        assert_eq!(again.header("etag"), Some(&*tag));
    }
    let other = world.send("GET", path, "", &[("if-none-match", "\"other\"")], Vec::new()).await;
    assert_eq!((other.status, &other.body), (200, &first.body));
}
