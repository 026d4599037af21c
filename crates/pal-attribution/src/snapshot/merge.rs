//! A snapshot put into the facts of earlier ones.

use std::collections::{BTreeMap, HashMap, HashSet};

use pal_model::{Fact, Instant, ScopePath, fold};

use super::entry::{self, Entry};
use super::ledger::{self, Line};
use super::summary::Counts;
use super::{Snapshot, SnapshotError, Summary};

/// Facts with a snapshot in them.
#[derive(Debug)]
pub struct Merged {
    /// The facts, JSON Lines: earlier lines in their order, then the new ones.
    pub text: String,
    /// What happened.
    pub summary: Summary,
}

/// Puts a snapshot into `previous`, the facts of earlier snapshots, or begins with it. Facts of
/// other directories, partners and whatever else is in `previous` stay.
///
/// # Errors
/// `previous` breaks a rule of facts or already knows a later snapshot of this directory, or the
/// result would break a rule.
pub fn merge(previous: Option<&str>, snapshot: &Snapshot) -> Result<Merged, SnapshotError> {
    let lines = ledger::parse(previous.unwrap_or_default())?;
    in_order(&lines, snapshot)?;
    let mut merge = Merge::new(lines, snapshot);
    for delete in &snapshot.deletes {
        merge.end_deleted(&delete.key, delete.at);
    }
    let at = snapshot.taken_at;
    let (past, present): (Vec<&Entry>, Vec<&Entry>) =
        snapshot.entries.iter().partition(|e| e.to.is_some_and(|to| to <= at));
    for entry in past {
        merge.past(entry);
    }
    for entry in present {
        merge.present(entry);
    }
    merge.end_missing();
    merge.finish()
}

/// Refuses a snapshot that is not later than what is known of its directory.
fn in_order(lines: &[Line], snapshot: &Snapshot) -> Result<(), SnapshotError> {
    let own = |line: &&Line| is_of(line, snapshot);
    // Ends of role assignments may be planned; other ends were seen.
    let seen = |line: &Line| {
        let end = line.to.filter(|_| line.kind != "roleAssignment");
        Some(line.recorded_at?.max(end.unwrap_or(Instant::MIN)))
    };
    match lines.iter().filter(own).filter_map(seen).max() {
        Some(previous) if snapshot.taken_at <= previous => Err(SnapshotError::NotLater {
            tenant: snapshot.tenant,
            taken_at: snapshot.taken_at,
            previous,
        }),
        _ => Ok(()),
    }
}

/// Whether a fact is about the directory of the snapshot: as customer, or as the managing one.
fn is_of(line: &Line, snapshot: &Snapshot) -> bool {
    let tenant = |name: &str| line.field(name).parse() == Ok(snapshot.tenant);
    tenant("tenant") || tenant("managingTenant")
}

struct Merge<'a> {
    snapshot: &'a Snapshot,
    at: Instant,
    lines: Vec<Line>,
    /// How many of the lines are earlier ones.
    earlier: usize,
    by_key: HashMap<String, Vec<usize>>,
    present: HashSet<String>,
    kinds: BTreeMap<&'static str, Counts>,
    left: BTreeMap<String, usize>,
}

impl<'a> Merge<'a> {
    fn new(lines: Vec<Line>, snapshot: &'a Snapshot) -> Self {
        let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, line) in lines.iter().enumerate() {
            by_key.entry(line.key.clone()).or_default().push(index);
        }
        let at = snapshot.taken_at;
        Self {
            snapshot,
            at,
            earlier: lines.len(),
            lines,
            by_key,
            present: HashSet::new(),
            kinds: BTreeMap::new(),
            left: BTreeMap::new(),
        }
    }

    fn count(&mut self, kind: &'static str) -> &mut Counts {
        self.kinds.entry(kind).or_default()
    }

    /// The fact of a key that still holds.
    fn open(&self, key: &str) -> Option<usize> {
        let all = self.by_key.get(key)?.iter().copied();
        all.filter(|&i| self.lines[i].open_at(self.at) && !self.lines[i].is_void())
            .max_by_key(|&i| self.lines[i].from)
    }

    /// The last end of the facts of a key that hold no more.
    fn last_end(&self, key: &str) -> Option<Instant> {
        let all = self.by_key.get(key)?.iter();
        all.filter_map(|&i| self.lines[i].to.filter(|_| !self.lines[i].open_at(self.at))).max()
    }

    fn push(&mut self, entry: &Entry, from: Option<Instant>, to: Option<Instant>) {
        let line = Line::new(entry.kind, entry.body.clone(), from, to, self.at);
        if !line.is_void() {
            self.by_key.entry(line.key.clone()).or_default().push(self.lines.len());
            self.lines.push(line);
        }
    }

    fn end_deleted(&mut self, key: &str, at: Instant) {
        let Some(index) = self.open(key) else { return };
        // A delete before the start is that of a namesake.
        if self.lines[index].from.is_none_or(|from| from < at) {
            self.lines[index].end(at);
            let kind = self.lines[index].kind;
            self.count(kind).ended += 1;
        }
    }

    /// Something that held until an end in the past.
    fn past(&mut self, entry: &Entry) {
        let (key, Some(to)) = (entry.key(), entry.to) else { return };
        if self.open(&key).is_some() {
            self.end_deleted(&key, to);
            return;
        }
        let known = self.last_end(&key);
        let Some(from) = entry.from.filter(|&from| known.is_none_or(|end| end <= from)) else {
            return;
        };
        if from < to {
            self.push(entry, Some(from), Some(to));
            self.count(entry.kind).added += 1;
        }
    }

    /// Something that holds.
    fn present(&mut self, entry: &Entry) {
        let key = entry.key();
        self.present.insert(key.clone());
        let Some(index) = self.open(&key) else {
            let from = self.start(entry, &key);
            self.push(entry, from, entry.to);
            self.count(entry.kind).added += 1;
            return;
        };
        let mut entry = entry.clone();
        let line = &mut self.lines[index];
        for name in entry.carry {
            entry.body.shift_remove(*name);
            let known = line.body.get(*name);
            entry.body.extend(known.map(|value| ((*name).to_owned(), value.clone())));
        }
        // A role definition has no tenant: another directory may have told newer of it.
        let older = line.recorded_at.is_some_and(|recorded| recorded > self.at);
        if older || entry::difference(entry.kind, &line.body, &entry.body).is_none() {
            match entry.to {
                Some(to) if !older && line.to != Some(to) => {
                    line.end(to);
                    self.count(entry.kind).changed += 1;
                }
                _ => self.count(entry.kind).unchanged += 1,
            }
            return;
        }
        let begun = line.from.unwrap_or(Instant::MIN);
        let when = entry.changed.filter(|&c| begun < c && c <= self.at).unwrap_or(self.at);
        line.end(when);
        let from = Some(when.max(begun));
        self.push(&entry, from, entry.to);
        self.count(entry.kind).changed += 1;
    }

    /// When something begins that did not hold before, as far as is known.
    fn start(&self, entry: &Entry, key: &str) -> Option<Instant> {
        if entry.kind == "tenant" {
            return None; // a name: it credits nobody
        }
        let ended = self.last_end(key);
        let own = entry.from.filter(|&from| ended.is_none_or(|end| end <= from));
        Some(own.unwrap_or(self.at))
    }

    /// Ends what is not there any more, if the list is there in which it would be.
    fn end_missing(&mut self) {
        for index in 0..self.earlier {
            let line = &self.lines[index];
            let held = line.open_at(self.at) && !self.present.contains(&line.key);
            if !held || !is_of(line, self.snapshot) {
                continue;
            }
            let Some(area) = entry::area(line.kind, &line.body) else { continue };
            let kind = line.kind;
            if self.snapshot.areas.contains(&area) || self.container_is_gone(line) {
                self.lines[index].end(self.at);
                self.count(kind).ended += 1;
            } else {
                *self.left.entry(area).or_default() += 1;
            }
        }
    }

    /// Nobody can list what is in a group or a subscription that is not there any more: the
    /// members went with the group, and a subscription that left its directory lost all access
    /// that was given there (R24).
    fn container_is_gone(&self, line: &Line) -> bool {
        let tenant = fold(line.field("tenant"));
        let (list, container) = match line.kind {
            "membership" => {
                (entry::GROUPS, format!("principal {tenant} {}", fold(line.field("group"))))
            }
            "roleAssignment" | "denyAssignment" | "delegation" => {
                let scope = line.field("scope").parse::<ScopePath>();
                let Some(id) = scope.as_ref().ok().and_then(ScopePath::subscription) else {
                    return false;
                };
                (entry::SUBSCRIPTIONS, format!("subscription {id}"))
            }
            _ => return false,
        };
        // Subscriptions of a customer are not in the managing directory's list.
        tenant == fold(&self.snapshot.tenant.to_string())
            && self.snapshot.areas.contains(list)
            && !self.present.contains(&container)
    }

    fn finish(mut self) -> Result<Merged, SnapshotError> {
        let mut new = self.lines.split_off(self.earlier);
        let order = |line: &Line| Fact::KINDS.iter().position(|kind| *kind == line.kind);
        new.sort_by_cached_key(|line| (order(line), line.key.clone(), line.from));
        let mut text = String::new();
        for line in self.lines.iter().chain(&new).filter(|line| !line.is_void()) {
            text.push_str(line.text());
            text.push('\n');
        }
        ledger::check("facts after this snapshot", &text)?;
        let summary = Summary {
            tenant: self.snapshot.tenant,
            taken_at: self.at,
            files: self.snapshot.files,
            kinds: self.kinds,
            left: self.left,
            ignored: self.snapshot.ignored.clone(),
        };
        Ok(Merged { text, summary })
    }
}
