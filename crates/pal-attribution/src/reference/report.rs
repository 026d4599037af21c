//! Rows and balance from judgements, one charge after the other.

use std::collections::BTreeMap;

use pal_model::{
    Balance, BalanceLine, Charge, Exact, KeyColumn, Money, MoneyError, Row, ScopePath,
    SubscriptionId, TenantId,
};

use super::{Credit, Outcome, Reference, alike, first_since};

impl Reference<'_> {
    /// The report: credited (charge, partner) pairs grouped by the keys, sorted by what is shown.
    ///
    /// # Errors
    /// A sum that overflows.
    pub fn report(&self, charges: &[Charge], keys: &[KeyColumn]) -> Result<Vec<Row>, MoneyError> {
        let mut groups: BTreeMap<Vec<Option<String>>, (u64, Money, Exact)> = BTreeMap::new();
        for charge in charges {
            let judgement = self.judge(charge);
            let (Some(customer), Outcome::Credited(credits)) =
                (judgement.customer_tenant, judgement.outcome)
            else {
                continue;
            };
            for credit in &credits {
                let shown = |&key| self.shown(key, charge, customer, credit, charges);
                let new = || (0, Money::ZERO, Exact::zero());
                let sums = groups.entry(keys.iter().map(shown).collect()).or_insert_with(new);
                sums.0 += 1;
                sums.1 = sums.1.plus(charge.cost)?;
                sums.2 += &Exact::share(charge.cost.units(), credit.covered, credit.length);
            }
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
        charges: &[Charge],
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
            KeyColumn::CustomerTenantId => Some(self.first_casing(customer).to_string()),
            KeyColumn::CustomerTenantName => {
                first_since(&facts.tenants, start, |t| t.tenant == customer)?.name.clone()
            }
            KeyColumn::SubscriptionId => {
                let billed = subscription(charge)?;
                let id: Option<SubscriptionId> = billed.parse().ok();
                let stated = facts.subscriptions.iter().find(|s| Some(s.fact.subscription) == id);
                let casing = stated.map(|stated| stated.fact.subscription.to_string());
                let column = || first_seen(charges, |c| c.subscription.clone(), &billed);
                casing.or_else(column).or_else(|| first_seen(charges, subscription, &billed))
            }
            KeyColumn::SubscriptionName => {
                let id: SubscriptionId = subscription(charge)?.parse().ok()?;
                first_since(&facts.subscriptions, start, |s| s.subscription == id)?.name.clone()
            }
            // Spellings of the columns of subscriptions and groups come before those inside resource ids.
            KeyColumn::ResourceGroup => {
                let group = resource_group(charge)?;
                let billed = first_seen(charges, |c| c.resource_group.clone(), &group);
                billed.or_else(|| first_seen(charges, group_of_resource, &group))
            }
            KeyColumn::ResourceId => {
                first_seen(charges, |c| c.resource.clone(), charge.resource.as_deref()?)
            }
            KeyColumn::ServiceCategory => charge.service_category.clone(),
            KeyColumn::ServiceName => charge.service_name.clone(),
            KeyColumn::Currency => Some(charge.currency.clone()),
        }
    }

    /// A tenant id as the first line of a tenant or subscription fact writes it.
    fn first_casing(&self, tenant: TenantId) -> TenantId {
        let tenants = self.facts.tenants.iter().map(|s| (s.source, s.fact.tenant));
        let subscriptions = self.facts.subscriptions.iter().map(|s| (s.source, s.fact.tenant));
        let all = tenants.chain(subscriptions).filter(|(_, id)| *id == tenant);
        all.min_by_key(|(source, _)| *source).map_or(tenant, |(_, id)| id)
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

/// The segments of a resource id in a subscription.
fn segments(charge: &Charge) -> Option<Vec<String>> {
    let path: ScopePath = charge.resource.as_deref()?.parse().ok()?;
    path.subscription()?;
    Some(path.text()[1..].split('/').map(str::to_owned).collect())
}

/// A text in the casing of the first charge that has it.
fn first_seen(
    charges: &[Charge],
    of: impl Fn(&Charge) -> Option<String>,
    text: &str,
) -> Option<String> {
    charges.iter().filter_map(of).find(|seen| alike(seen, text))
}
