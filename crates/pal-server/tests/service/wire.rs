//! The link register on the wire: bodies byte for byte, statuses, headers, errors.

use crate::service::support::{self, ADA, CEM, FABRIKAM, GROUP, NOBODY, World};

const PARTNERS: &str = "/providers/Microsoft.ManagementPartner/partners";
const V: &str = "api-version=2018-02-01";

/// The body of an active link of Ada's, as the contract writes it.
fn ada(partner: &str, name: &str, version: i64, updated: &str, created: &str) -> String {
    format!(
        "{{\"id\":\"/providers/microsoft.managementpartner/partners/{partner}\",\
         \"type\":\"Microsoft.ManagementPartner/partners\",\"name\":\"{partner}\",\
         \"etag\":{version},\"properties\":{{\"partnerId\":\"{partner}\",\
         \"partnerName\":\"{name}\",\"tenantId\":\"fab00000-0000-4000-8000-000000000000\",\
         \"objectId\":\"fab00000-1000-4000-8000-000000000ada\",\"version\":{version},\
         \"updatedTime\":\"{updated}\",\"createdTime\":\"{created}\",\"state\":\"Active\"}}}}"
    )
}

/// The recorded life of a link: create, show, update, delete, and again. Version and creation time
/// go on over a deletion.
#[tokio::test]
async fn a_link_lives_as_recorded() {
    let world = World::new().await;
    let token = world.token(ADA);
    let by_id = |id: &str| format!("{PARTNERS}/{id}?{V}");
    let call = |method, path: String| world.call(method, path, &token);

    world.at("2026-05-03T09:12:00.3501610Z");
    let created = call("PUT", by_id("5127255")).await;
    let first = "2026-05-03T09:12:00.350161Z";
    assert_eq!(created.text(), ada("5127255", "Contoso Services, Utrecht", 1, first, first));
    assert_eq!(created.status, 200);
    let length = created.body.len().to_string();
    assert_eq!(created.header("content-length"), Some(length.as_str()));
    assert_eq!(created.header("content-type"), Some("application/json; charset=utf-8"));

    for path in [by_id("5127255"), format!("{PARTNERS}?{V}"), format!("{PARTNERS}/?{V}")] {
        let shown = call("GET", path).await;
        assert_eq!((shown.status, &shown.body), (200, &created.body));
    }
    world.at("2026-05-04T00:00:00Z");
    let updated = call("PATCH", by_id("5127256")).await;
    let second = "2026-05-04T00:00:00Z";
    assert_eq!(updated.text(), ada("5127256", "Contoso Services, Malmö", 2, second, first));

    world.at("2026-05-05T10:00:00.5Z");
    let deleted = call("DELETE", by_id("5127256")).await;
    assert_eq!((deleted.status, deleted.text().as_str()), (200, ""));
    assert_eq!(deleted.header("content-length"), Some("0"));
    assert_eq!(deleted.header("content-type"), None);
    assert_eq!(call("GET", format!("{PARTNERS}/?{V}")).await.status, 404);

    world.at("2026-05-06T10:00:00Z");
    let again = call("PUT", by_id("5127255")).await;
    let third = "2026-05-06T10:00:00Z";
    assert_eq!(again.text(), ada("5127255", "Contoso Services, Utrecht", 4, third, first));
}

/// Every cell of the table of states and requests.
#[tokio::test]
async fn every_state_answers_every_request() {
    // (state, method, partner in the path) → status
    let cells = [
        ("never", "PUT", "5127255", 200),
        ("never", "PATCH", "5127255", 404),
        ("never", "DELETE", "5127255", 404),
        ("never", "GET", "5127255", 404),
        ("never", "GET", "", 404),
        ("active", "PUT", "5127255", 409),
        ("active", "PUT", "5127256", 409),
        ("active", "PATCH", "5127255", 200),
        ("active", "PATCH", "5127256", 200),
        ("active", "DELETE", "5127255", 200),
        ("active", "DELETE", "5127256", 404),
        ("active", "GET", "5127255", 200),
        ("active", "GET", "5127256", 404),
        ("active", "GET", "", 200),
        ("deleted", "PUT", "5127255", 200),
        ("deleted", "PATCH", "5127255", 404),
        ("deleted", "DELETE", "5127255", 404),
        ("deleted", "GET", "5127255", 404),
        ("deleted", "GET", "", 404),
    ];
    for (state, method, partner, status) in cells {
        let world = World::new().await;
        let token = world.token(ADA);
        let path = |id: &str| format!("{PARTNERS}/{id}?{V}");
        if state != "never" {
            assert_eq!(world.call("PUT", path("5127255"), &token).await.status, 200);
        }
        if state == "deleted" {
            assert_eq!(world.call("DELETE", path("5127255"), &token).await.status, 200);
        }
        let answer = world.call(method, path(partner), &token).await;
        assert_eq!(answer.status, status, "{state} {method} {partner}: {}", answer.text());
    }
}

/// Errors have the form that every client reads, and say what to do.
#[tokio::test]
async fn wrong_input_gets_a_clear_400() {
    let world = World::new().await;
    let token = world.token(ADA);
    for (method, path, code, says) in [
        ("PUT", format!("{PARTNERS}/abc?{V}"), "BadRequest", "1 to 10 digits"),
        ("PUT", format!("{PARTNERS}/12%2F3?{V}"), "BadRequest", "'12/3' is not a partner ID"),
        ("PUT", format!("{PARTNERS}/12345678901?{V}"), "BadRequest", "1 to 10 digits"),
        ("GET", format!("{PARTNERS}/%C3%A5?{V}"), "BadRequest", "'å' is not a partner ID"),
        ("PUT", format!("{PARTNERS}/?{V}"), "BadRequest", "partner ID is missing"),
        ("PATCH", format!("{PARTNERS}?{V}"), "BadRequest", "partner ID is missing"),
        ("PUT", format!("{PARTNERS}/9999999?{V}"), "BadRequest", "There is no partner"),
        (
            "PUT",
            format!("{PARTNERS}/5127254?{V}"),
            "BadRequest",
            "5127255 (Contoso Services, Utrecht), 5127256",
        ),
        ("PUT", format!("{PARTNERS}/5127257?{V}"), "BadRequest", "no longer active"),
        (
            "PUT",
            format!("{PARTNERS}/5127255"),
            "MissingApiVersionParameter",
            "?api-version=2018-02-01",
        ),
        (
            "PUT",
            format!("{PARTNERS}/5127255?api-version="),
            "MissingApiVersionParameter",
            "missing",
        ),
        (
            "PUT",
            format!("{PARTNERS}/5127255?api-version=2099-01-01"),
            "InvalidApiVersionParameter",
            "2018-02-01",
        ),
        ("PUT", format!("{PARTNERS}/5127255?{V}&{V}"), "BadRequest", "twice"),
    ] {
        let answer = world.call(method, path.clone(), &token).await;
        assert_eq!(answer.status, 400, "{method} {path}: {}", answer.text());
        let error = answer.error();
        assert_eq!(error.0, code, "{method} {path}");
        assert!(error.1.contains(says), "{method} {path}: {}", error.1);
    }
    assert_eq!(world.call("GET", format!("{PARTNERS}?{V}"), &token).await.status, 404);
}

#[tokio::test]
async fn a_second_put_is_a_conflict_that_names_the_link() {
    let world = World::new().await;
    let token = world.token(ADA);
    world.at("2026-05-03T09:12:00Z");
    let path = format!("{PARTNERS}/5127255?{V}");
    assert_eq!(world.call("PUT", path.clone(), &token).await.status, 200);
    let answer = world.call("PUT", path, &token).await;
    assert_eq!(answer.status, 409);
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(body["error"]["code"], "Conflict");
    assert_eq!(body["error"]["details"][0]["code"], "PartnerIdAlreadyLinked");
    let message = body["error"]["message"].as_str().unwrap();
    assert!(message.contains("Contoso Services, Utrecht (5127255) since 2026-05-03T09:12:00Z"));
}

/// Unknown paths, other methods, bodies beyond the limit: the same form, always.
#[tokio::test]
async fn the_error_form_is_on_every_path() {
    let world = World::new().await;
    for (method, path, status) in [
        ("GET", "/", 404),
        ("GET", "/nothing/here", 404),
        ("GET", "/providers", 404),
        ("GET", "/providers/Microsoft.ManagementPartner/partners/1/2", 404),
        ("POST", "/providers/Microsoft.ManagementPartner/partners/1", 405),
        ("PUT", "/tenants", 405),
        ("DELETE", "/metadata/endpoints", 405),
        ("TRACE", "/healthz", 405),
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/metadata/endpoints?api-version=1999-01-01", 400),
    ] {
        let answer = world.call(method, path.to_owned(), "").await;
        assert_eq!(answer.status, status, "{method} {path}");
        let (code, message) = answer.error();
        assert!(!code.is_empty() && message.ends_with('.'), "{method} {path}: {message}");
    }
    let token = world.token(ADA);
    let large = vec![b' '; 2 << 20];
    let answer = world.send("PUT", &format!("{PARTNERS}/5127255?{V}"), &token, &[], large).await;
    assert_eq!((answer.status, answer.error().0.as_str()), (413, "RequestEntityTooLarge"));
    assert_eq!(world.call("GET", format!("{PARTNERS}?{V}"), &token).await.status, 404);
}

/// Bodies never select or change anything (T22), nor do headers (T21); none at all is what the
/// clients send, with a JSON content type (T28).
#[tokio::test]
async fn t21_t22_t28_only_the_token_and_the_path_count() {
    let world = World::new().await;
    let token = world.token(ADA);
    let json = ("content-type", "application/json; charset=utf-8");
    let path = format!("{PARTNERS}/5127255?{V}");
    assert_eq!(world.send("PUT", &path, &token, &[json], Vec::new()).await.status, 200);
    let other = "fab00000-1000-4000-8000-000000000ce3";
    let headers = [
        json,
        ("x-ms-client-object-id", other),
        ("x-ms-client-tenant-id", "c0750000-0000-4000-8000-000000000000"),
        ("x-ms-client-principal-id", other),
        ("x-ms-client-principal", "eyJvaWQiOiJ4In0"),
        ("x-forwarded-user", other),
        ("x-original-url", "/tenants"),
        ("x-http-method-override", "DELETE"),
    ];
    let body = format!(
        "{{\"partnerId\":\"6203118\",\"properties\":{{\"partnerId\":\"6203118\",\
         \"objectId\":\"{other}\",\"state\":\"Deleted\",\"version\":99}}}}"
    );
    let path = format!("{PARTNERS}/5127256?{V}");
    let answer = world.send("PATCH", &path, &token, &headers, body.into_bytes()).await;
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(body["properties"]["partnerId"], "5127256");
    assert_eq!(body["properties"]["objectId"], ADA);
    assert_eq!(body["etag"], 2);
    let answer = world.send("PATCH", &path, &token, &[json], b"{not json".to_vec()).await;
    assert_eq!(answer.status, 200);
}

/// Another one's link and a partner ID that nobody uses look the same (T23).
#[tokio::test]
async fn t23_other_links_cannot_be_told_from_none() {
    let world = World::new().await;
    let path = |id: &str| format!("{PARTNERS}/{id}?{V}");
    let dara = world.token(support::DARA);
    assert_eq!(world.call("PUT", path("6203118"), &dara).await.status, 200);
    let ada = world.token(ADA);
    for linked in [false, true] {
        if linked {
            assert_eq!(world.call("PUT", path("5127255"), &ada).await.status, 200);
        }
        for method in ["GET", "DELETE"] {
            let theirs = world.call(method, path("6203118"), &ada).await;
            let nobodys = world.call(method, path("7777777"), &ada).await;
            assert_eq!((theirs.status, &theirs.body), (404, &nobodys.body), "{method}");
        }
    }
    assert_eq!(world.call("GET", path("6203118"), &dara).await.status, 200);
}

/// Whoever is not, or not any more, in the directory is refused at once (T14, T17).
#[tokio::test]
async fn t14_t17_the_directory_decides() {
    let world = World::new().await;
    let path = || format!("{PARTNERS}/5127255?{V}");
    for nobody in [NOBODY, GROUP] {
        let answer = world.call("PUT", path(), &world.token(nobody)).await;
        assert_eq!(answer.status, 403);
        assert_eq!(
            answer.error().1,
            "The user does not have an account in this tenant, work with the administrator to add \
             the account. If you are a CSP partner logged in the customer tenant, you will not be \
             able to link the Partner ID"
        );
    }
    let disabled = world.call("PUT", path(), &world.token(CEM)).await;
    assert_eq!(disabled.status, 403);
    assert!(disabled.error().1.contains("disabled"));

    let token = world.token(ADA);
    assert_eq!(world.call("PUT", path(), &token).await.status, 200);
    world
        .import(&format!(
            "{{\"kind\":\"principal\",\"tenant\":\"{FABRIKAM}\",\"object\":\"{ADA}\",\
             \"type\":\"User\",\"enabled\":false,\"from\":\"2026-05-01T00:00:00Z\"}}"
        ))
        .await;
    for (method, path) in
        [("GET", path()), ("DELETE", path()), ("GET", "/tenants?api-version=2022-12-01".into())]
    {
        assert_eq!(world.call(method, path, &token).await.status, 403);
    }
    // A token for the same object id in another tenant is another identity (T33).
    let elsewhere = world.token_in("c0750000-0000-4000-8000-000000000000", ADA);
    assert_eq!(world.call("GET", path(), &elsewhere).await.status, 403);
}

#[tokio::test]
async fn t19_only_one_bearer_header_signs_in() {
    let world = World::new().await;
    let token = world.token(ADA);
    let path = format!("{PARTNERS}?{V}");
    let challenge = |answer: &support::Answer| {
        assert_eq!(answer.status, 401);
        let header = answer.header("www-authenticate").unwrap();
        assert!(header.starts_with("Bearer authorization_uri=\"https://"), "{header}");
        assert!(header.contains("error=\"invalid_token\""), "{header}");
    };
    challenge(&world.call("GET", path.clone(), "").await);
    challenge(&world.call("GET", format!("{path}&access_token={token}"), "").await);
    let bearer = format!("Bearer {token}");
    let twice = [("authorization", bearer.as_str()), ("authorization", bearer.as_str())];
    challenge(&world.send("GET", &path, "", &twice, Vec::new()).await);
    for wrong in ["Basic dXNlcjpw", "Bearer", "Bearer x.y.z"] {
        challenge(&world.send("GET", &path, "", &[("authorization", wrong)], Vec::new()).await);
    }
    let cookie = [("cookie", bearer.as_str())];
    challenge(&world.send("GET", &path, "", &cookie, Vec::new()).await);
    world.at("2026-12-31T00:00:00Z");
    let expired = world.call("GET", path, &token).await;
    challenge(&expired);
    assert_eq!(expired.error().0, "ExpiredAuthenticationToken");
}

#[tokio::test]
async fn answers_carry_the_headers_of_the_resource_manager() {
    let world = World::new().await;
    let token = world.token(ADA);
    let answer = world.call("GET", format!("{PARTNERS}?{V}"), &token).await;
    let id = answer.header("x-ms-request-id").unwrap();
    assert_eq!(answer.header("x-ms-correlation-request-id"), Some(id));
    assert!(answer.header("x-ms-routing-request-id").unwrap().ends_with(id));
    assert_eq!(answer.header("x-ms-ratelimit-remaining-tenant-reads"), Some("14999"));
    assert_eq!(answer.header("x-ms-ratelimit-remaining-tenant-writes"), None);
    assert_eq!(answer.header("cache-control"), Some("no-cache, no-store"));
    assert_eq!(answer.header("pragma"), Some("no-cache"));
    assert_eq!(answer.header("expires"), Some("-1"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert!(answer.header("vary").unwrap().contains("Authorization"), "T24");
    assert!(answer.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"));
    let write = world.call("PUT", format!("{PARTNERS}/5127255?{V}"), &token).await;
    assert_eq!(write.header("x-ms-ratelimit-remaining-tenant-writes"), Some("1199"));
    assert_ne!(write.header("x-ms-request-id"), Some(id));
    let echo = [("x-ms-client-request-id", "mine"), ("x-ms-return-client-request-id", "true")];
    let answer = world.send("GET", "/healthz", "", &echo, Vec::new()).await;
    assert_eq!(answer.header("x-ms-client-request-id"), Some("mine"));
}

/// Twenty link writes a minute, then 429 with the time to wait (T30).
#[tokio::test]
async fn t30_flapping_is_slowed() {
    let world = World::new().await;
    let token = world.token(ADA);
    let path = format!("{PARTNERS}/5127255?{V}");
    for round in 0..20 {
        let method = if round % 2 == 0 { "PUT" } else { "DELETE" };
        assert_eq!(world.call(method, path.clone(), &token).await.status, 200);
    }
    let answer = world.call("PUT", path.clone(), &token).await;
    assert_eq!((answer.status, answer.error().0.as_str()), (429, "TooManyRequests"));
    assert!(answer.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
    assert_eq!(world.call("GET", path.clone(), &token).await.status, 404);
    assert_eq!(world.call("PUT", path, &world.token(support::DARA)).await.status, 200);
}

/// A link that was made while the clock was ahead: its owner dates it by the clock, once, and by asking for it.
#[tokio::test]
async fn a_date_ahead_of_the_clock_is_corrected_when_the_owner_asks() {
    let world = World::new().await;
    let token = world.token_until(FABRIKAM, ADA, "2036-05-04T00:00:00Z");
    world.at("2036-05-03T23:30:00Z");
    let path = |query: &str| format!("{PARTNERS}/5127255?{V}{query}");
    assert_eq!(world.call("PUT", path(""), &token).await.status, 200);
    world.at("2026-05-03T09:12:00Z");
    let token = world.token(ADA);
    let updated = |answer: &support::Answer| -> String {
        let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        format!(
            "{} {}",
            body["properties"]["version"],
            body["properties"]["updatedTime"].as_str().unwrap()
        )
    };
    let ordinary = world.call("PATCH", path(""), &token).await;
    assert!(updated(&ordinary).starts_with("2 2036-"), "{}", ordinary.text());
    let corrected = world.call("PATCH", path("&correct-date=true"), &token).await;
    assert_eq!(corrected.status, 200, "{}", corrected.text());
    assert!(updated(&corrected).starts_with("3 2026-05-03T09:12:00"), "{}", corrected.text());
    let again = world.call("PATCH", path("&correct-date=true"), &token).await;
    assert_eq!((again.status, again.error().0.as_str()), (409, "DateNotAhead"));
    assert!(
        again.error().1.contains("2026-05-03T09:12:00Z, which is not ahead"),
        "{}",
        again.text()
    );
    let twice = world.call("PATCH", path("&correct-date=true&correct-date=true"), &token).await;
    assert_eq!(twice.status, 400, "{}", twice.text());
}
