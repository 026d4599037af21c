//! `pal import azure-snapshot`.

use std::path::Path;

use pal_attribution::snapshot::{self, Limit, Options};

use crate::args::SnapshotArgs;
use crate::output;
use crate::printer::{Failure, Printer};

pub fn run(args: &SnapshotArgs, printer: &Printer) -> Result<(), Failure> {
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
    let merged = snapshot::merge_with(previous.as_deref(), &taken, &options);
    let merged = merged.map_err(Failure::failed)?;
    output::to(Some(&args.output), |mut out| {
        out.write_all(merged.text.as_bytes())?;
        Ok(out.flush()?)
    })?;
    printer.info(merged.summary.to_string().trim_end());
    Ok(())
}
