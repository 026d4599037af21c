//! Results as az prints them, byte for byte: `json`, `table`, `tsv`, `yaml`, `none`, and the two
//! coloured ones.
//!
//! az is a Python program, and its formats follow from Python's own ways: the JSON of `json.dumps`,
//! tables of `tabulate`'s style "simple", `str()` of values in TSV (so `None` and `True`), `PyYAML`'s
//! choice of quotes. Parity to the byte is the contract, so no library for YAML or tables of Rust will do: each
//! makes choices of its own. The fixtures in `tests/client/az-formats` are what these libraries print.

mod json;
mod python;
mod table;
mod tsv;
mod yaml;
mod yaml_scalar;

#[cfg(test)]
mod tests;

use clap::ValueEnum;
use serde_json::Value;

/// How a result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Style {
    /// JSON.
    #[default]
    Json,
    /// JSON, coloured on a terminal.
    Jsonc,
    /// Nothing.
    None,
    /// A table with headings.
    Table,
    /// Values only, separated by tabs.
    Tsv,
    /// YAML.
    Yaml,
    /// YAML, coloured on a terminal.
    Yamlc,
}

/// The text of `value`; `queried` says that a query has chosen the fields and their order.
pub fn text(value: &Value, style: Style, queried: bool, colour: bool) -> String {
    match style {
        Style::Jsonc if colour => json::coloured(value),
        Style::Json | Style::Jsonc => json::plain(value),
        Style::Yamlc if colour => yaml::coloured(value),
        Style::Yaml | Style::Yamlc => yaml::plain(value),
        Style::None => String::new(),
        Style::Table => table::table(value, queried),
        Style::Tsv => tsv::tsv(value, queried),
    }
}

/// The values of an object in the order of their keys.
fn sorted(object: &serde_json::Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut pairs: Vec<_> = object.iter().collect();
    pairs.sort_by(|a, b| a.0.cmp(b.0));
    pairs
}
