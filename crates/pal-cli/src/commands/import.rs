//! `pal import azure-snapshot`.

use std::path::Path;

use pal_attribution::snapshot::{self, Limit, Options};

use crate::args::SnapshotArgs;
use crate::printer::{Failure, Printer};
use crate::{output, overwriting};

pub fn run(args: &SnapshotArgs, printer: &Printer) -> Result<(), Failure> {
    let inputs = [Some(args.dir.as_path()), args.previous.as_deref()];
    overwriting::refuse_over(&args.output, inputs.into_iter().flatten())?;
    overwriting::refuse_existing(&args.output, args.force)?;
    let read = |path: &Path| {
        std::fs::read_to_string(path)
            .map_err(|e| Failure::Failed(format!("cannot read {}: {e}", path.display())))
    };
    let previous = args.previous.as_deref().map(read).transpose()?;
    let taken = snapshot::read(&args.dir, args.taken_at, args.tenant).map_err(Failure::failed)?;
    let options = Options {
        limit: Limit { percent: args.max_ended, accepted: args.accept_ended },
        assume_since: args.assume_since,
    };
    let merged = snapshot::merge(previous.as_deref(), &taken, &options);
    let merged = merged.map_err(Failure::failed)?;
    output::to(Some(&args.output), |mut out| {
        out.write_all(merged.text.as_bytes())?;
        Ok(out.flush()?)
    })?;
    printer.info(merged.summary.to_string().trim_end());
    Ok(())
}
