//! A sign-in that has begun: all of it is in a cookie of the browser that began it, sealed. So nobody
//! can make this service remember anything by asking for sign-ins.
//!
//! State, nonce and the verifier of PKCE are made of the cookie's secret with the service's key: what
//! comes back can only be of the browser that asked (T42, T48), and the browser does not know the
//! verifier.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pal_model::TenantId;

use super::{Portal, same};
use crate::App;

/// Longest time on the sign-in page, in seconds.
pub const LIFE: i64 = 600;
/// Longest address to go back to.
const LONGEST: usize = 1_500;
/// Where to go when nothing else is asked for.
pub const HOME: &str = "/portal/";

#[derive(Debug)]
pub struct PendingSignIn {
    secret: String,
    at: i64,
    pub tenant: Option<TenantId>,
    /// Where to go afterwards: below `/portal/`.
    pub back: String,
}

/// What goes to the issuer, or is shown to it later.
pub struct SignInParameters {
    pub state: String,
    pub nonce: String,
    pub verifier: String,
}

impl PendingSignIn {
    /// Now; `back` as somebody asked for it.
    pub fn new(app: &App, tenant: Option<TenantId>, back: Option<&str>) -> Self {
        let mut bytes = [0; 32];
        app.random.fill(&mut bytes);
        let back = back.filter(|back| is_own(back)).unwrap_or(HOME);
        let secret = URL_SAFE_NO_PAD.encode(bytes);
        Self { secret, at: seconds(app), tenant, back: back.to_owned() }
    }

    pub fn sealed(&self, portal: &Portal) -> String {
        let tenant = self.tenant.map(|tenant| tenant.to_string()).unwrap_or_default();
        let back = URL_SAFE_NO_PAD.encode(&self.back);
        let text = format!("{}.{}.{tenant}.{back}", self.secret, self.at);
        let tag = portal.tag("begun", &[&text]);
        format!("{text}.{tag}")
    }

    /// From a cookie that this service has made, not too long ago.
    pub fn opened(app: &App, portal: &Portal, cookie: &str) -> Option<Self> {
        let (text, tag) = cookie.rsplit_once('.')?;
        if !same(tag, &portal.tag("begun", &[text])) {
            return None;
        }
        let mut parts = text.split('.');
        let (secret, at) = (parts.next()?.to_owned(), parts.next()?.parse().ok()?);
        let tenant = match parts.next()? {
            "" => None,
            tenant => Some(tenant.parse().ok()?),
        };
        let back = String::from_utf8(URL_SAFE_NO_PAD.decode(parts.next()?).ok()?).ok()?;
        let now = seconds(app);
        // A clock that was set back must not make it last for longer.
        ((at - LIFE..at + LIFE).contains(&now)).then_some(Self { secret, at, tenant, back })
    }

    pub fn parameters(&self, portal: &Portal) -> SignInParameters {
        let made = |purpose| portal.tag(purpose, &[&self.secret]);
        SignInParameters { state: made("state"), nonce: made("nonce"), verifier: made("verifier") }
    }
}

/// Seconds since 1970.
fn seconds(app: &App) -> i64 {
    i64::try_from(app.now().nanoseconds().div_euclid(1_000_000_000)).unwrap_or(i64::MAX)
}

/// Whether an address is a page of the portal: a path below `/portal/` without anything that a browser
/// or a proxy could read in another way (T46).
fn is_own(back: &str) -> bool {
    let path = back.split('?').next().unwrap_or_default();
    let visible = back.bytes().all(|byte| (b'!'..=b'~').contains(&byte));
    let Some(rest) = path.strip_prefix("/portal/") else { return false };
    let segments = || rest.split('/');
    let last = segments().count() - 1;
    // Addresses of the portal that are no pages.
    let no_page = ["auth", "session", "api", "arm", "assets"];
    visible
        && back.len() <= LONGEST
        && !back.contains(['\\', '#', '@', ';', '<', '>', '"', '\''])
        && !segments().next().is_some_and(|first| no_page.contains(&first))
        && segments().enumerate().all(|(at, part)| {
            (!part.is_empty() || at == last) && !matches!(part, "." | "..") && is_plain(part)
        })
}

/// Whether what is encoded in a segment are letters beyond ASCII, or a space: nothing that could mean
/// something else once it is decoded.
fn is_plain(part: &str) -> bool {
    part.split('%').skip(1).all(|code| {
        let byte = code.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        byte.is_some_and(|byte| byte == b' ' || byte >= 0x80)
    })
}
