//! Signing in, and staying signed in.

mod borrowed;
mod browser;
mod cache;
mod claims;
mod device;
mod listener;
mod oauth;
mod page;
mod principal;
mod secret;
mod session;

pub use borrowed::borrow;
pub use browser::{SignInRequest, browser, has_browser};
pub use cache::{Account, Cache, Credential, Session, Target};
pub use claims::Claims;
pub use device::device_code;
pub use oauth::{Authority, TokenScope, Tokens};
pub use principal::client_credentials;
pub use secret::Secret;
pub use session::Sessions;

/// The public client that Azure knows for command lines: that of the Azure CLI. Clouds that answer
/// like Azure know it, too.
pub const PUBLIC_CLIENT: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
