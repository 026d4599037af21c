//! `pal usage inspect`.

use pal_attribution::ingest::{ReadOptions, inspect};
use pal_usage::discover;

use crate::args::{InspectArgs, TextOrJson};
use crate::output;
use crate::printer::{Failure, Printer};

pub fn run(args: &InspectArgs, _: &Printer) -> Result<(), Failure> {
    let found = discover(&args.paths).map_err(Failure::failed)?;
    let parts = found.without_overtaken().parts();
    let found = inspect(&parts, &ReadOptions::of(args.format), 0).map_err(Failure::failed)?;
    output::to(None, |mut out| {
        match args.output {
            TextOrJson::Text => write!(out, "{found}")?,
            TextOrJson::Json => {
                serde_json::to_writer_pretty(&mut out, &found).map_err(std::io::Error::from)?;
                writeln!(out)?;
            }
        }
        Ok(out.flush()?)
    })
}
