//! `pal doctor`: whether this machine is set up to work with a cloud, and what mends it; with a
//! resource, why it is missing in a report.

mod az_files;
mod missing;

use std::io::Write;

use reqwest::Method;
use serde_json::{Value, json};

use crate::args::client::DoctorArgs;
use crate::auth::{Account, Authority, Cache, Session, Sessions, Target};
use crate::client::http::{Answer, Ask, Http};
use crate::client::{Arm, Context, az_error};
use crate::cloud::{Cloud, discover};
use crate::printer::{Failure, Printer};

/// A clock that differs by more than this, in seconds, makes tokens look old or not yet good.
const CLOCK: i64 = 120;

/// One thing that was looked at.
struct Check {
    name: &'static str,
    state: State,
    found: String,
    /// The command that mends it.
    mend: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Ok,
    Fail,
    /// Not looked at, because of something before it; or worth knowing.
    Note,
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Fail => "FAIL",
            Self::Note => "-",
        }
    }
}

fn ok(name: &'static str, found: impl Into<String>) -> Check {
    Check { name, state: State::Ok, found: found.into(), mend: None }
}

fn note(name: &'static str, found: impl Into<String>) -> Check {
    Check { name, state: State::Note, found: found.into(), mend: None }
}

fn fail(name: &'static str, found: impl Into<String>, mend: impl Into<String>) -> Check {
    Check { name, state: State::Fail, found: found.into(), mend: Some(mend.into()) }
}

/// The first line of a failure.
fn first(failure: &Failure) -> String {
    failure.to_string().lines().next().unwrap_or_default().to_owned()
}

pub fn run(args: &DoctorArgs, printer: &Printer) -> Result<(), Failure> {
    if let Some(resource) = &args.resource {
        return missing::run(args, resource, printer);
    }
    let context = Context::open(&args.client, printer)?;
    let mut checks = vec![ok("version", format!("pal {}", env!("CARGO_PKG_VERSION")))];
    match context.cloud() {
        Ok(cloud) => {
            checks.push(ok("cloud", format!("{} at {}", cloud.name, cloud.resource_manager)));
            checks.extend(look(&context, &cloud));
        }
        Err(failure) => checks.push(fail(
            "cloud",
            first(&failure),
            "pal cloud list -o table; pal cloud set -n <name>",
        )),
    }
    let failed = checks.iter().filter(|check| check.state == State::Fail).count();
    show(&context, &checks)?;
    match failed {
        0 => Ok(()),
        _ if args.exit_code => {
            Err(Failure::Differs(format!("{failed} of {} checks failed.", checks.len())))
        }
        _ => Ok(()),
    }
}

fn look(context: &Context, cloud: &Cloud) -> Vec<Check> {
    let mut checks = Vec::new();
    match context.http(cloud) {
        Err(failure) => checks.push(fail("certificates", first(&failure), register_again(cloud))),
        Ok(http) => {
            if server(&http, cloud, &mut checks) {
                sign_in(context, &http, cloud, &mut checks);
            }
        }
    }
    checks.extend(az_files::look(cloud));
    checks
}

fn register_again(cloud: &Cloud) -> String {
    format!(
        "pal cloud register -n {} --endpoint-resource-manager {} --ca-file <ca.pem>",
        cloud.name, cloud.resource_manager
    )
}

/// Reachable, trusted, clock, discovery. Whether it is worth asking more.
fn server(http: &Http, cloud: &Cloud, checks: &mut Vec<Check>) -> bool {
    let url = format!("{}/metadata/endpoints?api-version=2022-09-01", cloud.resource_manager);
    let answer = match http.send(&Ask::get(&url)) {
        Ok(answer) => answer,
        Err(failure) => {
            let (name, mend) = if matches!(failure, Failure::Untrusted(_)) {
                ("trust", register_again(cloud))
            } else {
                let mend = if Cloud::built_in().contains(cloud) {
                    "check this machine's connection, or choose another cloud: pal cloud list"
                } else {
                    "start the server (pal dev, pal serve), or check the address: pal cloud show"
                };
                ("reachable", mend.to_owned())
            };
            checks.push(fail(name, first(&failure), mend));
            for name in ["clock", "discovery", "signed-in"] {
                checks.push(note(name, "not looked at"));
            }
            return false;
        }
    };
    checks.push(ok("reachable", format!("{} answers", cloud.resource_manager)));
    let own = if cloud.ca_file.is_some() {
        "the CA file of the cloud or this machine"
    } else {
        "this machine"
    };
    let secure = cloud.resource_manager.starts_with("https:");
    checks.push(if secure {
        ok("trust", format!("its certificate is trusted by {own}"))
    } else {
        note("trust", "http, on this machine only")
    });
    checks.push(clock(&answer));
    checks.push(metadata(http, cloud));
    match Authority::discover(http, cloud, cloud.usual_tenant()) {
        Ok(_) => checks.push(ok(
            "discovery",
            format!(
                "the sign-in at {} answers; tokens are for {}",
                cloud.active_directory, cloud.audience
            ),
        )),
        Err(failure) => checks.push(fail("discovery", first(&failure), register_again(cloud))),
    }
    true
}

/// Whether the cloud still is what was registered.
fn metadata(http: &Http, cloud: &Cloud) -> Check {
    let name = "metadata";
    match discover(http, &cloud.name, &cloud.resource_manager) {
        Ok(now)
            if now.active_directory == cloud.active_directory
                && now.audience == cloud.audience
                && now.sign_in == cloud.sign_in =>
        {
            ok(name, "as registered")
        }
        // Azure's own metadata is not what its clients use.
        Ok(_) if Cloud::built_in().contains(cloud) => ok(name, "built in"),
        Ok(now) => {
            let place =
                |cloud: &Cloud| format!("{} for {}", cloud.active_directory, cloud.audience);
            let (now, then) = (place(&now), place(cloud));
            let found = if now == then {
                format!(
                    "the client, the scope or the directory of the sign-in at {now} has changed"
                )
            } else {
                format!("the sign-in is now at {now}, registered is {then}")
            };
            fail(name, found, register_again(cloud))
        }
        Err(failure) => fail(name, first(&failure), "pal cloud show"),
    }
}

fn clock(answer: &Answer) -> Check {
    let theirs = answer.header("date").and_then(|text| jiff::fmt::rfc2822::parse(text).ok());
    let Some(theirs) = theirs else { return note("clock", "the server does not say its time") };
    let difference = crate::clock::now() - theirs.timestamp().as_second();
    if difference.abs() <= CLOCK {
        return ok("clock", format!("{} s from the server's", difference.abs()));
    }
    let way = if difference > 0 { "ahead of" } else { "behind" };
    let text =
        format!("this machine is {} s {way} the server; tokens will be refused", difference.abs());
    fail("clock", text, "set the clock, for example: timedatectl set-ntp true")
}

fn sign_in(context: &Context, http: &Http, cloud: &Cloud, checks: &mut Vec<Check>) {
    let found = Cache::load(&context.dir).and_then(|cache| {
        let target = cache.target(&cloud.name)?;
        let session = cache.find(&target)?.clone();
        Ok((session, target))
    });
    let (session, target): (Session, Target) = match found {
        Ok(found) => found,
        Err(failure) => {
            checks.push(fail("signed-in", first(&failure), "pal login"));
            return;
        }
    };
    let account = session.accounts.iter().find(|account| account.tenant == target.tenant);
    let directory = account.map(Account::directory).unwrap_or_default();
    checks.push(ok("signed-in", format!("{} in {directory}", session.username)));
    let sessions = Sessions { dir: &context.dir, cloud };
    if let Err(failure) = sessions.token(http, &target) {
        checks.push(fail("token", first(&failure), "pal login"));
        return;
    }
    let base = &cloud.resource_manager;
    let arm = Arm { http, sessions: &sessions, target: &target, base, printer: context.printer };
    match arm.send(&Method::GET, "/tenants?api-version=2022-12-01") {
        Ok(answer) if answer.status == 200 => {
            checks.push(ok("token", "the resource manager takes it"));
        }
        Ok(answer) => checks.push(fail("token", first(&az_error(&answer)), "pal login")),
        Err(failure) => checks.push(fail("token", first(&failure), "pal login")),
    }
}

fn show(context: &Context, checks: &[Check]) -> Result<(), Failure> {
    if context.wants_result() {
        let row = |check: &Check| {
            json!({
                "check": check.name, "state": check.state.word(), "found": check.found, "mend": check.mend,
            })
        };
        return context.out(&Value::Array(checks.iter().map(row).collect()));
    }
    let mut out = std::io::stdout();
    for check in checks {
        writeln!(out, " {:<5} {:<20} {}", check.state.word(), check.name, check.found)?;
        if let Some(mend) = &check.mend {
            writeln!(out, "       {:<20} {mend}", "to mend")?;
        }
    }
    Ok(out.flush()?)
}
