//! Rows and balance from judgements, one charge after the other.

use std::collections::BTreeMap;

use pal_model::{
    Balance, BalanceLine, Charge, Exact, KeyColumn, Money, MoneyError, Row, ScopePath,
    SubscriptionId, TenantId,
};

use super::names::{alike, plain};
use super::{Credit, Outcome, Reference, first_since};

impl Reference<'_> {
    /// The report: credited (charge, partner) pairs grouped by the keys, sorted by what is shown.
    ///
    /// # Errors
    /// A sum that overflows.
    pub fn report(&self, charges: &[Charge], keys: &[KeyColumn]) -> Result<Vec<Row>, MoneyError> {
        let mut rows = Vec::new();
        for charge in charges {
            let judgement = self.judge(charge);
            let (Some(customer), Outcome::Credited(credits)) =
                (judgement.customer_tenant, judgement.outcome)
            else {
                continue;
            };
            for credit in credits {
                let shown = |&key| self.shown(key, charge, customer, &credit);
                rows.push((keys.iter().map(shown).collect::<Vec<_>>(), charge, credit));
            }
        }
        let written: Vec<Vec<Option<String>>> =
            rows.iter().map(|(keys, ..)| keys.clone()).collect();
        let mut groups: BTreeMap<Vec<Option<String>>, (u64, Money, Exact)> = BTreeMap::new();
        for (mut shown, charge, credit) in rows {
            for (at, text) in shown.iter_mut().enumerate() {
                if matches!(keys[at], KeyColumn::ResourceGroup | KeyColumn::ResourceId) {
                    let all = written.iter().filter_map(|keys| keys[at].clone());
                    *text = text.as_ref().and_then(|one| all.filter(|two| alike(one, two)).min());
                }
            }
            let sums = groups.entry(shown).or_insert_with(|| (0, Money::ZERO, Exact::zero()));
            sums.0 += 1;
            sums.1 = sums.1.plus(charge.cost)?;
            sums.2 += &Exact::share(charge.cost.units(), credit.covered, credit.length);
        }
        let row = |(keys, (charges, cost, credit)): (_, (u64, Money, Exact))| {
            Ok(Row { keys, charges, cost: cost.rounded(), credited_cost: credit.rounded()? })
        };
        groups.into_iter().map(row).collect()
    }

    /// Where every charge and its cost went.
    ///
    /// # Errors
    /// A sum that overflows.
    pub fn balance(&self, charges: &[Charge]) -> Result<Balance, MoneyError> {
        let mut balance = Balance::new();
        for charge in charges {
            let lines = match self.judge(charge).outcome {
                Outcome::Excluded(reason) => vec![BalanceLine::Excluded(reason)],
                Outcome::Uncredited(reason) => {
                    vec![BalanceLine::Consumed, BalanceLine::Uncredited(reason)]
                }
                Outcome::Credited(_) => vec![BalanceLine::Consumed, BalanceLine::Credited],
            };
            for line in [BalanceLine::Total].into_iter().chain(lines) {
                let key = (month(charge), charge.currency.clone(), line);
                let (count, amount) = balance.entry(key).or_default();
                *count += 1;
                *amount = amount.plus(charge.cost)?;
            }
        }
        Ok(balance)
    }

    fn shown(
        &self,
        key: KeyColumn,
        charge: &Charge,
        customer: TenantId,
        credit: &Credit,
    ) -> Option<String> {
        let (facts, start) = (self.facts, charge.period.from());
        let partner = first_since(&facts.partners, start, |p| p.partner == credit.partner);
        let flag = |on: bool| Some(u8::from(on).to_string());
        match key {
            KeyColumn::Month => Some(month(charge)),
            KeyColumn::PartnerId => Some(credit.partner.to_string()),
            KeyColumn::PartnerName => partner?.name.clone(),
            KeyColumn::PartnerGlobalId => Some(partner?.parent?.to_string()),
            KeyColumn::AssociationType => Some("Partner Admin Link".to_owned()),
            KeyColumn::AdminType => Some(credit.class.code().to_owned()),
            KeyColumn::PecEligible => flag(credit.pec_eligible),
            KeyColumn::DuplicateInGlobal => flag(credit.duplicate),
            KeyColumn::CustomerTenantId => self.tenant_casing(customer),
            KeyColumn::CustomerTenantName => {
                first_since(&facts.tenants, start, |t| t.tenant == customer)?.name.clone()
            }
            KeyColumn::SubscriptionId => {
                let billed = subscription(charge)?;
                let stated = facts.subscriptions.iter().map(|s| s.fact.subscription.to_string());
                stated.filter(|id| alike(id, &billed)).min().or_else(|| Some(plain(&billed)))
            }
            KeyColumn::SubscriptionName => {
                let id: SubscriptionId = subscription(charge)?.parse().ok()?;
                first_since(&facts.subscriptions, start, |s| s.subscription == id)?.name.clone()
            }
            KeyColumn::ResourceGroup => resource_group(charge),
            KeyColumn::ResourceId => charge.resource.clone(),
            KeyColumn::ServiceCategory => charge.service_category.clone(),
            KeyColumn::ServiceName => charge.service_name.clone(),
            KeyColumn::Currency => Some(charge.currency.clone()),
        }
    }

    /// A tenant id as the facts of tenants and subscriptions write it.
    fn tenant_casing(&self, tenant: TenantId) -> Option<String> {
        let tenants = self.facts.tenants.iter().map(|s| s.fact.tenant);
        let subscriptions = self.facts.subscriptions.iter().map(|s| s.fact.tenant);
        let all = tenants.chain(subscriptions).filter(|id| *id == tenant);
        all.map(|id| id.to_string()).min()
    }
}

fn month(charge: &Charge) -> String {
    let (year, month) = charge.period.from().month();
    format!("{year:04}-{month:02}")
}

/// The billed subscription, else the one of the resource.
fn subscription(charge: &Charge) -> Option<String> {
    let of_resource = || segments(charge)?.get(1).cloned();
    charge.subscription.clone().or_else(of_resource)
}

/// The billed resource group, else the one of the resource.
fn resource_group(charge: &Charge) -> Option<String> {
    charge.resource_group.clone().or_else(|| group_of_resource(charge))
}

fn group_of_resource(charge: &Charge) -> Option<String> {
    let segments = segments(charge)?;
    let named = segments.get(2)?.eq_ignore_ascii_case("resourceGroups");
    segments.get(3).filter(|_| named).cloned()
}

fn segments(charge: &Charge) -> Option<Vec<String>> {
    let path: ScopePath = charge.resource.as_deref()?.parse().ok()?;
    path.subscription()?;
    Some(path.text()[1..].split('/').map(str::to_owned).collect())
}
