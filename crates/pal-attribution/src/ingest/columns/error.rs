//! Why a header is refused.

use super::Schema;

/// Why a header is of no use. The texts do not name the file: the caller knows it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    #[error(
        "no cost columns in the header ({found}): this looks like neither a FOCUS nor a Cost \
         Management export; if it is one, name it with --usage-format focus or cost-management"
    )]
    Unrecognised {
        /// The columns, shortened.
        found: String,
    },
    #[error(
        "read as {schema}, required columns are missing: {}; found: {found}; export all columns, \
         or name another kind of file with --usage-format", missing.join(", ")
    )]
    Missing {
        schema: Schema,
        /// Each missing column with its other names.
        missing: Vec<String>,
        /// The columns, shortened.
        found: String,
    },
    #[error(
        "the column names are not those of an export, but in another language ({found}): a download \
         of the portal, or saved by a spreadsheet program; give the file that an export of Cost \
         Management wrote, with English names, as it is"
    )]
    Translated {
        /// The columns, shortened.
        found: String,
    },
    #[error(
        "columns are separated by {separator} instead of commas: the file was saved by a spreadsheet \
         program, which may have changed amounts and dates too; give it as the export wrote it"
    )]
    Separated { separator: &'static str },
    #[error("{what}: another program has saved the file anew; give it as the export wrote it")]
    SavedAnew { what: &'static str },
    #[error(
        "the header is not UTF-8 text: the file was saved in another encoding, such as Windows-1252, \
         perhaps by a spreadsheet program; give it as the export wrote it"
    )]
    Encoding,
    #[error("column '{name}' is there twice (columns {first} and {second}): remove one of them")]
    Doubled {
        name: String,
        /// Position of the first, from 1.
        first: usize,
        /// Position of the second, from 1.
        second: usize,
    },
}
