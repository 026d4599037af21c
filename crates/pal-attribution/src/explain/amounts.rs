//! What the charges come to, computed by the engine and once more by the reference evaluator.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::AtomicU64;

use pal_model::{
    Charge, Exact, Exclusion, Facts, Instant, KeyColumn, Money, MoneyError, PartnerId, ScopePath,
    SubscriptionId, TenantId, chain_of, fold,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Audience;
use crate::engine::{Engine, EngineError, Options, Usage};
use crate::ingest::{Part, ReadOptions, collect};
use crate::policy::Policy;
use crate::reference::{Outcome, Reference};
use crate::roles::RoleData;

/// A partner's credit for the charges below the resource, in one currency.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Sums {
    /// The cost of the charges.
    pub cost: String,
    /// The credit, as the report has it.
    pub credited_cost: String,
    /// The credit, computed by the reference evaluator.
    pub recomputed: String,
}

/// The amounts of a question, and what the cost files have there.
#[derive(Debug)]
pub struct Amounts {
    pub rows: Vec<Amount>,
    pub seen: ScopeCharges,
}

/// The charges at a scope and below it that start in a month.
#[derive(Debug, Clone, Default)]
pub struct ScopeCharges {
    pub month: String,
    pub charges: u64,
    /// Those that are no consumed cost, by reason and currency (R38): how many, and their cost.
    pub excluded: BTreeMap<(Exclusion, String), (u64, Money)>,
}

impl ScopeCharges {
    fn of(charges: &[&Charge], policy: &Policy, month: (i16, i8)) -> Result<Self, MoneyError> {
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

pub struct AmountsQuestion<'p> {
    /// Charges of this scope and below.
    pub scope: &'p ScopePath,
    pub month: (i16, i8),
    /// Only amounts of this partner.
    pub partner: Option<PartnerId>,
    /// Who reads it: as in a report, a charge is its customer's at its start.
    pub audience: &'p Audience,
    /// The facts that the reader sees, if not all: of charges at other times nothing is told but the
    /// reader's own credit.
    pub cut: Option<&'p Facts>,
}

impl AmountsQuestion<'_> {
    fn wants(&self, charge: &Charge, facts: &Facts) -> bool {
        let from = charge.period.from();
        from.month() == self.month
            && is_below(charge, self.scope)
            && self.audience.sees_charges(self.customer(facts, from), self.scope)
    }

    /// The tenant of the scope's subscription at an instant.
    fn customer(&self, facts: &Facts, at: Instant) -> Option<TenantId> {
        let id = self.scope.subscription()?.parse::<SubscriptionId>().ok()?;
        let mut stated = facts.subscriptions.iter().filter(|s| s.fact.subscription == id);
        stated.find(|s| s.during.contains(at)).map(|s| s.fact.tenant)
    }

    fn shows(&self, partner: &str) -> bool {
        partner.parse().is_ok_and(|id| {
            self.partner.is_none_or(|asked| asked == id) && self.audience.sees_partner(id)
        })
    }

    fn seen<'c>(&self, charges: &'c [Charge]) -> Vec<&'c Charge> {
        let placed = |charge: &&Charge| match self.cut {
            Some(cut) => self.customer(cut, charge.period.from()).is_some(),
            None => true,
        };
        charges.iter().filter(placed).collect()
    }
}

/// The amounts by partner and currency, of cost exports.
///
/// # Errors
/// Usage that cannot be read, or a sum that is too large.
pub fn amounts(
    facts: &Facts,
    roles: &RoleData,
    policy: &Policy,
    asked: &AmountsQuestion,
    (parts, read): (&[Part], ReadOptions),
) -> Result<Amounts, EngineError> {
    let charges = collect(parts, &read, |charge| asked.wants(charge, facts))?;
    of_asked(facts, roles, policy, asked, &charges)
}

/// The same of charges.
///
/// # Errors
/// A sum that is too large.
pub fn amounts_of(
    facts: &Facts,
    roles: &RoleData,
    policy: &Policy,
    asked: &AmountsQuestion,
    charges: &[Charge],
) -> Result<Amounts, EngineError> {
    let charges = charges.iter().filter(|charge| asked.wants(charge, facts));
    of_asked(facts, roles, policy, asked, &charges.cloned().collect::<Vec<_>>())
}

fn of_asked(
    facts: &Facts,
    roles: &RoleData,
    policy: &Policy,
    asked: &AmountsQuestion,
    charges: &[Charge],
) -> Result<Amounts, EngineError> {
    let seen = ScopeCharges::of(&asked.seen(charges), policy, asked.month)?;
    let mut recomputed = recompute(facts, roles, policy, charges)?;
    let keys = [KeyColumn::PartnerId, KeyColumn::Currency];
    let mut amounts = Vec::new();
    let rows = AtomicU64::new(0);
    let engine = Engine::new(facts, roles, policy);
    let options = Options::new(&rows);
    let usage = Usage::Charges(charges);
    engine.report(usage, &keys, &options, &mut |keys, charges, cost, credited| {
        let [id, currency] = [keys[0], keys[1]].map(|key| key.unwrap_or_default().to_owned());
        let key = (id.clone(), currency.clone());
        let again = recomputed.remove(&key).unwrap_or_default();
        if asked.shows(&id) {
            amounts.push(Amount {
                partner: id,
                month: written(asked.month),
                currency,
                charges,
                sums: asked.audience.sees_money().then(|| Sums {
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
