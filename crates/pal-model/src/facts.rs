//! A whole set of facts, read from JSON Lines.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::fact::{Fact, Facts, Link};
use crate::stated::{Mark, Source, Stated};
use crate::{FactError, FactProblem, Instant, Interval, PartnerId, Principal};

/// The fields that every line may have beside those of its kind.
const FRAME: [&str; 6] = ["kind", "from", "to", "recordedAt", "assumed", "unconfirmedSince"];

/// What every line has beside the fields of its kind.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Frame<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    from: Option<Instant>,
    to: Option<Instant>,
    recorded_at: Option<Instant>,
    #[serde(default)]
    assumed: bool,
    unconfirmed_since: Option<Instant>,
}

/// A fact with its times, as a line of a file says it.
#[derive(Debug, Clone)]
pub struct FactLine {
    /// What is stated.
    pub fact: Fact,
    /// When it holds.
    pub during: Interval,
    /// When it became known, if the line says so.
    pub recorded_at: Option<Instant>,
    /// How far its times can be relied on.
    pub mark: Mark,
}

impl FactLine {
    /// Reads a line.
    ///
    /// # Errors
    /// It does not parse, lacks a required field, or ends before it begins.
    pub fn read(line: &str) -> Result<Self, FactProblem> {
        if !line.trim_start().starts_with('{') {
            return Err(FactProblem::Json("a fact is a JSON object {…}, one a line".to_owned()));
        }
        let frame: Frame = serde_json::from_str(line).map_err(|e| FactProblem::json(&e))?;
        let during =
            Interval::new(frame.from.unwrap_or(Instant::MIN), frame.to.unwrap_or(Instant::MAX))?;
        let fact = Fact::read(&frame.kind, line)
            .ok_or_else(|| FactProblem::Kind(frame.kind.to_string()))?
            .map_err(|e| FactProblem::json(&e))?;
        let mark = Mark { assumed: frame.assumed, unconfirmed_since: frame.unconfirmed_since };
        Ok(Self { fact, during, recorded_at: frame.recorded_at, mark })
    }
}

impl Facts {
    /// Adds the facts of one file. Facts recorded after `known_at` are left out; a line without
    /// `recordedAt` counts as known.
    ///
    /// # Errors
    /// The first line that does not parse, lacks a required field, or ends before it begins, with
    /// file, line and reason. Rules between lines are checked by [`Facts::check`].
    pub fn read(
        &mut self,
        file: &str,
        text: &str,
        known_at: Option<Instant>,
    ) -> Result<(), FactError> {
        let index = self.files.len() as u32;
        self.files.push(file.to_owned());
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (at, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
            let source = Source { file: index, line: at as u32 + 1 };
            self.read_line(line, source, known_at)
                .map_err(|problem| self.error(source, problem))?;
        }
        self.drop_assumed_partners();
        Ok(())
    }

    fn read_line(
        &mut self,
        line: &str,
        source: Source,
        known_at: Option<Instant>,
    ) -> Result<(), FactProblem> {
        let FactLine { fact, during, recorded_at, mark } = FactLine::read(line)?;
        self.remark_unknown_fields(fact.kind(), line, source);
        if known_at.is_some_and(|known| recorded_at.is_some_and(|at| at > known)) {
            return Ok(());
        }
        self.push(fact, during, recorded_at, source);
        if !mark.is_plain() {
            Arc::make_mut(&mut self.marks).insert(source, mark);
        }
        Ok(())
    }

    /// What a line says of its own times.
    pub fn mark(&self, source: Source) -> Mark {
        self.marks.get(&source).copied().unwrap_or_default()
    }

    /// An import assumes a partner that links name and no fact describes. Where somebody states the
    /// partner, in whatever file, that is what counts.
    fn drop_assumed_partners(&mut self) {
        let assumed = |marks: &BTreeMap<Source, Mark>, source| {
            marks.get(&source).is_some_and(|mark: &Mark| mark.assumed)
        };
        let stated: HashSet<PartnerId> = (self.partners.iter())
            .filter(|s| !assumed(&self.marks, s.source))
            .map(|s| s.fact.partner)
            .collect();
        self.partners
            .retain(|s| !assumed(&self.marks, s.source) || !stated.contains(&s.fact.partner));
    }

    /// A misspelt optional field must not pass in silence: it changes who is credited.
    fn remark_unknown_fields(&mut self, kind: &str, line: &str, source: Source) {
        let fields = Fact::fields(kind);
        let known = |name: &str| FRAME.contains(&name) || fields.contains(&name);
        #[expect(clippy::zero_sized_map_values, reason = "the values are skipped")]
        let names: BTreeMap<String, IgnoredAny> = serde_json::from_str(line).unwrap_or_default();
        for name in names.keys().filter(|name| !known(name)) {
            let place = self.place(source);
            self.remarks.push(format!("{place}: field '{name}' of a {kind} is unknown, ignored"));
        }
    }

    /// `file:line` of a source.
    pub fn place(&self, source: Source) -> String {
        let file = self.files.get(source.file as usize).map_or("", String::as_str);
        format!("{file}:{}", source.line)
    }

    /// An error that names the file and the line.
    pub fn error(&self, source: Source, problem: FactProblem) -> FactError {
        FactError { place: self.place(source), problem }
    }

    /// Puts the links of some accounts into the place of those that are there. All links are facts of one
    /// file, in the order of their accounts, whichever of them came first: links that were put in one
    /// account after the other are those that were put in at once, to the line.
    pub fn replace_links(
        &mut self,
        file: &str,
        mut changed: BTreeMap<Principal, Vec<Stated<Link>>>,
    ) {
        let known = self.files.iter().position(|name| name == file);
        let index = known.unwrap_or(self.files.len()) as u32;
        if known.is_none() {
            self.files.push(file.to_owned());
        }
        let mut links = Vec::with_capacity(self.links.len() + changed.len());
        let mut replaced = None;
        for stated in &self.links {
            let owner = stated.fact.principal();
            while let Some(next) = changed.first_entry().filter(|next| *next.key() <= owner) {
                replaced = Some(*next.key());
                links.extend(next.remove());
            }
            if replaced != Some(owner) {
                links.push(stated.clone());
            }
        }
        links.extend(changed.into_values().flatten());
        for (at, stated) in links.iter_mut().enumerate() {
            stated.source = Source { file: index, line: at as u32 + 1 };
        }
        self.links = links.into();
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
