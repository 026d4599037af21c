//! Rows as the rule compares them.

use std::sync::Arc;

use hashbrown::HashMap;

use crate::charges::RowDigest;

/// A row, as far as it tells whether another one is the same row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparedRow {
    /// All that attribution reads of it.
    pub digest: RowDigest,
    /// The billing period, where the row names one.
    pub billing_period: Option<Arc<str>>,
    /// The invoice, where the row names one.
    pub invoice: Option<Arc<str>>,
    /// The resource group, folded.
    pub resource_group: Option<Arc<str>>,
}

/// A row with the billing account that it, or its export, names; empty = unknown.
#[derive(Debug, Clone, Copy)]
pub struct Billed<'r> {
    pub row: &'r ComparedRow,
    pub account: &'r str,
}

impl Billed<'_> {
    /// Whether account, billing period and invoice, where both rows name them, are the same.
    fn is_compatible(&self, other: &Self) -> bool {
        let same = |one: &Option<Arc<str>>, other: &Option<Arc<str>>| match (one, other) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        let (one, two) = (self.row, other.row);
        (self.account == other.account || self.account.is_empty() || other.account.is_empty())
            && same(&one.billing_period, &two.billing_period)
            && same(&one.invoice, &two.invoice)
    }

    fn names_the_same(&self, other: &Self) -> bool {
        self.account == other.account
            && self.row.billing_period == other.row.billing_period
            && self.row.invoice == other.row.invoice
    }
}

/// The places of the rows of `these` that have no equal row in `those`; each of those equals one row
/// only, so three equal rows beside two leave one.
pub fn unmatched(these: &[Billed], those: &[Billed]) -> Vec<usize> {
    let mut left: HashMap<&RowDigest, Vec<&Billed>> = HashMap::new();
    for row in those {
        left.entry(&row.row.digest).or_default().push(row);
    }
    let mut take = |row: &Billed, fits: fn(&Billed, &Billed) -> bool| {
        let Some(equal) = left.get_mut(&row.row.digest) else { return false };
        let at = equal.iter().position(|other| fits(row, other));
        at.map(|at| equal.swap_remove(at)).is_some()
    };
    // Rows that name the same come first: a row that names less may equal several.
    let same = |one: &Billed, other: &Billed| one.names_the_same(other);
    let taken: Vec<bool> = these.iter().map(|row| take(row, same)).collect();
    let rest = these.iter().enumerate().filter(|(at, _)| !taken[*at]);
    let fits = |one: &Billed, other: &Billed| one.is_compatible(other);
    rest.filter(|(_, row)| !take(row, fits)).map(|(at, _)| at).collect()
}

/// Whether two collections hold equal rows, each as often.
pub fn are_equal(these: &[Billed], those: &[Billed]) -> bool {
    these.len() == those.len() && unmatched(these, those).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(digest: u8, period: &str, invoice: &str) -> ComparedRow {
        let named = |text: &str| (!text.is_empty()).then(|| Arc::from(text));
        ComparedRow {
            digest: RowDigest::of(&[digest]),
            billing_period: named(period),
            invoice: named(invoice),
            resource_group: None,
        }
    }

    fn billed(row: &ComparedRow) -> Billed<'_> {
        Billed { row, account: "" }
    }

    #[test]
    fn rows_equal_one_other_row_each() {
        let twins = [row(1, "", ""), row(1, "", ""), row(1, "", ""), row(2, "", "")];
        let these: Vec<Billed> = twins.iter().map(billed).collect();
        assert_eq!(unmatched(&these, &these[..2]), [2, 3]);
        assert!(are_equal(&these, &these));
        assert!(!are_equal(&these[..2], &these[..3]));
    }

    #[test]
    fn billing_period_and_invoice_tell_rows_apart_where_both_name_them() {
        let (open, first, second) =
            (row(1, "2026-09", ""), row(1, "2026-09", "G1"), row(1, "2026-09", "G2"));
        let (open, first, second) = (billed(&open), billed(&first), billed(&second));
        assert!(unmatched(&[open], &[first]).is_empty());
        assert_eq!(unmatched(&[first], &[second]), [0]);
        assert_eq!(unmatched(&[billed(&row(1, "2026-10", ""))], &[open]), [0]);
        // The row without invoice must not take the only row that fits the other.
        assert!(unmatched(&[open, first], &[first, second]).is_empty());
        let of = |account| Billed { account, ..open };
        assert_eq!(unmatched(&[of("a"), of("")], &[of("b"), of("a")]), [0; 0]);
        assert_eq!(unmatched(&[of("a"), of("a")], &[of("b"), of("a")]), [1]);
    }
}
