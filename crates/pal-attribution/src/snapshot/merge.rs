//! A snapshot put into the facts of earlier ones.

use std::collections::{BTreeMap, HashMap, HashSet};

use pal_model::{Fact, Instant, PartnerId};

use super::entry::{self, Entry};
use super::guard::Limit;
use super::lacking;
use super::ledger::{self, Line, Start};
use super::start::Starts;
use super::summary::{Counts, Unconfirmed};
use super::{Snapshot, SnapshotError, Summary};

#[derive(Debug)]
pub struct Merged {
    /// The facts, JSON Lines: earlier lines in their order, then the new ones.
    pub text: String,
    pub summary: Summary,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// How much may be missing at once.
    pub limit: Limit,
    /// When memberships, delegations and accounts without a date began, instead of at the first look.
    pub assume_since: Option<Instant>,
}

/// Puts a snapshot into `previous`, the facts of earlier snapshots, or begins with it. Facts of
/// other directories, partners and whatever else is in `previous` stay.
///
/// # Errors
/// `previous` breaks a rule of facts or already knows a later snapshot of this directory, too much
/// would end at once, the assumed instant is later than the snapshot, or the result would break a
/// rule.
pub fn merge(
    previous: Option<&str>,
    snapshot: &Snapshot,
    options: &Options,
) -> Result<Merged, SnapshotError> {
    let at = snapshot.taken_at;
    if let Some(since) = options.assume_since.filter(|since| *since > at) {
        return Err(SnapshotError::AssumeSince { since, taken_at: at });
    }
    let lines = ledger::parse(previous.unwrap_or_default())?;
    in_order(&lines, snapshot)?;
    let mut merge = Merge::new(lines, snapshot, options);
    for delete in &snapshot.told.deletes {
        merge.end_deleted(&delete.key, delete.at);
    }
    let (past, present): (Vec<&Entry>, Vec<&Entry>) =
        snapshot.entries.iter().partition(|e| e.to.is_some_and(|to| to <= at));
    for entry in past {
        merge.past(entry);
    }
    for entry in present {
        merge.present(entry);
    }
    merge.end_proven();
    merge.end_missing(options.limit)?;
    merge.finish()
}

/// Refuses a snapshot that is not later than what is known of its directory.
fn in_order(lines: &[Line], snapshot: &Snapshot) -> Result<(), SnapshotError> {
    let own = |line: &&Line| is_of(line, snapshot);
    // Ends of role assignments may be planned; other ends were seen.
    let seen = |line: &Line| {
        let end = line.to.filter(|_| !matches!(line.fact, Fact::RoleAssignment(_)));
        let times = [line.recorded_at, end, line.mark.unconfirmed_since];
        line.recorded_at.and(times.into_iter().flatten().max())
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
pub fn is_of(line: &Line, snapshot: &Snapshot) -> bool {
    let tenant = |name: &str| line.field(name).parse() == Ok(snapshot.tenant);
    tenant("tenant") || tenant("managingTenant")
}

pub struct Merge<'a> {
    pub snapshot: &'a Snapshot,
    pub at: Instant,
    pub lines: Vec<Line>,
    /// How many of the lines are earlier ones.
    pub earlier: usize,
    /// Earlier lines that held when the snapshot was taken, before anything of it was known.
    pub held: HashSet<usize>,
    pub by_key: HashMap<String, Vec<usize>>,
    pub present: HashSet<String>,
    pub left: BTreeMap<String, usize>,
    starts: Starts,
    kinds: BTreeMap<&'static str, Counts>,
}

impl<'a> Merge<'a> {
    fn new(lines: Vec<Line>, snapshot: &'a Snapshot, options: &Options) -> Self {
        let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, line) in lines.iter().enumerate() {
            by_key.entry(line.key.clone()).or_default().push(index);
        }
        let at = snapshot.taken_at;
        let own = lines.iter().filter(|line| is_of(line, snapshot));
        let starts = Starts::new(own, at, options.assume_since);
        let holds = |line: &Line| is_of(line, snapshot) && line.open_at(at);
        let held = (0..lines.len()).filter(|&index| holds(&lines[index])).collect();
        Self {
            snapshot,
            at,
            earlier: lines.len(),
            held,
            lines,
            by_key,
            present: HashSet::new(),
            left: BTreeMap::new(),
            starts,
            kinds: BTreeMap::new(),
        }
    }

    pub fn count(&mut self, kind: &'static str) -> &mut Counts {
        self.kinds.entry(kind).or_default()
    }

    /// The fact of a key that still holds.
    pub fn open(&self, key: &str) -> Option<usize> {
        let all = self.by_key.get(key)?.iter().copied();
        all.filter(|&i| self.lines[i].open_at(self.at) && !self.lines[i].is_void())
            .max_by_key(|&i| self.lines[i].from)
    }

    /// The last end of the facts of a key that hold no more.
    pub fn last_end(&self, key: &str) -> Option<Instant> {
        let all = self.by_key.get(key)?.iter();
        all.filter_map(|&i| self.lines[i].to.filter(|_| !self.lines[i].open_at(self.at))).max()
    }

    fn push(&mut self, entry: &Entry, start: Start, to: Option<Instant>) {
        let line = Line::new(entry.fact.clone(), start, to, self.at);
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
            let kind = self.lines[index].fact.kind();
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
            let assumed = self.starts.may_have_been_disabled(entry, from);
            self.push(entry, Start { from: Some(from), assumed }, Some(to));
            self.count(entry.fact.kind()).added += 1;
        }
    }

    fn present(&mut self, entry: &Entry) {
        let key = entry.key();
        self.present.insert(key.clone());
        let Some(index) = self.open(&key) else {
            let start = self.starts.of(entry, self.last_end(&key));
            self.push(entry, start, entry.to);
            self.count(entry.fact.kind()).added += 1;
            return;
        };
        let mut entry = entry.clone();
        let line = &mut self.lines[index];
        entry.carry_over(&line.fact);
        // A role definition has no tenant: another directory may have told newer of it.
        let older = line.recorded_at.is_some_and(|recorded| recorded > self.at);
        if older || entry::differences(&line.fact, &entry.fact).is_empty() {
            self.same(index, &entry, older);
            return;
        }
        if entry::only_adds(&line.fact, &entry.fact) {
            line.unconfirm(None);
            line.fill(&entry.fact);
            self.count(entry.fact.kind()).changed += 1;
            return;
        }
        let begun = line.from.unwrap_or(Instant::MIN);
        let when = entry.changed.filter(|&c| begun < c && c <= self.at).unwrap_or(self.at);
        line.end(when);
        self.push(&entry, Start::known(when.max(begun)), entry.to);
        self.count(entry.fact.kind()).changed += 1;
    }

    /// Something that holds as it was known.
    fn same(&mut self, index: usize, entry: &Entry, older: bool) {
        let line = &mut self.lines[index];
        let confirmed = line.mark.unconfirmed_since.is_some();
        if !older {
            line.unconfirm(None);
        }
        let end = entry.to.filter(|to| !older && line.to != Some(*to));
        if let Some(to) = end {
            line.end(to);
        }
        match end.is_some() || (confirmed && !older) {
            true => self.count(entry.fact.kind()).changed += 1,
            false => self.count(entry.fact.kind()).unchanged += 1,
        }
    }

    fn finish(mut self) -> Result<Merged, SnapshotError> {
        let proposed = self.propose_partners();
        let mut new = self.lines.split_off(self.earlier);
        new.sort_by_cached_key(|line| (entry::order(&line.fact), line.key.clone(), line.from));
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
            assumed: new.iter().filter(|line| line.mark.assumed).count(),
            ..self.told(self.lines.iter().chain(&new), proposed)
        };
        Ok(Merged { text, summary })
    }

    /// What the facts of the directory come to now.
    fn told<'l>(
        &self,
        lines: impl Iterator<Item = &'l Line> + Clone,
        proposed: Vec<PartnerId>,
    ) -> Summary {
        let lines = lines.filter(|line| !line.is_void());
        let own = lines.clone().filter(|line| is_of(line, self.snapshot));
        Summary {
            tenant: self.snapshot.tenant,
            taken_at: self.at,
            files: self.snapshot.files,
            kinds: self.kinds.clone(),
            left: self.left.clone(),
            doubts: self.snapshot.doubts.clone(),
            unconfirmed: own.clone().filter_map(Unconfirmed::of).collect(),
            assumed: 0,
            dependable_from: lacking::dependable_from(own).unwrap_or(self.at),
            lacking: lacking::lacking(&lines, self.snapshot.tenant),
            proposed,
            ignored: self.snapshot.ignored.clone(),
        }
    }
}
