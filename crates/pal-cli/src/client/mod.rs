//! `pal` as a client: what a command knows of the cloud it speaks to, and how it prints.

mod arm;
mod error;
pub mod http;
pub mod partner;

use std::io::{IsTerminal, Write};

use serde_json::Value;

pub use arm::Arm;
pub use error::az_error;

use crate::args::client::ClientArgs;
use crate::cloud::{Cloud, Registry};
use crate::config_dir::ConfigDir;
use crate::output::az;
use crate::printer::{Failure, Printer};
use crate::query::Query;
use http::Http;

pub struct Context<'a> {
    pub printer: &'a Printer,
    pub dir: ConfigDir,
    args: &'a ClientArgs,
    query: Option<Query>,
}

impl<'a> Context<'a> {
    /// Understands the options, before anything is asked of anybody.
    ///
    /// # Errors
    ///
    /// When the query is none, or there is no folder for settings.
    pub fn open(args: &'a ClientArgs, printer: &'a Printer) -> Result<Self, Failure> {
        printer.talk(args.verbose, args.debug);
        let query = args.query.as_deref().map(Query::parse).transpose()?;
        Ok(Self { printer, dir: ConfigDir::find()?, args, query })
    }

    /// The cloud to speak to.
    ///
    /// # Errors
    ///
    /// When the one asked for is not known, or has no Partner Admin Link: then nothing is asked of
    /// it.
    pub fn cloud(&self) -> Result<Cloud, Failure> {
        let registry = Registry::load(&self.dir)?;
        let cloud = registry.find(self.args.cloud.as_deref().unwrap_or(registry.current()))?;
        if !cloud.offers_pal() {
            return Err(Failure::failed(format!(
                "PAL is not offered in this cloud ({}).\nTo work in another one: pal cloud set -n AzureCloud",
                cloud.name
            )));
        }
        Ok(cloud)
    }

    /// A connection to a cloud.
    ///
    /// # Errors
    ///
    /// When certificates that are named cannot be read.
    pub fn http(&self, cloud: &Cloud) -> Result<Http<'a>, Failure> {
        Http::new(cloud.ca_file.as_deref(), self.args.timeout, self.printer)
    }

    /// The same, before there is a cloud.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn http_with(&self, ca_file: Option<&std::path::Path>) -> Result<Http<'a>, Failure> {
        Http::new(ca_file, self.args.timeout, self.printer)
    }

    /// Whether somebody has asked for a result in a format.
    pub const fn wants_result(&self) -> bool {
        self.args.output.is_some() || self.args.json || self.query.is_some()
    }

    /// Prints a result.
    ///
    /// # Errors
    ///
    /// When the query does not fit, or the output is closed.
    pub fn out(&self, value: &Value) -> Result<(), Failure> {
        let style = self.args.output.unwrap_or_default();
        let found = self.query.as_ref().map(|query| query.search(value)).transpose()?;
        let mut out = std::io::stdout();
        let plain =
            self.args.no_color || std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
        let colour = !plain && out.is_terminal();
        let text = az::text(found.as_ref().unwrap_or(value), style, found.is_some(), colour);
        out.write_all(text.as_bytes())?;
        Ok(out.flush()?)
    }
}
