//! The schema of the configuration, made of its types and their comments. From it come the list of keys, the tables
//! of the reference page, the schema for editors, and what a refusal says belongs in a place.

use std::fmt::Write;
use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use super::Settings;

/// The JSON schema of the file.
pub fn schema() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
        let inline =
            SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
        inline.into_generator().into_root_schema_for::<Settings>().to_value()
    });
    &SCHEMA
}

/// A key: what has a value of its own.
#[derive(Debug)]
pub struct Key {
    /// Its path, with dots.
    pub path: String,
    pub(super) form: Form,
}

impl Key {
    /// The environment variable that sets it.
    pub fn variable(&self) -> String {
        variable(&self.path)
    }
}

/// The environment variable of a key's path.
pub(super) fn variable(path: &str) -> String {
    format!("OPENPAL_{}", path.replace('.', "__").to_ascii_uppercase())
}

/// All keys, in the order of the page.
pub fn keys() -> &'static [Key] {
    fn gather(section: Form, above: &str, keys: &mut Vec<Key>) {
        for (name, form) in section.fields() {
            let path = format!("{above}{name}");
            match form.0.get("properties") {
                Some(_) => gather(form, &format!("{path}."), keys),
                None => keys.push(Key { path, form }),
            }
        }
    }
    static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
        let mut keys = Vec::new();
        gather(Form(schema()), "", &mut keys);
        keys
    });
    &KEYS
}

/// What the schema says of a place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form(&'static Value);

impl Form {
    /// Of a path of names and positions.
    pub fn of(path: &[String]) -> Option<Self> {
        path.iter().try_fold(Self(schema()), |form, name| form.within(name))
    }

    fn within(self, name: &str) -> Option<Self> {
        self.0.get("items").or_else(|| self.0.get("properties")?.get(name)).map(Self)
    }

    /// The fields of a section, or of each entry of a list of sections.
    pub fn fields(self) -> impl Iterator<Item = (&'static str, Self)> {
        let section = self.0.get("items").unwrap_or(self.0);
        let fields = section.get("properties").and_then(Value::as_object).into_iter();
        fields.flat_map(Map::iter).map(|(name, form)| (name.as_str(), Self(form)))
    }

    /// Whether a field of a section must be there.
    pub fn requires(self, name: &str) -> bool {
        let required = self.0.get("required").and_then(Value::as_array);
        required.is_some_and(|names| names.iter().any(|known| known == name))
    }

    /// The words that a value is one of.
    pub fn choices(self) -> Vec<&'static str> {
        let list = |name: &str| self.0.get(name).and_then(Value::as_array).into_iter().flatten();
        list("oneOf")
            .map(|one| &one["const"])
            .chain(list("enum"))
            .filter_map(Value::as_str)
            .collect()
    }

    fn kind(self) -> &'static str {
        let kind = &self.0["type"];
        kind.as_str().or_else(|| kind[0].as_str()).unwrap_or("string")
    }

    /// Whether the value is a text, whatever it looks like: a folder may be called 2026.
    pub fn is_text(self) -> bool {
        self.kind() == "string" && self.choices().is_empty()
    }

    pub fn is_list(self) -> bool {
        self.kind() == "array"
    }

    /// What belongs there, in words.
    pub fn belongs(self) -> String {
        if let [first @ .., last] = &self.choices()[..] {
            return format!("{} or {last}", first.join(", "));
        }
        let words = match self.kind() {
            "integer" if self.0["minimum"] == 1 => "a whole number from 1 to 4294967295",
            "integer" => "a whole number, 0 or more",
            "boolean" => "true or false",
            "array" => "a list, such as [\"…\", \"…\"]",
            "object" => "a section with keys of its own",
            _ if self.0["format"] == "socket-address" => {
                "an address and a port, such as 127.0.0.1:8443"
            }
            _ => "a text",
        };
        words.to_owned()
    }

    fn meaning(self) -> String {
        self.0["description"].as_str().unwrap_or_default().replace('\n', " ")
    }
}

/// The table of keys on the page of the reference.
pub fn key_table() -> String {
    let mut text =
        String::from("| key | environment variable | default | |\n| --- | --- | --- | --- |\n");
    for key in keys() {
        let shown = match &key.form.0["default"] {
            Value::Null => "not set".to_owned(),
            Value::Array(_) => "none".to_owned(),
            Value::String(text) if text.is_empty() => "empty".to_owned(),
            Value::String(text) => format!("`{text}`"),
            other => format!("`{other}`"),
        };
        let (path, variable, meaning) = (&key.path, key.variable(), key.form.meaning());
        // Writing to a text does not fail.
        let _ = writeln!(text, "| `{path}` | `{variable}` | {shown} | {meaning} |");
    }
    text
}

/// The table of an issuer's fields on the same page.
pub fn issuer_table() -> String {
    let mut text = String::from("| field | |\n| --- | --- |\n");
    let issuers = keys().iter().find(|key| key.path == "identity.issuers");
    for (name, form) in issuers.into_iter().flat_map(|key| key.form.fields()) {
        let _ = writeln!(text, "| `{name}` | {} |", form.meaning());
    }
    text
}
