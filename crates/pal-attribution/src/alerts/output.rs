//! Alerts as cells, CSV and JSON.

use std::io::{self, Write};

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::Alert;

/// The columns, in order.
pub const COLUMNS: [&str; 11] = [
    "code",
    "severity",
    "at",
    "partner_id",
    "tenant_id",
    "principal_tenant_id",
    "principal_id",
    "scope",
    "message",
    "facts",
    "assumed",
];

fn text(value: Option<impl ToString>) -> Option<String> {
    value.map(|value| value.to_string())
}

/// The cells of an alert, one a column; empty where there is nothing, lines separated by `; `.
pub fn row(alert: &Alert) -> [String; COLUMNS.len()] {
    [
        alert.code.to_string(),
        alert.severity.to_string(),
        text(alert.at).unwrap_or_default(),
        text(alert.partner).unwrap_or_default(),
        alert.tenant.to_string(),
        text(alert.principal.map(|p| p.tenant)).unwrap_or_default(),
        text(alert.principal.map(|p| p.object)).unwrap_or_default(),
        text(alert.scope.as_ref()).unwrap_or_default(),
        alert.message.clone(),
        alert.facts.join("; "),
        alert.assumed.join("; "),
    ]
}

/// Writes rows as CSV, with a header line.
///
/// # Errors
/// The output cannot be written.
pub fn write_csv(
    rows: impl IntoIterator<Item = [String; COLUMNS.len()]>,
    out: impl Write,
) -> io::Result<()> {
    let io_error = |error: csv::Error| match error.into_kind() {
        // A closed pipe must stay one.
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    };
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(COLUMNS).map_err(io_error)?;
    for row in rows {
        writer.write_record(&row).map_err(io_error)?;
    }
    writer.flush()
}

impl Serialize for Alert {
    /// An object with a field for each of [`COLUMNS`]; `null` where there is nothing, lines as
    /// lists.
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut object = to.serialize_struct("Alert", COLUMNS.len())?;
        object.serialize_field("code", self.code.name())?;
        object.serialize_field("severity", self.severity.name())?;
        object.serialize_field("at", &text(self.at))?;
        object.serialize_field("partner_id", &text(self.partner))?;
        object.serialize_field("tenant_id", &self.tenant.to_string())?;
        let principal = self.principal;
        object.serialize_field("principal_tenant_id", &text(principal.map(|p| p.tenant)))?;
        object.serialize_field("principal_id", &text(principal.map(|p| p.object)))?;
        object.serialize_field("scope", &text(self.scope.as_ref()))?;
        object.serialize_field("message", &self.message)?;
        object.serialize_field("facts", &self.facts)?;
        object.serialize_field("assumed", &self.assumed)?;
        object.end()
    }
}
