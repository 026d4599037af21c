//! The service over HTTP: what Azure's own clients ask for, answered as Azure answers.
//!
//! [`serve`] runs it. [`router`] is the service without a socket, for tests. Handlers never hold a
//! transaction and never look at more of a token than its [`pal_identity::Caller`].

mod api;
mod app;
mod arm;
mod authority;
pub mod config;
mod connection;
mod fetch;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzz;
mod http;
mod identity;
mod limits;
mod live;
mod metrics;
mod oauth;
mod portal;
mod router;
mod scrape;
mod seals;
mod serve;
mod signing;
pub mod telemetry;
mod tls;
mod work;

pub use app::{App, Clock, SystemClock, SystemRandomness, guid, store_options};
pub use authority::{Authority, AuthorityKind};
pub use http::{Audience, Route, normalise};
pub use limits::{Bounds, Limits, Quotas};
pub use live::{Live, LiveError, parse as parse_facts};
pub use metrics::{MetricDescription, Metrics};
pub use oauth::PATHS as ISSUER_PATHS;
pub use portal::{
    BackChannel, External, ExternalKind, PORTAL_MIRRORS, Portal, PortalAssets, PortalIssuer,
    PortalOptions, own_routes as portal_routes,
};
pub use router::{openapi, router, routes};
pub use seals::{PageSeal, Pseudonyms, customer};
pub use serve::{PortalReady, Ready, ServeError, serve};
pub use signing::{KeyFolder, SigningError};
pub use work::{Busy, Queue, Workload};
