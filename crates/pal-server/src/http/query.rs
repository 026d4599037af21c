//! The query of a request: each parameter known, each at most once.

use std::path::Path;
use std::str::FromStr;

use axum::http::{StatusCode, Uri};
use pal_attribution::policy::Policy;
use pal_model::{IntervalError, PartnerId};
use serde_json::json;

use super::error::HttpError;

pub struct Parameter {
    pub name: &'static str,
    pub text: &'static str,
    pub required: bool,
    pub form: Form,
}

#[derive(Debug, Clone, Copy)]
pub enum Form {
    Words(&'static [&'static str]),
    Pattern(&'static str),
    /// RFC 3339.
    Instant,
    Text,
}

impl Parameter {
    /// One that may be left out.
    pub const fn new(name: &'static str, form: Form, text: &'static str) -> Self {
        Self { name, text, required: false, form }
    }

    pub const fn required(name: &'static str, form: Form, text: &'static str) -> Self {
        Self { name, text, required: true, form }
    }

    /// In the words of `OpenAPI`.
    pub fn described(&self, place: &str) -> serde_json::Value {
        let schema = match self.form {
            Form::Words(words) => json!({ "enum": words }),
            Form::Pattern(pattern) => json!({ "type": "string", "pattern": pattern }),
            Form::Instant => json!({ "type": "string", "format": "date-time" }),
            Form::Text => json!({ "type": "string", "minLength": 1 }),
        };
        json!({
            "name": self.name,
            "in": place,
            "required": self.required,
            "description": self.text,
            "schema": schema,
        })
    }
}

/// `YYYY-MM`.
pub const MONTH: Form = Form::Pattern("^[0-9]{4}-(0[1-9]|1[0-2])$");
/// `YYYY-MM`, or a range `YYYY-MM..YYYY-MM`.
pub const MONTHS: Form =
    Form::Pattern("^[0-9]{4}-(0[1-9]|1[0-2])(\\.\\.[0-9]{4}-(0[1-9]|1[0-2]))?$");
/// A directory, or the name of a masked customer.
pub const CUSTOMER: Form = Form::Pattern(
    "^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|\
     customer-[0-9a-f]{16})$",
);
pub const PARTNER: Form = Form::Pattern("^[1-9][0-9]{0,9}$");
pub const GUID: Form =
    Form::Pattern("^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$");
/// Names of policies: `pal`, `incentive`, `pec`, and the operator's.
pub const POLICIES: Form = Form::Pattern("^[a-z0-9-]{1,40}$");
/// Yes or no.
pub const FLAG: Form = Form::Words(&["true", "false"]);

pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads the query of a request.
    ///
    /// # Errors
    /// A parameter is doubled or not one of `known`.
    pub fn read(uri: &Uri, known: &[Parameter]) -> Result<Self, HttpError> {
        let mut found: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            if !known.iter().any(|parameter| parameter.name == name) {
                let name: String = name.chars().take(40).collect();
                let names: Vec<&str> = known.iter().map(|parameter| parameter.name).collect();
                let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
                return Err(HttpError::bad_request(format!(
                    "There is no query parameter '{name}' here. Known are {known}."
                )));
            }
            if found.iter().any(|(earlier, _)| *earlier == name) {
                return Err(HttpError::bad_request(format!(
                    "The query parameter {name} is there twice. Send it once."
                )));
            }
            found.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(found))
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Everything but one parameter, encoded, in an order of its own.
    pub fn without(&self, name: &str) -> String {
        let mut pairs: Vec<_> = self.0.iter().filter(|(known, _)| known != name).collect();
        pairs.sort();
        form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
    }

    /// A parameter that is parsed.
    ///
    /// # Errors
    /// It is there and not of the form.
    pub fn parsed<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, HttpError> {
        let value = self.text(name).map(parse).transpose();
        value.map_err(|error| HttpError::bad_request(format!("{name}: {error}.")))
    }

    /// One of a few words.
    ///
    /// # Errors
    /// It is another.
    pub fn word<T: Copy>(
        &self,
        name: &str,
        words: &[(&str, T)],
        default: T,
    ) -> Result<T, HttpError> {
        let found = self.parsed(name, |text| {
            let known = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
            let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let text: String = text.chars().take(40).collect();
            known.ok_or_else(|| format!("'{text}' is not one of {}", names.join(", ")))
        })?;
        Ok(found.unwrap_or(default))
    }

    /// Something with a text form.
    ///
    /// # Errors
    /// It is there and not of the form.
    pub fn value<T: FromStr>(&self, name: &str) -> Result<Option<T>, HttpError>
    where
        T::Err: std::fmt::Display,
    {
        self.parsed(name, |text| text.parse().map_err(|error: T::Err| error.to_string()))
    }

    /// `known_at`.
    ///
    /// # Errors
    /// It is no instant.
    pub fn known_at(&self) -> Result<Option<pal_model::Instant>, HttpError> {
        self.parsed("known_at", |text| {
            text.parse().map_err(|error: IntervalError| error.to_string())
        })
    }

    /// `policy`: a shipped one, or a file of the operator's in `folder`.
    ///
    /// # Errors
    /// There is none of that name, or its file cannot be read.
    pub fn policy(&self, folder: &Path) -> Result<Policy, HttpError> {
        let shipped = shipped()?;
        let name = self.text("policy").unwrap_or("pal");
        if let Some(policy) = shipped.iter().find(|policy| policy.name == name) {
            return Ok(policy.clone());
        }
        let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
        let is_name = (1..=40).contains(&name.len()) && name.bytes().all(plain);
        let text = is_name.then(|| std::fs::read_to_string(folder.join(format!("{name}.toml"))));
        let Some(Ok(text)) = text else {
            let name: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
            let shipped: Vec<&str> = shipped.iter().map(|policy| policy.name.as_str()).collect();
            return Err(HttpError::bad_request(format!(
                "policy: there is no '{name}'. Shipped are {}; others are what the operator has put \
                 into the folder policies.",
                shipped.join(", ")
            )));
        };
        let read = Policy::read(&text).map_err(|error| error.to_string());
        let named = read.and_then(|policy| match policy.name == name {
            true => Ok(policy),
            false => Err(format!("it calls itself '{}'", policy.name)),
        });
        named.map_err(|error| {
            tracing::warn!(error, policy = name, "a policy cannot be used");
            HttpError::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "PolicyNotReadable",
                format!("The file of the policy '{name}' cannot be used: {}", error.trim_end()),
            )
        })
    }
}

fn shipped() -> Result<Vec<Policy>, HttpError> {
    Policy::shipped().map_err(|error| {
        tracing::error!(%error, "shipped policies cannot be read");
        HttpError::internal()
    })
}

/// The rules that hold if nobody says others.
///
/// # Errors
/// None in practice: they are part of the program.
pub fn pal() -> Result<Policy, HttpError> {
    shipped()?.into_iter().find(|policy| policy.name == "pal").ok_or_else(HttpError::internal)
}

/// A partner ID of a path.
///
/// # Errors
/// It is none.
pub fn partner_id(id: &str) -> Result<PartnerId, HttpError> {
    id.parse().map_err(|_| {
        let shown: String = id.chars().take(40).collect();
        HttpError::bad_request(format!(
            "'{shown}' is not a partner ID. A partner ID has 1 to 10 digits and nothing else, for \
             example 5127255."
        ))
    })
}
