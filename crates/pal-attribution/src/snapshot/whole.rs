//! Whether a list is whole. What is missing from a list counts as ended, so a list of which a part
//! may be missing is refused: an answer that tells changes only, a page with others behind it, a list
//! of which the service itself counted more.

use serde_json::{Map, Value};

use super::SnapshotError;

/// Whether a value is an answer of a service with a list in it.
pub fn is_page(value: &Value) -> bool {
    list_of(value).is_some()
}

fn list_of(value: &Value) -> Option<&Vec<Value>> {
    let object = value.as_object()?;
    ["value", "data"].into_iter().find_map(|field| object.get(field)?.as_array())
}

/// Refuses answers of Graph's delta queries, in whatever part of a file they are: they list what
/// changed, and the last one may list nothing.
pub fn refuse_delta(name: &str, values: &[Value]) -> Result<(), SnapshotError> {
    match values.iter().find_map(delta_mark) {
        None => Ok(()),
        Some(mark) => Err(SnapshotError::Delta { file: name.to_owned(), mark }),
    }
}

fn delta_mark(value: &Value) -> Option<String> {
    match value {
        Value::Array(list) => list.iter().find_map(delta_mark),
        Value::Object(object) => object.iter().find_map(|(field, value)| {
            let of_context = field.ends_with("odata.context")
                && value.as_str().is_some_and(|context| {
                    context.rsplit('#').next().is_some_and(|what| what.contains("delta"))
                });
            let is_mark = field.ends_with("odata.deltaLink")
                || field == "deltaLink"
                || field == "@removed"
                || field.ends_with("@delta")
                || of_context;
            if is_mark { Some(field.clone()) } else { delta_mark(value) }
        }),
        _ => None,
    }
}

/// Refuses pages of which the last says that more follow.
pub fn refuse_half_read(name: &str, pages: &[Value]) -> Result<(), SnapshotError> {
    let last = pages.last().and_then(Value::as_object);
    match last.and_then(more_pages) {
        None => Ok(()),
        Some(link) => {
            Err(SnapshotError::Incomplete { file: name.to_owned(), link: link.to_owned() })
        }
    }
}

/// The field that says that this is not the last page.
fn more_pages(object: &Map<String, Value>) -> Option<&'static str> {
    const LINKS: [&str; 6] =
        ["nextLink", "@odata.nextLink", "odata.nextLink", "skip_token", "skipToken", "$skipToken"];
    let says = |field: &&'static str| {
        object.get(*field).is_some_and(|link| !link.is_null() && link.as_str() != Some(""))
    };
    LINKS.into_iter().find(|field| says(field)).or_else(|| {
        let cut = object.get("resultTruncated")?;
        let cut = cut
            .as_bool()
            .unwrap_or_else(|| cut.as_str().is_some_and(|text| text.eq_ignore_ascii_case("true")));
        cut.then_some("resultTruncated")
    })
}

/// Counts of all items there are, whatever page they are on.
const TOTALS: [&str; 3] = ["@odata.count", "odata.count", "$count"];
/// Counts that may be those of a page: more than there are items means that some are missing.
const AT_LEAST: [&str; 3] = ["count", "totalRecords", "total_records"];

/// How many items the service counted, where that is not what the pages hold. Lists of members are
/// judged with all lists of their group, so the caller decides.
pub fn count(name: &str, pages: &[Value]) -> Result<Option<usize>, SnapshotError> {
    let held: usize = pages.iter().filter_map(list_of).map(Vec::len).sum();
    let mut told = None;
    for page in pages {
        let (Some(object), Some(list)) = (page.as_object(), list_of(page)) else { continue };
        for field in TOTALS {
            let count = number(name, field, object.get(field))?;
            if count.is_some_and(|count| count != list.len() && count != held) {
                told = count;
            }
        }
        for field in AT_LEAST {
            let count = number(name, field, object.get(field))?;
            if count.is_some_and(|count| count > held) {
                told = count;
            }
        }
    }
    Ok(told)
}

/// A count as services write it: a number, a number as text, or `{"type": "Total", "value": 3}`.
fn number(name: &str, field: &str, value: Option<&Value>) -> Result<Option<usize>, SnapshotError> {
    let value = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(object)) => object.get("value").unwrap_or(&Value::Null),
        Some(value) => value,
    };
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    text.parse().map(Some).map_err(|_| SnapshotError::Json {
        file: name.to_owned(),
        problem: format!("'{field}' is '{text}', not a count"),
    })
}

/// The error for a list that does not hold what was counted.
pub fn does_not_fit(name: &str, counted: usize, held: usize) -> SnapshotError {
    SnapshotError::Count { file: name.to_owned(), counted, held }
}
