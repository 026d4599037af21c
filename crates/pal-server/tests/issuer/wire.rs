//! What goes over the wire, and what comes back.

use axum::http::HeaderMap;
use serde_json::Value;

/// Fields of a form or a query, in their order.
#[derive(Clone, Default)]
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    pub fn of(fields: &[(&str, &str)]) -> Self {
        Self(fields.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect())
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The same, but this field has this value.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.and(name, value)
    }

    /// One more, whether or not there is one of this name.
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.0.retain(|(known, _)| known != name);
        self
    }
}

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
}

impl Answer {
    /// That it is an error in OAuth's form, with this word and number.
    pub fn refused(&self, what: &str, status: u16, word: &str, number: u64) {
        let body = self.json();
        let got = (self.status, body["error"].as_str(), body["error_codes"][0].as_u64());
        assert_eq!(got, (status, Some(word), Some(number)), "{what}: {body}");
        let text = body["error_description"].as_str().unwrap();
        assert!(text.starts_with(&format!("AADSTS{number}: ")), "{what}: {text}");
        for secret in ["access_token", "refresh_token", "id_token"] {
            assert!(body.get(secret).is_none(), "{what}: {body}");
        }
    }

    /// The hidden fields of the one form of a page.
    pub fn hidden(&self) -> Fields {
        let mut fields = Fields::default();
        for piece in self.body.split("<input type=\"hidden\" name=\"").skip(1) {
            let (name, rest) = piece.split_once("\" value=\"").unwrap();
            let (value, rest) = rest.split_once('"').unwrap();
            assert!(rest.starts_with('>'), "a value ends its field: {}", self.body);
            fields = fields.and(&unescape(name), &unescape(value));
        }
        fields
    }

    /// The cookie that is set, as a browser sends it back.
    pub fn cookie(&self) -> Option<String> {
        let set = self.header("set-cookie")?;
        Some(set.split(';').next().unwrap().to_owned())
    }

    /// The query of the address that the browser is sent to.
    pub fn query(&self) -> Fields {
        let to = self.header("location").unwrap_or_else(|| panic!("not sent on: {}", self.body));
        let query = to.split_once('?').unwrap().1;
        Fields(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }
}

fn unescape(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    text.replace("&#39;", "'").replace("&amp;", "&")
}
