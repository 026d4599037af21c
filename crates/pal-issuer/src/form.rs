//! Fields of a request.

use crate::OAuthError;

/// Longest field that is kept, in bytes.
const LONGEST: usize = 2_048;

/// Fields by name; unknown ones are ignored, doubled ones refused.
pub struct Form<'f>(pub &'f [(String, String)]);

impl Form<'_> {
    /// A field that is there and not empty.
    ///
    /// # Errors
    /// It is there twice.
    pub fn get(&self, name: &str) -> Result<Option<&str>, OAuthError> {
        let mut all = self.0.iter().filter(|(known, _)| known == name);
        let first = all.next().map(|(_, value)| value.as_str());
        if all.next().is_some() {
            let text = format!("The field '{name}' is there twice. Send it once.");
            return Err(OAuthError::request(900_144, text));
        }
        Ok(first.filter(|value| !value.is_empty()))
    }

    /// A field of a moderate length, to be kept or given back: never cut, never left out.
    ///
    /// # Errors
    /// It is too long, or there twice.
    pub fn short(&self, name: &str) -> Result<Option<&str>, OAuthError> {
        let value = self.get(name)?;
        if value.is_some_and(|value| value.len() > LONGEST) {
            let text = format!("The field '{name}' is longer than {LONGEST} bytes.");
            return Err(OAuthError::request(90_015, text));
        }
        Ok(value)
    }

    /// A field that must be there.
    ///
    /// # Errors
    /// It is missing or doubled.
    pub fn need(&self, name: &str) -> Result<&str, OAuthError> {
        self.get(name)?.ok_or_else(|| {
            let text = format!("The request body must contain the following parameter: '{name}'.");
            OAuthError::request(900_144, text)
        })
    }
}
