//! What the charges come to, computed by the engine and once more by the reference evaluator.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::AtomicU64;

use pal_model::{
    Charge, Exact, Exclusion, Facts, Instant, KeyColumn, Money, MoneyError, PartnerId, ScopePath,
    SubscriptionId, chain_of, fold,
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
    /// The sums, for readers of money.
    #[serde(flatten)]
    pub sums: Option<Sums>,
    /// Whether both are equal, to the last digit.
    pub equal: bool,
}

/// The money of an [`Amount`], rounded once to 10 digits.
#[derive(Debug, Serialize)]
pub struct Sums {
    /// The cost of the charges.
    pub cost: String,
    /// The credit, as the report has it.
    pub credited_cost: String,
    /// The credit, computed by the reference evaluator.
    pub recomputed: String,
}

/// The amounts of a question, and what the cost files have there.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Amounts {
    /// By partner and currency.
    pub rows: Vec<Amount>,
    /// All charges.
    #[serde(skip)]
    pub seen: Seen,
}

/// The charges at a scope and below it that start in a month.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// The month.
    pub month: String,
    /// How many.
    pub charges: u64,
    /// Those that are no consumed cost, by reason and currency (R38): how many, and their cost.
    pub excluded: BTreeMap<(Exclusion, String), (u64, Money)>,
}

impl Seen {
    fn of(charges: &[Charge], policy: &Policy, month: (i16, i8)) -> Result<Self, MoneyError> {
        let mut seen = Self { month: written(month), ..Self::default() };
        for charge in charges {
            seen.charges += 1;
            let Some(reason) = charge.traits.exclusion(&policy.exclude) else { continue };
            let key = (reason, charge.currency.clone());
            let (count, cost) = seen.excluded.entry(key).or_insert((0, Money::ZERO));
            (*count, *cost) = (*count + 1, cost.plus(charge.cost)?);
        }
        Ok(seen)
    }

    /// How many are consumed cost.
    pub fn consumed(&self) -> u64 {
        self.charges - self.excluded.values().map(|(count, _)| count).sum::<u64>()
    }
}

fn written(month: (i16, i8)) -> String {
    format!("{:04}-{:02}", month.0, month.1)
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
    /// Only charges of times of which a fact says whose the subscription is: of others, a reader
    /// who does not see every fact is told nothing.
    pub placed: bool,
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
) -> Result<Amounts, EngineError> {
    let id = asked.scope.subscription().and_then(|id| id.parse::<SubscriptionId>().ok());
    let placed = |at: Instant| {
        let mut stated = facts.subscriptions.iter().filter(|s| Some(s.fact.subscription) == id);
        stated.any(|s| s.during.contains(at))
    };
    let below = |charge: &Charge| {
        let from = charge.period.from();
        from.month() == asked.month
            && is_below(charge, asked.scope)
            && (!asked.placed || placed(from))
    };
    let charges = collect(asked.parts, &asked.read, below)?;
    let seen = Seen::of(&charges, policy, asked.month)?;
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
                month: written(asked.month),
                currency,
                charges,
                sums: Some(Sums {
                    cost: Exact::print_rounded(cost),
                    credited_cost: Exact::print_rounded(credited),
                    recomputed: Exact::print_rounded(again),
                }),
                equal: again == credited,
            });
        }
        Ok(())
    })?;
    Ok(Amounts { rows: amounts, seen })
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
