//! The folder: which files there are, and the items of each.

use std::fs;
use std::path::Path;

use pal_model::{SubscriptionId, fold};
use serde_json::{Map, Value};

use super::SnapshotError;
use super::collection::{self, Collection};
use super::whole;

/// A JSON file as a list of items.
#[derive(Debug, Default)]
pub struct Document {
    /// Path inside the folder, with `/`.
    pub name: String,
    pub items: Vec<Value>,
    /// What Graph says that it lists: `users`, `groups('…')/members`.
    pub context: Option<String>,
    /// The group of a file that we wrap as `{"group": {…}, "value": […]}`.
    pub group: Option<Value>,
    /// How many items the service says that there are.
    pub count: Option<usize>,
    /// Whether it is the answer of a query of Resource Graph, which leaves out without a word what the
    /// reader may not see.
    pub is_query: bool,
}

/// What was found in a folder.
pub struct Folder {
    pub documents: Vec<Document>,
    pub ignored: Vec<String>,
    pub collection: Option<Collection>,
    /// Subscriptions of which the service says that they do not exist, with the file.
    pub gone: Vec<(SubscriptionId, String)>,
}

enum File {
    List(Document),
    Collection(Collection),
    Gone(SubscriptionId),
}

impl Document {
    /// The parts of the file name between dots, without `.json`:
    /// `a/role-assignments.<guid>.json` → `role-assignments`, `<guid>`.
    pub fn name_parts(&self) -> Vec<&str> {
        name_parts(&self.name)
    }
}

fn name_parts(name: &str) -> Vec<&str> {
    let file = name.rsplit('/').next().unwrap_or(name);
    let mut parts: Vec<&str> = file.split('.').collect();
    parts.pop();
    parts
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
    let ignored = other.into_iter().map(|name| format!("{name}: not a .json file")).collect();
    let mut folder = Folder { documents: Vec::new(), ignored, collection: None, gone: Vec::new() };
    for name in json {
        let path = dir.join(&name);
        let bytes = fs::read(&path).map_err(|source| io(&path, source))?;
        match file(&name, &bytes)? {
            File::List(document) => folder.documents.push(document),
            File::Gone(id) => folder.gone.push((id, name)),
            File::Collection(collection) => {
                folder.gone.extend(collection.gone.iter().map(|id| (*id, name.clone())));
                if let Some(first) = folder.collection.replace(collection) {
                    return Err(SnapshotError::Collections { first: first.file, second: name });
                }
            }
        }
    }
    Ok(folder)
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

fn file(name: &str, bytes: &[u8]) -> Result<File, SnapshotError> {
    let json = |problem: String| SnapshotError::Json { file: name.to_owned(), problem };
    let text = decode(bytes).map_err(&json)?;
    // More than one value are pages that were written behind each other.
    let mut values = serde_json::Deserializer::from_str(&text)
        .into_iter::<Value>()
        .collect::<Result<Vec<Value>, _>>()
        .map_err(|e| json(e.to_string()))?;
    whole::refuse_delta(name, &values)?;
    if values.len() > 1 && !values.iter().all(whole::is_page) {
        return Err(json("several JSON values, and not all are pages of a list".to_owned()));
    }
    let Some(first) = values.first_mut() else { return Err(json("it is empty".to_owned())) };
    if let Value::Object(object) = first {
        if collection::is_one(name, object) {
            return Collection::read(name, object).map(File::Collection);
        }
        if let Some(id) = refused_by_service(name, object)? {
            return Ok(File::Gone(id));
        }
    }
    let mut document = document(name, values)?;
    document.is_query |= document.items.iter().any(is_of_query);
    Ok(File::List(document))
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

/// An answer that is an error. One of them says something: the subscription does not exist.
fn refused_by_service(
    name: &str,
    object: &Map<String, Value>,
) -> Result<Option<SubscriptionId>, SnapshotError> {
    let Some(error) = object.get("error").filter(|e| e.is_object()) else { return Ok(None) };
    let code = error.get("code").and_then(Value::as_str).unwrap_or("no code");
    let refused = || SnapshotError::Service { file: name.to_owned(), code: code.to_owned() };
    if !collection::says_not_found(code) {
        return Err(refused());
    }
    let named = name_parts(name).into_iter().find_map(|part| part.parse().ok());
    let message = error.get("message").and_then(Value::as_str).unwrap_or_default();
    let words = message.split(|c: char| !(c.is_ascii_hexdigit() || c == '-'));
    let told = words.into_iter().find_map(|word| word.parse::<SubscriptionId>().ok());
    match (named, told) {
        (Some(named), Some(told)) if named != told => Err(refused()),
        (named, told) => named.or(told).map(Some).ok_or_else(refused),
    }
}

/// A file as one list: an object with a list inside, a bare list, or pages.
fn document(name: &str, mut values: Vec<Value>) -> Result<Document, SnapshotError> {
    if let [Value::Array(items)] = &mut values[..] {
        let items = std::mem::take(items);
        if items.is_empty() || !items.iter().all(whole::is_page) {
            return Ok(Document { name: name.to_owned(), items, ..Document::default() });
        }
        values = items;
    }
    if let [Value::Object(object)] = &mut values[..]
        && let Some(Value::Array(pages)) = object.get_mut("value")
        && !pages.is_empty()
        && pages.iter().all(whole::is_page)
    {
        values = std::mem::take(pages);
    }
    whole::refuse_half_read(name, &values)?;
    let count = whole::count(name, &values)?;
    let mut all = Document { name: name.to_owned(), count, ..Document::default() };
    for value in values {
        let Value::Object(object) = value else {
            return Err(SnapshotError::Unrecognised {
                file: name.to_owned(),
                what: "neither a JSON object nor a list".to_owned(),
            });
        };
        add_page(&mut all, object);
    }
    Ok(all)
}

fn add_page(all: &mut Document, mut object: Map<String, Value>) {
    let context = object
        .get("@odata.context")
        .and_then(Value::as_str)
        .and_then(|context| Some(context.split_once("$metadata#")?.1.to_owned()));
    all.context = all.context.take().or(context);
    let group = object.get("group").filter(|group| group.is_object()).cloned();
    all.group = all.group.take().or(group);
    // `value` is what services return, `data` what a Resource Graph query does.
    for (field, is_query) in [("value", false), ("data", true)] {
        if let Some(Value::Array(items)) = object.get_mut(field) {
            all.items.append(items);
            all.is_query |= is_query;
            return;
        }
    }
    all.items.push(Value::Object(object));
}

/// Whether an item has the form in which Resource Graph prints it: types in small letters.
fn is_of_query(item: &Value) -> bool {
    let kind = item.get("type").and_then(Value::as_str).unwrap_or_default();
    kind.starts_with("microsoft.") && kind == fold(kind) && kind.contains('/')
}
