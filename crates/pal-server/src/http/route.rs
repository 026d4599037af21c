//! A route: its path, who may call it, what it reads and answers, and the handler that does it, in one
//! place. What `openapi.json` says of it is made from the same types that the handler takes and returns.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::Uri;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};
use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

use super::audience::{Audience, Reader};
use super::content::{Answer, Content};
use super::{HttpError, Page, Parameter, Query, SignedIn, drain, limited};
use crate::App;
use crate::limits::{Access, Bounds};

/// What the handler of a route is given, once the caller is known to be one of its audience.
pub struct Call<R, B = ()> {
    pub app: Arc<App>,
    pub signed: SignedIn,
    pub reader: R,
    pub query: Query,
    pub uri: Uri,
    /// What stands in the braces of the path.
    pub inside: String,
    pub body: B,
}

impl<R, B> Call<R, B> {
    /// The page that is asked for.
    ///
    /// # Errors
    /// As [`Page::read`].
    pub async fn page(&self) -> Result<Page, HttpError> {
        Page::read(&self.app, &self.signed, &self.uri, &self.query).await
    }
}

pub struct Route {
    pub method: &'static str,
    pub path: &'static str,
    /// Who may call it.
    pub audience: Audience,
    /// Whether the handler reads the body, within bounds of its own.
    pub reads_body: bool,
    pub handler: MethodRouter<Arc<App>>,
    /// What `openapi.json` says of it, if anything.
    pub operation: Option<Operation>,
}

/// What `openapi.json` says of a route.
pub struct Operation {
    pub id: &'static str,
    pub summary: &'static str,
    /// What stands in the braces of the path.
    pub inside: Option<Parameter>,
    pub parameters: &'static [Parameter],
    /// The content type of its body.
    pub kind: Option<&'static str>,
    pub schema: fn(&mut SchemaGenerator) -> Schema,
    pub content: fn(&mut SchemaGenerator) -> Value,
}

impl Route {
    /// A route whose handler answers by itself: Azure's wire, health.
    pub fn plain(
        method: &'static str,
        path: &'static str,
        audience: Audience,
        handler: MethodRouter<Arc<App>>,
    ) -> Self {
        Self { method, path, audience, reads_body: false, handler, operation: None }
    }

    /// A route of our own: within the caller's quota, for the handler's readers, with these parameters
    /// and no others.
    pub fn new<R, B, A, F, Answered>(
        method: &'static str,
        path: &'static str,
        (id, summary): (&'static str, &'static str),
        parameters: &'static [Parameter],
        handler: F,
    ) -> Self
    where
        R: Reader + 'static,
        B: Content + 'static,
        A: Answer + 'static,
        F: Fn(Call<R, B>) -> Answered + Clone + Send + Sync + 'static,
        Answered: Future<Output = Result<A, HttpError>> + Send,
    {
        let (filter, access) = match method {
            "POST" => (MethodFilter::POST, Access::Write),
            "PUT" => (MethodFilter::PUT, Access::Write),
            "DELETE" => (MethodFilter::DELETE, Access::Write),
            _ => (MethodFilter::GET, Access::Read),
        };
        let run = async move |State(app): State<Arc<App>>,
                              signed: SignedIn,
                              inside: Option<Path<String>>,
                              request: Request| {
            let (parts, body) = request.into_parts();
            let quota = app.clone();
            let caller = signed.clone();
            limited(&quota, &caller, access, async move {
                let reader = R::admit(&app, &signed).await?;
                let query = Query::read(&parts.uri, parameters)?;
                let body = B::read(&app, &parts.headers, body).await?;
                let inside = inside.map(|Path(text)| text).unwrap_or_default();
                let call = Call { app, signed, reader, query, uri: parts.uri, inside, body };
                Ok(handler(call).await?.respond())
            })
            .await
        };
        let operation = Operation {
            id,
            summary,
            inside: None,
            parameters,
            kind: B::KIND,
            schema: B::schema,
            content: A::content,
        };
        Self {
            method,
            path,
            audience: R::AUDIENCE,
            reads_body: B::KIND.is_some(),
            handler: on(filter, run),
            operation: Some(operation),
        }
    }

    /// With what `openapi.json` says of it.
    #[must_use]
    pub fn described(
        mut self,
        (id, summary): (&'static str, &'static str),
        parameters: &'static [Parameter],
        content: fn(&mut SchemaGenerator) -> Value,
    ) -> Self {
        let (kind, schema) = (<()>::KIND, <()>::schema as fn(&mut SchemaGenerator) -> Schema);
        self.operation =
            Some(Operation { id, summary, inside: None, parameters, kind, schema, content });
        self
    }

    #[must_use]
    pub fn with_body<B: Content>(mut self) -> Self {
        self.reads_body = true;
        if let Some(operation) = &mut self.operation {
            (operation.kind, operation.schema) = (B::KIND, B::schema);
        }
        self
    }

    /// With what stands in the braces of its path.
    #[must_use]
    pub fn inside(mut self, parameter: Parameter) -> Self {
        if let Some(operation) = &mut self.operation {
            operation.inside = Some(parameter);
        }
        self
    }
}

/// The handlers of routes; a body that no handler reads is read away.
pub fn served<'r>(routes: impl IntoIterator<Item = &'r Route>, bounds: Bounds) -> Router<Arc<App>> {
    let (mut drained, mut reading) = (Router::new(), Router::new());
    for Route { path, handler, reads_body, .. } in routes {
        let of = if *reads_body { &mut reading } else { &mut drained };
        *of = std::mem::take(of).route(path, handler.clone());
    }
    drained.layer(from_fn_with_state(bounds, drain)).merge(reading)
}
