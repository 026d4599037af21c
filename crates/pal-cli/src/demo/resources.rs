//! What the customers run, with prices and quantities of the size that an export has.

use anyhow::Context;

use super::calendar::day;
use super::estate::{
    AKS, APP_SERVICE, BACKUP, BANDWIDTH, CONTAINER_APPS, COSMOS, DATABRICKS, DEFENDER, DISKS, EUR,
    EXPLORER, FIREWALL, GATEWAY, IOT, MONITOR, MYSQL, Meter, NETAPP, OPENAI, POSTGRES, POWER_BI,
    Place, REGISTRY, RESERVED_FROM, RESERVED_HOUR, Resource, SAAS, SEARCH, SQL, STORAGE, Swing,
    Terms, USD, VM, VPN, meter, place, resource,
};
use super::ids;

const SHOP: &str = r#"{"env":"prod","app":"shop"}"#;
const ERP: &str = r#"{"env":"prod","costCenter":"4410"}"#;
const DEV: &str = r#"{"env":"dev"}"#;

const APP: Place = place(&EUR, ids::PROD_01, "prod-01", "rg-app", "westeurope");
const NODES: Place =
    place(&EUR, ids::PROD_01, "prod-01", "MC_rg-app_aks-shop_westeurope", "westeurope");
const DATA: Place = place(&EUR, ids::PROD_01, "prod-01", "rg-data", "westeurope");
const NET: Place = place(&EUR, ids::PROD_01, "prod-01", "rg-net", "westeurope");
const PROD: Place = place(&EUR, ids::PROD_01, "prod-01", "", "");
const HUB: Place = place(&EUR, ids::SHARED_01, "shared-01", "rg-hub", "westeurope");
const LAB: Place = place(&EUR, ids::DEV_01, "dev-01", "rg-dev", "northeurope");
const NOTEBOOKS: Place = place(&EUR, ids::DEV_01, "dev-01", "rg-notebooks", "northeurope");
const POC: Place = place(&EUR, ids::POC_01, "poc-01", "rg-poc", "swedencentral");
const BOOKING: Place =
    place(&EUR, ids::TAILWIND_MAIN, "tailwind-main", "rg-booking", "northeurope");
const ERP_GROUP: Place = place(&USD, ids::NW_ERP, "nw-erp", "rg-erp", "eastus2");
const REPORTING: Place = place(&USD, ids::NW_ERP, "nw-erp", "mrg-nw-reporting", "eastus2");
const WEB: Place = place(&USD, ids::NW_WEB, "nw-web", "rg-web", "eastus2");
const ARCHIVE: Place = place(&USD, ids::NW_WEB, "nw-web", "rg-web-archive", "eastus2");
const TOYS: Place = place(&USD, ids::WINGTIP_OPS, "wingtip-ops", "rg-shop", "westus3");
const FACTORY: Place = place(&USD, ids::WINGTIP_OPS, "wingtip-ops", "rg-factory", "westus3");

/// The virtual machines that the reservation is for.
const APP_VM: &[Meter] = &[meter(VM, "E16s v5", "Hours", ("1.1520", "24"), Swing::Steady)
    .on(Terms::Reserved(RESERVED_HOUR))];

pub const ESTATE: &[Resource] = &[
    // Fabrikam, prod-01
    resource(&APP, "Microsoft.Compute/virtualMachines", "vm-app-01", APP_VM).tagged(SHOP),
    resource(&APP, "Microsoft.Compute/virtualMachines", "vm-app-02", APP_VM)
        .tagged(SHOP)
        .off_on_sundays_from(RESERVED_FROM),
    resource(
        &APP,
        "Microsoft.Compute/disks",
        "vm-app-01_OsDisk",
        &[meter(DISKS, "P30 LRS Disk", "1/Month", ("124.5700", "0.032258"), Swing::Steady)],
    ),
    resource(
        &APP,
        "Microsoft.Web/serverFarms",
        "plan-shop",
        &[meter(APP_SERVICE, "P2 v3 App", "Hours", ("0.3820", "48.000000"), Swing::Steady)],
    )
    .tagged(SHOP),
    resource(
        &APP,
        "Microsoft.Network/applicationGateways",
        "agw-shop",
        &[
            meter(GATEWAY, "Standard Fixed Cost", "Hours", ("0.2460", "24.0000"), Swing::Steady),
            meter(GATEWAY, "Standard Capacity Units", "Hours", ("0.0080", "241.50"), Swing::Shop),
        ],
    )
    .as_typed(),
    resource(
        &APP,
        "Microsoft.Storage/storageAccounts",
        "stfabrikamshop",
        &[
            meter(
                STORAGE,
                "Hot LRS Data Stored",
                "GB/Month",
                ("0.01960", "84.516129"),
                Swing::Growing,
            ),
            meter(STORAGE, "Hot Write Operations", "10K", ("0.0540", "214.8130"), Swing::Shop),
        ],
    ),
    resource(
        &APP,
        "Microsoft.ContainerService/managedClusters",
        "aks-shop",
        &[meter(AKS, "Standard Uptime SLA", "Hours", ("0.0950", "24.0000"), Swing::Steady)],
    )
    .starting(day(6, 9)),
    resource(
        &NODES,
        "Microsoft.Compute/virtualMachineScaleSets",
        "aks-system-31415926-vmss",
        &[meter(VM, "D8s v5", "Hours", ("0.4280", "72.000000"), Swing::Steady)],
    )
    .starting(day(6, 9)),
    resource(
        &NODES,
        "Microsoft.Compute/virtualMachineScaleSets",
        "aks-spot-27182818-vmss",
        &[meter(VM, "D8s v5 Spot", "Hours", ("0.0642", "96.5317"), Swing::Shop).on(Terms::Spot)],
    )
    .starting(day(6, 16)),
    resource(
        &DATA,
        "Microsoft.Sql/servers/databases",
        "sql-fabrikam/shop",
        &[
            meter(SQL, "vCore", "Hours", ("0.1520", "192.000000"), Swing::Steady),
            meter(SQL, "Data Stored", "GB/Month", ("0.1180", "13.548387"), Swing::Growing),
        ],
    )
    .tagged(SHOP),
    resource(
        &DATA,
        "Microsoft.DocumentDB/databaseAccounts",
        "cosmos-cart",
        &[meter(COSMOS, "100 RU/s", "Hours", ("0.0076", "960.00"), Swing::Shop)],
    ),
    resource(
        &NET,
        "Microsoft.Network/azureFirewalls",
        "afw-prod",
        &[
            meter(FIREWALL, "Standard Deployment", "Hours", ("1.1850", "24.0000"), Swing::Steady),
            meter(FIREWALL, "Standard Data Processed", "GB", ("0.0152", "412.538217"), Swing::Shop),
        ],
    )
    .as_typed(),
    // No resource: as far down as the resource group.
    resource(
        &NET,
        "",
        "",
        &[meter(BANDWIDTH, "Inter-Region Out", "GB", ("0.01740", "188.402914"), Swing::Shop)],
    ),
    resource(
        &PROD,
        "Microsoft.Security/pricings",
        "VirtualMachines",
        &[meter(DEFENDER, "Standard Node", "Hours", ("0.0190", "96.000000"), Swing::Steady)],
    ),
    // Nothing but the subscription.
    resource(
        &PROD,
        "",
        "",
        &[meter(
            MONITOR,
            "Alerts Metric Monitored",
            "1/Month",
            ("0.0960", "4.193548"),
            Swing::Steady,
        )],
    ),
    // Fabrikam, the other subscriptions
    resource(
        &HUB,
        "Microsoft.Network/virtualNetworkGateways",
        "vpng-hub",
        &[meter(VPN, "VpnGw2AZ", "Hours", ("0.4560", "24.0000"), Swing::Steady)],
    ),
    resource(
        &HUB,
        "Microsoft.OperationalInsights/workspaces",
        "log-fabrikam",
        &[meter(MONITOR, "Analytics Logs Ingestion", "GB", ("2.6220", "21.384115"), Swing::Office)],
    ),
    resource(
        &HUB,
        "Microsoft.RecoveryServices/vaults",
        "rsv-fabrikam",
        &[meter(BACKUP, "GRS Data Stored", "GB/Month", ("0.04480", "132.258064"), Swing::Growing)],
    ),
    resource(
        &LAB,
        "Microsoft.Compute/virtualMachines",
        "vm-lab-01",
        &[meter(VM, "D8s v5", "Hours", ("0.4280", "10.250000"), Swing::Weekdays)],
    )
    .tagged(DEV),
    resource(
        &NOTEBOOKS,
        "Microsoft.Databricks/workspaces",
        "dbw-forecast",
        &[meter(
            DATABRICKS,
            "Premium Jobs Compute DBU",
            "DBU",
            ("0.2850", "148.2170"),
            Swing::Weekdays,
        )],
    )
    .starting(day(6, 1)),
    resource(
        &POC,
        "Microsoft.Compute/virtualMachines",
        "vm-poc",
        &[meter(VM, "D8s v5", "Hours", ("0.4280", "24.0000"), Swing::Steady)],
    )
    .starting(day(10, 15)),
    // Tailwind
    resource(
        &BOOKING,
        "Microsoft.Web/serverFarms",
        "plan-booking",
        &[meter(APP_SERVICE, "P1 v3 App", "Hours", ("0.1910", "72.000000"), Swing::Steady)],
    ),
    resource(
        &BOOKING,
        "Microsoft.DBforMySQL/flexibleServers",
        "mysql-booking",
        &[
            meter(MYSQL, "D4ds v4 vCore", "Hours", ("0.0932", "192.000000"), Swing::Steady),
            meter(
                MYSQL,
                "Storage Data Stored",
                "GB/Month",
                ("0.12700", "8.258064"),
                Swing::Growing,
            ),
        ],
    ),
    resource(
        &BOOKING,
        "Microsoft.Storage/storageAccounts",
        "sttailwindmedia",
        &[meter(
            STORAGE,
            "Hot ZRS Data Stored",
            "GB/Month",
            ("0.02450", "391.645161"),
            Swing::Growing,
        )],
    ),
    // Northwind
    resource(
        &ERP_GROUP,
        "Microsoft.Compute/virtualMachines",
        "vm-erp-db",
        &[meter(VM, "E32s v5", "Hours", ("2.0160", "24.000000"), Swing::Steady)],
    )
    .tagged(ERP),
    resource(
        &ERP_GROUP,
        "Microsoft.Compute/virtualMachines",
        "vm-erp-app",
        &[meter(VM, "D16s v5", "Hours", ("0.7680", "24.0000"), Swing::Weekdays)],
    )
    .tagged(ERP),
    resource(
        &ERP_GROUP,
        "Microsoft.NetApp/netAppAccounts/capacityPools",
        "naa-erp/premium",
        &[meter(NETAPP, "Premium Capacity", "GiB Hours", ("0.00040300", "98304"), Swing::Steady)],
    )
    .as_typed(),
    resource(
        &REPORTING,
        "Microsoft.PowerBIDedicated/capacities",
        "pbinwreports",
        &[meter(POWER_BI, "A2 Node", "Hours", ("2.0081", "24.0000"), Swing::Weekdays)],
    ),
    resource(
        &WEB,
        "Microsoft.App/containerApps",
        "ca-storefront",
        &[meter(
            CONTAINER_APPS,
            "vCPU Active Usage",
            "Seconds",
            ("0.0000240", "1183402.7500"),
            Swing::Shop,
        )],
    ),
    resource(
        &WEB,
        "Microsoft.DBforPostgreSQL/flexibleServers",
        "psql-storefront",
        &[meter(POSTGRES, "D8ds v5 vCore", "Hours", ("0.0890", "192.000000"), Swing::Steady)],
    ),
    resource(
        &WEB,
        "Proseware.Monitoring/accounts",
        "proseware-storefront",
        &[meter(SAAS, "Host", "Hours", ("0.0350", "144.0000"), Swing::Steady)
            .on(Terms::Vendor("Proseware"))],
    )
    .as_typed(),
    resource(
        &ARCHIVE,
        "Microsoft.Storage/storageAccounts",
        "stnwarchive",
        &[meter(
            STORAGE,
            "Cool LRS Data Stored",
            "GB/Month",
            ("0.01150", "602.580645"),
            Swing::Growing,
        )],
    ),
    resource(
        &ARCHIVE,
        "Microsoft.ContainerRegistry/registries",
        "crnwold",
        &[meter(REGISTRY, "Premium Registry Unit", "1/Day", ("1.6660", "1"), Swing::Steady)],
    )
    .ending(day(9, 20)),
    // Wingtip
    resource(
        &TOYS,
        "Microsoft.Web/serverFarms",
        "plan-toys",
        &[meter(APP_SERVICE, "P3 v3 App", "Hours", ("0.6840", "48.000000"), Swing::Steady)],
    ),
    resource(
        &TOYS,
        "Microsoft.Search/searchServices",
        "srch-toys",
        &[meter(SEARCH, "Standard S1 Unit", "Hours", ("0.3360", "72.0000"), Swing::Steady)],
    ),
    resource(
        &TOYS,
        "Microsoft.CognitiveServices/accounts",
        "oai-toys",
        &[meter(OPENAI, "gpt-4o Outp glbl Tokens", "1K", ("0.010000", "2412.337"), Swing::Shop)],
    )
    .starting(day(7, 20)),
    resource(
        &FACTORY,
        "Microsoft.Devices/IotHubs",
        "iot-factory",
        &[meter(IOT, "S2 Unit", "Units", ("8.0645", "3"), Swing::Steady)],
    ),
    resource(
        &FACTORY,
        "Microsoft.Kusto/clusters",
        "adxfactory",
        &[meter(EXPLORER, "Engine v3 Markup", "Hours", ("0.1100", "192.4167"), Swing::Office)],
    ),
];

/// The resource of that name; names are unique in the demo.
pub fn named(name: &str) -> anyhow::Result<&'static Resource> {
    (ESTATE.iter().find(|resource| resource.name == name))
        .with_context(|| format!("the estate has no resource '{name}'"))
}
