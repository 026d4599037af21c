//! Which column of a file is what: header names of all known export versions.

use std::fmt;

mod error;
mod foreign;

pub use error::LayoutError;
pub(super) use foreign::separated;

/// Defines [`Field`] and, beside each field, the names it has in either family of files, the
/// best one first.
macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident: focus [$($focus:literal),*], native [$($native:literal),*]
        $(, own [$($own:literal),*])?;)*) => {
        /// A column that attribution needs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Field { $($(#[$doc])* $name,)* }

        impl Field {
            /// All, in the order of their numbers: `ALL[f as usize] == f`.
            pub const ALL: &[Self] = &[$(Self::$name),*];
            /// How many there are.
            pub const COUNT: usize = Self::ALL.len();

            /// The names of this field in files of `schema`, the best one first.
            pub const fn names(self, schema: Schema) -> &'static [&'static str] {
                match (self, schema) {
                    $((Self::$name, Schema::Focus) => &[$($focus),*],
                      (Self::$name, Schema::CostManagement) => &[$($native),*],
                      (Self::$name, Schema::Own) => &[$($($own),*)?],)*
                }
            }
        }
    };
}

fields! {
    ChargePeriodStart: focus ["ChargePeriodStart"], native [], own ["ChargePeriodStart"];
    /// First instant after the charge.
    ChargePeriodEnd: focus ["ChargePeriodEnd"], native [], own ["ChargePeriodEnd"];
    /// Day of the charge.
    Date: focus [], native ["Date", "UsageDateTime", "UsageDate"];
    /// The billing account, whose statement the row is of. In FOCUS of a billing profile,
    /// `BillingAccountId` is the profile's path and `x_BillingAccountId` the account.
    BillingAccount: focus ["x_BillingAccountId", "BillingAccountId"],
        native ["BillingAccountId", "EnrollmentNumber"], own ["BillingAccountId"];
    BillingPeriodStart: focus ["BillingPeriodStart"],
        native ["BillingPeriodStartDate", "BillingPeriodStart"], own ["BillingPeriodStart"];
    Invoice: focus ["InvoiceId", "x_InvoiceId"], native ["InvoiceId"], own ["InvoiceId"];
    /// End of the billing period: exclusive in FOCUS, the last day in Cost Management files.
    BillingPeriodEnd: focus ["BillingPeriodEnd"], native ["BillingPeriodEndDate"];
    ResourceId: focus ["ResourceId"], native ["ResourceId", "InstanceId", "InstanceName"], own ["ResourceId"];
    /// The resource group as billed.
    ResourceGroup: focus ["x_ResourceGroupName"], native ["ResourceGroup", "ResourceGroupName"], own ["ResourceGroup"];
    /// The subscription as billed.
    Subscription: focus ["SubAccountId"], native ["SubscriptionId", "SubscriptionGuid"], own ["SubscriptionId"];
    /// The cost. FOCUS: the effective one, which spreads commitments over their use.
    Cost: focus ["EffectiveCost"], native ["CostInBillingCurrency", "Cost", "PreTaxCost"], own ["EffectiveCost"];
    /// The currency of the cost: the billing currency, never the pricing currency.
    Currency: focus ["BillingCurrency"],
        native ["BillingCurrencyCode", "BillingCurrency", "Currency"], own ["Currency"];
    /// FOCUS kind of charge.
    ChargeCategory: focus ["ChargeCategory"], native [];
    /// FOCUS mark of corrections.
    ChargeClass: focus ["ChargeClass"], native [];
    /// Cost Management kind of charge.
    ChargeType: focus [], native ["ChargeType"];
    /// Whether the provider or somebody else publishes the product.
    PublisherCategory: focus ["x_PublisherCategory"], native ["PublisherType"];
    /// Who publishes the product.
    PublisherName: focus ["PublisherName"], native ["PublisherName"];
    /// Whose cloud it is.
    ProviderName: focus ["ProviderName"], native ["Provider"];
    /// Who sells the service: FOCUS 1.3 and later, in place of the publisher.
    ServiceProvider: focus ["ServiceProviderName"], native [];
    /// Whose cloud the service runs on: read beside [`Field::ServiceProvider`] only.
    HostProvider: focus ["HostProviderName"], native [];
    /// Who writes the invoice: read beside [`Field::ServiceProvider`] only.
    InvoiceIssuer: focus ["InvoiceIssuerName"], native [];
    /// Standard, committed, spot.
    PricingCategory: focus ["PricingCategory"], native ["PricingModel"];
    /// Used or unused commitment. FOCUS 1.0-preview says it in `ChargeSubcategory`.
    CommitmentStatus: focus ["CommitmentDiscountStatus", "ChargeSubcategory"], native [];
    /// The reservation (in FOCUS also: the savings plan) behind the price.
    CommitmentId: focus ["CommitmentDiscountId"], native ["ReservationId"];
    /// The savings plan behind the price.
    BenefitId: focus [], native ["BenefitId"];
    /// The cost allocation rule that made the row.
    AllocationRule: focus ["x_CostAllocationRuleName"], native ["CostAllocationRuleName"];
    ServiceCategory: focus ["ServiceCategory"], native ["ServiceFamily"], own ["ServiceCategory"];
    ServiceName: focus ["ServiceName"], native ["MeterCategory", "ServiceName"], own ["ServiceName"];
    /// Resource provider or, in FOCUS, meter category: only looked at to find support plans.
    ConsumedService: focus ["x_ConsumedService", "x_SkuMeterCategory"], native ["ConsumedService"];
    Meter: focus ["SkuMeter", "x_SkuMeterName"], native ["MeterName"];
    Quantity: focus ["ConsumedQuantity", "UsageQuantity"], native ["Quantity", "UsageQuantity"];
    /// What kind of charge it is, decided already.
    Traits: focus [], native [], own ["Traits"];
    /// Unit of the quantity.
    Unit: focus ["ConsumedUnit", "UsageUnit"], native ["UnitOfMeasure"];
}

/// The columns of a charge file, in its order.
pub const OWN: &[Field] = &[
    Field::ChargePeriodStart,
    Field::ChargePeriodEnd,
    Field::Cost,
    Field::Currency,
    Field::Traits,
    Field::ResourceId,
    Field::ResourceGroup,
    Field::Subscription,
    Field::ServiceCategory,
    Field::ServiceName,
    Field::BillingAccount,
    Field::BillingPeriodStart,
    Field::Invoice,
];

/// The families of cost files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Schema {
    /// FOCUS, by whatever provider.
    Focus,
    /// Azure Cost Management's own columns, actual or amortized.
    CostManagement,
    /// Our charge files ([`OWN`]): never guessed, never asked for by name.
    Own,
}

impl Schema {
    /// The words of the command line.
    pub const NAMES: [(&'static str, Self); 2] =
        [("focus", Self::Focus), ("cost-management", Self::CostManagement)];

    /// Columns without which nothing can be credited.
    const fn required(self) -> &'static [Field] {
        match self {
            // The three about the statement may be missing.
            Self::Own => OWN.split_at(OWN.len() - 3).0,
            Self::Focus => &[
                Field::ChargePeriodStart,
                Field::ChargePeriodEnd,
                Field::Cost,
                Field::Currency,
                Field::ChargeCategory,
                Field::ResourceId,
                Field::Subscription,
            ],
            Self::CostManagement => &[
                Field::Date,
                Field::Cost,
                Field::Currency,
                Field::ChargeType,
                Field::ResourceId,
                Field::Subscription,
            ],
        }
    }
}

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Focus => "FOCUS",
            Self::CostManagement => "Cost Management",
            Self::Own => "OpenPAL",
        })
    }
}

/// Where the fields are in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Its family.
    pub schema: Schema,
    /// The version that its columns suggest, for people: `FOCUS 1.2`, `Cost Management (EA)`.
    pub version: String,
    /// Position of each field's column, from 0.
    pub columns: [Option<usize>; Field::COUNT],
    /// Name of each field's column as the file writes it.
    pub names: [Option<String>; Field::COUNT],
    /// Columns that are not read, in the order of the file.
    pub unread: Vec<String>,
    /// Whether every row is usage: the columns of 2019-11-01 for offers that export nothing else.
    pub usage_only: bool,
}

impl Layout {
    /// Finds the fields in a header. Names compare without regard to ASCII case and blanks.
    ///
    /// # Errors
    /// [`LayoutError`]: neither family, required columns missing (all of them named at once), or a
    /// column that is read is there twice.
    pub fn detect(header: &[String], forced: Option<Schema>) -> Result<Self, LayoutError> {
        let shown: Vec<&str> = header.iter().map(|name| clean(name)).collect();
        let folded: Vec<String> = shown.iter().map(|name| fold(name)).collect();
        let Some(schema) = forced.or_else(|| guess(&folded)) else {
            let found = shorten(&shown);
            return Err(match foreign::is_translated(&shown) {
                true => LayoutError::Translated { found },
                false => LayoutError::Unrecognised { found },
            });
        };
        let mut columns = [None; Field::COUNT];
        for &field in Field::ALL {
            columns[field as usize] = locate(&folded, &shown, field, schema)?;
        }
        if columns[Field::ServiceProvider as usize].is_none() {
            // Other versions have the issuer as well, and it says nothing there.
            columns[Field::HostProvider as usize] = None;
            columns[Field::InvoiceIssuer as usize] = None;
        }
        let usage_only = schema == Schema::CostManagement && is_usage_only(&folded);
        let required = schema.required().iter();
        let missing: Vec<String> = required
            .filter(|&&field| columns[field as usize].is_none())
            .filter(|&&field| !(usage_only && field == Field::ChargeType))
            .map(|&field| alternatives(field, schema))
            .collect();
        if !missing.is_empty() {
            let found = shorten(&shown);
            return Err(match foreign::is_translated(&shown) {
                true => LayoutError::Translated { found },
                false => LayoutError::Missing { schema, missing, found },
            });
        }
        let names = columns.map(|at| at.map(|at| shown[at].to_owned()));
        let unread = (0..shown.len()).filter(|&at| !columns.contains(&Some(at)));
        Ok(Self {
            schema,
            version: version(&folded, schema, usage_only),
            unread: unread.map(|at| shown[at].to_owned()).collect(),
            columns,
            names,
            usage_only,
        })
    }

    /// The position of a field's column, from 0.
    pub const fn column(&self, field: Field) -> Option<usize> {
        self.columns[field as usize]
    }

    /// The name of a field's column as the file writes it.
    pub fn name(&self, field: Field) -> Option<&str> {
        self.names[field as usize].as_deref()
    }
}

/// A header cell without byte order mark, blanks and quotes. A quoted first cell behind a byte
/// order mark keeps its quotes in some readers.
fn clean(name: &str) -> &str {
    let name = name.trim_start_matches('\u{feff}').trim();
    name.strip_prefix('"').and_then(|n| n.strip_suffix('"')).unwrap_or(name).trim()
}

/// Folded for comparison. Account types differ in casing and spacing of the same names.
fn fold(name: &str) -> String {
    name.chars().filter(|c| !c.is_ascii_whitespace()).map(|c| c.to_ascii_lowercase()).collect()
}

/// The family of a header: whole before partial, then by the columns that only this family has.
fn guess(folded: &[String]) -> Option<Schema> {
    let found = |field: Field, schema: Schema| {
        field.names(schema).iter().any(|name| folded.contains(&fold(name)))
    };
    let rank = |schema: Schema| {
        let shared = [Field::ResourceId, Field::Currency];
        let whole = schema.required().iter().all(|&field| found(field, schema));
        let marks = schema.required().iter().filter(|f| !shared.contains(f) && found(**f, schema));
        let all = Field::ALL.iter().filter(|field| found(**field, schema));
        (whole, marks.count(), all.count())
    };
    let (focus, native) = (rank(Schema::Focus), rank(Schema::CostManagement));
    match (focus.1, native.1) {
        (0, 0) => None,
        _ if focus >= native => Some(Schema::Focus),
        _ => Some(Schema::CostManagement),
    }
}

/// The column of a field: that of its best name.
fn locate(
    folded: &[String],
    shown: &[&str],
    field: Field,
    schema: Schema,
) -> Result<Option<usize>, LayoutError> {
    for name in field.names(schema) {
        let name = fold(name);
        let mut at = (0..folded.len()).filter(|&at| folded[at] == name);
        match (at.next(), at.next()) {
            (Some(first), Some(second)) => {
                let name = shown[first].to_owned();
                return Err(LayoutError::Doubled { name, first: first + 1, second: second + 1 });
            }
            (Some(first), None) => return Ok(Some(first)),
            _ => {}
        }
    }
    Ok(None)
}

/// `CostInBillingCurrency (or Cost, PreTaxCost)`.
fn alternatives(field: Field, schema: Schema) -> String {
    match field.names(schema) {
        _ if field == Field::ChargeType => {
            "ChargeType (only the usage-only columns of 2019-11-01 do without)".to_owned()
        }
        [] => format!("{field:?}"),
        [only] => (*only).to_owned(),
        [best, others @ ..] => format!("{best} (or {})", others.join(", ")),
    }
}

/// The columns of a file that is refused, at a length that fits a message.
fn shorten(names: &[&str]) -> String {
    const MOST: usize = 12;
    let mut shown: Vec<String> =
        names.iter().take(MOST).map(|name| name.chars().take(40).collect()).collect();
    if names.iter().all(|name| name.is_empty()) {
        return "it is empty".to_owned();
    }
    if names.len() > MOST {
        shown.push(format!("and {} more", names.len() - MOST));
    }
    shown.join(", ")
}

/// Whether a header is that of usage-only exports, which have no `ChargeType`: it has their names,
/// and nothing that only exports with purchases have. Those are not whole without it.
fn is_usage_only(folded: &[String]) -> bool {
    const NAMES: [&str; 4] = ["UsageDateTime", "PreTaxCost", "SubscriptionGuid", "InstanceId"];
    const OTHERS: [&str; 14] = [
        "ChargeType",
        "Date",
        "Cost",
        "CostInBillingCurrency",
        "SubscriptionId",
        "ResourceId",
        "PublisherType",
        "PricingModel",
        "Frequency",
        "Term",
        "ReservationId",
        "BenefitId",
        "ProductOrderId",
        "InvoiceId",
    ];
    let has = |name: &&str| folded.contains(&fold(name));
    NAMES.iter().all(has) && !OTHERS.iter().any(has)
}

/// The first version whose marks are in the header. `1.0` and `1.0r2` have the same columns.
fn version(folded: &[String], schema: Schema, usage_only: bool) -> String {
    let has = |marks: &[&str]| marks.iter().any(|mark| folded.contains(&fold(mark)));
    if usage_only {
        return format!("{schema} (pay-as-you-go, usage only)");
    }
    // From 1.3 on, 1.4 without the names that 1.3 still had beside the new ones.
    if schema == Schema::Focus && has(&["ServiceProviderName", "HostProviderName"]) {
        let old = has(&["ProviderName", "PublisherName"]);
        return format!("{schema} {}", if old { "1.3" } else { "1.4" });
    }
    let focus: &[(&str, &[&str])] = &[
        ("1.2", &["InvoiceId", "PricingCurrency"]),
        (
            "1.1",
            &["SkuMeter", "ServiceSubcategory", "CapacityReservationId", "CommitmentDiscountUnit"],
        ),
        ("1.0", &["ChargeClass", "ConsumedQuantity", "CommitmentDiscountStatus", "RegionId"]),
        ("1.0-preview", &["ChargeSubcategory", "UsageQuantity", "Region"]),
    ];
    let native: &[(&str, &[&str])] = &[
        ("(CSP)", &["PartnerTenantId", "CustomerTenantId", "PartnerEarnedCreditApplied"]),
        ("(MCA)", &["CostInPricingCurrency", "PreviousInvoiceId"]),
        ("(pay-as-you-go)", &["PreTaxCost"]),
        ("(EA)", &["CostInBillingCurrency", "AccountOwnerId", "DepartmentName"]),
    ];
    let known = match schema {
        Schema::Focus => focus,
        Schema::CostManagement => native,
        Schema::Own => &[],
    };
    match known.iter().find(|(_, marks)| has(marks)) {
        Some((version, _)) => format!("{schema} {version}"),
        None => schema.to_string(),
    }
}

#[cfg(test)]
mod tests;
