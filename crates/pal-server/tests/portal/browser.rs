//! Browsers that keep cookies, and what they get.

use std::collections::BTreeMap;

use axum::http::HeaderMap;
use serde_json::Value;

use crate::portal::world::{BASE, World};

/// What came back.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("{} {error}: {}", self.status, self.body))
    }

    /// The code of the service's error form.
    pub fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap().to_owned()
    }

    /// Every cookie that is set.
    pub fn cookies(&self) -> Vec<&str> {
        self.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect()
    }

    /// The fields of the address that the browser is sent to.
    pub fn query(&self) -> BTreeMap<String, String> {
        let to = self.header("location").unwrap_or_else(|| panic!("not sent on: {}", self.body));
        let query = to.split_once('?').unwrap().1;
        form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    /// The hidden fields of a form, of letters that HTML leaves alone.
    fn hidden(&self) -> Vec<(String, String)> {
        let pieces = self.body.split("<input type=\"hidden\" name=\"").skip(1);
        let field = |piece: &str| {
            let (name, rest) = piece.split_once("\" value=\"").unwrap();
            (name.to_owned(), rest.split_once('"').unwrap().0.to_owned())
        };
        pieces.map(field).collect()
    }
}

/// Keeps cookies and sends them back, as a browser does.
#[derive(Clone)]
pub struct Browser<'w> {
    pub world: &'w World,
    pub jar: BTreeMap<String, String>,
}

impl Browser<'_> {
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &[], "").await
    }

    pub async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let jar: Vec<String> =
            self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let jar = jar.join("; ");
        let mut all = headers.to_vec();
        if !jar.is_empty() {
            all.push(("cookie", &jar));
        }
        let answer = self.world.send(method, path, &all, body).await;
        for set in answer.cookies() {
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            if set.contains("Max-Age=0") {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// The portal's session, as the page asks for it.
    pub async fn session(&mut self) -> Value {
        let answer = self.get("/portal/session").await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    pub async fn csrf(&mut self) -> String {
        self.session().await["csrf"].as_str().unwrap().to_owned()
    }

    /// What a page of the portal does: with the token, and from its own origin.
    pub async fn page(&mut self, method: &str, path: &str, body: &str) -> Answer {
        let csrf = self.csrf().await;
        self.page_with(&csrf, method, path, body).await
    }

    pub async fn page_with(&mut self, csrf: &str, method: &str, path: &str, body: &str) -> Answer {
        let headers = [
            ("x-openpal-csrf", csrf),
            ("origin", BASE),
            ("sec-fetch-site", "same-origin"),
            ("content-type", "application/json"),
        ];
        self.send(method, path, &headers, body).await
    }

    /// The address of the issuer's answer, not yet opened.
    pub async fn answer_of_issuer(&mut self, upn: &str, password: &str, query: &str) -> String {
        let begun = self.get(&format!("/portal/auth/sign-in{query}")).await;
        assert_eq!(begun.status, 303, "{}", begun.body);
        let address = begun.header("location").unwrap().strip_prefix(BASE).unwrap().to_owned();
        self.issuer(&address, upn, password).await
    }

    /// The issuer's page, filled in; the address of its answer.
    pub async fn issuer(&mut self, address: &str, upn: &str, password: &str) -> String {
        let answer = self.try_issuer(address, upn, password).await;
        answer.unwrap_or_else(|answer| panic!("{} {}", answer.status, answer.body))
    }

    /// The same, or the page that says why not.
    pub async fn try_issuer(
        &mut self,
        address: &str,
        upn: &str,
        password: &str,
    ) -> Result<String, Answer> {
        let answer = self.form(address, upn, password).await;
        let back = answer.header("location").and_then(|to| to.strip_prefix(BASE));
        match back {
            Some(back) => Ok(back.to_owned()),
            None => Err(answer),
        }
    }

    /// What the issuer's page answers to a name and a password.
    pub async fn form(&mut self, address: &str, upn: &str, password: &str) -> Answer {
        let page = self.get(address).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let mut fields = page.hidden();
        fields.extend([("username".into(), upn.into()), ("password".into(), password.into())]);
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
        let path = address.split('?').next().unwrap();
        let kind = ("content-type", "application/x-www-form-urlencoded");
        self.send("POST", path, &[kind], &form).await
    }

    /// All of it.
    pub async fn sign_in(&mut self, upn: &str, password: &str, query: &str) -> Answer {
        let back = self.answer_of_issuer(upn, password, query).await;
        self.get(&back).await
    }
}
