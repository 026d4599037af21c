//! The folder: which files there are, and the items of each.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

use super::SnapshotError;

/// A JSON file as a list of items.
#[derive(Debug)]
pub struct Document {
    /// Path inside the folder, with `/`.
    pub name: String,
    /// What it lists.
    pub items: Vec<Value>,
    /// What Graph says that it lists: `users`, `groups('…')/members`.
    pub context: Option<String>,
    /// The group of a file that we wrap as `{"group": {…}, "value": […]}`.
    pub group: Option<Value>,
}

/// What was found in a folder.
pub struct Folder {
    /// The JSON files, by name.
    pub documents: Vec<Document>,
    /// The other files.
    pub ignored: Vec<String>,
}

impl Document {
    /// The parts of the file name between dots, without `.json`:
    /// `a/role-assignments.<guid>.json` → `role-assignments`, `<guid>`.
    pub fn name_parts(&self) -> Vec<&str> {
        let file = self.name.rsplit('/').next().unwrap_or(&self.name);
        let mut parts: Vec<&str> = file.split('.').collect();
        parts.pop();
        parts
    }
}

/// Reads every JSON file under `dir`.
pub fn load(dir: &Path) -> Result<Folder, SnapshotError> {
    let mut names = Vec::new();
    walk(dir, "", &mut names)?;
    names.sort();
    let (json, other): (Vec<String>, Vec<String>) = names.into_iter().partition(|name| {
        Path::new(name).extension().is_some_and(|e| e.eq_ignore_ascii_case("json"))
    });
    if json.is_empty() {
        return Err(SnapshotError::Empty(dir.display().to_string()));
    }
    let documents = json
        .into_iter()
        .map(|name| {
            let path = dir.join(&name);
            let bytes = fs::read(&path).map_err(|source| io(&path, source))?;
            document(name, &bytes)
        })
        .collect::<Result<_, _>>()?;
    let ignored = other.into_iter().map(|name| format!("{name}: not a .json file")).collect();
    Ok(Folder { documents, ignored })
}

fn walk(dir: &Path, prefix: &str, names: &mut Vec<String>) -> Result<(), SnapshotError> {
    for entry in fs::read_dir(dir).map_err(|source| io(dir, source))? {
        let entry = entry.map_err(|source| io(dir, source))?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type().map_err(|source| io(dir, source))?;
        if kind.is_dir() {
            walk(&entry.path(), &format!("{name}/"), names)?;
        } else {
            names.push(name);
        }
    }
    Ok(())
}

fn io(path: &Path, source: std::io::Error) -> SnapshotError {
    SnapshotError::Io { path: path.display().to_string(), source }
}

fn document(name: String, bytes: &[u8]) -> Result<Document, SnapshotError> {
    let json = |problem: String| SnapshotError::Json { file: name.clone(), problem };
    let text = decode(bytes).map_err(&json)?;
    let value: Value = serde_json::from_str(&text).map_err(|e| json(e.to_string()))?;
    match value {
        Value::Array(items) => Ok(Document { name, items, context: None, group: None }),
        Value::Object(object) => from_object(name, object),
        _ => Err(SnapshotError::Unrecognised {
            file: name,
            what: "neither a JSON object nor a list".to_owned(),
        }),
    }
}

/// UTF-8, or UTF-16 with its mark: `>` of Windows PowerShell writes the latter.
fn decode(bytes: &[u8]) -> Result<String, String> {
    let wide = |swap: bool| {
        let units = bytes[2..].chunks_exact(2).map(|pair| {
            if swap {
                u16::from_be_bytes([pair[0], pair[1]])
            } else {
                u16::from_le_bytes([pair[0], pair[1]])
            }
        });
        char::decode_utf16(units).collect::<Result<String, _>>().map_err(|e| e.to_string())
    };
    match bytes {
        [0xFF, 0xFE, ..] => wide(false),
        [0xFE, 0xFF, ..] => wide(true),
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest),
        _ => utf8(bytes),
    }
}

fn utf8(bytes: &[u8]) -> Result<String, String> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|e| e.to_string())
}

fn from_object(name: String, mut object: Map<String, Value>) -> Result<Document, SnapshotError> {
    if let Some(error) = object.get("error").filter(|e| e.is_object()) {
        let code = error.get("code").and_then(Value::as_str).unwrap_or("no code").to_owned();
        return Err(SnapshotError::Service { file: name, code });
    }
    if let Some(link) = more_pages(&object) {
        return Err(SnapshotError::Incomplete { file: name, link: link.to_owned() });
    }
    let context = object
        .get("@odata.context")
        .and_then(Value::as_str)
        .and_then(|context| Some(context.split_once("$metadata#")?.1.to_owned()));
    let group = object.get("group").filter(|group| group.is_object()).cloned();
    // `value` is what services return, `data` what a Resource Graph query does.
    let items = ["value", "data"].into_iter().find_map(|field| match object.get_mut(field) {
        Some(Value::Array(items)) => Some(std::mem::take(items)),
        _ => None,
    });
    let items = items.unwrap_or_else(|| vec![Value::Object(object)]);
    Ok(Document { name, items, context, group })
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
        (cut.as_str() == Some("true") || cut.as_bool() == Some(true)).then_some("resultTruncated")
    })
}
