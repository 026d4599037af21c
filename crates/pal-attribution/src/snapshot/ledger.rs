//! Facts as lines of text: those written before, and new ones.

use pal_model::{Fact, Facts, Instant};
use serde_json::{Map, Value};

use super::SnapshotError;
use super::entry::{self, Body};

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
    text: String,
}

impl Line {
    /// A new line.
    pub fn new(
        kind: &'static str,
        body: Body,
        from: Option<Instant>,
        to: Option<Instant>,
        recorded_at: Instant,
    ) -> Self {
        let key = entry::key(kind, &body);
        let recorded_at = Some(recorded_at);
        let mut line = Self { kind, body, key, from, to, recorded_at, text: String::new() };
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
        let times = [("from", self.from), ("to", self.to), ("recordedAt", self.recorded_at)];
        for (name, time) in times {
            map.extend(time.map(|time| (name.to_owned(), time.to_string().into())));
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
    let Ok(Value::Object(object)) = serde_json::from_str(text) else { return None };
    let mut body = Body::new();
    let mut line = (None, None, None, None);
    for (name, value) in object {
        let time = || value.as_str().and_then(|time| time.parse().ok());
        match name.as_str() {
            "kind" => line.0 = Fact::KINDS.iter().copied().find(|k| value.as_str() == Some(k)),
            "from" => line.1 = time(),
            "to" => line.2 = time(),
            "recordedAt" => line.3 = time(),
            _ => drop(body.insert(name, value)),
        }
    }
    let (kind, from, to, recorded_at) = (line.0?, line.1, line.2, line.3);
    let key = entry::key(kind, &body);
    Some(Line { kind, body, key, from, to, recorded_at, text: text.to_owned() })
}
