//! What the charges come to, computed by the engine and once more by the reference evaluator.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::AtomicU64;

use pal_model::{
    Charge, Exact, Facts, KeyColumn, MoneyError, PartnerId, ScopePath, chain_of, fold,
};
use serde::Serialize;

use crate::engine::{Engine, EngineError, Options, Usage};
use crate::ingest::{Part, ReadOptions, collect};
use crate::policy::Policy;
use crate::reference::{Outcome, Reference};
use crate::roles::RoleData;

/// A partner's credit for the charges below the resource, in one currency.
#[derive(Debug, Serialize)]
pub struct Amount {
    /// The partner.
    pub partner: String,
    /// The month of the charges.
    pub month: String,
    /// The currency.
    pub currency: String,
    /// How many charges.
    pub charges: u64,
    /// Their cost.
    pub cost: String,
    /// The credit, as the report has it.
    pub credited_cost: String,
    /// The credit, computed by the reference evaluator.
    pub recomputed: String,
    /// Whether both are equal, to the last digit.
    pub equal: bool,
}

/// What usage is asked for.
pub struct Asked<'p> {
    /// The files.
    pub parts: &'p [Part],
    /// How to read them.
    pub read: ReadOptions,
    /// Charges of this scope and below.
    pub scope: &'p ScopePath,
    /// Charges that start in it.
    pub month: (i16, i8),
}

/// The amounts by partner and currency.
///
/// # Errors
/// Usage that cannot be read, or a sum that is too large.
pub fn amounts(
    facts: &Facts,
    roles: &RoleData,
    policy: &Policy,
    asked: &Asked,
    partner: Option<PartnerId>,
) -> Result<Vec<Amount>, EngineError> {
    let below = |charge: &Charge| {
        charge.period.from().month() == asked.month && is_below(charge, asked.scope)
    };
    let charges = collect(asked.parts, &asked.read, below)?;
    let mut recomputed = recompute(facts, roles, policy, &charges)?;
    let keys = [KeyColumn::PartnerId, KeyColumn::Currency];
    let mut amounts = Vec::new();
    let rows = AtomicU64::new(0);
    let engine = Engine::new(facts, roles, policy);
    let options = Options::new(&rows);
    let usage = Usage::Charges(&charges);
    engine.report(usage, &keys, &options, &mut |keys, charges, cost, credited| {
        let [id, currency] = [keys[0], keys[1]].map(|key| key.unwrap_or_default().to_owned());
        let key = (id.clone(), currency.clone());
        let again = recomputed.remove(&key).unwrap_or_default();
        if partner.is_none_or(|partner| partner.to_string() == id) {
            amounts.push(Amount {
                partner: id,
                month: format!("{:04}-{:02}", asked.month.0, asked.month.1),
                currency,
                charges,
                cost: Exact::print_rounded(cost),
                credited_cost: Exact::print_rounded(credited),
                recomputed: Exact::print_rounded(again),
                equal: again == credited,
            });
        }
        Ok(())
    })?;
    Ok(amounts)
}

/// Whether a charge belongs to the scope: it is on the charge's chain.
fn is_below(charge: &Charge, scope: &ScopePath) -> bool {
    let head = match (&charge.resource, &charge.resource_group, &charge.subscription) {
        (Some(resource), ..) => resource.parse::<ScopePath>().map(|p| p.folded().to_owned()),
        (None, Some(group), Some(id)) => {
            Ok(fold(&format!("/subscriptions/{id}/resourceGroups/{group}")))
        }
        (None, None, Some(id)) => Ok(fold(&format!("/subscriptions/{id}"))),
        (None, _, None) => return false,
    };
    head.is_ok_and(|head| chain_of(&head).contains(&scope.folded()))
}

/// Credit by (partner, currency) in 10⁻¹⁰ units. Equal charges are judged once.
fn recompute(
    facts: &Facts,
    roles: &RoleData,
    policy: &Policy,
    charges: &[Charge],
) -> Result<BTreeMap<(String, String), i128>, MoneyError> {
    let reference = Reference::new(facts, roles, policy);
    let mut judged = HashMap::new();
    let mut sums: BTreeMap<(String, String), Exact> = BTreeMap::new();
    for charge in charges {
        let place = (&charge.resource, &charge.resource_group, &charge.subscription);
        let key = (place, charge.period, charge.traits);
        let outcome = judged.entry(key).or_insert_with(|| reference.judge(charge).outcome);
        let Outcome::Credited(credits) = outcome else { continue };
        for credit in credits {
            let key = (credit.partner.to_string(), charge.currency.clone());
            let share = Exact::share(charge.cost.units(), credit.covered, credit.length);
            *sums.entry(key).or_insert_with(Exact::zero) += &share;
        }
    }
    sums.into_iter().map(|(key, sum)| Ok((key, sum.rounded()?))).collect()
}
