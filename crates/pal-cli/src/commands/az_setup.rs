//! `pal az setup`.

use crate::args::client::SetupArgs;
use crate::printer::{Failure, Printer};

pub fn run(_args: &SetupArgs, _printer: &Printer) -> Result<(), Failure> {
    Ok(())
}
