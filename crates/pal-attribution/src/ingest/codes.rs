//! Codes: every text of a cost export becomes a small number once, so that no row handles a string.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hashbrown::HashMap;
use pal_model::{Interval, fold, is_folded};

use super::remarks::Remarked;

pub const NONE: u32 = 0;

/// Which spellings of a text share a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// None: another casing is another text.
    Exact,
    /// Those of one name ([`fold`]); what is shown of it depends on who reads first.
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
    /// By code, from 1: the folded text, and a spelling.
    texts: Vec<(Arc<str>, Arc<str>)>,
}

impl Texts {
    /// No texts yet.
    pub fn new(spelling: Spelling) -> Self {
        Self { spelling, inner: Mutex::default() }
    }

    /// The codes of many texts, under one lock. `NONE` for `None`.
    pub fn codes<T: AsRef<str>>(&self, texts: impl Iterator<Item = Option<T>>) -> Vec<u32> {
        let mut inner = self.lock();
        texts.map(|text| text.map_or(NONE, |t| inner.code(t.as_ref(), self.spelling))).collect()
    }

    pub fn code(&self, text: &str) -> u32 {
        self.lock().code(text, self.spelling)
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
        self.lock().texts.iter().skip(known).cloned().collect()
    }

    /// A spelling of each code, from code 1: the only one, but for [`Spelling::Folded`].
    pub fn spelled(&self) -> Vec<Arc<str>> {
        self.lock().texts.iter().map(|(_, spelling)| spelling.clone()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn code(&mut self, text: &str, spelling: Spelling) -> u32 {
        if let Some(&code) = self.by_text.get(text) {
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
            self.texts.push((folded, text.clone()));
        }
        self.by_text.insert(text, code);
        code
    }
}

/// Charge periods and their codes (from 0).
#[derive(Default)]
pub struct Periods(Mutex<(HashMap<Interval, u32>, Vec<Interval>)>);

impl Periods {
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
    pub resources: Texts,
    pub groups: Texts,
    /// Subscriptions, bare ids.
    pub subscriptions: Texts,
    pub currencies: Texts,
    pub categories: Texts,
    pub services: Texts,
    /// Billing accounts, bare ids.
    pub accounts: Texts,
    /// First days of billing periods, `2026-10-01`.
    pub billing_periods: Texts,
    pub invoices: Texts,
    pub periods: Periods,
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
    /// Codes that keep spellings apart: what a row says does not depend on other rows. Subscriptions
    /// are shown as facts write them, or folded.
    pub fn apart() -> Self {
        Self {
            resources: Texts::new(Spelling::Apart),
            groups: Texts::new(Spelling::Apart),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_name_share_a_code() {
        let texts = Texts::new(Spelling::Folded);
        let code = texts.code("RG-MALM\u{d6}");
        assert_eq!(texts.code("rg-malm\u{f6}"), code);
        assert_eq!(texts.folded(code).as_deref(), Some("rg-malm\u{f6}"));
        assert_ne!(texts.code("rg-malm\u{f6}2"), code);
        let exact = Texts::new(Spelling::Exact);
        assert_ne!(exact.code("EUR"), exact.code("eur"));
    }

    #[test]
    fn spellings_kept_apart_fold_alike() {
        let texts = Texts::new(Spelling::Apart);
        let (first, second) = (texts.code("R\u{d6}"), texts.code("r\u{f6}"));
        assert_ne!(first, second);
        assert_eq!(texts.code("R\u{d6}"), first);
        assert_eq!(texts.folded(first).as_deref(), Some("r\u{f6}"));
        assert_eq!(texts.folded(second).as_deref(), Some("r\u{f6}"));
        assert_eq!((texts.apart(first), texts.apart(NONE)), (Some("R\u{d6}".into()), None));
        assert_eq!(Texts::new(Spelling::Folded).apart(1), None);
    }
}
