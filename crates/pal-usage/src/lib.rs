//! Cost exports: which files there are, charge files decoded from them in a process of its own, counted by
//! one commit, and read by every report.

mod as_text;
mod cache;
pub mod charges;
mod compose;
mod counted;
pub mod counting;
mod decoder;
pub mod discover;
mod files;
mod home;
mod intake;
mod ledger;
mod list;
#[cfg(feature = "object-store")]
mod object_store;
mod refusal;
mod shelf;
mod statements;
mod told;
mod upload;
mod watch;

pub use compose::{Composer, ReportBasis};
pub use counted::{Counted, Freshness, Month};
pub use decoder::{
    ARGUMENT as DECODER_ARGUMENT, Bounds as DecoderBounds, Decoder, serve as decode,
};
pub use discover::{
    DiscoverError, Discovered, Landed, LandedFile, Note, Run, RunFiles, discover, landed,
};
pub use files::{FileUsage, FilesError};
pub use home::{Home, HomeError, check as check_home, home};
pub use intake::{Intake, IntakeError, Order, Paths, UndoError};
pub use ledger::LedgerError;
pub use list::{UsageFile, UsageImport, Withdrawn};
#[cfg(feature = "object-store")]
pub use object_store::ObjectHome;
pub use refusal::Undecided;
pub use shelf::Shelf;
pub use told::{Imported, ImportedAndRead, Inspected, MonthImported, reason};
pub use upload::{NAMES_FILE, UploadError, unpack};
pub use watch::Watch;
