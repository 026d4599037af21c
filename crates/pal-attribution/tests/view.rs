//! What a reader may not see is not there, and what is left is what the whole report says of it.
//! Worlds are invented; `PAL_METAMORPHIC` sets how many.

use crate::support::case;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicU64;

use pal_attribution::engine::{Engine, Options, PrivacyLevels, Usage, View};
use pal_model::KeyColumn::{
    self, Currency, CustomerTenantId, CustomerTenantName, Month, PartnerId, ResourceGroup,
    ResourceId, SubscriptionId, SubscriptionName,
};
use pal_model::{PrivacyLevel, Row, TenantId};

use crate::support::case::Case;

/// The rows of a view.
fn seen(case: &Case, keys: &[KeyColumn], view: View) -> Vec<Row> {
    let (facts, roles) = (case.facts(None).unwrap(), case::roles());
    let rows = AtomicU64::new(0);
    let options = Options { threads: 1, view, ..Options::new(&rows) };
    let mut found = Vec::new();
    let engine = Engine::new(&facts, &roles, &case.policy);
    let usage = Usage::Charges(&case.charges);
    let taken = engine.report(usage, keys, &options, &mut |keys, charges, cost, credited_cost| {
        let keys = keys.iter().map(|key| key.map(str::to_owned)).collect();
        found.push(Row { keys, charges, cost, credited_cost });
        Ok(())
    });
    taken.unwrap();
    found
}

fn worlds(one_in: usize, check: impl Fn(&Case) -> bool) {
    let setting = std::env::var("PAL_METAMORPHIC").ok();
    let count = setting.map_or(40, |text| text.parse::<u64>().unwrap());
    let told = (77_000_000_000..77_000_000_000 + count).filter(|seed| check(&Case::new(*seed)));
    let told = told.count();
    assert!(count < 40 || told * one_in >= count as usize, "told something in {told} of {count}");
}

fn tenants(case: &Case) -> BTreeSet<TenantId> {
    case.facts(None).unwrap().subscriptions.iter().map(|s| s.fact.tenant).collect()
}

fn all_at(case: &Case, level: PrivacyLevel) -> View {
    let levels = tenants(case).into_iter().map(|tenant| (tenant, level)).collect();
    let name = |tenant: &TenantId| (*tenant, format!("customer {tenant:.4}"));
    let pseudonyms = tenants(case).iter().map(name).collect();
    View { privacy: Some(PrivacyLevels { levels, pseudonyms }), ..View::default() }
}

#[test]
fn a_partner_sees_its_own_rows_as_they_are_in_the_whole() {
    let keys = [PartnerId, Month, CustomerTenantId, SubscriptionId, ResourceGroup, Currency];
    worlds(4, |case| {
        // Of two spellings a report of fewer rows may show the other one.
        let case = &Case::folded(case.seed);
        let (whole, _) = case.run_by(&keys);
        let ids: BTreeSet<&str> = whole.iter().filter_map(|row| row.keys[0].as_deref()).collect();
        for id in &ids {
            let partners = Some(BTreeSet::from([id.parse().unwrap()]));
            let own: Vec<Row> =
                whole.iter().filter(|row| row.keys[0].as_deref() == Some(*id)).cloned().collect();
            assert_eq!(seen(case, &keys, View { partners, ..View::default() }), own);
        }
        let nobody = View { partners: Some(BTreeSet::new()), ..View::default() };
        assert_eq!(seen(case, &keys, nobody), []);
        ids.len() > 1
    });
}

#[test]
fn a_customer_sees_its_own_rows_as_they_are_in_the_whole() {
    let keys = [CustomerTenantId, PartnerId, ResourceId, Currency];
    worlds(10, |case| {
        let (whole, _) = case.run_by(&keys);
        let mut with_rows = 0;
        for tenant in tenants(case) {
            let id = tenant.to_string();
            let is = |row: &&Row| row.keys[0].as_ref().is_some_and(|k| k.eq_ignore_ascii_case(&id));
            let own: Vec<Row> = whole.iter().filter(is).cloned().collect();
            with_rows += usize::from(!own.is_empty());
            let view = View { customer: Some(tenant), ..View::default() };
            assert_eq!(seen(case, &keys, view), own);
        }
        with_rows > 1
    });
}

/// What is hidden is added up, and rounded once.
#[test]
fn a_hidden_column_is_as_if_nobody_had_asked_for_it() {
    let hidden_by: [(PrivacyLevel, &[KeyColumn]); 4] = [
        (PrivacyLevel::Full, &[]),
        (PrivacyLevel::Subscription, &[ResourceGroup, ResourceId]),
        (PrivacyLevel::TenantTotal, &[SubscriptionId, SubscriptionName, ResourceGroup, ResourceId]),
        (PrivacyLevel::Masked, &[SubscriptionId, SubscriptionName, ResourceGroup, ResourceId]),
    ];
    let keys =
        [Month, PartnerId, Currency, SubscriptionId, SubscriptionName, ResourceGroup, ResourceId];
    worlds(4, |case| {
        let mut fewer = false;
        for (level, hidden) in hidden_by {
            let asked: Vec<KeyColumn> =
                keys.iter().filter(|key| !hidden.contains(key)).copied().collect();
            let (plain, _) = case.run_by(&asked);
            let widen = |row: &Row| {
                let by: BTreeMap<&str, &Option<String>> =
                    asked.iter().map(|key| key.name()).zip(&row.keys).collect();
                let keys = keys.iter().map(|key| by.get(key.name()).copied().cloned().flatten());
                Row { keys: keys.collect(), ..row.clone() }
            };
            let wide: Vec<Row> = plain.iter().map(widen).collect();
            assert_eq!(seen(case, &keys, all_at(case, level)), wide, "{level:?}");
            fewer |= wide.len() < case.run_by(&keys).0.len();
        }
        // Without a fact it is subscriptions.
        let unsaid = View { privacy: Some(PrivacyLevels::default()), ..View::default() };
        let said = all_at(case, PrivacyLevel::Subscription);
        assert_eq!(seen(case, &keys, unsaid), seen(case, &keys, said));
        fewer
    });
}

#[test]
fn a_masked_customer_has_one_name_and_that_is_not_its_own() {
    let keys = [CustomerTenantId, CustomerTenantName, PartnerId];
    worlds(4, |case| {
        let rows = seen(case, &keys, all_at(case, PrivacyLevel::Masked));
        for row in &rows {
            assert!(row.keys[0].as_ref().unwrap().starts_with("customer "), "{row:?}");
            assert_eq!(row.keys[0], row.keys[1]);
        }
        assert_eq!(rows.len(), case.run_by(&[CustomerTenantId, PartnerId]).0.len());
        !rows.is_empty()
    });
}
