//! One row of a FOCUS 1.2 export and its CSV form.

use super::amount::Amount;
use super::calendar::{Day, day};

/// The columns that attribution reads and those that a person wants to see beside them, sorted by
/// name as in an export. A real one has about a hundred.
pub const COLUMNS: [&str; 32] = [
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "CommitmentDiscountId",
    "CommitmentDiscountStatus",
    "ConsumedQuantity",
    "ConsumedUnit",
    "EffectiveCost",
    "PricingCategory",
    "ProviderName",
    "PublisherName",
    "RegionId",
    "ResourceId",
    "ResourceName",
    "ServiceCategory",
    "ServiceName",
    "SkuMeter",
    "SubAccountId",
    "SubAccountName",
    "SubAccountType",
    "Tags",
    "x_CostAllocationRuleName",
    "x_PublisherCategory",
    "x_ResourceGroupName",
];

/// Who pays, and in which currency; one export each.
pub struct Account {
    pub export: &'static str,
    pub id: &'static str,
    pub name: &'static str,
    pub currency: &'static str,
    /// First two blocks of the ids of its runs.
    pub runs: &'static str,
}

/// Texts are empty where an export has null.
#[derive(Clone)]
pub struct Row {
    pub account: &'static Account,
    /// The month whose invoice has the row: that of the charge period, or later for a correction.
    pub billing_month: u32,
    pub period: Day,
    pub billed: Amount,
    pub effective: Amount,
    pub category: &'static str,
    pub class: &'static str,
    pub description: String,
    pub commitment: &'static str,
    pub commitment_status: &'static str,
    pub quantity: Option<Amount>,
    pub unit: &'static str,
    pub pricing: &'static str,
    pub publisher: &'static str,
    pub region: &'static str,
    pub resource: String,
    pub resource_name: String,
    pub service_category: &'static str,
    pub service: &'static str,
    pub meter: &'static str,
    pub subscription: &'static str,
    pub subscription_name: &'static str,
    pub tags: &'static str,
    pub allocation_rule: &'static str,
    pub publisher_category: &'static str,
    pub group: &'static str,
}

impl Row {
    /// A usage row of the cloud provider itself that costs nothing and belongs nowhere yet.
    pub fn new(account: &'static Account, period: Day) -> Self {
        Self {
            account,
            billing_month: super::calendar::FIRST_MONTH + period.months_in(),
            period,
            billed: Amount::ZERO,
            effective: Amount::ZERO,
            category: "Usage",
            class: "",
            description: String::new(),
            commitment: "",
            commitment_status: "",
            quantity: None,
            unit: "",
            pricing: "Standard",
            publisher: "Microsoft",
            region: "",
            resource: String::new(),
            resource_name: String::new(),
            service_category: "Other",
            service: "",
            meter: "",
            subscription: "",
            subscription_name: "",
            tags: "",
            allocation_rule: "",
            publisher_category: "Cloud Provider",
            group: "",
        }
    }

    /// Sets both costs.
    pub fn costing(self, cost: Amount) -> Self {
        Self { billed: cost, effective: cost, ..self }
    }

    /// Appends the row as a CSV line, its cells in the order of [`COLUMNS`].
    pub fn write(&self, out: &mut String) {
        for (i, cell) in self.cells().iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            if cell.contains([',', '"', '\n']) {
                out.extend(["\"", &cell.replace('"', "\"\""), "\""]);
            } else {
                out.push_str(cell);
            }
        }
        out.push_str("\r\n");
    }

    fn cells(&self) -> [String; COLUMNS.len()] {
        let in_subscription = !self.subscription.is_empty();
        let subscription_id = if in_subscription {
            format!("/subscriptions/{}", self.subscription)
        } else {
            String::new()
        };
        [
            self.billed.to_string(),
            self.account.id.to_owned(),
            self.account.name.to_owned(),
            self.account.currency.to_owned(),
            day(self.billing_month + 1, 1).start(),
            day(self.billing_month, 1).start(),
            self.category.to_owned(),
            self.class.to_owned(),
            self.description.clone(),
            self.period.end(),
            self.period.start(),
            self.commitment.to_owned(),
            self.commitment_status.to_owned(),
            self.quantity.map(|quantity| quantity.to_string()).unwrap_or_default(),
            self.unit.to_owned(),
            self.effective.to_string(),
            self.pricing.to_owned(),
            "Microsoft".to_owned(),
            self.publisher.to_owned(),
            self.region.to_owned(),
            self.resource.clone(),
            self.resource_name.clone(),
            self.service_category.to_owned(),
            self.service.to_owned(),
            self.meter.to_owned(),
            subscription_id,
            self.subscription_name.to_owned(),
            if in_subscription { "Subscription".to_owned() } else { String::new() },
            self.tags.to_owned(),
            self.allocation_rule.to_owned(),
            self.publisher_category.to_owned(),
            self.group.to_owned(),
        ]
    }
}
