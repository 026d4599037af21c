//! Access to the fields of one item, with errors that name the file and the item.

use pal_model::{Guid, Instant};
use serde_json::Value;

use super::SnapshotError;

#[derive(Clone, Copy)]
pub struct Item<'a> {
    pub file: &'a str,
    /// Which item, from 1.
    pub index: usize,
    pub value: &'a Value,
}

impl<'a> Item<'a> {
    /// A field, in `properties` as Resource Manager has it or at the top as `az` prints it; null
    /// counts as absent.
    pub fn get(&self, field: &str) -> Option<&'a Value> {
        let inner = self.value.get("properties").and_then(|p| p.get(field));
        inner.filter(|v| !v.is_null()).or_else(|| self.top(field))
    }

    /// A field at the top only.
    pub fn top(&self, field: &str) -> Option<&'a Value> {
        self.value.get(field).filter(|v| !v.is_null())
    }

    /// A text, absent when empty.
    pub fn text(&self, field: &str) -> Option<&'a str> {
        self.get(field).and_then(Value::as_str).filter(|t| !t.is_empty())
    }

    pub fn need(&self, field: &str) -> Result<&'a str, SnapshotError> {
        self.text(field).ok_or_else(|| self.error(format!("'{field}' is missing")))
    }

    pub fn guid(&self, field: &str) -> Result<Guid, SnapshotError> {
        self.parse_guid(field, self.need(field)?)
    }

    /// A GUID at the end of a path: `…/roleDefinitions/<guid>`, with or without the path.
    pub fn last_guid(&self, field: &str) -> Result<Guid, SnapshotError> {
        self.parse_guid(field, last_segment(self.need(field)?))
    }

    fn parse_guid(&self, field: &str, text: &str) -> Result<Guid, SnapshotError> {
        text.parse().map_err(|e| self.error(format!("'{field}': {e}")))
    }

    /// A time, absent when it is the null of its service.
    pub fn time(&self, field: &str) -> Result<Option<Instant>, SnapshotError> {
        self.text(field).map_or(Ok(None), |text| self.parse_time(field, text))
    }

    /// A time that is somewhere else in the item.
    pub fn time_at(&self, pointer: &str) -> Result<Option<Instant>, SnapshotError> {
        let text = self.value.pointer(pointer).and_then(Value::as_str);
        text.map_or(Ok(None), |text| self.parse_time(pointer, text))
    }

    fn parse_time(&self, field: &str, text: &str) -> Result<Option<Instant>, SnapshotError> {
        // The smallest and the greatest date of .NET mean "none" in what its services print.
        if text.starts_with("0001-01-01") || text.starts_with("9999-12-31") {
            return Ok(None);
        }
        // Some answers leave the zone out; all these services speak UTC.
        let time = text.parse().or_else(|e| format!("{text}Z").parse().map_err(|_| e));
        time.map(Some).map_err(|e: pal_model::IntervalError| self.error(format!("'{field}': {e}")))
    }

    /// A yes or no that must be there.
    pub fn need_flag(&self, field: &str, hint: &str) -> Result<bool, SnapshotError> {
        self.get(field)
            .and_then(Value::as_bool)
            .ok_or_else(|| self.error(format!("'{field}' is missing; {hint}")))
    }

    /// An item inside this one, for the same place in messages.
    pub const fn inner(&self, value: &'a Value) -> Self {
        Self { file: self.file, index: self.index, value }
    }

    pub fn error(&self, problem: impl Into<String>) -> SnapshotError {
        SnapshotError::Item {
            file: self.file.to_owned(),
            item: self.index,
            problem: problem.into(),
        }
    }
}

pub fn strings(value: Option<&Value>) -> Vec<String> {
    let list = value.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

pub fn last_segment(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.rsplit('/').next().unwrap_or(path)
}
