//! The commands: arguments in, result out.

pub mod explain;
pub mod import;
pub mod inspect;
pub mod report;
