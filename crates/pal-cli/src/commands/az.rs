//! `pal az`: Azure's own tools.

use crate::args::client::AzCommand;
use crate::printer::{Failure, Printer};

pub fn run(command: &AzCommand, printer: &Printer) -> Result<(), Failure> {
    match command {
        AzCommand::Setup(args) => super::az_setup::run(args, printer),
    }
}
