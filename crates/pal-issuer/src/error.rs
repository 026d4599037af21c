//! Errors as the clients know them: an OAuth word and an AADSTS number.

use pal_model::Instant;
use pal_store::StoreError;

use crate::answers::ErrorBody;

/// Why no token is given.
#[derive(Debug, Clone)]
pub struct OAuthError {
    pub status: u16,
    /// OAuth's word.
    pub error: &'static str,
    pub number: u32,
    /// What happened, why, what to do.
    pub message: String,
    /// Seconds to wait, for 429.
    pub retry_after: Option<u64>,
}

impl OAuthError {
    pub(crate) fn new(
        status: u16,
        error: &'static str,
        number: u32,
        message: impl Into<String>,
    ) -> Self {
        Self { status, error, number, message: message.into(), retry_after: None }
    }

    pub(crate) fn request(number: u32, message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request", number, message)
    }

    pub(crate) fn grant(number: u32, message: impl Into<String>) -> Self {
        Self::new(400, "invalid_grant", number, message)
    }

    /// 401: libraries keep a 400 for a minute and give it again without asking.
    pub(crate) fn client(number: u32, message: impl Into<String>) -> Self {
        Self::new(401, "invalid_client", number, message)
    }

    pub(crate) fn too_many(seconds: u64) -> Self {
        let mut error = Self::new(
            429,
            "temporarily_unavailable",
            50053,
            format!("Too many wrong attempts. Try again in {seconds} seconds."),
        );
        error.retry_after = Some(seconds);
        error
    }

    pub(crate) fn unavailable() -> Self {
        let text = "The directory cannot be asked now. Try again in a few seconds.";
        let mut error = Self::new(503, "temporarily_unavailable", 90033, text);
        error.retry_after = Some(5);
        error
    }

    /// The body. `trace` and `correlation` are ids for the log.
    pub fn body<'e>(&self, trace: &'e str, correlation: &'e str, now: Instant) -> ErrorBody<'e> {
        let at = now.to_string();
        let seconds = at.split(['.', 'Z']).next().unwrap_or_default().replace('T', " ");
        ErrorBody {
            error: self.error,
            error_description: format!(
                "AADSTS{}: {} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {seconds}Z",
                self.number, self.message
            ),
            error_codes: [self.number],
            timestamp: format!("{seconds}Z"),
            trace_id: trace,
            correlation_id: correlation,
        }
    }
}

impl From<StoreError> for OAuthError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "sign-in failed");
        Self::unavailable()
    }
}
