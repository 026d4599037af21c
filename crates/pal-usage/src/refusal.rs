//! Conflicts as messages: what happened, why, and what to do.

use std::fmt;

use crate::charges::{Family, Located};
use crate::counting::{Cell, Conflict, Dataset, Origin, Statement, date_of};

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Undecided(Box<Refusal>);

#[derive(Debug)]
struct Refusal {
    what: String,
    alike: usize,
    located: Option<Located>,
    nothing: &'static str,
    to_do: String,
    first: Option<(usize, Cell)>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match self.alike {
            0 => {}
            1 => f.write_str("; likewise in 1 more place")?,
            alike => write!(f, "; likewise in {alike} more places")?,
        }
        let found = self.located.as_ref();
        if let Some(found) = found.filter(|found| found.unknown > 0) {
            let first = if found.unknown > found.places.len() as u64 { ", first" } else { "" };
            let (rows, places) = (rows_are(found.unknown), found.places.join(", "));
            write!(f, "; {rows} not among those that count{first}: {places}")?;
        }
        if let Some(found) = found.filter(|found| found.missing > 0) {
            write!(f, "; {} counted and not in these files", rows_are(found.missing))?;
        }
        write!(f, ". {}. {}", self.nothing, self.to_do)
    }
}

/// `1 row is`, `2 rows are`.
fn rows_are(number: u64) -> String {
    if number == 1 { "1 row is".to_owned() } else { format!("{number} rows are") }
}

impl Undecided {
    /// What `conflicts` are about; `nothing` says what did not happen.
    pub fn new(
        statements: &[Statement],
        conflicts: &[Conflict],
        nothing: &'static str,
    ) -> Option<Self> {
        let first = conflicts.iter().min_by_key(|conflict| rank(conflict))?;
        let alike = conflicts.iter().filter(|conflict| rank(conflict) == rank(first)).count() - 1;
        let (what, to_do) = told(statements, first);
        let first = first.cell().map(|cell| (first.statements()[0], cell.clone()));
        Some(Self(Box::new(Refusal { what, alike, located: None, nothing, to_do, first })))
    }

    /// The first place where statements differ: a statement, subscription and day.
    pub fn first(&self) -> Option<(usize, Cell)> {
        self.0.first.clone()
    }

    /// With the first rows that differ.
    #[must_use]
    pub fn with_rows(mut self, found: Located) -> Self {
        self.0.located = Some(found);
        self
    }
}

/// Which conflicts are told of first: a wrong dataset or copy makes many others.
const fn rank(conflict: &Conflict) -> u8 {
    match conflict {
        Conflict::Copies { .. } => 0,
        Conflict::Datasets { .. } => 1,
        Conflict::Parts { .. } => 2,
        Conflict::Empty { .. } => 3,
        Conflict::Halved { .. } => 4,
        Conflict::Nested { .. } => 5,
        Conflict::Unclear { .. } => 6,
        Conflict::Outgrown { .. } => 7,
        Conflict::Loose { .. } => 8,
    }
}

fn told(statements: &[Statement], conflict: &Conflict) -> (String, String) {
    let of = |at: &usize| described(&statements[*at]);
    let list = |of_them: &[usize]| of_them.iter().map(of).collect::<Vec<_>>().join(", ");
    let (what, to_do) = match conflict {
        Conflict::Datasets { cell, statements: all } => {
            (
                format!("{} hold the same money of {} in different datasets", list(all), shown(cell)),
                format!(
                    "Choose the one that counts with --dataset ({}), or for good with usage.dataset \
                     in the configuration",
                    Dataset::words()
                ),
            )
        }
        Conflict::Nested { cell, wider, narrower } => (
            format!(
                "{} and {} differ for {}: the second one exports a part of the first one's scope and \
                 is more than 72 hours newer",
                of(wider), of(narrower), shown(cell)
            ),
            "Run the wider export again and import that run first, or leave one of the two out for \
             good with usage.ignore"
                .to_owned(),
        ),
        Conflict::Unclear { cell, one, other } => (
            format!(
                "{} and {} differ for {}, and their scopes do not tell which of them contains the other",
                of(one), of(other), shown(cell)
            ),
            "Leave one of the two out with usage.ignore".to_owned(),
        ),
        Conflict::Loose { cell, file, others } => (
            format!("{} has other rows for {} than {}", of(file), shown(cell), list(others)),
            "If these rows are the truth now, --restate counts them instead; if they come in addition, \
             --add counts both"
                .to_owned(),
        ),
        Conflict::Outgrown { cell, file, run } => (
            format!(
                "{} has more rows for {} than the run before it, and not those of {}, which were added",
                of(run), shown(cell), of(file)
            ),
            "If the run is the truth now, --restate counts it instead; if the added rows still come in \
             addition, --add counts both"
                .to_owned(),
        ),
        Conflict::Parts { cell, one, other } => (
            format!("{} and {} share rows of {}", of(one), of(other), shown(cell)),
            "If one of them repeats the other, give only one; if they are parts of one export, --parts \
             adds them up"
                .to_owned(),
        ),
        Conflict::Copies { one, other } => (
            format!("{} and {} are copies of one run, and differ", of(one), of(other)),
            "Download the run again, and give one copy".to_owned(),
        ),
        Conflict::Empty { run, day, days } => {
            let more = if *days > 1 { format!(" and {} more days", days - 1) } else { String::new() };
            (
                format!(
                    "{} has no row of {}{more}, of which an older run of the export has rows",
                    of(run), date_of(*day)
                ),
                "If these charges are gone indeed, --accept-empty takes them away".to_owned(),
            )
        }
        Conflict::Halved { run, month: (year, month), currency, before, after } => (
            format!(
                "{} takes away more than half of {year:04}-{month:02}: {before} {currency} would \
                 become {after} {currency}",
                of(run)
            ),
            "If these charges are gone indeed, --accept-empty takes them away".to_owned(),
        ),
    };
    (what, to_do)
}

fn described(statement: &Statement) -> String {
    match &statement.origin {
        Origin::Run(run) => format!(
            "run {} of export {} ({} of {})",
            run.id,
            run.export,
            run.dataset.name(),
            run.scope
        ),
        Origin::Loose(file) => {
            let family = match file.family {
                Family::Focus => "FOCUS",
                Family::CostManagement => "Cost Management",
            };
            format!("{} ({family})", file.name)
        }
    }
}

fn shown(cell: &Cell) -> String {
    let day = date_of(cell.day);
    match cell.subject.as_str() {
        "" => format!("charges without subscription on {day}"),
        subject => format!("subscription {subject} on {day}"),
    }
}
