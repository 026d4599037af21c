//! What is ours on the wire: health, and `/api/v1`.

mod alerts;
mod audit;
mod explain;
mod facts;
mod health;
mod inventory;
mod me;
mod openapi;
mod own_access;
mod partners;
mod privacy;
mod report;
mod usage;

pub use alerts::alerts;
pub use audit::{checkpoints as audit_checkpoints, records as audit, verify as audit_verify};
pub use explain::explain;
pub use facts::{export as export_facts, import as import_facts};
pub use health::{healthz, readyz};
pub use inventory::{access, gaps, links};
pub use me::me;
pub use openapi::{document, openapi};
pub use own_access::own_access;
pub use partners::{partner, partners};
pub use privacy::set_privacy;
pub use report::reports;
pub use usage::{
    import as usage_import, imports as usage_imports, months as usage_months,
    withdraw as usage_withdraw,
};

use crate::App;
use crate::http::{HttpError, SignedIn, account};

/// Refuses everybody but operators. "Not yours" reads as "not there".
async fn operator(app: &App, signed: &SignedIn) -> Result<(), HttpError> {
    let who = signed.caller.principal;
    account(app, who, app.now()).await?;
    if app.operators.contains(&who) { Ok(()) } else { Err(HttpError::no_such_path()) }
}
