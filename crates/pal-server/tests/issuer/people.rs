//! Who there is: two directories, people, programs.

pub use crate::support::BASE;
pub const CONTOSO: &str = "c0750000-0000-4000-8000-000000000000";
pub const FABRIKAM: &str = "fab00000-0000-4000-8000-000000000000";
/// At home in Contoso, a guest in Fabrikam.
pub const ADA: &str = "ada@contoso.example";
pub const ADA_HOME: &str = "c0750000-1000-4000-8000-000000000ada";
pub const ADA_GUEST: &str = "fab00000-1000-4000-8000-000000000ada";
/// In Contoso only.
pub const BEN: &str = "ben@contoso.example";
pub const BEN_HOME: &str = "c0750000-1000-4000-8000-000000000be7";
/// Disabled.
pub const CEM: &str = "cem@contoso.example";
pub const CEM_HOME: &str = "c0750000-1000-4000-8000-000000000ce3";
/// The password of all of them.
pub const PASSWORD: &str = "correct horse battery staple";
/// A program of Fabrikam, with [`SECRET`].
pub const WITH_SECRET: &str = "fab00000-3000-4000-8000-000000000001";
pub const WITH_SECRET_OBJECT: &str = "fab00000-4000-4000-8000-000000000001";
pub const SECRET: &str = "sEcret~of-a-program.0123456789";
/// A program of Fabrikam, with a certificate.
pub const WITH_CERTIFICATE: &str = "fab00000-3000-4000-8000-000000000002";
pub const WITH_CERTIFICATE_OBJECT: &str = "fab00000-4000-4000-8000-000000000002";
/// A program of Contoso, with [`SECRET`].
pub const ABROAD: &str = "c0750000-3000-4000-8000-000000000003";
pub const ABROAD_OBJECT: &str = "c0750000-4000-4000-8000-000000000003";
/// The Azure CLI, and Azure PowerShell.
pub const AZ: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
pub const POWERSHELL: &str = "1950a258-227b-4e31-a9cf-717495945fc2";

/// A line of facts: an account.
pub fn account(tenant: &str, object: &str, kind: &str, enabled: bool, from: &str) -> String {
    format!(
        "{{\"kind\":\"principal\",\"tenant\":\"{tenant}\",\"object\":\"{object}\",\
         \"type\":\"{kind}\",\"enabled\":{enabled},\"from\":\"{from}\"}}\n"
    )
}

/// Two directories and who is in them.
pub fn facts() -> String {
    let directory = |tenant: &str, name: &str, domain: &str| {
        format!(
            "{{\"kind\":\"tenant\",\"tenant\":\"{tenant}\",\"name\":\"{name}\",\
             \"domain\":\"{domain}\"}}\n"
        )
    };
    let mut text = directory(CONTOSO, "Contoso", "contoso.example");
    text += &directory(FABRIKAM, "Fabrikam", "fabrikam.example");
    for (tenant, object, kind, enabled) in [
        (CONTOSO, ADA_HOME, "User", true),
        (FABRIKAM, ADA_GUEST, "User", true),
        (CONTOSO, BEN_HOME, "User", true),
        (CONTOSO, CEM_HOME, "User", false),
        (FABRIKAM, WITH_SECRET_OBJECT, "ServicePrincipal", true),
        (FABRIKAM, WITH_CERTIFICATE_OBJECT, "ServicePrincipal", true),
        (CONTOSO, ABROAD_OBJECT, "ServicePrincipal", true),
    ] {
        text += &account(tenant, object, kind, enabled, "2026-01-01T00:00:00Z");
    }
    text
}
