//! The words in which [`super::resources`] says what the customers run: accounts, places, services,
//! meters and resources.

use super::calendar::{Day, FIRST_DAY, LAST_DAY, day};
use super::row::Account;

pub const EUR: Account = Account {
    export: "contoso-focus-eur",
    id: "/providers/Microsoft.Billing/billingAccounts/7300978/billingProfiles/CONT-EUR",
    name: "Contoso EUR",
    currency: "EUR",
    runs: "e0000978-f0c5",
};

pub const USD: Account = Account {
    export: "contoso-focus-usd",
    id: "/providers/Microsoft.Billing/billingAccounts/7300840/billingProfiles/CONT-USD",
    name: "Contoso USD",
    currency: "USD",
    runs: "d0000840-f0c5",
};

/// A resource group, or a whole subscription where `group` is empty.
pub struct Place {
    pub account: &'static Account,
    pub subscription: &'static str,
    pub name: &'static str,
    pub group: &'static str,
    pub region: &'static str,
}

#[derive(Clone, Copy)]
pub struct Service {
    pub category: &'static str,
    pub name: &'static str,
}

/// How the quantity of a meter moves from day to day.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Swing {
    /// The same every day.
    Steady,
    /// A little up and down, more at weekends, growing.
    Shop,
    /// A little up and down, a quarter at weekends.
    Office,
    /// Nothing at all at weekends.
    Weekdays,
    /// Only more, day after day.
    Growing,
}

#[derive(Clone, Copy)]
pub enum Terms {
    OnDemand,
    /// Spare capacity, `Dynamic` in FOCUS.
    Spot,
    /// Sold by another publisher in the marketplace.
    Vendor(&'static str),
    /// Covered by the reservation from its first day on, at this price.
    Reserved(&'static str),
}

#[derive(Clone, Copy)]
pub struct Meter {
    pub service: Service,
    pub name: &'static str,
    pub unit: &'static str,
    pub price: &'static str,
    pub per_day: &'static str,
    pub swing: Swing,
    pub terms: Terms,
}

impl Meter {
    pub const fn on(self, terms: Terms) -> Self {
        Self { terms, ..self }
    }
}

/// `kind` is the ARM type, `name` has one part for each part of the type after the provider.
/// Without a kind the rows name no resource.
#[derive(Clone, Copy)]
pub struct Resource {
    pub place: &'static Place,
    pub kind: &'static str,
    pub name: &'static str,
    pub tags: &'static str,
    pub meters: &'static [Meter],
    pub first: Day,
    pub last: Day,
    /// Microsoft writes resource ids in lower case; a few providers do not.
    pub as_typed: bool,
    pub off_on_sundays_from: Day,
}

impl Resource {
    pub const fn tagged(self, tags: &'static str) -> Self {
        Self { tags, ..self }
    }

    pub const fn starting(self, first: Day) -> Self {
        Self { first, ..self }
    }

    pub const fn ending(self, last: Day) -> Self {
        Self { last, ..self }
    }

    pub const fn as_typed(self) -> Self {
        Self { as_typed: true, ..self }
    }

    pub const fn off_on_sundays_from(self, off: Day) -> Self {
        Self { off_on_sundays_from: off, ..self }
    }
}

/// The day on which the reservation was bought.
pub const RESERVED_FROM: Day = day(7, 1);
/// What an hour of it costs.
pub const RESERVED_HOUR: &str = "0.7258";

pub const fn service(category: &'static str, name: &'static str) -> Service {
    Service { category, name }
}

pub const VM: Service = service("Compute", "Virtual Machines");
pub const SQL: Service = service("Databases", "Azure SQL Database");
pub const VPN: Service = service("Networking", "VPN Gateway");
pub const OPENAI: Service = service("AI and Machine Learning", "Azure OpenAI Service");
pub const AKS: Service = service("Compute", "Azure Kubernetes Service");
pub const APP_SERVICE: Service = service("Web", "Azure App Service");
pub const CONTAINER_APPS: Service = service("Compute", "Azure Container Apps");
pub const STORAGE: Service = service("Storage", "Storage Accounts");
pub const DISKS: Service = service("Storage", "Managed Disks");
pub const NETAPP: Service = service("Storage", "Azure NetApp Files");
pub const BACKUP: Service = service("Storage", "Azure Backup");
pub const COSMOS: Service = service("Databases", "Azure Cosmos DB");
pub const POSTGRES: Service = service("Databases", "Azure Database for PostgreSQL");
pub const MYSQL: Service = service("Databases", "Azure Database for MySQL");
pub const GATEWAY: Service = service("Networking", "Application Gateway");
pub const FIREWALL: Service = service("Networking", "Azure Firewall");
pub const BANDWIDTH: Service = service("Networking", "Bandwidth");
pub const DEFENDER: Service = service("Security", "Microsoft Defender for Cloud");
pub const MONITOR: Service = service("Management and Governance", "Azure Monitor");
pub const REGISTRY: Service = service("Compute", "Container Registry");
pub const DATABRICKS: Service = service("Analytics", "Azure Databricks");
pub const POWER_BI: Service = service("Analytics", "Power BI Embedded");
pub const EXPLORER: Service = service("Analytics", "Azure Data Explorer");
pub const SEARCH: Service = service("AI and Machine Learning", "Azure AI Search");
pub const IOT: Service = service("Internet of Things", "Azure IoT Hub");
pub const SAAS: Service = service("Other", "Proseware Monitoring");

pub const fn meter(
    service: Service,
    name: &'static str,
    unit: &'static str,
    (price, per_day): (&'static str, &'static str),
    swing: Swing,
) -> Meter {
    Meter { service, name, unit, price, per_day, swing, terms: Terms::OnDemand }
}

pub const fn resource(
    place: &'static Place,
    kind: &'static str,
    name: &'static str,
    meters: &'static [Meter],
) -> Resource {
    Resource {
        place,
        kind,
        name,
        tags: "",
        meters,
        first: FIRST_DAY,
        last: LAST_DAY,
        as_typed: false,
        off_on_sundays_from: day(11, 1),
    }
}

pub const fn place(
    account: &'static Account,
    subscription: &'static str,
    name: &'static str,
    group: &'static str,
    region: &'static str,
) -> Place {
    Place { account, subscription, name, group, region }
}
