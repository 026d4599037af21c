//! Where a code may be sent (T46): to this machine, and to nowhere that only looks like it.

use crate::issuer::flow::{STATE, authorize, page, submit, wish};
use crate::issuer::support::{ADA, CONTOSO, PASSWORD, World};
use crate::issuer::wire::{Answer, Fields};

const GOOD: [&str; 16] = [
    "http://localhost",
    "http://localhost/",
    "http://localhost:8400",
    "http://localhost:8400/",
    "http://localhost:1",
    "http://localhost:65535/",
    "http://localhost:8400/callback",
    "http://localhost:8400/a/b.c-d_e~f",
    "http://localhost:8400/...",
    "http://127.0.0.1",
    "http://127.0.0.1/",
    "http://127.0.0.1:49152/",
    "http://127.0.0.1:49152/callback",
    "http://[::1]",
    "http://[::1]:49152/",
    "http://[::1]:49152/callback",
];

const BAD: [&str; 115] = [
    // Other hosts.
    "http://evil.example",
    "http://evil.example:8400/",
    "https://evil.example/",
    "https://pal.example/",
    "https://login.microsoftonline.com/common/oauth2/nativeclient",
    "//localhost:8400",
    "//evil.example/",
    "/callback",
    "localhost:8400",
    "",
    // Names that begin or end like the good one.
    "http://localhost.evil.example",
    "http://localhost.evil.example:8400/",
    "http://evil-localhost",
    "http://evil.example.localhost",
    "http://localhost.",
    "http://localhost.:8400/",
    "http://localhos",
    "http://localhostt:8400",
    "http://localhost-evil.example/",
    "http://local.host/",
    "http://localdomain:8400/",
    "http://localhost,evil.example/",
    "http://localhost&evil.example/",
    "http://localhost'evil.example/",
    "http://localhost|evil.example/",
    "http://localhost_evil/",
    "http://$localhost/",
    "http://127.0.0.1.evil",
    "http://127.0.0.1.evil.example:8400/",
    "http://127.0.0.1.",
    // Somebody before an at sign.
    "http://localhost@evil.example/",
    "http://localhost:8400@evil.example/",
    "http://localhost:80@evil/",
    "http://user@localhost:8400/",
    "http://user:secret@localhost:8400/",
    "http://@localhost/",
    "http://127.0.0.1@evil.example/",
    "http://[::1]@evil.example/",
    // Another way to write an address, or another address.
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://127.1/",
    "http://127.0.1/",
    "http://127.0.0.01/",
    "http://127.0.0.1.1/",
    "http://127.0.0.2:8400/",
    "http://0.0.0.0:8400/",
    "http://0/",
    "http://192.168.0.1:8400/",
    "http://169.254.169.254/",
    "http://[::]/",
    "http://[::2]:8400/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::1%25eth0]/",
    "http://[::1%lo]/",
    "http://[::1",
    "http://[::1]evil.example/",
    "http://[::1].evil.example/",
    "http://[::1]8400/",
    "http://[[::1]]/",
    "http://::1/",
    "http://[localhost]/",
    // Ports.
    "http://localhost:",
    "http://localhost:/",
    "http://localhost:0",
    "http://localhost:99999",
    "http://localhost:65536/",
    "http://localhost:080/",
    "http://localhost:+80/",
    "http://localhost:-1/",
    "http://localhost:8400:8401/",
    "http://localhost:8400.evil.example/",
    "http://localhost:evil.example/",
    "http://localhost:8 400/",
    "http://localhost:８４００/",
    "http://[::1]:",
    "http://[::1]:0/",
    // Paths that lead elsewhere in some program.
    "http://localhost:8400/..",
    "http://localhost:8400/../evil",
    "http://localhost:8400/./a",
    "http://localhost:8400/a/..;/evil",
    "http://localhost:8400/%2e%2e/evil",
    "http://localhost:8400/a%2fb",
    "http://localhost%2eevil.example/",
    "http://localhost%00.evil.example/",
    "http://localhost:8400//evil.example",
    "http://localhost:8400/a;b",
    "http://localhost\\@evil.example/",
    "http:\\\\localhost:8400",
    "http:/\\evil.example",
    "http://localhost:8400\\.evil.example/",
    "http://localhost:8400/#fragment",
    "http://localhost#@evil.example/",
    "http://localhost:8400?next=evil",
    "http://localhost?@evil.example/",
    "http://localhost:8400/*",
    "http://*/",
    "http://*.localhost/",
    "http://localhost:*",
    "http://localhost/\"><script>alert(1)</script>",
    // Other schemes, and another casing, which no client sends.
    "https://localhost:8400",
    "HTTP://localhost:8400",
    "http://LOCALHOST:8400",
    "ftp://localhost:8400/",
    "javascript:alert(1)//localhost",
    "data:text/html,http://localhost",
    "urn:ietf:wg:oauth:2.0:oob",
    "msal04b07795-8ddb-461a-bbee-02f9e1bf7b46://auth",
    // Blanks, lines, letters that look alike.
    " http://localhost:8400",
    "http://localhost:8400\r\nlocation: https://evil.example",
    "http://ⅼocalhost:8400/",
    "http://localhost。evil.example/",
];

/// The address is not answered: an error page, which leads nowhere.
fn refused(what: &str, answer: &Answer) {
    assert_eq!(answer.status, 400, "{what}: {}", answer.body);
    for name in ["location", "refresh", "set-cookie"] {
        assert_eq!(answer.header(name), None, "{what}");
    }
    assert!(answer.header("content-type").unwrap().starts_with("text/html"), "{what}");
    assert!(answer.body.contains("AADSTS"), "{what}: {}", answer.body);
    for part in ["<form", "<script", "<a ", "evil"] {
        assert!(!answer.body.contains(part), "{what}: {}", answer.body);
    }
}

#[tokio::test]
async fn t46_a_code_goes_to_a_program_on_this_machine() {
    let world = World::new().await;
    for uri in GOOD {
        let shown = page(&world, CONTOSO, &wish().with("redirect_uri", uri)).await;
        assert_eq!(shown.status, 200, "{uri}: {}", shown.body);
        assert_eq!(shown.header("location"), None, "{uri}: before anybody signs in");
        let answer = submit(&world, CONTOSO, &shown, ADA, PASSWORD).await;
        assert_eq!(answer.status, 303, "{uri}: so that the password is not sent on");
        let to = answer.header("location").unwrap();
        assert!(to.starts_with(&format!("{uri}?code=")), "{uri}: {to}");
        assert_eq!(answer.query().get("state"), Some(STATE), "{uri}");
    }
}

#[tokio::test]
async fn t46_a_code_goes_nowhere_else() {
    let world = World::new().await;
    let shown = page(&world, CONTOSO, &wish()).await;
    let cookie = shown.cookie().unwrap();
    let right = shown.hidden().and("username", ADA).and("password", PASSWORD);
    for uri in BAD {
        for mode in ["query", "form_post"] {
            let wish = wish().with("redirect_uri", uri).and("response_mode", mode);
            refused(uri, &page(&world, CONTOSO, &wish).await);
        }
        // A form that was changed on its way is judged anew.
        let fields = right.clone().with("redirect_uri", uri);
        let headers = [("cookie", cookie.as_str())];
        refused(uri, &world.post(&authorize(CONTOSO), &fields, &headers).await);
    }
}

#[tokio::test]
async fn t46_an_address_is_there_once() {
    let world = World::new().await;
    let evil = "https://evil.example/";
    let none = wish().without("redirect_uri");
    let first = Fields::of(&[("redirect_uri", evil)]);
    let first = first.0.into_iter().chain(wish().0).collect();
    for (what, wish) in [
        ("missing", none.clone()),
        ("twice the same", wish().and("redirect_uri", "http://localhost:8400")),
        ("the second one bad", wish().and("redirect_uri", evil)),
        ("the first one bad", Fields(first)),
        ("another spelling of the name", none.clone().and("Redirect_Uri", "http://localhost")),
        ("as a list", none.and("redirect_uri[]", "http://localhost")),
        ("another field twice", wish().and("client_id", "evil")),
        ("state twice", wish().and("state", "evil")),
    ] {
        refused(what, &page(&world, CONTOSO, &wish).await);
    }
}

/// No other error is sent to the address either: it is shown to the person.
#[tokio::test]
async fn t46_errors_are_shown_and_not_sent() {
    let world = World::new().await;
    for (what, tenant, wish) in [
        ("no such client", CONTOSO, wish().with("client_id", "nobody")),
        (
            "a program with a secret",
            CONTOSO,
            wish().with("client_id", crate::issuer::support::ABROAD),
        ),
        ("no client", CONTOSO, wish().without("client_id")),
        ("no such tenant", "nowhere.example", wish()),
        ("a token at once", CONTOSO, wish().with("response_type", "token")),
        ("an id token at once", CONTOSO, wish().with("response_type", "code id_token")),
        ("no response type", CONTOSO, wish().without("response_type")),
        ("a code in the fragment", CONTOSO, wish().and("response_mode", "fragment")),
        ("no answer at all", CONTOSO, wish().and("response_mode", "web_message")),
    ] {
        refused(what, &page(&world, tenant, &wish).await);
    }
}
