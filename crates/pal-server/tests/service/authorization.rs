//! Every route, as those who have no business anywhere, and nothing else is served. Who has a role sees
//! what: `matrix.rs`.

use crate::service::support::{self, ADA, CEM, GROUP, NOBODY, OPERATOR, World};
use pal_server::{Audience, ISSUER_PATHS, Route, routes};

/// Routes that no test calls as everybody, each with the reason.
const UNCOVERED: &str = include_str!("authorization-uncovered.txt");

/// What tells that a caller was let in or kept out.
#[derive(Debug, PartialEq, Eq)]
enum Door {
    In,
    /// 401.
    NoToken,
    /// 403: no account, or a disabled one.
    NoAccount,
    /// 404, as if nothing were there.
    Hidden,
}

fn door(answer: &support::Answer) -> Door {
    match answer.status {
        401 => Door::NoToken,
        403 => Door::NoAccount,
        404 if answer.header("x-openpal-error") == Some("no-such-path") => Door::Hidden,
        500.. => panic!("{}", answer.text()),
        _ => Door::In,
    }
}

#[tokio::test]
async fn no_route_lets_in_who_has_no_account() {
    for Route { method, path, audience, .. } in routes() {
        let world = World::new().await;
        let path = path.replace("{id}", "5127255");
        let uri = format!("{path}?api-version=2018-02-01");
        let foreign = world.token_in(support::CONTOSO, ADA);
        let forged = {
            let good = world.token(ADA);
            let (signed, _) = good.rsplit_once('.').unwrap();
            format!("{signed}.{}", "A".repeat(342))
        };
        let callers = [
            ("anonymous", String::new()),
            ("forged", forged),
            ("no account", world.token(NOBODY)),
            ("other tenant", foreign),
            ("group", world.token(GROUP)),
            ("disabled", world.token(CEM)),
        ];
        for (who, token) in callers {
            let expected = match (audience, who) {
                (Audience::Anybody, _) => Door::In,
                (_, "anonymous" | "forged") => Door::NoToken,
                _ => Door::NoAccount,
            };
            let answer = world.call(method, uri.clone(), &token).await;
            // A change without a partner ID is refused for that before the directory is asked.
            if path.ends_with("/partners") && method != "GET" && expected == Door::NoAccount {
                assert_eq!(answer.status, 400, "{method} {path} as {who}");
                continue;
            }
            assert_eq!(door(&answer), expected, "{method} {path} as {who}: {}", answer.text());
        }
    }
}

/// A list that says more than the router serves, or less, would be worth nothing.
#[tokio::test]
async fn the_list_of_routes_is_the_routers() {
    let world = World::new().await;
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let routes = routes();
    let mut paths: Vec<&str> = routes.iter().map(|route| route.path).collect();
    paths.dedup();
    for path in paths {
        let uri = format!("{}?api-version=2018-02-01", path.replace("{id}", "5127255"));
        for method in methods {
            let listed = routes.iter().any(|route| route.method == method && route.path == path);
            let answer = world.call(method, uri.clone(), &world.token(OPERATOR)).await;
            assert_eq!(answer.status != 405, listed, "{method} {path}");
            if !listed {
                let allow = answer.header("allow").unwrap();
                assert!(!allow.split(',').any(|m| m == method), "{method} {path}: {allow}");
            }
        }
    }
    // Without the embedded issuer none of its routes is served.
    for (method, path) in ISSUER_PATHS {
        let answer = world.call(method, path.replace("{tenant}", "common"), "").await;
        assert_eq!(door(&answer), Door::Hidden, "{method} {path}");
    }
}

/// Every route of the issuer is covered elsewhere or listed with a reason.
#[test]
fn what_is_not_covered_is_said() {
    let listed: Vec<&str> =
        UNCOVERED.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    for (method, path) in ISSUER_PATHS {
        let route = format!("{method} {path}");
        assert!(listed.iter().any(|line| line.starts_with(&route)), "{route} is not listed");
    }
    for line in listed {
        let (route, reason) = line.split_once("  ").unwrap();
        let known = ISSUER_PATHS.iter().any(|(m, p)| format!("{m} {p}") == route);
        assert!(known && !reason.trim().is_empty(), "{line}");
    }
}
