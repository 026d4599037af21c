//! Programs that sign in by a secret, and ways to sign in that there are not.

use crate::issuer::flow::{AZURE, GRAPH, claims, token};
use crate::issuer::support::{
    ABROAD, ADA, AZ, CONTOSO, FABRIKAM, PASSWORD, SECRET, WITH_CERTIFICATE, WITH_SECRET,
    WITH_SECRET_OBJECT, World,
};
use crate::issuer::wire::{Answer, Fields};
use crate::support::{actor, hash_of};
use pal_store::CredentialChange;

fn wish() -> Fields {
    Fields::of(&[
        ("grant_type", "client_credentials"),
        ("client_id", WITH_SECRET),
        ("client_secret", SECRET),
    ])
}

#[tokio::test]
async fn a_secret_signs_in() {
    let world = World::new().await;
    let v1 = |resource| wish().and("resource", resource);
    let v2 = |scope: &str| wish().and("scope", scope);
    let upper = wish().with("client_id", &WITH_SECRET.to_ascii_uppercase());
    for (place, fields, audience) in [
        ("oauth2/v2.0/token", wish(), "https://pal.example/"),
        ("oauth2/v2.0/token", v2("https://pal.example//.default"), "https://pal.example/"),
        ("oauth2/v2.0/token", v2("https://pal.example/.default"), "https://pal.example"),
        ("oauth2/v2.0/token", v2("https://management.azure.com//.default"), AZURE),
        ("oauth2/token", wish(), "https://pal.example/"),
        ("oauth2/token", v1("https://pal.example/"), "https://pal.example/"),
        ("oauth2/token", v1(AZURE), AZURE),
        ("oauth2/token", upper, "https://pal.example/"),
    ] {
        for tenant in [FABRIKAM, "fabrikam.example"] {
            let answer = world.post(&format!("/{tenant}/{place}"), &fields, &[]).await;
            assert_eq!(answer.status, 200, "{place} {audience}: {}", answer.body);
            assert!(answer.header("cache-control").unwrap().contains("no-store"));
            let body = answer.json();
            let claims = claims(&body["access_token"]);
            for (name, value) in [
                ("aud", audience),
                ("tid", FABRIKAM),
                ("oid", WITH_SECRET_OBJECT),
                ("idtyp", "app"),
            ] {
                assert_eq!(claims[name], value, "{place} {name}");
            }
            let life = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
            assert_eq!(life, 900);
            for name in ["refresh_token", "id_token"] {
                assert!(body.get(name).is_none(), "a program has its secret: {body}");
            }
            assert!(claims.get("scp").is_none(), "{claims}");
            let opened = world.link(body["access_token"].as_str().unwrap()).await;
            assert_eq!(opened.status, 404, "{place}: {}", opened.body);
        }
    }
}

/// Old and new sign in while one takes the place of the other; then the old one does not.
#[tokio::test]
async fn secrets_overlap_while_they_change() {
    let world = World::new().await;
    let tried = async |secret: &str| {
        let answer = token(&world, FABRIKAM, &wish().with("client_secret", secret)).await;
        world.later(120);
        answer.status
    };
    assert_eq!((tried(SECRET).await, tried("the next one").await), (200, 401));
    let (store, tenant) = (&world.app.store, FABRIKAM.parse().unwrap());
    let client = WITH_SECRET.parse().unwrap();
    let who = store.app(client, Some(tenant)).await.unwrap().unwrap().principal;
    let (secret_hash, certificates) = (Some(hash_of("the next one")), Vec::new());
    let add = CredentialChange::Add { secret_hash, certificates };
    let app = store.change_credentials(client, who, add, world.now(), actor()).await.unwrap();
    assert_eq!((tried(SECRET).await, tried("the next one").await), (200, 200));
    assert_eq!(tried("neither").await, 401);
    let remove = CredentialChange::Remove(app.credentials()[0].id.clone());
    store.change_credentials(client, who, remove, world.now(), actor()).await.unwrap();
    assert_eq!((tried(SECRET).await, tried("the next one").await), (401, 200));
}

#[tokio::test]
async fn what_is_not_right_gets_nothing() {
    let world = World::new().await;
    let secret = |text: &str| wish().with("client_secret", text);
    let client = |id: &str| wish().with("client_id", id);
    let wrong = (401, "invalid_client", 7_000_215);
    let missing = (401, "invalid_client", 7_000_216);
    let unknown = (400, "unauthorized_client", 700_016);
    let unclear = (400, "invalid_request", 900_144);
    let nowhere = (400, "invalid_request", 90002);
    let elsewhere = (400, "invalid_resource", 500_011);
    let hash = "$argon2id$v=19$m=19456,t=2,p=1$";
    let begins_like_ours = wish().and("resource", "https://pal.example.evil/");
    for (what, tenant, fields, (status, word, number)) in [
        ("a letter more", FABRIKAM, secret(&format!("{SECRET}a")), wrong),
        ("a blank more", FABRIKAM, secret(&format!("{SECRET} ")), wrong),
        ("a hash", FABRIKAM, secret(hash), wrong),
        ("very long", FABRIKAM, secret(&SECRET.repeat(60)), wrong),
        ("empty", FABRIKAM, secret(""), missing),
        ("none", FABRIKAM, wish().without("client_secret"), missing),
        ("two", FABRIKAM, wish().and("client_secret", "another"), unclear),
        ("a program with a certificate", FABRIKAM, client(WITH_CERTIFICATE), wrong),
        ("a program of another tenant", FABRIKAM, client(ABROAD), unknown),
        ("another tenant than its own", CONTOSO, wish(), unknown),
        ("a public client", FABRIKAM, client(AZ), unknown),
        ("the object in place of the client", FABRIKAM, client(WITH_SECRET_OBJECT), unknown),
        ("no GUID", FABRIKAM, client("' OR 1=1 --"), unknown),
        ("no client", FABRIKAM, wish().without("client_id"), unclear),
        ("any tenant", "organizations", wish(), nowhere),
        ("no such tenant", "nowhere.example", wish(), nowhere),
        ("another resource", FABRIKAM, wish().and("scope", GRAPH), elsewhere),
        ("one that begins like ours", FABRIKAM, begins_like_ours, elsewhere),
    ] {
        token(&world, tenant, &fields).await.refused(what, status, word, number);
    }
    let abroad = wish().with("client_id", ABROAD);
    assert_eq!(token(&world, CONTOSO, &abroad).await.status, 200, "at home it is known");
}

#[tokio::test]
async fn there_is_no_other_way() {
    let world = World::new().await;
    let person = [("username", ADA), ("password", PASSWORD), ("client_id", AZ)];
    for grant in [
        "password",
        "PASSWORD",
        "implicit",
        "Client_Credentials",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "urn:ietf:params:oauth:grant-type:saml2-bearer",
        "client_credentials password",
    ] {
        for fields in [wish(), Fields::of(&person)] {
            let answer = token(&world, FABRIKAM, &fields.with("grant_type", grant)).await;
            answer.refused(grant, 400, "unsupported_grant_type", 70003);
        }
    }
    for fields in [wish().without("grant_type"), wish().and("grant_type", "password")] {
        let answer = token(&world, FABRIKAM, &fields).await;
        answer.refused("none or two", 400, "invalid_request", 900_144);
    }
    // A secret in an address would be in every log on its way.
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&wish().0).finish();
    let path = format!("/{FABRIKAM}/oauth2/v2.0/token?{query}");
    assert_eq!(world.get(&path, &[]).await.status, 405);
    let answer = world.post(&path, &Fields::default(), &[]).await;
    answer.refused("in the address", 400, "invalid_request", 900_144);
}

#[tokio::test]
async fn t51_wrong_secrets_are_slowed() {
    let world = World::new().await;
    let wrong = wish().with("client_secret", "wrong");
    let told =
        |answer: &Answer| answer.header("retry-after").map(|text| text.parse::<i64>().unwrap());
    for _ in 0..6 {
        let answer = token(&world, FABRIKAM, &wrong).await;
        answer.refused("wrong", 401, "invalid_client", 7_000_215);
        assert_eq!(told(&answer), None);
    }
    for (what, fields) in [("wrong", &wrong), ("right", &wish())] {
        let answer = token(&world, FABRIKAM, fields).await;
        answer.refused(what, 429, "temporarily_unavailable", 50053);
        assert_eq!(told(&answer), Some(2), "{what}");
    }
    let upper = wish().with("client_id", &WITH_SECRET.to_ascii_uppercase());
    assert_eq!(token(&world, FABRIKAM, &upper).await.status, 429, "another spelling");
    let other = wish().with("client_id", ABROAD);
    assert_eq!(token(&world, CONTOSO, &other).await.status, 200, "others are served");
    world.later(2);
    assert_eq!(token(&world, FABRIKAM, &wish()).await.status, 200);
}

#[tokio::test]
async fn t17_a_disabled_program_is_out_at_once() {
    let world = World::new().await;
    let answer = token(&world, FABRIKAM, &wish()).await.json();
    let live = answer["access_token"].as_str().unwrap();
    assert_eq!(world.link(live).await.status, 404);
    world.later(1);
    world.enable(FABRIKAM, WITH_SECRET_OBJECT, "ServicePrincipal", false).await;
    world.later(1);
    let answer = world.link(live).await;
    assert_eq!(answer.status, 403, "{}", answer.body);
    let answer = token(&world, FABRIKAM, &wish()).await;
    answer.refused("disabled", 400, "unauthorized_client", 7_000_112);
}
