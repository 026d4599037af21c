//! Who there is: partners, directories, what they contain, and who is in them.

use super::facts::{
    ALWAYS, ManagementGroup, Partner, Principal, RoleDefinition, Sort, Span, Subscription, Tenant,
    between, since, until,
};
use super::ids;

pub const PARTNERS: &[Partner] = &[
    partner(ids::CONTOSO_GLOBAL, "Contoso", None, ids::CONTOSO, ALWAYS),
    partner(
        ids::UTRECHT,
        "Contoso Services, Utrecht",
        Some(ids::CONTOSO_GLOBAL),
        ids::CONTOSO,
        ALWAYS,
    ),
    partner(
        ids::MALMO,
        "Contoso Services, Malmö",
        Some(ids::CONTOSO_GLOBAL),
        ids::CONTOSO,
        since("2026-01-01T00:00:00Z"),
    ),
    partner(ids::ADATUM_GLOBAL, "Adatum", None, ids::ADATUM, ALWAYS),
    partner(
        ids::ADATUM_LOCATION,
        "Adatum Consulting",
        Some(ids::ADATUM_GLOBAL),
        ids::ADATUM,
        ALWAYS,
    ),
];

pub const TENANTS: &[Tenant] = &[
    tenant(ids::CONTOSO, "Contoso", "contoso.example"),
    tenant(ids::ADATUM, "Adatum", "adatum.example"),
    tenant(ids::FABRIKAM, "Fabrikam", "fabrikam.example"),
    tenant(ids::NORTHWIND, "Northwind", "northwind.example"),
    tenant(ids::TAILWIND, "Tailwind", "tailwind.example"),
    tenant(ids::WINGTIP, "Wingtip", "wingtip.example"),
];

/// No line for a tenant root group: it is there by itself, named by the tenant's id.
pub const MANAGEMENT_GROUPS: &[ManagementGroup] = &[
    group(ids::FABRIKAM, "fabrikam-platform", "Platform", None),
    group(ids::FABRIKAM, "fabrikam-landingzones", "Landing zones", None),
    group(ids::FABRIKAM, "fabrikam-corp", "Corp", Some("fabrikam-landingzones")),
    group(ids::FABRIKAM, "fabrikam-sandbox", "Sandbox", None),
    group(ids::NORTHWIND, "nw-group", "Northwind Group", None),
    group(ids::NORTHWIND, "nw-workloads", "Workloads", Some("nw-group")),
    group(ids::TAILWIND, "tw-all", "All of Tailwind", None),
];

pub const SUBSCRIPTIONS: &[Subscription] = &[
    subscription(ids::FABRIKAM, ids::PROD_01, "prod-01", Some("fabrikam-corp"), ALWAYS),
    subscription(ids::FABRIKAM, ids::SHARED_01, "shared-01", Some("fabrikam-platform"), ALWAYS),
    // Moved out of the landing zones, and so out of the Reader role that Contoso Ops holds there.
    subscription(
        ids::FABRIKAM,
        ids::DEV_01,
        "dev-01",
        Some("fabrikam-landingzones"),
        until("2026-08-12T08:00:00Z"),
    ),
    subscription(
        ids::FABRIKAM,
        ids::DEV_01,
        "dev-01",
        Some("fabrikam-sandbox"),
        since("2026-08-12T08:00:00Z"),
    ),
    subscription(ids::NORTHWIND, ids::NW_ERP, "nw-erp", Some("nw-workloads"), ALWAYS),
    subscription(ids::NORTHWIND, ids::NW_WEB, "nw-web", None, ALWAYS),
    subscription(ids::TAILWIND, ids::TAILWIND_MAIN, "tailwind-main", Some("tw-all"), ALWAYS),
    subscription(ids::WINGTIP, ids::WINGTIP_OPS, "wingtip-ops", None, ALWAYS),
];

pub const ROLE_DEFINITIONS: &[RoleDefinition] = &[RoleDefinition {
    role: ids::LAB_OPERATOR,
    name: "Fabrikam Lab Operator",
    actions: &[
        "Microsoft.Compute/virtualMachines/*",
        "Microsoft.Network/networkInterfaces/read",
        "Microsoft.Resources/subscriptions/resourceGroups/read",
    ],
    span: since("2025-10-01T00:00:00Z"),
}];

/// A name is the one that the person signs in with, the same in every directory.
pub const PRINCIPALS: &[Principal] = &[
    // Contoso's own directory: what counts for delegations.
    member(ids::CONTOSO, ids::ADA_HOME, "ada@contoso.example"),
    member(ids::CONTOSO, ids::BJORN_HOME, "bjorn@contoso.example"),
    member(ids::CONTOSO, ids::BRAM_HOME, "bram@contoso.example"),
    security_group(ids::CONTOSO, ids::MANAGED_SERVICES, "Contoso Managed Services"),
    member(ids::ADATUM, ids::IVO_HOME, "ivo@adatum.example"),
    // Fabrikam: guests, an account made by the customer, an administrator of its own.
    guest(ids::FABRIKAM, ids::ADA_IN_FABRIKAM, "ada@contoso.example", "2026-03-14T08:40:00Z"),
    guest(ids::FABRIKAM, ids::BRAM_IN_FABRIKAM, "bram@contoso.example", "2026-03-30T12:15:00Z"),
    guest(ids::FABRIKAM, ids::IVO_IN_FABRIKAM, "ivo@adatum.example", "2026-05-28T07:50:00Z"),
    member(ids::FABRIKAM, ids::DARA_IN_FABRIKAM, "ext-dara@fabrikam.example"),
    member(ids::FABRIKAM, ids::FRIDA_IN_FABRIKAM, "frida@fabrikam.example"),
    security_group(ids::FABRIKAM, ids::CONTOSO_OPS, "Contoso Ops"),
    security_group(ids::FABRIKAM, ids::OPS_NL, "Ops NL"),
    // The leaver: the account is disabled, the link and the role are forgotten.
    Principal {
        tenant: ids::FABRIKAM,
        object: ids::CEM_IN_FABRIKAM,
        sort: Sort::Guest,
        name: "cem@contoso.example",
        enabled: true,
        span: between("2025-11-03T09:00:00Z", "2026-07-10T15:00:00Z"),
    },
    Principal {
        tenant: ids::FABRIKAM,
        object: ids::CEM_IN_FABRIKAM,
        sort: Sort::Guest,
        name: "cem@contoso.example",
        enabled: false,
        span: since("2026-07-10T15:00:00Z"),
    },
    // Northwind: people, a pipeline, and a job without a secret.
    guest(ids::NORTHWIND, ids::ADA_IN_NORTHWIND, "ada@contoso.example", "2026-03-20T10:05:00Z"),
    guest(ids::NORTHWIND, ids::BRAM_IN_NORTHWIND, "bram@contoso.example", "2026-06-29T09:30:00Z"),
    application(
        ids::NORTHWIND,
        ids::CONTOSO_DEPLOY,
        Sort::ServicePrincipal,
        "contoso-deploy",
        "2026-05-18T14:30:00Z",
    ),
    application(
        ids::NORTHWIND,
        ids::CONTOSO_ARCHIVE,
        Sort::ManagedIdentity,
        "contoso-archive",
        "2026-04-07T06:00:00Z",
    ),
    application(
        ids::NORTHWIND,
        ids::REPORTING_PUBLISHER,
        Sort::ServicePrincipal,
        "proseware-reporting",
        "2026-02-02T00:00:00Z",
    ),
    // Tailwind: the account that links is not the account that has access.
    guest(ids::TAILWIND, ids::ADA_IN_TAILWIND, "ada@contoso.example", "2026-05-11T13:20:00Z"),
    member(ids::TAILWIND, ids::EWA_IN_TAILWIND, "ewa-contoso@tailwind.example"),
    member(ids::TAILWIND, ids::TOVE_IN_TAILWIND, "tove@tailwind.example"),
    // Wingtip: nobody of Contoso is there, all goes by delegation.
    application(
        ids::WINGTIP,
        ids::ADATUM_PIPELINE,
        Sort::ServicePrincipal,
        "adatum-pipeline",
        "2026-04-20T07:00:00Z",
    ),
];

/// After the last month of usage: a pipeline that nobody has linked yet, for whoever tries that.
pub const NEW_PRINCIPALS: &[Principal] = &[application(
    ids::TAILWIND,
    ids::CONTOSO_AUTOMATION,
    Sort::ServicePrincipal,
    "contoso-automation",
    "2026-11-02T09:00:00Z",
)];

const fn partner(
    id: &'static str,
    name: &'static str,
    parent: Option<&'static str>,
    home: &'static str,
    span: Span,
) -> Partner {
    Partner { id, name, parent, home, span }
}

const fn tenant(id: &'static str, name: &'static str, domain: &'static str) -> Tenant {
    Tenant { id, name, domain, span: ALWAYS }
}

const fn group(
    tenant: &'static str,
    name: &'static str,
    display: &'static str,
    parent: Option<&'static str>,
) -> ManagementGroup {
    ManagementGroup { tenant, name, display, parent, span: ALWAYS }
}

const fn subscription(
    tenant: &'static str,
    id: &'static str,
    name: &'static str,
    group: Option<&'static str>,
    span: Span,
) -> Subscription {
    Subscription { tenant, id, name, group, span }
}

const fn member(tenant: &'static str, object: &'static str, name: &'static str) -> Principal {
    let span = since("2025-09-01T00:00:00Z");
    Principal { tenant, object, sort: Sort::Member, name, enabled: true, span }
}

const fn guest(
    tenant: &'static str,
    object: &'static str,
    name: &'static str,
    invited: &'static str,
) -> Principal {
    let span = since(invited);
    Principal { tenant, object, sort: Sort::Guest, name, enabled: true, span }
}

const fn security_group(
    tenant: &'static str,
    object: &'static str,
    name: &'static str,
) -> Principal {
    let span = since("2026-01-12T00:00:00Z");
    Principal { tenant, object, sort: Sort::Group, name, enabled: true, span }
}

const fn application(
    tenant: &'static str,
    object: &'static str,
    sort: Sort,
    name: &'static str,
    created: &'static str,
) -> Principal {
    Principal { tenant, object, sort, name, enabled: true, span: since(created) }
}
