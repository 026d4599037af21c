//! stub
use crate::args::ExplainArgs;
use crate::printer::{Failure, Printer};
pub fn run(_args: &ExplainArgs, _printer: &Printer) -> Result<(), Failure> { Err(Failure::Failed("x".into())) }
