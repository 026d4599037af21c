//! Statements: signed reports.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `pal attest`.
#[derive(Debug, Subcommand)]
pub enum Attest {
    /// Make a key to sign statements with, where there is no data folder.
    Key(KeyArgs),
    /// Check a statement, and the files that it speaks of.
    Verify(VerifyArgs),
}

/// `pal attest key`.
#[derive(Debug, Args)]
pub struct KeyArgs {
    /// The file to make; there must be none.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// `pal attest verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The statement.
    #[arg(value_name = "STATEMENT")]
    pub statement: PathBuf,
    /// The report that it is about.
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// The facts that the report was made from, all of them.
    #[arg(long, num_args = 1.., value_name = "FILE")]
    pub facts: Vec<PathBuf>,
    /// The cost exports that it was made from, all of them.
    #[arg(long, num_args = 1.., value_name = "PATH")]
    pub usage: Vec<PathBuf>,
    /// The signer's public key, as you know it from elsewhere: 64 hexadecimal digits, or a file.
    #[arg(long, value_name = "KEY|FILE")]
    pub public_key: Option<String>,
}
