//! Usage that is invented: months, subscriptions, currencies, equal rows, rows of no subscription.

use serde_json::json;

use crate::table::Table;

pub const HEADER: [&str; 12] = [
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "EffectiveCost",
    "BilledCost",
    "BillingCurrency",
    "ChargeCategory",
    "ResourceId",
    "SubAccountId",
    "x_ResourceGroupName",
    "ServiceCategory",
    "ServiceName",
    "ProviderName",
];

/// Subscriptions of the demo, and one that nobody knows.
const SUBSCRIPTIONS: [&str; 3] = [
    "fab00000-5000-4000-8000-000000000001",
    "fab00000-5000-4000-8000-000000000002",
    "00000000-5000-4000-8000-00000000beef",
];

/// One row.
pub type Cells = Vec<Option<String>>;

/// A row of a month of 2026; `subscription` counts from 0, 3 = none.
pub fn row(month: usize, subscription: usize, n: usize) -> Cells {
    let day = 1 + n % 27;
    let id = SUBSCRIPTIONS.get(subscription);
    let resource = id.map(|id| {
        let group = format!("/subscriptions/{id}/resourceGroups/rg{}", n % 5);
        format!("{group}/providers/Microsoft.Compute/virtualMachines/vm{}", n % 41)
    });
    let sign = if n.is_multiple_of(11) { "-" } else { "" };
    let some = |text: &str| Some(text.to_owned());
    vec![
        Some(format!("2026-{month:02}-{day:02}T00:00:00Z")),
        Some(format!("2026-{month:02}-{:02}T00:00:00Z", day + 1)),
        Some(format!("{sign}{}.{:07}", n % 97, n * 7919 % 10_000_000)),
        some("1"),
        some(if n.is_multiple_of(7) { "USD" } else { "EUR" }),
        some(if id.is_none() { "Purchase" } else { "Usage" }),
        resource,
        id.map(|id| format!("/subscriptions/{id}")),
        id.map(|_| format!("rg{}", n % 5)),
        some("Compute"),
        some("Virtual Machines"),
        some("Microsoft"),
    ]
}

pub fn table(rows: Vec<Cells>) -> Table {
    Table { header: HEADER.map(str::to_owned).to_vec(), rows }
}

/// Three months of three subscriptions and of none, so many rows each; some rows come three times.
pub fn world(each: usize) -> Table {
    let mut rows = Vec::new();
    for month in 6..=8 {
        for subscription in 0..4 {
            for n in 0..each {
                let row = row(month, subscription, n * 13 + month + subscription);
                if n.is_multiple_of(50) {
                    rows.extend([row.clone(), row.clone()]);
                }
                rows.push(row);
            }
        }
    }
    table(rows)
}

/// The text of a whole manifest, with the files of one run of a month.
pub fn manifest(
    export: &str,
    month: usize,
    run: &str,
    submitted: &str,
    files: &[(&str, usize)],
) -> String {
    let blobs = files.iter().map(|(name, bytes)| {
        json!({"blobName": format!("container/{export}/{run}/{name}"), "byteCount": bytes})
    });
    let manifest = json!({
        "manifestVersion": "2024-04-01",
        "blobCount": files.len(),
        "byteCount": files.iter().map(|(_, bytes)| bytes).sum::<usize>(),
        "exportConfig": {
            "exportName": export, "type": "FocusCost", "dataVersion": "1.0r2",
            "resourceId": format!(
                "/providers/Microsoft.Billing/billingAccounts/{export}/providers/\
                 Microsoft.CostManagement/exports/{export}"
            ),
        },
        "deliveryConfig": {"fileFormat": "Csv"},
        "runInfo": {
            "runId": run, "submittedTime": submitted,
            "startDate": format!("2026-{month:02}-01T00:00:00"),
            "endDate": format!("2026-{month:02}-28T00:00:00"),
        },
        "blobs": blobs.collect::<Vec<_>>(),
    });
    manifest.to_string()
}
