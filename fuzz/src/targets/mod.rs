//! The targets, by what they read.

mod backup;
mod costs;
mod exports;
mod facts;
mod identity;
mod kept;
mod provider;
mod requests;
mod settings;
#[cfg(feature = "private-readers")]
mod wire;

use crate::{Bound, Target};

/// A reader of small documents, which builds values of what it reads and messages about it.
const DOCUMENT: Bound = Bound { fixed: 1_024, each: 256 };
/// A service. To try a password takes 19 MiB by itself (Argon2id).
const SERVICE: Bound = Bound { fixed: 32_768, each: 256 };

/// The targets: a name, what is done with an input, the seeds, and the bound on memory.
macro_rules! targets {
    ($all:ident: $($target:ident $name:literal $run:path, $seeds:path, $bound:expr;)*) => {
        $(pub static $target: Target = Target::new($name, $run, $seeds, $bound);)*
        static $all: &[&Target] = &[$(&$target),*];
    };
}

#[rustfmt::skip]
targets! { PUBLIC:
    COST_CSV "cost_csv" costs::csv, costs::csv_seeds, Bound { fixed: 8_192, each: 128 };
    COST_GZIP "cost_gzip" costs::gzip, costs::gzip_seeds, Bound { fixed: 8_192, each: 4_096 };
    COST_PARQUET "cost_parquet" costs::parquet, costs::parquet_seeds, Bound { fixed: 65_536, each: 256 };
    MANIFEST "manifest" exports::manifest, exports::manifest_seeds, DOCUMENT;
    UPLOAD "upload" exports::upload, exports::upload_seeds, DOCUMENT;
    FACTS "facts" facts::facts, facts::facts_seeds, DOCUMENT;
    SNAPSHOT "snapshot" facts::snapshot, facts::snapshot_seeds, DOCUMENT;
    TOKEN "token" identity::token, identity::token_seeds, DOCUMENT;
    KEY_SET "key_set" identity::key_set, identity::key_set_seeds, DOCUMENT;
    CHECKPOINTS "checkpoints" kept::checkpoints, kept::checkpoints_seeds, DOCUMENT;
    CHARGE_FILE "charge_file" kept::charge_file, kept::charge_file_seeds, Bound { fixed: 65_536, each: 256 };
    DECODER_ANSWER "decoder_answer" kept::decoder_answer, kept::decoder_answer_seeds, DOCUMENT;
    BACKUP "backup" backup::backup, backup::backup_seeds, DOCUMENT;
    CONFIGURATION "configuration" settings::configuration, settings::configuration_seeds, DOCUMENT;
    POLICY "policy" settings::policy, settings::policy_seeds, DOCUMENT;
    REQUEST "request" requests::request, requests::request_seeds, SERVICE;
    PROVIDER "provider" provider::provider, provider::provider_seeds, SERVICE;
    SIGN_IN_FORM "sign_in_form" requests::form, requests::form_seeds, SERVICE;
}

// Those whose readers are no part of the interface of their crates.
#[cfg(feature = "private-readers")]
#[rustfmt::skip]
targets! { PRIVATE:
    CONNECTION "connection" wire::connection, wire::connection_seeds, SERVICE;
    CERTIFICATE "certificate" wire::certificate, wire::certificate_seeds, DOCUMENT;
}
#[cfg(not(feature = "private-readers"))]
static PRIVATE: &[&Target] = &[];

/// All targets that are built. A program of a target does not call this: it would have all of them in it.
pub fn all() -> impl Iterator<Item = &'static Target> {
    PUBLIC.iter().chain(PRIVATE).copied()
}
