//! Reports. The keys of a row are the columns of the report, as in CSV and Parquet.

use std::borrow::Cow;

use pal_model::KeyColumn;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::text::{BalanceKind, Duplicates, Moment};

/// What is said beside the rows of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Reach {
    /// Every source of usage that states the newest month has charges up to here; `null` = no usage.
    pub complete_until: Option<Moment>,
    /// As it was known then.
    pub known_at: Moment,
    /// Of facts and usage.
    pub revision: i64,
    /// What became of duplicates.
    pub duplicates: Duplicates,
    /// What could not be judged.
    pub warnings: Vec<String>,
}

/// A line of the balance, or a row of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub enum ReportLine {
    /// Where the balance was asked for.
    Balance(BalanceLine),
    /// Else.
    Row(ReportRow),
}

/// A row of a report: the columns that were asked for, then the measures. Amounts are texts, so that no
/// program rounds them, and absent where the reader sees no money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReportRow(pub Map<String, Value>);

impl JsonSchema for ReportRow {
    fn schema_name() -> Cow<'static, str> {
        "ReportRow".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut properties = Map::new();
        for column in KeyColumn::ALL {
            let schema = match column.is_flag() {
                true => json!({ "type": "integer", "enum": [0, 1] }),
                false => json!({ "type": ["string", "null"] }),
            };
            properties.insert(column.name().to_owned(), schema);
        }
        properties.insert("charges".to_owned(), json!({ "type": "integer", "minimum": 0 }));
        for amount in ["cost", "credited_cost"] {
            properties.insert(amount.to_owned(), json!({ "type": "string" }));
        }
        json_schema!({ "type": "object", "required": ["charges"], "properties": properties })
    }
}

/// What became of charges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BalanceLine {
    /// `YYYY-MM`.
    pub month: String,
    /// The billing currency.
    pub currency: Option<String>,
    /// What.
    pub line: BalanceKind,
    /// Why, of what is excluded or uncredited.
    pub reason: Option<String>,
    /// How many charges.
    pub charges: u64,
    /// Their effective cost, exactly.
    pub amount: String,
}
