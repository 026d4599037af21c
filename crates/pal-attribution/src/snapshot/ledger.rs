//! Facts as lines of text: those written before, and new ones.

use pal_model::{Fact, Facts, Instant, Mark};
use serde_json::{Map, Value};

use super::SnapshotError;
use super::entry::{self, Body};
use super::start::Start;

/// One line. Its text changes only when the fact does.
pub struct Line {
    /// The kind of fact.
    pub kind: &'static str,
    /// Its fields, without kind and times.
    pub body: Body,
    /// What it is about.
    pub key: String,
    /// Its start.
    pub from: Option<Instant>,
    /// Its end.
    pub to: Option<Instant>,
    /// When it became known.
    pub recorded_at: Option<Instant>,
    /// How far its times can be relied on.
    pub mark: Mark,
    text: String,
}

impl Line {
    /// A new line.
    pub fn new(
        kind: &'static str,
        body: Body,
        start: Start,
        to: Option<Instant>,
        recorded_at: Instant,
    ) -> Self {
        let key = entry::key(kind, &body);
        let recorded_at = Some(recorded_at);
        let mark = Mark { assumed: start.assumed, unconfirmed_since: None };
        let from = start.from;
        let mut line = Self { kind, body, key, from, to, recorded_at, mark, text: String::new() };
        line.write();
        line
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
    pub fn fill(&mut self, body: &Body) {
        self.body.extend(body.iter().map(|(name, value)| (name.clone(), value.clone())));
        self.write();
    }

    /// Whether there is nothing left of the interval.
    pub fn is_void(&self) -> bool {
        matches!((self.from, self.to), (Some(from), Some(to)) if to <= from)
    }

    /// The line.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A field that is a text.
    pub fn field(&self, name: &str) -> &str {
        self.body.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    fn write(&mut self) {
        let mut map = Map::new();
        map.insert("kind".to_owned(), self.kind.into());
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
    Ok(text.lines().filter(|line| !line.trim().is_empty()).filter_map(line).collect())
}

/// Refuses facts that break a rule.
pub fn check(name: &str, text: &str) -> Result<(), SnapshotError> {
    let mut facts = Facts::default();
    facts.read(name, text, None)?;
    Ok(facts.check()?)
}

/// Checked before, so nothing is lost here.
fn line(text: &str) -> Option<Line> {
    let Ok(Value::Object(mut body)) = serde_json::from_str::<Value>(text) else { return None };
    let named = body.shift_remove("kind");
    let kind = Fact::KINDS.iter().copied().find(|kind| named == Some(Value::from(*kind)))?;
    let mut time = |name: &str| body.shift_remove(name)?.as_str()?.parse().ok();
    let (from, to, recorded_at) = (time("from"), time("to"), time("recordedAt"));
    let unconfirmed_since = time("unconfirmedSince");
    let assumed = body.shift_remove("assumed") == Some(Value::Bool(true));
    let mark = Mark { assumed, unconfirmed_since };
    let key = entry::key(kind, &body);
    Some(Line { kind, body, key, from, to, recorded_at, mark, text: text.to_owned() })
}
