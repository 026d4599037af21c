//! Who may do what, and who is linked to which partner. Each customer is a story:
//!
//! * **Fabrikam**: a guest in a nested group (linked in the middle of a day), an owner of one
//!   resource group who is linked to the other location, a rival on the network, a leaver.
//! * **Northwind**: a change of partner id, a role that is only eligible and twice active, a
//!   pipeline, a managed identity on one resource, a managed application that denies everybody.
//! * **Tailwind**: the person with access never linked; the person who linked has no access.
//! * **Wingtip**: a delegation, held through a group in Contoso's own directory.

use super::facts::{
    ALWAYS, Authorization, Delegation, DenyAssignment, Link, Membership, RoleAssignment, Scope,
    Span, between, since,
};
use super::ids;

pub const MEMBERSHIPS: &[Membership] = &[
    membership(ids::FABRIKAM, ids::CONTOSO_OPS, ids::OPS_NL, since("2026-01-12T00:00:00Z")),
    membership(ids::FABRIKAM, ids::OPS_NL, ids::ADA_IN_FABRIKAM, since("2026-03-14T09:00:00Z")),
    // A second identity of the same partner: more certain, not more credit.
    membership(
        ids::FABRIKAM,
        ids::CONTOSO_OPS,
        ids::BRAM_IN_FABRIKAM,
        since("2026-09-01T00:00:00Z"),
    ),
    membership(ids::CONTOSO, ids::MANAGED_SERVICES, ids::ADA_HOME, since("2026-02-16T00:00:00Z")),
    // Björn changed teams, and Malmö lost Wingtip with him.
    membership(
        ids::CONTOSO,
        ids::MANAGED_SERVICES,
        ids::BJORN_HOME,
        between("2026-02-16T00:00:00Z", "2026-09-30T18:00:00Z"),
    ),
];

/// The blob container that the managed identity may write to, as Azure spells such a condition.
const ONLY_REPORTS: &str = "((!(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/\
     containers/blobs/write'})) OR (@Resource[Microsoft.Storage/storageAccounts/blobServices/\
     containers:name] StringEquals 'reports'))";

pub const ROLE_ASSIGNMENTS: &[RoleAssignment] = &[
    grant(
        (ids::FABRIKAM, 1),
        ids::FRIDA_IN_FABRIKAM,
        ids::OWNER,
        Scope::Root(ids::FABRIKAM),
        ALWAYS,
    ),
    grant(
        (ids::FABRIKAM, 2),
        ids::CONTOSO_OPS,
        ids::CONTRIBUTOR,
        Scope::Subscription(ids::PROD_01),
        since("2026-03-14T09:05:00Z"),
    ),
    grant(
        (ids::FABRIKAM, 3),
        ids::CONTOSO_OPS,
        ids::READER,
        Scope::ManagementGroup("fabrikam-landingzones"),
        since("2026-03-14T09:10:00Z"),
    ),
    grant(
        (ids::FABRIKAM, 4),
        ids::CEM_IN_FABRIKAM,
        ids::OWNER,
        Scope::ManagementGroup("fabrikam-platform"),
        since("2025-11-03T09:20:00Z"),
    ),
    grant(
        (ids::FABRIKAM, 5),
        ids::DARA_IN_FABRIKAM,
        ids::OWNER,
        Scope::ResourceGroup(ids::PROD_01, "rg-data"),
        since("2026-06-22T07:00:00Z"),
    ),
    grant(
        (ids::FABRIKAM, 6),
        ids::BRAM_IN_FABRIKAM,
        ids::LAB_OPERATOR,
        Scope::ResourceGroup(ids::DEV_01, "rg-dev"),
        since("2026-04-01T00:00:00Z"),
    ),
    grant(
        (ids::FABRIKAM, 7),
        ids::IVO_IN_FABRIKAM,
        ids::NETWORK_CONTRIBUTOR,
        Scope::ResourceGroup(ids::PROD_01, "rg-net"),
        since("2026-06-01T08:00:00Z"),
    ),
    grant(
        (ids::NORTHWIND, 1),
        ids::ADA_IN_NORTHWIND,
        ids::SUPPORT_REQUEST_CONTRIBUTOR,
        Scope::Subscription(ids::NW_ERP),
        since("2026-03-20T10:30:00Z"),
    ),
    RoleAssignment {
        eligible: true,
        ..grant(
            (ids::NORTHWIND, 2),
            ids::BRAM_IN_NORTHWIND,
            ids::OWNER,
            Scope::Subscription(ids::NW_ERP),
            since("2026-07-01T00:00:00Z"),
        )
    },
    // Two activations of it, eight hours each.
    grant(
        (ids::NORTHWIND, 3),
        ids::BRAM_IN_NORTHWIND,
        ids::OWNER,
        Scope::Subscription(ids::NW_ERP),
        between("2026-09-15T08:00:00Z", "2026-09-15T16:00:00Z"),
    ),
    grant(
        (ids::NORTHWIND, 4),
        ids::BRAM_IN_NORTHWIND,
        ids::OWNER,
        Scope::Subscription(ids::NW_ERP),
        between("2026-10-06T12:00:00Z", "2026-10-06T20:00:00Z"),
    ),
    // Reaches rg-web and not rg-web-archive, although the names begin alike; typed by hand.
    grant(
        (ids::NORTHWIND, 5),
        ids::CONTOSO_DEPLOY,
        ids::CONTRIBUTOR,
        Scope::ResourceGroup(ids::NW_WEB, "RG-Web"),
        since("2026-05-18T14:40:00Z"),
    ),
    RoleAssignment {
        condition: Some(ONLY_REPORTS),
        ..grant(
            (ids::NORTHWIND, 6),
            ids::CONTOSO_ARCHIVE,
            ids::STORAGE_BLOB_DATA_CONTRIBUTOR,
            Scope::Resource(
                ids::NW_WEB,
                "rg-web-archive",
                "Microsoft.Storage/storageAccounts/stnwarchive",
            ),
            since("2026-04-07T06:10:00Z"),
        )
    },
    grant(
        (ids::TAILWIND, 1),
        ids::EWA_IN_TAILWIND,
        ids::CONTRIBUTOR,
        Scope::Subscription(ids::TAILWIND_MAIN),
        since("2026-02-09T00:00:00Z"),
    ),
    grant(
        (ids::TAILWIND, 2),
        ids::TOVE_IN_TAILWIND,
        ids::OWNER,
        Scope::Root(ids::TAILWIND),
        ALWAYS,
    ),
    grant(
        (ids::WINGTIP, 1),
        ids::ADATUM_PIPELINE,
        ids::WEBSITE_CONTRIBUTOR,
        Scope::ResourceGroup(ids::WINGTIP_OPS, "rg-shop"),
        since("2026-04-20T07:15:00Z"),
    ),
];

pub const DENY_ASSIGNMENTS: &[DenyAssignment] = &[
    // A deployment stack: part of every role is left, so only a program that wants no deny at all
    // (partner earned credit) minds.
    DenyAssignment {
        tenant: ids::FABRIKAM,
        number: 1,
        exclude: &[ids::FRIDA_IN_FABRIKAM],
        actions: &["*/delete"],
        scope: Scope::ResourceGroup(ids::PROD_01, "rg-data"),
        span: since("2026-09-01T00:00:00Z"),
    },
    // A managed application: nothing is left for anybody but its publisher.
    DenyAssignment {
        tenant: ids::NORTHWIND,
        number: 1,
        exclude: &[ids::REPORTING_PUBLISHER],
        actions: &["*"],
        scope: Scope::ResourceGroup(ids::NW_ERP, "mrg-nw-reporting"),
        span: since("2026-02-02T00:00:00Z"),
    },
];

pub const DELEGATIONS: &[Delegation] = &[Delegation {
    tenant: ids::WINGTIP,
    number: 1,
    scope: Scope::Subscription(ids::WINGTIP_OPS),
    managing: ids::CONTOSO,
    authorizations: &[
        Authorization { principal: ids::MANAGED_SERVICES, role: ids::CONTRIBUTOR, eligible: false },
        Authorization {
            principal: ids::BRAM_HOME,
            role: ids::VIRTUAL_MACHINE_CONTRIBUTOR,
            eligible: true,
        },
    ],
    span: since("2026-06-08T10:00:00Z"),
}];

pub const LINKS: &[Link] = &[
    link(ids::CONTOSO, ids::ADA_HOME, ids::UTRECHT, since("2026-04-02T08:00:00Z")),
    link(ids::CONTOSO, ids::BJORN_HOME, ids::MALMO, since("2026-06-15T13:30:00Z")),
    link(ids::CONTOSO, ids::BRAM_HOME, ids::UTRECHT, since("2026-04-02T08:20:00Z")),
    link(ids::FABRIKAM, ids::ADA_IN_FABRIKAM, ids::UTRECHT, since("2026-05-03T09:12:00Z")),
    link(ids::FABRIKAM, ids::BRAM_IN_FABRIKAM, ids::UTRECHT, since("2026-04-01T07:45:00Z")),
    link(ids::FABRIKAM, ids::CEM_IN_FABRIKAM, ids::UTRECHT, since("2025-11-03T10:00:00Z")),
    link(ids::FABRIKAM, ids::DARA_IN_FABRIKAM, ids::MALMO, since("2026-07-01T00:00:00Z")),
    link(ids::FABRIKAM, ids::IVO_IN_FABRIKAM, ids::ADATUM_LOCATION, since("2026-06-01T08:30:00Z")),
    // The customer went from one location to the other.
    link(
        ids::NORTHWIND,
        ids::ADA_IN_NORTHWIND,
        ids::UTRECHT,
        between("2026-03-20T10:45:00Z", "2026-08-17T11:00:00Z"),
    ),
    link(ids::NORTHWIND, ids::ADA_IN_NORTHWIND, ids::MALMO, since("2026-08-17T11:00:00Z")),
    link(ids::NORTHWIND, ids::BRAM_IN_NORTHWIND, ids::MALMO, since("2026-07-01T09:00:00Z")),
    link(ids::NORTHWIND, ids::CONTOSO_DEPLOY, ids::UTRECHT, since("2026-05-18T15:05:00Z")),
    link(ids::NORTHWIND, ids::CONTOSO_ARCHIVE, ids::UTRECHT, since("2026-04-07T06:20:00Z")),
    link(ids::TAILWIND, ids::ADA_IN_TAILWIND, ids::UTRECHT, since("2026-05-11T13:45:00Z")),
    link(ids::WINGTIP, ids::ADATUM_PIPELINE, ids::ADATUM_LOCATION, since("2026-04-20T07:30:00Z")),
];

/// After the last month of usage.
pub const NEW_ROLE_ASSIGNMENTS: &[RoleAssignment] = &[grant(
    (ids::TAILWIND, 3),
    ids::CONTOSO_AUTOMATION,
    ids::CONTRIBUTOR,
    Scope::Subscription(ids::TAILWIND_MAIN),
    since("2026-11-02T09:05:00Z"),
)];

const fn membership(
    tenant: &'static str,
    group: &'static str,
    member: &'static str,
    span: Span,
) -> Membership {
    Membership { tenant, group, member, span }
}

/// An ordinary, active assignment; the first pair is its directory and its number there.
const fn grant(
    (tenant, number): (&'static str, u32),
    principal: &'static str,
    role: &'static str,
    scope: Scope,
    span: Span,
) -> RoleAssignment {
    RoleAssignment {
        tenant,
        number,
        principal,
        role,
        scope,
        eligible: false,
        condition: None,
        span,
    }
}

const fn link(
    tenant: &'static str,
    object: &'static str,
    partner: &'static str,
    span: Span,
) -> Link {
    Link { tenant, object, partner, span }
}
