//! Reports and balances as CSV, JSON, Parquet or a table for people.
//!
//! CSV, JSON and Parquet are written row by row; the table needs all rows to know its widths.

pub mod columns;
mod parquet;

use std::borrow::Cow;
use std::io::{self, Write};

use pal_model::{Balance, Exact, KeyColumn};

use self::parquet::ParquetRows;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values with a header line.
    Csv,
    /// An array of objects; money as text.
    Json,
    /// Apache Parquet; money as `DECIMAL(38,10)`, in a balance `DECIMAL(38,18)`.
    Parquet,
    Table,
}

impl Format {
    /// The words of the command line.
    pub const NAMES: [(&'static str, Self); 4] = [
        ("csv", Self::Csv),
        ("json", Self::Json),
        ("parquet", Self::Parquet),
        ("table", Self::Table),
    ];
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub name: &'static str,
    pub kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    /// The number 1 or 0.
    Flag,
    Count,
    /// Decimal with so many fraction digits.
    Money(u32),
}

const ROUNDED: u32 = 10;
const FULL: u32 = pal_model::Money::SCALE;

pub(crate) enum Value<'v> {
    Text(Option<&'v str>),
    Count(u64),
    /// In units of the column's last digit.
    Money(i128),
}

impl Value<'_> {
    fn print(&self, kind: Kind) -> String {
        match (self, kind) {
            (Self::Text(text), _) => text.unwrap_or_default().to_owned(),
            (Self::Count(count), _) => count.to_string(),
            (Self::Money(units), Kind::Money(FULL)) => {
                pal_model::Money::from_units(*units).to_string()
            }
            (Self::Money(units), _) => Exact::print_rounded(*units),
        }
    }
}

enum Sink<'w> {
    Csv { out: Box<::csv::Writer<Box<dyn Write + Send + 'w>>>, begun: bool },
    Json { out: Box<dyn Write + Send + 'w>, first: bool },
    Parquet(Box<ParquetRows<Box<dyn Write + Send + 'w>>>),
    Table { out: Box<dyn Write + Send + 'w>, rows: Vec<Vec<String>> },
}

/// Writes rows in one of the formats. Nothing is written before the first row, so that a report that
/// fails leaves nothing behind; nothing is complete before [`Writer::finish`].
pub struct Writer<'w> {
    columns: Vec<Column>,
    sink: Sink<'w>,
}

/// What an output says about itself where its format has room for it (Parquet).
#[derive(Debug, Clone)]
pub struct Origin {
    pub policy: (String, String),
}

impl<'w> Writer<'w> {
    /// For rows of a report with these keys, with or without the columns of money.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn report(
        format: Format,
        keys: &[KeyColumn],
        money: bool,
        origin: &Origin,
        out: Box<dyn Write + Send + 'w>,
    ) -> io::Result<Self> {
        let key = |key: &KeyColumn| Column {
            name: key.name(),
            kind: if key.is_flag() { Kind::Flag } else { Kind::Text },
        };
        let mut columns: Vec<Column> = keys.iter().map(key).collect();
        columns.push(Column { name: "charges", kind: Kind::Count });
        if money {
            columns.push(Column { name: "cost", kind: Kind::Money(ROUNDED) });
            columns.push(Column { name: "credited_cost", kind: Kind::Money(ROUNDED) });
        }
        Self::new(format, columns, origin, out)
    }

    fn new(
        format: Format,
        columns: Vec<Column>,
        origin: &Origin,
        out: Box<dyn Write + Send + 'w>,
    ) -> io::Result<Self> {
        let sink = match format {
            Format::Csv => {
                Sink::Csv { out: Box::new(::csv::Writer::from_writer(out)), begun: false }
            }
            Format::Json => Sink::Json { out, first: true },
            Format::Parquet => Sink::Parquet(Box::new(ParquetRows::new(&columns, origin, out)?)),
            Format::Table => Sink::Table { out, rows: Vec::new() },
        };
        Ok(Self { columns, sink })
    }

    /// One row of a report: costs in 10⁻¹⁰ units, passed over where there is no column for them.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn row(
        &mut self,
        keys: &[Option<&str>],
        charges: u64,
        cost: i128,
        credited_cost: i128,
    ) -> io::Result<()> {
        let measures = [Value::Count(charges), Value::Money(cost), Value::Money(credited_cost)];
        self.values(keys.iter().map(|key| Value::Text(*key)).chain(measures))
    }

    fn values<'v>(&mut self, values: impl Iterator<Item = Value<'v>>) -> io::Result<()> {
        let columns = &self.columns;
        let printed = values.zip(columns);
        match &mut self.sink {
            Sink::Csv { out: writer, begun } => {
                if !*begun {
                    writer.write_record(columns.iter().map(|c| c.name)).map_err(io_error)?;
                    *begun = true;
                }
                for (value, column) in printed {
                    match value {
                        Value::Text(text) => {
                            writer.write_field(&*harmless(text.unwrap_or_default()))
                        }
                        value => writer.write_field(value.print(column.kind)),
                    }
                    .map_err(io_error)?;
                }
                writer.write_record(None::<&[u8]>).map_err(io_error)
            }
            Sink::Json { out, first } => {
                out.write_all(if *first { b"[\n  {" } else { b",\n  {" })?;
                *first = false;
                for (at, (value, column)) in printed.enumerate() {
                    let comma = if at == 0 { "" } else { ", " };
                    write!(out, "{comma}\"{}\": {}", column.name, json(&value, column.kind))?;
                }
                out.write_all(b"}")
            }
            Sink::Parquet(writer) => writer.row(printed),
            Sink::Table { rows, .. } => {
                rows.push(printed.map(|(value, column)| value.print(column.kind)).collect());
                Ok(())
            }
        }
    }

    /// Writes what is left and the end of the format.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn finish(self) -> io::Result<()> {
        match self.sink {
            Sink::Csv { mut out, begun } => {
                if !begun {
                    out.write_record(self.columns.iter().map(|c| c.name)).map_err(io_error)?;
                }
                out.flush()
            }
            Sink::Json { mut out, first } => {
                out.write_all(if first { b"[]\n" } else { b"\n]\n" })?;
                out.flush()
            }
            Sink::Parquet(writer) => writer.finish(),
            Sink::Table { mut out, rows } => {
                table(&mut out, &self.columns, &rows)?;
                out.flush()
            }
        }
    }
}

/// Writes a balance: amounts in full, 18 fraction digits.
///
/// # Errors
/// The output cannot be written.
pub fn write_balance(
    format: Format,
    balance: &Balance,
    origin: &Origin,
    out: Box<dyn Write + Send + '_>,
) -> io::Result<()> {
    let text = |name| Column { name, kind: Kind::Text };
    let columns = vec![
        text("month"),
        text("currency"),
        text("line"),
        text("reason"),
        Column { name: "charges", kind: Kind::Count },
        Column { name: "amount", kind: Kind::Money(FULL) },
    ];
    let mut writer = Writer::new(format, columns, origin, out)?;
    for ((month, currency, line), (charges, amount)) in balance {
        let reason = Some(line.reason()).filter(|reason| !reason.is_empty());
        let keys = [Some(month.as_str()), Some(currency.as_str()), Some(line.line()), reason];
        let measures = [Value::Count(*charges), Value::Money(amount.units())];
        writer.values(keys.into_iter().map(Value::Text).chain(measures))?;
    }
    writer.finish()
}

/// A text that no spreadsheet takes for a formula (T57). Numbers are never touched: they may begin
/// with a minus.
fn harmless(text: &str) -> Cow<'_, str> {
    let first = text.trim_start_matches([' ', '\u{a0}', '\n']).chars().next();
    match first {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => Cow::Owned(format!("'{text}")),
        _ => Cow::Borrowed(text),
    }
}

/// The error below: a closed pipe must stay one.
fn io_error(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn json(value: &Value, kind: Kind) -> String {
    match (value, kind) {
        (Value::Text(None), _) => "null".to_owned(),
        (Value::Text(Some(flag)), Kind::Flag) => (*flag).to_owned(),
        (Value::Text(Some(text)), _) => serde_json::Value::from(*text).to_string(),
        (Value::Count(count), _) => count.to_string(),
        (Value::Money(_), _) => format!("\"{}\"", value.print(kind)),
    }
}

/// Two spaces between columns, a line of dashes below the header, numbers to the right.
fn table(out: &mut dyn Write, columns: &[Column], rows: &[Vec<String>]) -> io::Result<()> {
    let width = |at: usize| {
        let cells = rows.iter().map(|row| row[at].chars().count());
        cells.chain([columns[at].name.len()]).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let mut line = |cell: &dyn Fn(usize) -> String| -> io::Result<()> {
        let cells = widths.iter().enumerate().map(|(at, &width)| match columns[at].kind {
            Kind::Text | Kind::Flag => format!("{:<width$}", cell(at)),
            Kind::Count | Kind::Money(_) => format!("{:>width$}", cell(at)),
        });
        writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    line(&|at| columns[at].name.to_owned())?;
    line(&|at| "-".repeat(widths[at]))?;
    rows.iter().try_for_each(|row| line(&|at| row[at].clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t57_no_text_is_a_formula_and_every_number_is_a_number() {
        for evil in
            ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=1", " =1", "\u{a0}-1", "\n@x", " \n =1"]
        {
            assert_eq!(harmless(evil), format!("'{evil}"), "{evil:?}");
        }
        for good in ["", "rg-1", "a=b", "'=1", "ü", "1-2", "(=1)"] {
            assert_eq!(harmless(good), good);
        }
        let origin = Origin { policy: (String::new(), String::new()) };
        let mut out = Vec::new();
        let keys = [KeyColumn::PartnerName];
        let mut writer =
            Writer::report(Format::Csv, &keys, true, &origin, Box::new(&mut out)).unwrap();
        writer.row(&[Some("=HYPERLINK(1)")], 1, -15, -15).unwrap();
        writer.finish().unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(
            text,
            "partner_name,charges,cost,credited_cost\n'=HYPERLINK(1),1,-0.0000000015,-0.0000000015\n"
        );
    }
}
