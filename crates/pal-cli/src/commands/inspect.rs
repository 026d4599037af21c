//! stub
use crate::args::InspectArgs;
use crate::printer::{Failure, Printer};
pub fn run(_args: &InspectArgs, _printer: &Printer) -> Result<(), Failure> { Err(Failure::Failed("x".into())) }
