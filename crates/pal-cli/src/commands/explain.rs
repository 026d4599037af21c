//! `pal explain`.

use pal_attribution::answer::{Basis, ExplainError, When, explain};
use pal_attribution::explain::NoAnswer;
use pal_attribution::ingest::ReadOptions;
use pal_model::ScopePath;

use super::report::failure;
use crate::args::{ExplainArgs, TextOrJson};
use crate::printer::{Failure, Printer};
use crate::{inputs, output};

pub fn run(args: &ExplainArgs, printer: &Printer) -> Result<(), Failure> {
    if args.facts.server {
        return super::remote::explain(args, printer);
    }
    let resource: ScopePath =
        args.resource.parse().map_err(|e| Failure::Usage(format!("--resource: {e}")))?;
    let when = match (args.at, args.month) {
        (Some(at), _) => When::At(at),
        (None, Some(month)) => When::Month(month),
        (None, None) => return Err(Failure::Usage("give --at or --month".to_owned())),
    };
    let roles = inputs::roles()?;
    let policy = inputs::policy(&args.policy)?;
    let facts = inputs::facts(&args.facts, &roles, printer)?;
    let (schema, files) = (args.usage_format, &args.files);
    let found = inputs::usage_if_any(&args.usage, schema, files, &args.facts, printer)?;
    let usage = found.as_ref().map(|usage| (usage.parts.as_slice(), ReadOptions::of(schema)));
    let basis = Basis { facts: &facts, roles: &roles, policy: &policy };
    let explanation = explain(basis, resource, when, args.partner, usage).map_err(refuse)?;
    output::to(None, |mut out| {
        match args.format {
            TextOrJson::Text => write!(out, "{explanation}")?,
            TextOrJson::Json => {
                serde_json::to_writer_pretty(&mut out, &explanation)
                    .map_err(std::io::Error::from)?;
                writeln!(out)?;
            }
        }
        Ok(out.flush()?)
    })
}

pub fn refuse(error: ExplainError) -> Failure {
    match error {
        ExplainError::NotThere
        | ExplainError::NoAnswer(NoAnswer::UnknownSubscription(_) | NoAnswer::UnknownPartner(_)) => {
            Failure::NotFound(error.to_string())
        }
        ExplainError::NoAnswer(NoAnswer::NoSubscription(_)) | ExplainError::When => {
            Failure::Usage(error.to_string())
        }
        ExplainError::Engine(error) => failure(error),
    }
}
