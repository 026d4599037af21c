//! Reports and explanations over the live data of a running service.

use std::io::Write;

use reqwest::Method;
use reqwest::blocking::Body;
use serde::de::DeserializeOwned;

use crate::args::client::ClientArgs;
use crate::args::{ExplainArgs, PolicyArgs, ReportArgs, TextOrJson};
use crate::auth::{Cache, Sessions, Target};
use crate::client::http::{Answer, Ask, Http};
use crate::client::{Arm, Context, az_error};
use crate::cloud::Cloud;
use crate::config_dir::ConfigDir;
use crate::output;
use crate::printer::{Failure, Printer};
use pal_api::List;
use pal_attribution::answer::When;
use pal_attribution::explain::Explanation;
use pal_attribution::output::Format;
use pal_model::{Instant, PartnerId};
use url::form_urlencoded::Serializer;

pub type Fields = Vec<(&'static str, String)>;

/// `pal report --server`.
pub fn report(args: &ReportArgs, printer: &Printer) -> Result<(), Failure> {
    refuse(&[
        ("--usage-format", args.usage.usage_format.is_some()),
        ("--threads", args.threads.is_some()),
    ])?;
    let mut fields = policy(&args.policy)?;
    let format = Format::NAMES.iter().find(|(_, format)| *format == args.format);
    fields.push(("format", format.map_or("csv", |(name, _)| name).to_owned()));
    fields.extend(args.month.map(|months| ("month", months.to_string())));
    fields.extend(args.customer.clone().map(|customer| ("customer", customer)));
    fields.extend(args.subscription.map(|id| ("subscription", id.to_string())));
    fields.extend(args.facts.known_at.map(|at| ("known_at", at.to_string())));
    // As a report on files: the column says which are duplicates.
    fields.push(("duplicates", "counted".to_owned()));
    if args.balance {
        fields.push(("balance", "true".to_owned()));
    }
    if !args.group_by.is_empty() {
        let names: Vec<String> = args.group_by.iter().map(ToString::to_string).collect();
        fields.push(("group_by", names.join(",")));
    }
    let service = Service::open(printer)?;
    output::to(args.output.as_deref(), |mut out| {
        service.download("/api/v1/reports", &fields, &mut out)?;
        Ok(out.flush()?)
    })
}

/// `pal explain --server`.
pub fn explain(args: &ExplainArgs, printer: &Printer) -> Result<(), Failure> {
    refuse(&[("--usage-format", args.usage_format.is_some())])?;
    let when = match (args.at, args.month) {
        (Some(at), _) => When::At(at),
        (None, Some(month)) => When::Month(month),
        (None, None) => return Err(Failure::Usage("give --at or --month".to_owned())),
    };
    let mut fields =
        question(&args.policy, &args.resource, when, args.partner, args.facts.known_at)?;
    let format = if args.format == TextOrJson::Text { "text" } else { "json" };
    fields.push(("format", format.to_owned()));
    let answer = Service::open(printer)?.get("/api/v1/explain", &fields)?;
    output::to(None, |mut out| {
        out.write_all(&answer)?;
        if !answer.ends_with(b"\n") {
            out.write_all(b"\n")?;
        }
        Ok(out.flush()?)
    })
}

/// An explanation.
///
/// # Errors
///
/// As [`Service::get`]; or the answer is none, as that of a service of another version.
pub fn explanation(
    policy: &PolicyArgs,
    resource: &str,
    when: When,
    partner: Option<PartnerId>,
    known_at: Option<Instant>,
    printer: &Printer,
) -> Result<Explanation, Failure> {
    let fields = question(policy, resource, when, partner, known_at)?;
    let answer = Service::open(printer)?.get("/api/v1/explain", &fields)?;
    serde_json::from_slice(&answer).map_err(Failure::failed)
}

fn question(
    rules: &PolicyArgs,
    resource: &str,
    when: When,
    partner: Option<PartnerId>,
    known_at: Option<Instant>,
) -> Result<Fields, Failure> {
    let mut fields = policy(rules)?;
    fields.push(("resource", resource.to_owned()));
    fields.push(("usage", "true".to_owned()));
    fields.push(match when {
        When::At(at) => ("at", at.to_string()),
        When::Month(month) => ("month", written(month)),
    });
    fields.extend(partner.map(|partner| ("partner", partner.to_string())));
    fields.extend(known_at.map(|at| ("known_at", at.to_string())));
    Ok(fields)
}

fn written((year, month): (i16, i8)) -> String {
    format!("{year:04}-{month:02}")
}

/// A policy by name: the service has no files of ours.
pub fn policy(args: &PolicyArgs) -> Result<Fields, Failure> {
    refuse(&[
        ("--granularity", args.granularity.is_some()),
        ("--keep-cost-allocation", args.keep_cost_allocation),
    ])?;
    Ok(vec![("policy", args.policy.clone())])
}

/// Refuses what goes with files only.
pub fn refuse(options: &[(&str, bool)]) -> Result<(), Failure> {
    match options.iter().find(|(_, given)| *given) {
        Some((option, _)) => Err(Failure::Usage(format!(
            "{option} goes with files or with --data-dir, not with --server"
        ))),
        None => Ok(()),
    }
}

/// The service of the current cloud, as whoever is signed in.
pub struct Service<'p> {
    printer: &'p Printer,
    dir: ConfigDir,
    cloud: Cloud,
    http: Http<'p>,
    target: Target,
}

impl<'p> Service<'p> {
    /// Of the current cloud.
    ///
    /// # Errors
    ///
    /// When nobody is signed in there.
    pub fn open(printer: &'p Printer) -> Result<Self, Failure> {
        let args = ClientArgs::plain();
        let cloud = Context::open(&args, printer)?.cloud()?;
        let http = Http::new(cloud.ca_file.as_deref(), args.timeout, printer)?;
        let dir = ConfigDir::find()?;
        let target = Cache::load(&dir)?.target(&cloud.name)?;
        Ok(Self { printer, dir, cloud, http, target })
    }

    /// The body of a 200.
    ///
    /// # Errors
    ///
    /// Any other answer, in words for a person.
    pub fn get(&self, path: &str, fields: &Fields) -> Result<Vec<u8>, Failure> {
        self.send(&Method::GET, &with(path, fields))
    }

    /// The body of a 200.
    ///
    /// # Errors
    ///
    /// As [`Service::get`].
    pub fn delete(&self, path: &str) -> Result<Vec<u8>, Failure> {
        self.send(&Method::DELETE, path)
    }

    /// The entries of all pages of a list, and what the last page says beside them.
    ///
    /// # Errors
    ///
    /// As [`Service::get`]; or an answer is no page of this list.
    pub fn pages<T, R>(&self, path: &str, fields: &Fields) -> Result<(Vec<T>, R), Failure>
    where
        List<T, R>: DeserializeOwned,
    {
        let strange = || {
            let base = &self.cloud.resource_manager;
            Failure::Failed(format!("the answer of {base}{path} is not a list"))
        };
        let mut asked = with(path, fields);
        let mut all = Vec::new();
        loop {
            let answer = self.send(&Method::GET, &asked)?;
            let page: List<T, R> = serde_json::from_slice(&answer).map_err(|_| strange())?;
            all.extend(page.value);
            let Some(link) = page.next_link else { return Ok((all, page.rest)) };
            let next = following(&link, path).filter(|next| *next != asked);
            asked = next.ok_or_else(strange)?;
        }
    }

    /// Writes the body of a 200 out as it comes.
    ///
    /// # Errors
    ///
    /// As [`Service::get`]; or it cannot be written.
    pub fn download(
        &self,
        path: &str,
        fields: &Fields,
        out: &mut dyn Write,
    ) -> Result<(), Failure> {
        let path = with(path, fields);
        let once = |out: &mut dyn Write| {
            self.asked(&Method::GET, &path, |http, ask| http.download(ask, out))
        };
        let mut refused = once(out)?;
        if refused.as_ref().is_some_and(|answer| answer.status == 401) {
            self.sessions().renew(&self.http, &self.target, None)?;
            refused = once(out)?;
        }
        match refused {
            None => Ok(()),
            Some(answer) => Err(self.failure(&answer)),
        }
    }

    /// Sends a body of any length; the body of a 200.
    ///
    /// # Errors
    ///
    /// As [`Service::get`].
    pub fn upload(
        &self,
        path: &str,
        fields: &Fields,
        kind: &str,
        body: Body,
    ) -> Result<Vec<u8>, Failure> {
        let path = with(path, fields);
        let answer = self.asked(&Method::POST, &path, |http, ask| http.upload(ask, kind, body))?;
        if answer.status == 200 { Ok(answer.body) } else { Err(self.failure(&answer)) }
    }

    fn asked<T>(
        &self,
        method: &Method,
        path: &str,
        ask: impl FnOnce(&Http, &Ask) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let token = self.sessions().token(&self.http, &self.target)?;
        let url = format!("{}{path}", self.cloud.resource_manager);
        let headers = [("x-ms-client-request-id", crate::random::guid()?)];
        let method = method.clone();
        let asked = Ask { method, url: &url, token: Some(&token), form: None, headers: &headers };
        ask(&self.http, &asked)
    }

    fn sessions(&self) -> Sessions<'_> {
        Sessions { dir: &self.dir, cloud: &self.cloud }
    }

    fn send(&self, method: &Method, path: &str) -> Result<Vec<u8>, Failure> {
        let sessions = self.sessions();
        let (http, target) = (&self.http, &self.target);
        let base = &self.cloud.resource_manager;
        let arm = Arm { http, sessions: &sessions, target, base, printer: self.printer };
        let answer = arm.send(method, path)?;
        if answer.status == 200 { Ok(answer.body) } else { Err(self.failure(&answer)) }
    }

    fn failure(&self, answer: &Answer) -> Failure {
        if answer.status != 404 || answer.header("x-openpal-error") != Some("no-such-path") {
            return az_error(answer);
        }
        // Not yours reads as not there, on the wire; a person should know both.
        Failure::NotFound(format!(
            "{} has no such thing for this account: it may not see it, or the service is older",
            self.cloud.resource_manager
        ))
    }
}

/// The path and query of a list's next page. The token goes to the cloud's own address, whatever an
/// answer says.
fn following(link: &str, path: &str) -> Option<String> {
    let url = url::Url::parse(link).ok().filter(|url| url.path() == path)?;
    url.query().map(|query| format!("{path}?{query}"))
}

fn with(path: &str, fields: &Fields) -> String {
    format!("{path}?{}", Serializer::new(String::new()).extend_pairs(fields).finish())
}
