//! What requests bring and answers are, with their forms: what a handler takes and returns is what
//! `openapi.json` says.

use axum::body::Body;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{HttpError, json as answer, object};
use crate::App;
use crate::limits::Bounds;

/// The body of a request. It is read once it is known that the caller may send one.
pub trait Content: Sized + Send {
    /// Its content type; `None` = a body is read away.
    const KIND: Option<&'static str>;

    fn schema(generator: &mut SchemaGenerator) -> Schema;

    fn read(
        app: &App,
        headers: &HeaderMap,
        body: Body,
    ) -> impl Future<Output = Result<Self, HttpError>> + Send;
}

impl Content for () {
    const KIND: Option<&'static str> = None;

    fn schema(_: &mut SchemaGenerator) -> Schema {
        Schema::default()
    }

    async fn read(_: &App, _: &HeaderMap, _: Body) -> Result<Self, HttpError> {
        Ok(())
    }
}

/// JSON of a form: as an answer, and as a small body.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + JsonSchema + Send> Content for Json<T> {
    const KIND: Option<&'static str> = Some("application/json");

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }

    async fn read(app: &App, headers: &HeaderMap, body: Body) -> Result<Self, HttpError> {
        let bounds = Bounds { bytes: 4 << 10, ..app.facts_body };
        let fields = object(headers, body, bounds).await?;
        serde_json::from_value(fields.into()).map(Self).map_err(|error| {
            HttpError::bad_request(format!("The body: {error}. Nothing was changed."))
        })
    }
}

pub trait Answer {
    /// Content types and forms, in the words of `OpenAPI`.
    fn content(generator: &mut SchemaGenerator) -> Value;

    /// 200.
    fn respond(self) -> Response;
}

impl<T: Serialize + JsonSchema> Answer for Json<T> {
    fn content(generator: &mut SchemaGenerator) -> Value {
        json!({ "application/json": { "schema": generator.subschema_for::<T>() } })
    }

    fn respond(self) -> Response {
        serde_json::to_vec(&self.0).map_or_else(
            |error| {
                tracing::error!(%error, "an answer cannot be written");
                HttpError::internal().into_response()
            },
            answer,
        )
    }
}
