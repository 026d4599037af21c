//! The identifiers of the demo. All invented, and made to be recognised when they turn up in a
//! report: the first block names the directory, the second the sort of thing, the last the thing.
//! Written out in full, so that a search for one finds it here.

// Directories.
pub const CONTOSO: &str = "c0750000-0000-4000-8000-000000000000";
pub const ADATUM: &str = "ada70000-0000-4000-8000-000000000000";
pub const FABRIKAM: &str = "fab00000-0000-4000-8000-000000000000";
pub const NORTHWIND: &str = "77ade500-0000-4000-8000-000000000000";
pub const TAILWIND: &str = "7a110000-0000-4000-8000-000000000000";
pub const WINGTIP: &str = "70150000-0000-4000-8000-000000000000";
pub const PROSEWARE: &str = "940e0000-0000-4000-8000-000000000000";
pub const WOODGROVE: &str = "3009d000-0000-4000-8000-000000000000";

// Partner accounts: a global account is never linked to, its locations are.
pub const CONTOSO_GLOBAL: &str = "5127254";
pub const UTRECHT: &str = "5127255";
pub const MALMO: &str = "5127256";
pub const ADATUM_GLOBAL: &str = "6203117";
pub const ADATUM_LOCATION: &str = "6203118";

// Subscriptions.
pub const PROD_01: &str = "fab00000-5000-4000-8000-000000000001";
pub const SHARED_01: &str = "fab00000-5000-4000-8000-000000000002";
pub const DEV_01: &str = "fab00000-5000-4000-8000-000000000003";
/// Has usage, but nobody has told the ledger about it.
pub const POC_01: &str = "fab00000-5000-4000-8000-000000000004";
pub const NW_ERP: &str = "77ade500-5000-4000-8000-000000000001";
pub const NW_WEB: &str = "77ade500-5000-4000-8000-000000000002";
pub const TAILWIND_MAIN: &str = "7a110000-5000-4000-8000-000000000001";
pub const WINGTIP_OPS: &str = "70150000-5000-4000-8000-000000000001";
pub const PROSEWARE_APP: &str = "940e0000-5000-4000-8000-000000000001";
pub const WOODGROVE_BANK: &str = "3009d000-5000-4000-8000-000000000001";

// One person has one object id in each directory.
pub const ADA_HOME: &str = "c0750000-1000-4000-8000-000000000ada";
pub const BJORN_HOME: &str = "c0750000-1000-4000-8000-00000000b104";
pub const BRAM_HOME: &str = "c0750000-1000-4000-8000-00000000b7a3";
pub const IVO_HOME: &str = "ada70000-1000-4000-8000-000000000170";
pub const ADA_IN_FABRIKAM: &str = "fab00000-1000-4000-8000-000000000ada";
pub const BRAM_IN_FABRIKAM: &str = "fab00000-1000-4000-8000-00000000b7a3";
pub const CEM_IN_FABRIKAM: &str = "fab00000-1000-4000-8000-000000000ce3";
pub const DARA_IN_FABRIKAM: &str = "fab00000-1000-4000-8000-00000000da7a";
pub const FRIDA_IN_FABRIKAM: &str = "fab00000-1000-4000-8000-00000000f71d";
pub const IVO_IN_FABRIKAM: &str = "fab00000-1000-4000-8000-000000000170";
pub const ADA_IN_NORTHWIND: &str = "77ade500-1000-4000-8000-000000000ada";
pub const BRAM_IN_NORTHWIND: &str = "77ade500-1000-4000-8000-00000000b7a3";
pub const ADA_IN_TAILWIND: &str = "7a110000-1000-4000-8000-000000000ada";
pub const EWA_IN_TAILWIND: &str = "7a110000-1000-4000-8000-000000000e3a";
pub const ADA_IN_PROSEWARE: &str = "940e0000-1000-4000-8000-000000000ada";
pub const ADA_IN_WOODGROVE: &str = "3009d000-1000-4000-8000-000000000ada";
pub const TOVE_IN_TAILWIND: &str = "7a110000-1000-4000-8000-00000000703e";

// Groups.
pub const CONTOSO_OPS: &str = "fab00000-2000-4000-8000-000000000001";
pub const OPS_NL: &str = "fab00000-2000-4000-8000-000000000002";
pub const MANAGED_SERVICES: &str = "c0750000-2000-4000-8000-000000000001";

// Service principals and managed identities.
pub const CONTOSO_DEPLOY: &str = "77ade500-3000-4000-8000-000000000001";
pub const CONTOSO_ARCHIVE: &str = "77ade500-3000-4000-8000-000000000002";
pub const REPORTING_PUBLISHER: &str = "77ade500-3000-4000-8000-000000000003";
pub const ADATUM_PIPELINE: &str = "70150000-3000-4000-8000-000000000001";
pub const CONTOSO_AUTOMATION: &str = "7a110000-3000-4000-8000-000000000001";

// Their applications: what they sign in with.
pub const CONTOSO_DEPLOY_APP: &str = "77ade500-7000-4000-8000-000000000001";
pub const REPORTING_PUBLISHER_APP: &str = "77ade500-7000-4000-8000-000000000003";
pub const ADATUM_PIPELINE_APP: &str = "70150000-7000-4000-8000-000000000001";
pub const CONTOSO_AUTOMATION_APP: &str = "7a110000-7000-4000-8000-000000000001";

// Azure's own built-in roles: the real identifiers.
pub const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
pub const CONTRIBUTOR: &str = "b24988ac-6180-42a0-ab88-20f7382dd24c";
pub const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
pub const SUPPORT_REQUEST_CONTRIBUTOR: &str = "cfd33db0-3dd1-45e3-aa9d-cdbdf3b6f24e";
pub const NETWORK_CONTRIBUTOR: &str = "4d97b98b-1d4f-4787-a291-c67834d212e7";
pub const STORAGE_BLOB_DATA_CONTRIBUTOR: &str = "ba92f5b4-2d11-453d-a403-e96b0029c9fe";
pub const VIRTUAL_MACHINE_CONTRIBUTOR: &str = "9980e02c-c2be-4d73-94e8-173b1dc7cf3c";
pub const WEBSITE_CONTRIBUTOR: &str = "de139f84-1756-47ae-9be6-808fbbe84772";
/// Made by Fabrikam itself.
pub const LAB_OPERATOR: &str = "fab00000-4000-4000-8000-000000000001";

/// Stands for every principal in a deny assignment.
pub const EVERYONE: &str = "00000000-0000-0000-0000-000000000000";

/// The reservation that Fabrikam bought; commitments keep their casing in an export.
pub const RESERVATION: &str = "/providers/Microsoft.Capacity/reservationOrders/\
     fab00000-6000-4000-8000-000000000001/reservations/fab00000-6000-4000-8000-000000000002";
