//! The query of a request: each parameter known, each at most once.

use std::str::FromStr;

use axum::http::Uri;
use pal_attribution::policy::Policy;
use pal_model::IntervalError;

use crate::arm::error::ArmError;

/// Parameters by name.
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads the query of a request.
    ///
    /// # Errors
    /// A parameter is doubled or not one of `known`.
    pub fn read(uri: &Uri, known: &[&str]) -> Result<Self, ArmError> {
        let mut found: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            if !known.contains(&&*name) {
                let name: String = name.chars().take(40).collect();
                return Err(ArmError::bad_request(format!(
                    "There is no query parameter '{name}' here. Known are {}.",
                    known.join(", ")
                )));
            }
            if found.iter().any(|(earlier, _)| *earlier == name) {
                return Err(ArmError::bad_request(format!(
                    "The query parameter {name} is there twice. Send it once."
                )));
            }
            found.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(found))
    }

    /// A parameter's text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A parameter that is parsed.
    ///
    /// # Errors
    /// It is there and not of the form.
    pub fn parsed<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ArmError> {
        let value = self.text(name).map(parse).transpose();
        value.map_err(|error| ArmError::bad_request(format!("{name}: {error}.")))
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
    ) -> Result<T, ArmError> {
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
    pub fn value<T: FromStr>(&self, name: &str) -> Result<Option<T>, ArmError>
    where
        T::Err: std::fmt::Display,
    {
        self.parsed(name, |text| text.parse().map_err(|error: T::Err| error.to_string()))
    }

    /// `known_at`.
    ///
    /// # Errors
    /// It is no instant.
    pub fn known_at(&self) -> Result<Option<pal_model::Instant>, ArmError> {
        self.parsed("known_at", |text| {
            text.parse().map_err(|error: IntervalError| error.to_string())
        })
    }

    /// `policy`: a shipped one.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn policy(&self) -> Result<Policy, ArmError> {
        let shipped = Policy::shipped().map_err(|error| {
            tracing::error!(%error, "shipped policies cannot be read");
            ArmError::internal()
        })?;
        let words: Vec<(&str, usize)> =
            shipped.iter().enumerate().map(|(at, policy)| (policy.name.as_str(), at)).collect();
        let at = self.word("policy", &words, 0)?;
        shipped.get(at).cloned().ok_or_else(ArmError::internal)
    }
}
