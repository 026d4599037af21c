//! The nouns of an explanation: who, which role, where, when, and on which line of facts it stands.
//! Each is data, and has one form as text.

use std::fmt;

use pal_model::{Interval, IntervalSet, Mark};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An id and the name it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Named {
    /// The id.
    pub id: String,
    /// The name, if a fact gives one.
    pub name: Option<String>,
}

/// A role; without an id, one that could not be resolved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Role {
    /// The id of its definition.
    pub id: Option<String>,
    /// The name, if a table or a fact gives one.
    pub name: Option<String>,
}

/// A scope, as far as it may be named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// The scope.
    Path(String),
    /// A scope inside this subscription: the customer does not show which.
    Inside(String),
}

/// When something holds; an instant begins and ends at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// The first instant; `null` = since ever.
    pub from: Option<String>,
    /// The first instant after; `null` = without an end.
    pub to: Option<String>,
}

/// When something holds, in order; empty = never.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Times(pub Vec<Span>);

/// Who has access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Holders {
    /// A few of them.
    pub who: Vec<Named>,
    /// How many more there are.
    pub more: usize,
}

/// The line of facts that something stands on, and how far its times can be relied on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    /// `file:line`; not for readers who do not have the files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fact: Option<String>,
    /// Whether its start is assumed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub assumed: bool,
    /// Since when the lists lack it, without evidence that it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unconfirmed_since: Option<String>,
}

impl Line {
    pub(super) fn new(fact: Option<String>, mark: Mark) -> Self {
        let unconfirmed_since = mark.unconfirmed_since.map(|since| since.to_string());
        Self { fact, assumed: mark.assumed, unconfirmed_since }
    }
}

impl From<Interval> for Span {
    fn from(interval: Interval) -> Self {
        let (from, to) = (interval.from(), interval.to());
        Self {
            from: (from != Interval::ALL.from()).then(|| from.to_string()),
            to: (to != Interval::ALL.to()).then(|| to.to_string()),
        }
    }
}

impl From<&IntervalSet> for Times {
    fn from(set: &IntervalSet) -> Self {
        Self(set.iter().map(|interval| Span::from(*interval)).collect())
    }
}

impl Times {
    /// Inside what was asked: an instant is one, not a period of a nanosecond.
    pub(super) fn inside(set: &IntervalSet) -> Self {
        let mut times = Self::from(set);
        for (span, _) in times.0.iter_mut().zip(set).filter(|(_, when)| when.length() == 1) {
            span.to.clone_from(&span.from);
        }
        times
    }
}

impl From<Interval> for Times {
    fn from(interval: Interval) -> Self {
        Self(vec![interval.into()])
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} ({})", self.id),
            None => f.write_str(&self.id),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.name, &self.id) {
            (Some(name), _) => f.write_str(name),
            (None, Some(id)) => write!(f, "{id} (unknown)"),
            (None, None) => f.write_str("unknown"),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => f.write_str(path),
            Self::Inside(subscription) => write!(
                f,
                "a scope inside subscription {subscription} (the customer does not show it)"
            ),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.from, &self.to) {
            (None, None) => f.write_str("always"),
            (None, Some(to)) => write!(f, "until {to}"),
            (Some(from), None) => write!(f, "since {from}"),
            (Some(from), Some(to)) if from == to => f.write_str(from),
            (Some(from), Some(to)) => write!(f, "{from} to {to}"),
        }
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.is_empty() {
            true => f.write_str("never"),
            false => f.write_str(&joined(&self.0, ", ")),
        }
    }
}

impl fmt::Display for Holders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&joined(&self.who, ", "))?;
        if self.more > 0 { write!(f, " and {} more", self.more) } else { Ok(()) }
    }
}

impl fmt::Display for Line {
    /// The end of a sentence: ` · file:line · assumed`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since =
            self.unconfirmed_since.as_ref().map(|since| format!("unconfirmed since {since}"));
        let marks: Vec<String> =
            self.assumed.then(|| "assumed".to_owned()).into_iter().chain(since).collect();
        let marks = (!marks.is_empty()).then(|| marks.join(", "));
        self.fact.iter().chain(&marks).try_for_each(|part| write!(f, " · {part}"))
    }
}

/// A list as text.
pub(super) fn joined<T: fmt::Display>(list: &[T], between: &str) -> String {
    list.iter().map(ToString::to_string).collect::<Vec<_>>().join(between)
}
