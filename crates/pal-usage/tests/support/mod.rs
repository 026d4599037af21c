//! Manifests.

use serde_json::{Value, json};

/// The manifest of a run of the export `daily` with files: name, bytes, rows.
pub fn manifest(run: &str, submitted: &str, start: &str, files: &[(&str, usize, usize)]) -> String {
    let blobs: Vec<Value> = files
        .iter()
        .map(|(name, bytes, rows)| {
            json!({"blobName": format!("c/root/daily/{name}"), "byteCount": bytes, "dataRowCount": rows})
        })
        .collect();
    let manifest = json!({
        "manifestVersion": "2024-04-01",
        "exportConfig": {"exportName": "daily", "type": "FocusCost", "dataVersion": "1.2",
            "resourceId": "/providers/Microsoft.Billing/billingAccounts/1/providers/Microsoft.CostManagement/exports/daily"},
        "deliveryConfig": {"fileFormat": "Parquet", "compressionMode": "Snappy"},
        "runInfo": {"runId": run, "submittedTime": submitted, "startDate": start},
        "blobs": blobs,
    });
    manifest.to_string()
}
