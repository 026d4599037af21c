//! stub
use crate::args::SnapshotArgs;
use crate::printer::{Failure, Printer};
pub fn run(_args: &SnapshotArgs, _printer: &Printer) -> Result<(), Failure> { Err(Failure::Failed("x".into())) }
