//! What an export is of: which scopes hold the same money, and which is the wider one.

/// How one scope lies to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The same scope.
    Equal,
    /// All charges of the other are charges of this one.
    Wider,
    /// All charges of this one are charges of the other.
    Narrower,
    /// No charge belongs to both.
    Apart,
    /// Some charges may belong to both.
    Unclear,
}

/// The kinds of scopes, the widest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Account,
    /// Billing profiles, customers and departments.
    Division,
    Section,
    ManagementGroup,
    Subscription,
    ResourceGroup,
}

/// A scope's pairs of kind and name, from the widest: folded.
#[derive(Debug, PartialEq, Eq)]
struct Path<'s> {
    kind: Kind,
    steps: Vec<(&'s str, &'s str)>,
}

fn parse(scope: &str) -> Option<Path<'_>> {
    let mut words = scope.split('/').filter(|word| !word.is_empty()).peekable();
    if words.peek() == Some(&"providers") {
        words.next();
        words.next();
    }
    let words: Vec<&str> = words.collect();
    let (pairs, []) = words.as_chunks::<2>() else { return None };
    let steps: Vec<(&str, &str)> = pairs.iter().map(|[kind, name]| (*kind, *name)).collect();
    let kind = match steps.last()?.0 {
        "billingaccounts" => Kind::Account,
        "billingprofiles" | "customers" | "departments" => Kind::Division,
        "invoicesections" | "enrollmentaccounts" => Kind::Section,
        "managementgroups" => Kind::ManagementGroup,
        "subscriptions" => Kind::Subscription,
        "resourcegroups" => Kind::ResourceGroup,
        _ => return None,
    };
    Some(Path { kind, steps })
}

/// The bare, folded id of the billing account that a folded scope or column names.
///
/// `/providers/microsoft.billing/billingaccounts/a/billingprofiles/p` → `a`; `a` → `a`.
pub fn account_of(text: &str) -> Option<&str> {
    let mut words = text.split('/');
    if words.by_ref().any(|word| word == "billingaccounts") {
        return words.next().filter(|id| !id.is_empty());
    }
    (!text.contains('/') && !text.is_empty()).then_some(text)
}

/// Whether a folded scope is a billing account, and no part of one.
pub(super) fn is_whole_account(scope: &str) -> bool {
    scope.rsplit('/').nth(1) == Some("billingaccounts")
}

/// How the folded scope `one` lies to `other`.
pub fn relation(one: &str, other: &str) -> Relation {
    if one == other {
        return Relation::Equal;
    }
    let (Some(one), Some(other)) = (parse(one), parse(other)) else { return Relation::Unclear };
    let common = one.steps.iter().zip(&other.steps).take_while(|(a, b)| a == b).count();
    if common == one.steps.len() {
        return Relation::Wider;
    }
    if common == other.steps.len() {
        return Relation::Narrower;
    }
    let (at_one, at_other) = (one.steps[common], other.steps[common]);
    // Two management groups may lie in each other: their ids do not tell.
    if at_one.0 == at_other.0 && at_one.0 != "managementgroups" {
        return Relation::Apart;
    }
    match one.kind.cmp(&other.kind) {
        std::cmp::Ordering::Less => Relation::Wider,
        std::cmp::Ordering::Greater => Relation::Narrower,
        std::cmp::Ordering::Equal => Relation::Unclear,
    }
}

/// Whether a folded scope is that of one resource group, and its name.
pub fn resource_group_of(scope: &str) -> Option<&str> {
    let path = parse(scope)?;
    (path.kind == Kind::ResourceGroup).then(|| path.steps.last().map(|(_, name)| *name))?
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "/providers/microsoft.billing/billingaccounts/a";

    #[test]
    fn relations_are_those_of_the_billing_tree() {
        let under = |rest: &str| format!("{A}/{rest}");
        let (p, q) = (under("billingprofiles/p"), under("billingprofiles/q"));
        let section = under("billingprofiles/p/invoicesections/i");
        let (customer, department) = (under("customers/c"), under("departments/d"));
        let group = "/providers/microsoft.management/managementgroups/m";
        let (s, t) = ("/subscriptions/s", "/subscriptions/t");
        for (one, other, expected) in [
            (A, A, Relation::Equal),
            (A, &p, Relation::Wider),
            (&section, A, Relation::Narrower),
            (&p, &q, Relation::Apart),
            (&p, &section, Relation::Wider),
            (&q, &section, Relation::Apart),
            (&p, &customer, Relation::Unclear),
            (&department, &under("enrollmentaccounts/e"), Relation::Wider),
            (A, "/providers/microsoft.billing/billingaccounts/b", Relation::Apart),
            (A, group, Relation::Wider),
            (group, "/providers/microsoft.management/managementgroups/n", Relation::Unclear),
            (group, s, Relation::Wider),
            (s, &p, Relation::Narrower),
            (s, t, Relation::Apart),
            (s, "/subscriptions/s/resourcegroups/g", Relation::Wider),
            (t, "/subscriptions/s/resourcegroups/g", Relation::Apart),
            (
                "/subscriptions/s/resourcegroups/h",
                "/subscriptions/s/resourcegroups/g",
                Relation::Apart,
            ),
            ("something else", s, Relation::Unclear),
        ] {
            assert_eq!(relation(one, other), expected, "{one} to {other}");
        }
    }

    #[test]
    fn accounts_are_found_in_scopes_and_columns() {
        assert_eq!(account_of(A), Some("a"));
        assert_eq!(
            account_of("/providers/microsoft.billing/billingaccounts/a/billingprofiles/p"),
            Some("a")
        );
        assert_eq!(account_of("a:b_2019-05-31"), Some("a:b_2019-05-31"));
        assert_eq!(account_of("/subscriptions/s"), None);
        assert_eq!(account_of(""), None);
    }
}
