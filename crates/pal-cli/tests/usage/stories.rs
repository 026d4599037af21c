//! The stories of the ledger, through the real program: each statement is a folder with a manifest, or
//! files, which the command imports into a data folder and a service takes as an upload. The two and
//! `pal report` on the files give the ledger's total.

#[path = "../../../pal-usage/tests/support/ledger.rs"]
mod ledger;

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::support::running::{Answer, Running};
use crate::table::gzip;
use crate::usage::kept::{Kept, number, said as all_said, text};
use crate::usage::upload::{packed, upload};
use ledger::{Dice, Given, Register, Row, Run, Said, Scope, Story};

/// Stories that one service is told before it is a new one.
const STORIES_EACH: u64 = 10;

type Files = Vec<(String, Vec<u8>)>;

/// An import that was not refused.
struct Import {
    folder: String,
    said: Said,
    is_loose: bool,
    /// Its numbers in the data folder and in the service.
    numbers: (i64, i64),
    withdrawn: bool,
}

/// One story's files, data folder and place in a service.
struct Program<'s> {
    kept: Kept,
    service: &'s Running,
    /// What counts in the service of earlier stories.
    before: i64,
    /// Makes the ids of this story's accounts and subscriptions its own.
    story: u64,
    dice: Dice,
    given: usize,
    imports: Vec<Import>,
}

impl Program<'_> {
    fn account(&self, id: &str) -> String {
        format!("/providers/Microsoft.Billing/billingAccounts/{id}{}", self.story)
    }

    fn profile(&self, account: &str, profile: &str) -> String {
        format!("{}/billingProfiles/{profile}", self.account(account))
    }

    fn subscription(&self, id: &str) -> String {
        match id.trim_start_matches('s') {
            "" => String::new(),
            number => format!("0000000{number}-5000-4000-8000-{:012x}", self.story),
        }
    }

    fn scope(&self, scope: Scope) -> String {
        match scope {
            Scope::Account(id) => self.account(id),
            Scope::Profile(id, profile) => self.profile(id, profile),
            Scope::Subscription(id) => format!("/subscriptions/{}", self.subscription(id)),
            Scope::Group(id, group) => {
                format!("/subscriptions/{}/resourceGroups/{group}", self.subscription(id))
            }
        }
    }

    fn focus(&self, rows: &[Row]) -> String {
        let mut text = "ChargePeriodStart,ChargePeriodEnd,BillingPeriodStart,BillingAccountId,\
             x_BillingAccountId,SubAccountId,ResourceId,x_ResourceGroupName,ChargeCategory,\
             EffectiveCost,BillingCurrency\n"
            .to_owned();
        for row in rows {
            let Cells { subscription, resource, group } = self.cells(row);
            let sub_account = format!("/subscriptions/{subscription}");
            let sub_account = if subscription.is_empty() { "" } else { &sub_account };
            let category = if subscription.is_empty() { "Tax" } else { "Usage" };
            let (account, profile) =
                (self.account(row.account), self.profile(row.account, row.profile));
            let _ = writeln!(
                text,
                "{}T00:00:00Z,{}T00:00:00Z,{}-{:02}-01T00:00:00Z,{profile},{account},{sub_account},\
                 {resource},{group},{category},{}.00,EUR",
                row.day,
                row.day.tomorrow().unwrap(),
                row.billed.0,
                row.billed.1,
                row.amount,
            );
        }
        text
    }

    fn amortized(&self, rows: &[Row]) -> String {
        let mut text = "date,billingPeriodStartDate,billingAccountId,SubscriptionId,ResourceId,\
             resourceGroupName,chargeType,costInBillingCurrency,billingCurrency\n"
            .to_owned();
        for row in rows {
            let Cells { subscription, resource, group } = self.cells(row);
            let kind = if subscription.is_empty() { "Tax" } else { "Usage" };
            let _ = writeln!(
                text,
                "{},{:02}/01/{},{}{},{subscription},{resource},{group},{kind},{},EUR",
                row.day.strftime("%m/%d/%Y"),
                row.billed.1,
                row.billed.0,
                row.account,
                self.story,
                row.amount,
            );
        }
        text
    }

    fn cells<'r>(&self, row: &'r Row) -> Cells<'r> {
        let subscription = self.subscription(row.subscription);
        let resource = match row.subscription {
            "" => String::new(),
            _ => format!(
                "/subscriptions/{subscription}/resourceGroups/{}/providers/Microsoft.Compute/\
                 virtualMachines/vm",
                row.group
            ),
        };
        Cells { subscription, resource, group: row.group }
    }

    /// The files of a statement, in a folder with this name.
    fn files(&mut self, given: &Given, folder: &str) -> Files {
        let text = match &given.run {
            Some(Run { amortized: true, .. }) => self.amortized(&given.rows),
            _ => self.focus(&given.rows),
        };
        let (name, content) = match self.dice.roll(3) {
            0 => ("part.csv.gz", gzip(text.as_bytes())),
            _ => ("part.csv", text.into_bytes()),
        };
        let manifest = given.run.as_ref().map(|run| self.manifest(run, folder, name, &content));
        let part = (format!("{folder}/{name}"), content);
        let manifest = manifest.map(|m| (format!("{folder}/manifest.json"), m.into_bytes()));
        [Some(part), manifest].into_iter().flatten().collect()
    }

    fn manifest(&self, run: &Run, folder: &str, name: &str, content: &[u8]) -> String {
        let (kind, version) = match run.amortized {
            true => ("AmortizedCost", "2021-10-01"),
            false => ("FocusCost", "1.0r2"),
        };
        let scope = self.scope(run.scope);
        json!({
            "blobs": [{ "blobName": format!("container/{folder}/{name}"), "byteCount": content.len() }],
            "exportConfig": {
                "exportName": "costs", "dataVersion": version, "type": kind,
                "resourceId": format!("{scope}/providers/Microsoft.CostManagement/exports/costs"),
            },
            "runInfo": {
                "runId": format!("{}-{folder}", self.story), "submittedTime": run.submitted,
                "startDate": format!("{}T00:00:00", run.period.0),
                "endDate": format!("{}T00:00:00", run.period.1),
            },
        })
        .to_string()
    }

    /// The number of an import by the command, or why it is refused.
    fn command(&self, folder: &str, said: Said) -> Result<i64, String> {
        let mut import = self.kept.importing(&[folder, "--dataset", "focus", "--output", "json"]);
        let output = import.args(flags(said)).output().unwrap();
        match output.status.code() {
            Some(0) => {
                let done: Value = serde_json::from_slice(&output.stdout).unwrap();
                Ok(done["number"].as_i64().unwrap())
            }
            Some(1) => Err(text(&output.stderr)),
            _ => panic!("{}", all_said(&output)),
        }
    }

    /// The number of an import by the service, or why it is refused.
    fn uploaded(&self, files: &Files, said: Said) -> Result<i64, String> {
        let mut query = "name=story".to_owned();
        query += if said.restate { "&on_change=restate" } else { "" };
        query += if said.accept_empty { "&accept_empty=true" } else { "" };
        query += if said.parts { "&parts=true" } else { "" };
        // An archive has folders of files, and no more.
        let strip = |(name, content): &(String, Vec<u8>)| {
            (name.split_once('/').unwrap().1.to_owned(), content.clone())
        };
        let files: Files = files.iter().map(strip).collect();
        let answer = upload(self.service, &query, &packed(&files));
        match answer.status {
            200 => Ok(answer.json()["number"].as_i64().unwrap()),
            400..500 => Err(text(&answer.body)),
            _ => panic!("{answer:?}"),
        }
    }

    /// The data folder, and the files where they can, give the total of the service.
    fn assert_all_say(&self, total: i64) {
        if self.imports.iter().any(|import| !import.withdrawn) {
            let kept = self.kept.folder.done(&["report", "--data-dir", "data", "--balance"]);
            assert_eq!(balance(&kept), total, "the data folder\n{}", self.describe());
        }
        if let Some(on_files) = self.report_on_files() {
            assert_eq!(on_files, total, "the files\n{}", self.describe());
        }
    }

    /// What `pal report` says of the files of all imports that count, where that is to be had: the loose
    /// files of one command are parts of one statement, and a restatement is one of what came before.
    fn report_on_files(&self) -> Option<i64> {
        let counted: Vec<&Import> = self.imports.iter().filter(|i| !i.withdrawn).collect();
        let loose = counted.iter().filter(|import| import.is_loose).count();
        if counted.is_empty() || loose > 1 || counted.iter().any(|import| import.said.restate) {
            return None;
        }
        let mut report = self.kept.folder.command();
        report.args(["report", "--facts", "demo/facts.jsonl", "--balance", "--dataset", "focus"]);
        report.arg("--accept-empty").arg("--usage").args(counted.iter().map(|i| &i.folder));
        report.args(counted.iter().any(|import| import.said.parts).then_some("--parts"));
        let output = report.output().unwrap();
        if !output.status.success() {
            // A data folder remembers which runs a loose file did not know: they came after it. Among
            // files nobody can tell, so it is a question.
            assert_eq!(loose, 1, "{}\n{}", all_said(&output), self.describe());
            return None;
        }
        Some(balance(&String::from_utf8(output.stdout).unwrap()))
    }
}

struct Cells<'r> {
    subscription: String,
    resource: String,
    group: &'r str,
}

fn flags(said: Said) -> impl Iterator<Item = &'static str> {
    let flag = |name, is_said: bool| is_said.then_some(name);
    [
        flag("--restate", said.restate),
        flag("--accept-empty", said.accept_empty),
        flag("--parts", said.parts),
    ]
    .into_iter()
    .flatten()
}

/// The sum of the totals of all months.
fn balance(csv: &str) -> i64 {
    let totals = csv.lines().filter(|line| line.contains(",total,"));
    totals.map(|line| amount(line.rsplit(',').next().unwrap())).sum()
}

fn amount(text: &str) -> i64 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    assert!(fraction.bytes().all(|digit| digit == b'0'), "{text}");
    whole.parse().unwrap()
}

fn ask(service: &Running, method: &str, path: &str) -> Answer {
    service.client(0).ask(method, path).unwrap()
}

/// What counts in a service.
fn served(service: &Running) -> i64 {
    let answer = ask(service, "GET", "/api/v1/reports?balance=true&$top=1000");
    assert_eq!(answer.status, 200, "{answer:?}");
    let lines = answer.json()["value"].as_array().unwrap().clone();
    let totals = lines.iter().filter(|line| line["line"] == "total");
    totals.map(|line| amount(line["amount"].as_str().unwrap())).sum()
}

impl Register for Program<'_> {
    fn import(&mut self, given: &[Given], said: Said) -> bool {
        self.given += 1;
        let folder = format!("g{}", self.given);
        let mut files = Files::new();
        for (n, statement) in given.iter().enumerate() {
            files.extend(self.files(statement, &format!("{folder}/{n}")));
        }
        for (name, content) in &files {
            self.kept.write(name, content);
        }
        let numbers = match (self.command(&folder, said), self.uploaded(&files, said)) {
            (Ok(number), Ok(in_service)) => (number, in_service),
            (Err(_), Err(_)) => return false,
            different => panic!("{folder}: {different:?}\n{}", self.describe()),
        };
        let is_loose = given.iter().all(|given| given.run.is_none());
        self.imports.push(Import { folder, said, is_loose, numbers, withdrawn: false });
        true
    }

    fn withdraw(&mut self, import: usize) -> bool {
        let (number, in_service) = self.imports[import].numbers;
        let number = number.to_string();
        let output = self.kept.folder.pal(&["usage", "withdraw", &number, "--data-dir", "data"]);
        let answer = ask(self.service, "DELETE", &format!("/api/v1/usage/imports/{in_service}"));
        let is_done = output.status.success();
        assert_eq!(is_done, answer.status == 200, "{}\n{answer:?}", all_said(&output));
        self.imports[import].withdrawn = is_done;
        is_done
    }

    fn total(&mut self) -> i64 {
        let total = served(self.service) - self.before;
        if self.dice.roll(3) == 0 {
            self.assert_all_say(total);
        }
        total
    }

    fn describe(&self) -> String {
        let line = |import: &Import| {
            let Import { folder, said, numbers, withdrawn, .. } = import;
            format!("{folder} {numbers:?} {said:?}, withdrawn: {withdrawn}\n")
        };
        let kept = std::env::temp_dir().join(format!("story-{}", self.story));
        let mut copy = std::process::Command::new("cp");
        let _ = copy.arg("-a").arg(self.kept.path(".")).arg(&kept).status();
        self.imports.iter().map(line).collect::<String>() + &format!("files: {}", kept.display())
    }
}

/// Some stories, told to one service.
fn tell(stories: std::ops::Range<u64>, template: &Kept) -> (usize, usize) {
    let operator =
        format!("[\"{}/{}\"]", crate::support::running::TENANT, crate::support::running::object(0));
    let service = Running::new(1, &[("operators", &operator), ("usage.dataset", "\"focus\"")]);
    let (mut refused, mut imported) = (0, 0);
    for story in stories {
        let mut kept = template.copy();
        kept.folder.compared = false;
        let program = Program {
            kept,
            service: &service,
            before: served(&service),
            story,
            dice: Dice(!story),
            given: 0,
            imports: Vec::new(),
        };
        let mut told = Story::new(story, program);
        let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            told.play();
            let program = &told.register;
            program.assert_all_say(served(&service) - program.before);
        }));
        assert!(played.is_ok(), "story {story} (PAL_FIRST_STORY={story} PAL_STORIES=1)");
        refused += told.refused;
        imported += told.counted();
    }
    (refused, imported)
}

#[test]
fn stories_count_the_same_by_command_by_upload_and_on_files() {
    let first = number("PAL_FIRST_STORY", 0) as u64;
    let end = first + number("PAL_STORIES", 300) as u64;
    let template = Kept::new();
    let next = AtomicU64::new(first);
    let (refused, imported) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let template = template.copy();
                loop {
                    let at = next.fetch_add(STORIES_EACH, Ordering::Relaxed);
                    if at >= end {
                        return;
                    }
                    let told = tell(at..end.min(at + STORIES_EACH), &template);
                    refused.fetch_add(told.0, Ordering::Relaxed);
                    imported.fetch_add(told.1, Ordering::Relaxed);
                }
            });
        }
    });
    println!("{} stories: {imported:?} imports count, {refused:?} were refused", end - first);
    assert!(refused.into_inner() < imported.into_inner());
}
