//! What has ended: what a log, a recycle bin or the service says, and what is missing from a list that
//! would have to have it.

use std::collections::{BTreeMap, HashSet};

use pal_model::{Fact, Instant, Membership, ScopePath};

use super::SnapshotError;
use super::entry::{self, SUBSCRIPTIONS, key_of};
use super::guard::{self, Limit, Missing};
use super::ledger::Line;
use super::members::{self, Kind};
use super::merge::{Merge, is_of};
use super::start::class;

impl Merge<'_> {
    /// Ends with evidence beside the logs of assignments: subscriptions that are gone, what was in them,
    /// and denies that only audit now.
    pub fn end_proven(&mut self) {
        let gone = &self.snapshot.told.gone;
        for index in self.still_open() {
            let line = &self.lines[index];
            let proof = match &line.fact {
                Fact::Subscription(fact) => gone.get(&fact.subscription).copied(),
                Fact::DenyAssignment(_) => {
                    self.snapshot.told.audit_only.contains(&line.key).then_some(self.at)
                }
                _ => None,
            };
            if let Some(at) = proof {
                self.end(index, at);
            }
        }
        for index in self.still_open() {
            if let Some(at) = self.container_ended(&self.lines[index]) {
                self.end(index, at);
            }
        }
    }

    /// Ends what is only missing, unless it is too much; and says what is left as it was.
    pub fn end_missing(&mut self, limit: Limit) -> Result<(), SnapshotError> {
        let mut absent: Vec<usize> = Vec::new();
        for index in self.still_open() {
            match self.lacks(&self.lines[index]) {
                None => {}
                Some(Err(list)) => *self.left.entry(list).or_default() += 1,
                Some(Ok(())) => absent.push(index),
            }
        }
        // A list of subscriptions shows those that the reader may see.
        let (unseen, mut absent): (Vec<usize>, Vec<usize>) =
            absent.into_iter().partition(|&i| matches!(self.lines[i].fact, Fact::Subscription(_)));
        if limit.accepted {
            for index in unseen {
                self.end(index, self.at);
            }
        } else {
            self.unconfirm(&unseen);
        }
        absent.extend(self.in_missing_groups(&absent));
        guard::check(&self.missing(&absent), limit)?;
        for index in absent {
            self.end(index, self.at);
        }
        if limit.accepted {
            for index in self.still_open() {
                if let Some(at) = self.container_ended(&self.lines[index]) {
                    self.end(index, at);
                }
            }
        }
        Ok(())
    }

    /// Earlier facts of the directory that hold and were not seen.
    fn still_open(&self) -> Vec<usize> {
        let open = |&index: &usize| {
            let line = &self.lines[index];
            line.open_at(self.at) && !self.present.contains(&line.key) && is_of(line, self.snapshot)
        };
        (0..self.earlier).filter(open).collect()
    }

    fn end(&mut self, index: usize, at: Instant) {
        let line = &mut self.lines[index];
        // An end before the start is that of a namesake.
        if line.from.is_none_or(|from| from < at) {
            line.end(at);
            let kind = line.fact.kind();
            self.count(kind).ended += 1;
        }
    }

    /// Whether the lists that would have to have a fact are there and lack it; else the list that is
    /// not there. `None` = absence never ends it.
    fn lacks(&self, line: &Line) -> Option<Result<(), String>> {
        let needed = match &line.fact {
            Fact::Membership(fact) => members::needed(&fact.group, self.kind_of(fact)),
            fact => vec![entry::area(fact)?],
        };
        let absent = needed.into_iter().find(|area| !self.snapshot.areas.contains(area));
        Some(absent.map_or(Ok(()), Err))
    }

    /// What a member is, as far as any fact says.
    fn kind_of(&self, fact: &Membership) -> Option<Kind> {
        let lines = self.by_key.get(&key_of("principal", &[&fact.tenant, &fact.member]))?;
        lines.iter().rev().find_map(|&i| match &self.lines[i].fact {
            Fact::Principal(fact) => Some(Kind::of_principal(fact.kind)),
            _ => None,
        })
    }

    fn unconfirm(&mut self, unseen: &[usize]) {
        for &index in unseen {
            let line = &mut self.lines[index];
            let since = line.mark.unconfirmed_since.unwrap_or(self.at);
            line.unconfirm(Some(since));
            self.count("subscription").unconfirmed += 1;
        }
    }

    /// Nobody can list what is in a subscription or a group that is not there any more: the members went
    /// with the group, and a subscription that left its directory lost all access that was given
    /// there (R24).
    fn container_ended(&self, line: &Line) -> Option<Instant> {
        let in_scope = |scope: &ScopePath| Some(key_of("subscription", &[&scope.subscription()?]));
        let (key, tenant) = match &line.fact {
            Fact::Membership(fact) => (group_key(fact), None),
            Fact::RoleAssignment(fact) => (in_scope(&fact.scope)?, Some(fact.tenant)),
            Fact::DenyAssignment(fact) => (in_scope(&fact.scope)?, Some(fact.tenant)),
            Fact::Delegation(fact) => (in_scope(&fact.scope)?, Some(fact.tenant)),
            _ => return None,
        };
        let known = self.by_key.get(&key)?.iter().map(|&index| &self.lines[index]);
        let known = known.filter(|known| match (&known.fact, tenant) {
            (Fact::Subscription(fact), Some(tenant)) => fact.tenant == tenant,
            _ => true,
        });
        let ends = known.filter(|l| !l.is_void()).map(|l| l.to.filter(|to| *to <= self.at));
        let last = ends.collect::<Option<Vec<Instant>>>()?.into_iter().max()?;
        line.from.is_none_or(|from| from < last).then_some(last)
    }

    fn in_missing_groups(&self, absent: &[usize]) -> Vec<usize> {
        let keys: HashSet<&str> = absent.iter().map(|&i| self.lines[i].key.as_str()).collect();
        let missing: HashSet<usize> = absent.iter().copied().collect();
        let gone = |index: &usize| match &self.lines[*index].fact {
            Fact::Membership(fact) => {
                !missing.contains(index) && keys.contains(group_key(fact).as_str())
            }
            _ => false,
        };
        self.still_open().into_iter().filter(gone).collect()
    }

    /// What is missing, by kind, beside how many held before.
    fn missing(&self, absent: &[usize]) -> BTreeMap<String, Missing> {
        let mut kinds: BTreeMap<String, Missing> = BTreeMap::new();
        let of = |line: &Line| match class(&line.fact) {
            SUBSCRIPTIONS | "subscription" => "subscriptions".to_owned(),
            kind => kind.to_owned(),
        };
        for &index in &self.held {
            let line = &self.lines[index];
            let missing = kinds.entry(of(line)).or_default();
            missing.held += 1;
            missing.proven += usize::from(!line.open_at(self.at));
        }
        for &index in absent {
            let line = &self.lines[index];
            kinds.entry(of(line)).or_default().absent.push(shown(line));
        }
        kinds
    }
}

fn group_key(fact: &Membership) -> String {
    key_of("principal", &[&fact.tenant, &fact.group])
}

/// What a fact is about, for people: a name where there is one, and the ids.
fn shown(line: &Line) -> String {
    let names = ["displayName", "name", "object", "group", "member", "role", "principal", "scope"];
    let words: Vec<&str> = names.iter().map(|name| line.field(name)).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    match words.is_empty() {
        true => line.key.clone(),
        false => words.join(" "),
    }
}
