//! `pal demo`: the demonstration data as files.

use crate::args::server::DemoArgs;
use crate::demo;
use crate::printer::{Failure, Printer};

pub fn run(args: &DemoArgs, printer: &Printer) -> Result<(), Failure> {
    let demo = demo::write(&args.dir, args.force)
        .map_err(|error| Failure::Failed(format!("{error:#}")))?;
    printer.info(format!(
        "{} and {} files of usage in {}",
        demo.facts.display(),
        demo.usage_files.len(),
        demo.usage.display()
    ));
    Ok(())
}
