//! The part of the service whose form is Azure Resource Manager's, byte for byte.

mod error;
mod metadata;
mod partner;
mod partners;
mod subscriptions;
mod tenants;
mod version;

use axum::routing::{delete, get, patch, put};

use crate::http::{Answer, Audience, Form, Json, PARTNER as PARTNER_ID, Parameter, Route};

/// What every request to the link register says.
const VERSION: &[Parameter] =
    &[Parameter::required("api-version", Form::Words(&["2018-02-01"]), "Of the provider.")];

/// The routes of Azure's wire.
pub fn routes() -> Vec<Route> {
    const PARTNERS: &str = "/providers/microsoft.managementpartner/partners";
    const PARTNER: &str = "/providers/microsoft.managementpartner/partners/{id}";
    const OPERATIONS: &str = "/providers/microsoft.managementpartner/operations";
    let anybody = |path, handler| Route::plain("GET", path, Audience::Anybody, handler);
    let account = |method, path, handler| Route::plain(method, path, Audience::Account, handler);
    let link = Json::<partner::Partner>::content;
    let own = |method, id, summary, handler| {
        let id_inside = Parameter::required("id", PARTNER_ID, "The partner ID.");
        account(method, PARTNER, handler).described((id, summary), VERSION, link).inside(id_inside)
    };
    vec![
        anybody("/metadata/endpoints", get(metadata::endpoints)),
        anybody(OPERATIONS, get(partners::operations)),
        account("GET", PARTNERS, get(partners::show)).described(
            ("ownLink", "The caller's link."),
            VERSION,
            link,
        ),
        account("PUT", PARTNERS, put(partners::change_without_id)),
        account("PATCH", PARTNERS, patch(partners::change_without_id)),
        account("DELETE", PARTNERS, delete(partners::change_without_id)),
        own(
            "GET",
            "ownLinkTo",
            "The caller's link, if it is to this partner.",
            get(partners::show_id),
        ),
        own("PUT", "createLink", "Links the caller, who has no link yet.", put(partners::create)),
        own("PATCH", "changeLink", "Links the caller to another partner.", patch(partners::update)),
        own("DELETE", "removeLink", "Ends the caller's link.", delete(partners::delete)),
        account("GET", "/tenants", get(tenants::list)),
        account("GET", "/subscriptions", get(subscriptions::list)),
        account("GET", "/subscriptions/{id}", get(subscriptions::show)),
    ]
}
