//! Codes: every text of a cost export becomes a small number once, so that no row handles a string.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hashbrown::HashMap;
use pal_model::{Interval, fold, is_folded};

use super::remarks::Remarked;

/// The code of "none".
pub const NONE: u32 = 0;

/// Where a text was first seen: later places never change what is shown, whoever reads them first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// Index of the file in the order of reading.
    pub file: u32,
    /// Row, or (row group, place in it).
    pub place: u64,
}

impl Seen {
    /// After everything that a file holds: texts that were taken out of others.
    pub const DERIVED: Self = Self { file: u32::MAX, place: 0 };

    /// The place of the n-th derived text.
    pub const fn derived(n: u64) -> Self {
        Self { file: u32::MAX, place: n }
    }
}

/// Which spellings of a text share a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// None: another casing is another text.
    Exact,
    /// Those of one name ([`fold`]); the one seen first is shown.
    Folded,
    /// None, although case does not count: [`Texts::folded`] tells what they have in common.
    Apart,
}

/// Texts of one column and their codes; shared by the threads that read.
pub struct Texts {
    spelling: Spelling,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// Each spelling.
    by_text: HashMap<Arc<str>, u32>,
    /// Each text without its casing, where casing does not count.
    by_folded: HashMap<Arc<str>, u32>,
    /// By code, from 1: the folded text, the spelling shown, and where that was.
    texts: Vec<(Arc<str>, Arc<str>, Seen)>,
}

impl Texts {
    /// No texts yet.
    pub fn new(spelling: Spelling) -> Self {
        Self { spelling, inner: Mutex::default() }
    }

    /// The codes of many texts, under one lock. `NONE` for `None`.
    pub fn codes<T: AsRef<str>>(&self, texts: impl Iterator<Item = (Option<T>, Seen)>) -> Vec<u32> {
        let mut inner = self.lock();
        texts
            .map(|(text, seen)| text.map_or(NONE, |t| inner.code(t.as_ref(), seen, self.spelling)))
            .collect()
    }

    /// The code of one text.
    pub fn code(&self, text: &str, seen: Seen) -> u32 {
        self.lock().code(text, seen, self.spelling)
    }

    /// The folded text of a code; `None` for [`NONE`].
    pub fn folded(&self, code: u32) -> Option<Arc<str>> {
        Some(self.lock().texts.get((code as usize).checked_sub(1)?)?.0.clone())
    }

    /// The spelling of a code, where each has a code of its own though case does not count.
    pub fn apart(&self, code: u32) -> Option<Arc<str>> {
        let known = || Some(self.lock().texts.get((code as usize).checked_sub(1)?)?.1.clone());
        (self.spelling == Spelling::Apart).then(known).flatten()
    }

    /// Folded text and spelling of the codes from `known + 1` on: what a reader has not seen yet.
    pub fn since(&self, known: usize) -> Vec<(Arc<str>, Arc<str>)> {
        let inner = self.lock();
        let fresh = inner.texts.iter().skip(known);
        fresh.map(|(folded, shown, _)| (folded.clone(), shown.clone())).collect()
    }

    /// What is shown for each code, from code 1.
    pub fn shown(&self) -> Vec<Arc<str>> {
        self.lock().texts.iter().map(|(_, shown, _)| shown.clone()).collect()
    }

    /// Whether a text has only been derived from others: its [`Seen`] is [`Seen::DERIVED`] or later.
    pub fn any_derived(&self) -> bool {
        self.lock().texts.iter().any(|(_, _, seen)| *seen >= Seen::DERIVED)
    }

    /// What is shown, in the order in which it was first seen.
    pub fn in_order(&self) -> Vec<Arc<str>> {
        let mut texts: Vec<_> =
            self.lock().texts.iter().map(|(_, shown, seen)| (*seen, shown.clone())).collect();
        texts.sort_unstable();
        texts.into_iter().map(|(_, shown)| shown).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn code(&mut self, text: &str, seen: Seen, spelling: Spelling) -> u32 {
        if let Some(&code) = self.by_text.get(text) {
            let known = &mut self.texts[code as usize - 1];
            if seen < known.2 {
                (known.1, known.2) = (text.into(), seen);
            }
            return code;
        }
        let text: Arc<str> = text.into();
        let folds = spelling != Spelling::Exact;
        let folded: Arc<str> = match folds && !is_folded(&text) {
            true => fold(&text).into(),
            false => text.clone(),
        };
        let next = self.texts.len() as u32 + 1;
        let code = match spelling {
            Spelling::Apart => next,
            _ => *self.by_folded.entry(folded.clone()).or_insert(next),
        };
        if code == next {
            self.texts.push((folded, text.clone(), seen));
        } else if seen < self.texts[code as usize - 1].2 {
            let known = &mut self.texts[code as usize - 1];
            (known.1, known.2) = (text.clone(), seen);
        }
        self.by_text.insert(text, code);
        code
    }
}

/// Charge periods and their codes (from 0).
#[derive(Default)]
pub struct Periods(Mutex<(HashMap<Interval, u32>, Vec<Interval>)>);

impl Periods {
    /// The code of a period.
    pub fn code(&self, period: Interval) -> u32 {
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (codes, list) = &mut *guard;
        *codes.entry(period).or_insert_with(|| {
            list.push(period);
            list.len() as u32 - 1
        })
    }

    /// The periods from code `known` on: what a reader has not seen yet.
    pub fn since(&self, known: usize) -> Vec<Interval> {
        let guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        guard.1[known.min(guard.1.len())..].to_vec()
    }
}

/// Rows that are passed over instead of ending the reading: for people who want to see them.
#[derive(Default)]
pub struct PassedOver {
    /// How many are told of; 0 = the first one ends the reading.
    pub most: usize,
    /// What was told of so far, and how many there are.
    pub rows: Mutex<(Vec<String>, u64)>,
}

impl PassedOver {
    /// Whether the reading goes on after this row.
    pub fn take(&self, error: &dyn std::fmt::Display) -> bool {
        if self.most == 0 {
            return false;
        }
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.1 += 1;
        if rows.0.len() < self.most {
            rows.0.push(error.to_string());
        }
        true
    }
}

/// The codes of a whole reading.
pub struct Codes {
    /// Resource ids.
    pub resources: Texts,
    /// Resource groups.
    pub groups: Texts,
    /// Subscriptions, bare ids.
    pub subscriptions: Texts,
    /// Currencies.
    pub currencies: Texts,
    /// Service categories.
    pub categories: Texts,
    /// Service names.
    pub services: Texts,
    /// Billing accounts, bare ids.
    pub accounts: Texts,
    /// First days of billing periods, `2026-10-01`.
    pub billing_periods: Texts,
    /// Invoices.
    pub invoices: Texts,
    /// Charge periods.
    pub periods: Periods,
    /// Rows passed over.
    pub passed_over: PassedOver,
    /// What there is to say of the rows.
    pub remarked: Remarked,
}

impl Default for Codes {
    fn default() -> Self {
        Self {
            resources: Texts::new(Spelling::Folded),
            groups: Texts::new(Spelling::Folded),
            subscriptions: Texts::new(Spelling::Folded),
            currencies: Texts::new(Spelling::Exact),
            categories: Texts::new(Spelling::Exact),
            services: Texts::new(Spelling::Exact),
            accounts: Texts::new(Spelling::Folded),
            billing_periods: Texts::new(Spelling::Exact),
            invoices: Texts::new(Spelling::Folded),
            periods: Periods::default(),
            passed_over: PassedOver::default(),
            remarked: Remarked::default(),
        }
    }
}

impl Codes {
    /// Codes that keep spellings apart: what a row says does not depend on other rows.
    pub fn apart() -> Self {
        Self {
            resources: Texts::new(Spelling::Apart),
            groups: Texts::new(Spelling::Apart),
            subscriptions: Texts::new(Spelling::Apart),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn casing_first_seen_is_shown_whoever_reads_first() {
        let seen = |place| Seen { file: 0, place };
        let texts = Texts::new(Spelling::Folded);
        let late = texts.code("rg-app", seen(9));
        assert_eq!(texts.code("RG-App", seen(2)), late);
        assert_eq!(texts.code("rg-app", seen(1)), late);
        assert_eq!(texts.code("RG-APP", seen(3)), late);
        assert_eq!(&*texts.shown()[late as usize - 1], "rg-app");
        assert_eq!(texts.folded(late).as_deref(), Some("rg-app"));
        assert_ne!(texts.code("rg-app2", seen(4)), late);
        let exact = Texts::new(Spelling::Exact);
        assert_ne!(exact.code("EUR", seen(0)), exact.code("eur", seen(0)));
    }

    #[test]
    fn spellings_kept_apart_fold_alike() {
        let seen = |place| Seen { file: 0, place };
        let texts = Texts::new(Spelling::Apart);
        let (first, second) = (texts.code("RG", seen(9)), texts.code("rg", seen(1)));
        assert_ne!(first, second);
        assert_eq!(texts.code("RG", seen(0)), first);
        assert_eq!(texts.folded(first).as_deref(), Some("rg"));
        assert_eq!(texts.folded(second).as_deref(), Some("rg"));
        assert_eq!((texts.apart(first), texts.apart(NONE)), (Some("RG".into()), None));
        assert_eq!(Texts::new(Spelling::Folded).apart(1), None);
    }
}
