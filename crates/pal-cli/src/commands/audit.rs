//! `pal audit verify`.

use std::io::Write;

use crate::args::server::VerifyArgs;
use crate::output;
use crate::printer::Failure;

/// Exit status 0: whole; 1: not, with what and where.
pub fn verify(args: &VerifyArgs) -> Result<(), Failure> {
    let report = pal_store::audit::verify(
        &args.data_dir,
        args.checkpoints.as_deref(),
        args.public_key.as_deref(),
    )
    .map_err(Failure::failed)?;
    output::to(None, |mut out| {
        write!(out, "{report}")?;
        Ok(out.flush()?)
    })?;
    if report.is_whole() {
        return Ok(());
    }
    Err(Failure::Failed("the audit log or the register was changed by other means".to_owned()))
}
