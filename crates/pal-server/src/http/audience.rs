//! Who may call a route. What a handler takes says for whom it is; nobody else gets as far as the handler.
//! "Not yours" reads as "not there".

use pal_store::Account;

use super::{HttpError, Sight, SignedIn, account};
use crate::App;

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Anybody, without a token.
    Anybody,
    /// Everybody who has an enabled account in the token's tenant.
    Account,
    Operator,
    /// Viewers of a partner's reports, auditors of a customer, operators.
    Viewer,
    /// Those who look after the links of a partner, and operators.
    LinkAdministrator,
    Auditor,
    /// Those who look after links, auditors, operators.
    Caretaker,
}

pub trait Reader: Sized + Send {
    const AUDIENCE: Audience;

    fn admit(app: &App, signed: &SignedIn) -> impl Future<Output = Result<Self, HttpError>> + Send;
}

impl Reader for Account {
    const AUDIENCE: Audience = Audience::Account;

    async fn admit(app: &App, signed: &SignedIn) -> Result<Self, HttpError> {
        account(app, signed.caller.principal, app.now()).await
    }
}

pub struct Operator;

impl Reader for Operator {
    const AUDIENCE: Audience = Audience::Operator;

    async fn admit(app: &App, signed: &SignedIn) -> Result<Self, HttpError> {
        Account::admit(app, signed).await?;
        let is_one = app.operators.contains(&signed.caller.principal);
        if is_one { Ok(Self) } else { Err(HttpError::no_such_path()) }
    }
}

macro_rules! by_sight {
    ($($(#[$doc:meta])* $name:ident if $may:expr;)*) => {$(
        $(#[$doc])*
        pub struct $name(pub Sight);

        impl Reader for $name {
            const AUDIENCE: Audience = Audience::$name;

            async fn admit(app: &App, signed: &SignedIn) -> Result<Self, HttpError> {
                let sight = Sight::of(app, signed).await?;
                let may: fn(&Sight) -> bool = $may;
                if may(&sight) { Ok(Self(sight)) } else { Err(HttpError::no_such_path()) }
            }
        }
    )*};
}

by_sight! {
    /// Somebody who may see a report.
    Viewer if |sight| sight.role(None).is_ok();
    /// Somebody who looks after the links of a partner, or an operator.
    LinkAdministrator if |sight| sight.operator || !sight.administers.is_empty();
    Auditor if |sight| sight.audits;
    /// Any of these who can mend something.
    Caretaker if |sight| sight.operator || sight.audits || !sight.administers.is_empty();
}
