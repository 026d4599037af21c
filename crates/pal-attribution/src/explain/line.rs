//! The line of a fact that an explanation stands on, and how far its times can be relied on.

use pal_model::Mark;
use serde::{Serialize, Serializer};

/// A line of facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// `file:line`; not for readers who do not have the files.
    #[serde(rename = "fact", skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Whether its start is assumed, and since when it is unconfirmed.
    #[serde(flatten)]
    pub mark: Mark,
}

impl Line {
    /// Takes the place away.
    pub(super) fn hide(line: &mut Option<Self>) {
        if let Some(line) = line {
            line.place = None;
        }
    }

    /// The end of a sentence: ` · file:line · assumed`.
    pub(super) fn tail(line: Option<&Self>) -> String {
        let Some(Self { place, mark }) = line else { return String::new() };
        let mark = (!mark.is_plain()).then(|| mark.to_string());
        let mut tail = String::new();
        for part in place.iter().chain(&mark) {
            tail.push_str(" · ");
            tail.push_str(part);
        }
        tail
    }
}

/// As the fields of a line; `fact` is null where there is none.
#[expect(clippy::ref_option, reason = "serde calls it with a reference")]
pub(super) fn or_null<S: Serializer>(line: &Option<Line>, to: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Fields<'l> {
        fact: Option<&'l str>,
        #[serde(flatten)]
        mark: Mark,
    }
    let place = line.as_ref().and_then(|line| line.place.as_deref());
    let mark = line.as_ref().map(|line| line.mark).unwrap_or_default();
    Fields { fact: place, mark }.serialize(to)
}
