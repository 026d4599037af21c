//! Facts as lines of text: those written before, and new ones.

use pal_model::{Fact, FactLine, Facts, Instant, Mark};
use serde_json::{Map, Value};

use super::SnapshotError;
use super::entry;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// `None` = always.
    pub from: Option<Instant>,
    /// Whether there is no evidence of it.
    pub assumed: bool,
}

impl Start {
    pub const fn known(from: Instant) -> Self {
        Self { from: Some(from), assumed: false }
    }
}

/// One line. Its text changes only when the fact does.
pub struct Line {
    pub fact: Fact,
    pub key: String,
    pub from: Option<Instant>,
    pub to: Option<Instant>,
    pub recorded_at: Option<Instant>,
    /// How far its times can be relied on.
    pub mark: Mark,
    /// The fact as it is written, without kind and times: with what nobody knows.
    body: Map<String, Value>,
    text: String,
}

impl Line {
    pub fn new(fact: Fact, start: Start, to: Option<Instant>, recorded_at: Instant) -> Self {
        let mut body = fact.object();
        body.shift_remove("kind");
        let mut line = Self {
            key: entry::key(&fact),
            fact,
            from: start.from,
            to,
            recorded_at: Some(recorded_at),
            mark: Mark { assumed: start.assumed, unconfirmed_since: None },
            body,
            text: String::new(),
        };
        line.write();
        line
    }

    /// A line written before.
    fn read(text: &str) -> Option<Self> {
        let FactLine { fact, during, recorded_at, mark } = FactLine::read(text).ok()?;
        let mut body: Map<String, Value> = serde_json::from_str(text).ok()?;
        for name in ["kind", "from", "to", "recordedAt", "assumed", "unconfirmedSince"] {
            body.shift_remove(name);
        }
        let from = Some(during.from()).filter(|from| *from > Instant::MIN);
        let to = Some(during.to()).filter(|to| *to < Instant::MAX);
        let (key, text) = (entry::key(&fact), text.to_owned());
        Some(Self { fact, key, from, to, recorded_at, mark, body, text })
    }

    /// Whether the fact holds at and after an instant, as far as is known.
    pub fn open_at(&self, instant: Instant) -> bool {
        self.to.is_none_or(|to| to > instant)
    }

    /// Gives the fact an end. When it became known stays: at that time it held, and a report of
    /// what was known then must still find it.
    pub fn end(&mut self, to: Instant) {
        self.to = Some(to);
        self.mark.unconfirmed_since = None;
        self.write();
    }

    /// Says since when nothing confirms it; `None` = it was seen again.
    pub fn unconfirm(&mut self, since: Option<Instant>) {
        if self.mark.unconfirmed_since != since {
            self.mark.unconfirmed_since = since;
            self.write();
        }
    }

    /// Takes over the fields of a fact that says more of the same.
    pub fn fill(&mut self, fact: &Fact) {
        self.body.extend(fact.object().into_iter().filter(|(name, _)| name != "kind"));
        self.fact = fact.clone();
        self.write();
    }

    /// Whether there is nothing left of the interval.
    pub fn is_void(&self) -> bool {
        matches!((self.from, self.to), (Some(from), Some(to)) if to <= from)
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn field(&self, name: &str) -> &str {
        self.body.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    fn write(&mut self) {
        let mut map = Map::new();
        map.insert("kind".to_owned(), self.fact.kind().into());
        map.extend(self.body.iter().map(|(name, value)| (name.clone(), value.clone())));
        let mut time = |name: &str, time: Option<Instant>| {
            map.extend(time.map(|time| (name.to_owned(), Value::String(time.to_string()))));
        };
        time("from", self.from);
        time("to", self.to);
        time("unconfirmedSince", self.mark.unconfirmed_since);
        time("recordedAt", self.recorded_at);
        if self.mark.assumed {
            map.insert("assumed".to_owned(), true.into());
        }
        self.text = Value::Object(map).to_string();
    }
}

/// The lines of facts written before.
pub fn parse(text: &str) -> Result<Vec<Line>, SnapshotError> {
    check("earlier facts", text)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // Checked before, so nothing is lost here.
    Ok(text.lines().filter_map(Line::read).collect())
}

/// Refuses facts that break a rule.
pub fn check(name: &str, text: &str) -> Result<(), SnapshotError> {
    let mut facts = Facts::default();
    facts.read(name, text, None)?;
    Ok(facts.check()?)
}
