//! Everybody signs in, in every way, rightly and wrongly, and tokens go where they should not.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{AUTHORIZATION, COOKIE};

use crate::chaos::embedded::{APP, AZ, Answer, PASSWORD, SECRET, Service, TENANT, UPN};

pub const WRONG_PASSWORD: &str = "fel losenord/fout wachtwoord+9";
pub const WRONG_SECRET: &str = "8Q~wrong/one+3=&%.y";
const PARTNERS: &str = "/providers/Microsoft.ManagementPartner/partners";
const V: &str = "api-version=2018-02-01";
const REDIRECT: &str = "http://localhost:8400/";
const ARM: &str = "https://management.azure.com/.default offline_access openid";
/// The verifier and its challenge of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A secret, and the answers that give it to whoever asked.
pub struct Secret {
    pub name: String,
    pub text: String,
    pub given_by: Vec<usize>,
}

/// One run of everything that has to do with secrets.
pub struct Story<'s> {
    pub service: &'s Service,
    pub secrets: Vec<Secret>,
}

impl Story<'_> {
    /// Notes a secret.
    pub fn secret(&mut self, name: &str, text: &str, given_by: Option<usize>) {
        assert!(text.len() > 15, "{name} is too short to be looked for");
        // Two tokens of one second may be the same.
        if let Some(known) = self.secrets.iter_mut().find(|known| known.text == text) {
            known.given_by.extend(given_by);
            return;
        }
        let given_by = given_by.into_iter().collect();
        self.secrets.push(Secret { name: name.to_owned(), text: text.to_owned(), given_by });
    }

    /// Notes the tokens of an answer.
    fn tokens(&mut self, answer: &Answer) {
        for name in ["access_token", "refresh_token", "id_token", "device_code"] {
            if answer.body.contains(&format!("\"{name}\"")) {
                let (token, whose) = (answer.field(name), format!("{name} of {}", answer.what));
                self.secret(&whose, &token, Some(answer.at));
                // The signature alone: what is before it may be put together anew.
                if token.len() > 200 {
                    let tail = &token[token.len() - 40..];
                    self.secret(&format!("{whose}, its end"), tail, Some(answer.at));
                }
            }
        }
    }

    fn post(&mut self, what: &str, path: &str, fields: &[(&str, &str)], status: u16) -> Answer {
        let answer = self.service.send(what, self.service.request("POST", path).form(fields));
        assert_eq!(answer.status, status, "{answer:?}");
        self.tokens(&answer);
        answer
    }

    fn token(&mut self, what: &str, fields: &[(&str, &str)], status: u16) -> Answer {
        self.post(what, &format!("/{TENANT}/oauth2/v2.0/token"), fields, status)
    }

    /// An application signs in.
    pub fn application(&mut self) -> String {
        let grant = ("grant_type", "client_credentials");
        let scope = ("scope", "https://management.azure.com/.default");
        let wrong = [grant, ("client_id", APP), ("client_secret", WRONG_SECRET), scope];
        self.token("a wrong secret", &wrong, 401);
        let right = [grant, ("client_id", APP), ("client_secret", SECRET), scope];
        self.token("a secret that is there twice", &[&right[..], &right].concat(), 400);
        let v1 = [grant, right[1], right[2], ("resource", "https://management.azure.com/")];
        self.post("the first version", &format!("/{TENANT}/oauth2/token"), &v1, 200);
        self.post("an unknown tenant", "/nowhere.example/oauth2/v2.0/token", &right, 400);
        // A client that puts its secret where this service does not look.
        let basic = self.service.request("POST", &format!("/{TENANT}/oauth2/v2.0/token"));
        let basic = basic.basic_auth(APP, Some(SECRET)).form(&[grant, scope]);
        assert_eq!(self.service.send("a secret in a header", basic).status, 400);
        let path = format!("/{TENANT}/oauth2/v2.0/token?client_secret=8Q%7Ehemlig%2Fsleutel");
        self.secret("the secret's beginning, in an address", "8Q~hemlig/sleutel", None);
        self.post("a secret in the address", &path, &right, 200).field("access_token")
    }

    /// A page with a form: the browser's cookie and the form's mark.
    fn page(&self, what: &str, path: &str) -> (String, String) {
        let page = self.service.send(what, self.service.request("GET", path));
        assert_eq!(page.status, 200, "{page:?}");
        let cookie = page.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        (cookie, page.between("name=\"mark\" value=\"", "\""))
    }

    fn submit(&self, what: &str, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.service.request("POST", path).header(COOKIE, cookie).form(fields);
        self.service.send(what, request)
    }

    /// A person signs in at the page; the code.
    fn code(&mut self, mode: &str) -> String {
        let path = format!("/{TENANT}/oauth2/v2.0/authorize");
        let asked = [
            ("client_id", AZ),
            ("redirect_uri", REDIRECT),
            ("response_type", "code"),
            ("response_mode", mode),
            ("scope", ARM),
            ("state", "state-of-the-client"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        // Somebody believes that a name and a password belong into the address.
        let mut mistaken = url::form_urlencoded::Serializer::new(format!("{path}?"));
        mistaken.extend_pairs(asked).extend_pairs([("username", UPN), ("password", PASSWORD)]);
        let (cookie, mark) = self.page("the page", &mistaken.finish().replacen("?&", "?", 1));
        let with = |password| {
            let own = [("mark", mark.as_str()), ("username", UPN), ("password", password)];
            [&asked[..], &own].concat()
        };
        for (what, cookie, password) in [
            ("a wrong password", cookie.as_str(), WRONG_PASSWORD),
            ("a form of another browser", "", PASSWORD),
        ] {
            let answer = self.submit(what, &path, cookie, &with(password));
            assert_eq!(answer.status, 400, "{answer:?}");
        }
        let answer = self.submit("a sign-in", &path, &cookie, &with(PASSWORD));
        let code = match answer.header("location") {
            Some(address) => {
                let address = url::Url::parse(&address).unwrap();
                let found = address.query_pairs().find(|(name, _)| name == "code");
                found.unwrap().1.into_owned()
            }
            None => answer.between("name=\"code\" value=\"", "\""),
        };
        self.secret("an authorization code", &code, Some(answer.at));
        code
    }

    /// A person signs in with a code, refreshes, and somebody uses old ones again.
    pub fn person(&mut self) -> String {
        let grant = ("grant_type", "password");
        let typed = [grant, ("client_id", AZ), ("username", UPN), ("password", PASSWORD)];
        self.token("a password without a page", &typed, 400);
        let code = self.code("query");
        let redeem = |code| {
            let grant = ("grant_type", "authorization_code");
            [grant, ("client_id", AZ), ("code", code), ("redirect_uri", REDIRECT)]
        };
        let wrong = ("code_verifier", "wrong-verifier-wrong-verifier-wrong-verifier");
        self.token("a wrong verifier", &[&redeem(&code)[..], &[wrong]].concat(), 400);
        let code = self.code("form_post");
        let right = [&redeem(&code)[..], &[("code_verifier", VERIFIER)]].concat();
        let first = self.token("a code", &right, 200).field("refresh_token");
        let refresh = |token| {
            [
                ("grant_type", "refresh_token"),
                ("client_id", AZ),
                ("refresh_token", token),
                ("scope", ARM),
            ]
        };
        let second = self.token("a refresh", &refresh(&first), 200).field("refresh_token");
        let third = self.token("another refresh", &refresh(&second), 200);
        self.token("a refresh token used again", &refresh(&first), 400);
        self.token("a code used again", &right, 400);
        third.field("access_token")
    }

    /// A person signs a device in.
    pub fn device(&mut self) {
        let path = format!("/{TENANT}/oauth2/v2.0/devicecode");
        let begun = self.post("a device", &path, &[("client_id", AZ), ("scope", ARM)], 200);
        let (device, user) = (begun.field("device_code"), begun.field("user_code"));
        let grant = ("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
        let poll = [grant, ("client_id", AZ), ("device_code", device.as_str())];
        self.token("a device that waits", &poll, 400);
        let (cookie, mark) = self.page("the device's page", "/device");
        let with = |password| {
            [("mark", mark.as_str()), ("code", &user), ("username", UPN), ("password", password)]
        };
        for (password, status) in [(WRONG_PASSWORD, 400), (PASSWORD, 200)] {
            let answer = self.submit("a device's person", "/device", &cookie, &with(password));
            assert_eq!(answer.status, status, "{answer:?}");
        }
        self.token("a device's tokens", &poll, 200);
        self.token("a device code used again", &poll, 400);
    }

    /// A token where it belongs, and everywhere else.
    pub fn calls(&self, token: &str) {
        let ask = |what: &str, method: &str, path: &str, header: Option<(_, String)>, status| {
            let mut request = self.service.request(method, path);
            if let Some((name, value)) = header {
                request = request.header(name, value);
            }
            let answer = self.service.send(what, request);
            assert_eq!(answer.status, status, "{answer:?}");
        };
        let bearer = |token: &str| Some((AUTHORIZATION, format!("Bearer {token}")));
        let own = format!("{PARTNERS}?{V}");
        let one = |id: &str| format!("{PARTNERS}/{id}?{V}");
        ask("no link", "GET", &own, bearer(token), 404);
        ask("a link", "PUT", &one("5127255"), bearer(token), 200);
        ask("a second link", "PUT", &one("5127255"), bearer(token), 409);
        ask("the link", "GET", &own, bearer(token), 200);
        ask("an end", "DELETE", &one("5127255"), bearer(token), 200);
        ask("no such partner", "PUT", &one("4040404"), bearer(token), 400);
        ask("directories", "GET", "/tenants?api-version=2020-01-01", bearer(token), 200);
        ask("who am I", "GET", "/api/v1/me", bearer(token), 200);
        ask("not for me", "GET", "/api/v1/reports", bearer(token), 404);
        ask("a token in the path", "PUT", &one(token), bearer(token), 400);
        ask("a token for an address", "GET", &format!("/{token}"), None, 404);
        ask("a token in the address", "GET", &format!("{own}&access_token={token}"), None, 401);
        ask(
            "a version that is a token",
            "GET",
            &format!("{PARTNERS}?api-version={token}"),
            bearer(token),
            400,
        );
        ask("a token in a cookie", "GET", &own, Some((COOKIE, format!("token={token}"))), 401);
        ask("a token as it is", "GET", &own, Some((AUTHORIZATION, token.to_owned())), 401);
        let basic = Some((AUTHORIZATION, format!("Basic {}", STANDARD.encode(token))));
        ask("a token as a password", "GET", &own, basic, 401);
        ask("a token with more", "GET", &own, bearer(&format!("{token}AAAA")), 401);
        ask("half a token", "GET", &own, bearer(&token[token.len() / 2..]), 401);
        let two = self.service.request("GET", &own).bearer_auth(token).bearer_auth(token);
        assert_eq!(self.service.send("two tokens", two).status, 401);
        let mut echo = self.service.request("GET", &own).header("x-ms-client-request-id", token);
        echo = echo.header("x-ms-return-client-request-id", "true").header("user-agent", token);
        assert_eq!(self.service.send("a token as an id", echo).status, 401);
        let body = self.service.request("PUT", &one("5127255")).body(token.to_owned());
        assert_eq!(self.service.send("a token in a body", body).status, 401);
    }
}
