use super::*;

const SPOT: ChargeTraits = ChargeTraits::of(Exclusion::Spot);
const COMMITMENT: ChargeTraits = ChargeTraits::of(Exclusion::Commitment);
const MARKETPLACE: ChargeTraits = ChargeTraits::of(Exclusion::Marketplace);
const PURCHASE: ChargeTraits = ChargeTraits::of(Exclusion::Purchase);
const SUPPORT_PLAN: ChargeTraits = ChargeTraits::of(Exclusion::Support);
const UNUSED: ChargeTraits = ChargeTraits::of(Exclusion::UnusedCommitment);

type Inputs = TraitInputs<'static>;

impl Inputs {
    fn with(mut self, field: Field, cell: Option<&'static str>) -> Self {
        let at = TRAITS.iter().position(|known| *known == field).unwrap();
        self.cells[at] = cell;
        self
    }
}

fn empty(schema: Schema) -> Inputs {
    TraitInputs::new(schema, |_| None)
}

fn focus(category: &'static str) -> Inputs {
    empty(Schema::Focus).with(Field::ChargeCategory, Some(category))
}

fn native(charge_type: &'static str) -> Inputs {
    empty(Schema::CostManagement).with(Field::ChargeType, Some(charge_type))
}

#[expect(clippy::large_types_passed_by_value, reason = "a literal in each test")]
fn of(inputs: Inputs) -> ChargeTraits {
    traits(&inputs).unwrap()
}

#[test]
fn every_known_kind_of_charge() {
    let reason = ChargeTraits::of;
    for (word, expected) in [
        ("Usage", ChargeTraits::USAGE),
        ("usage", ChargeTraits::USAGE),
        ("Purchase", PURCHASE),
        ("Tax", reason(Exclusion::Tax)),
        ("Credit", reason(Exclusion::Credit)),
        (" CREDIT ", reason(Exclusion::Credit)),
    ] {
        assert_eq!(of(focus(word)), expected, "{word}");
        assert_eq!(of(native(word)), expected, "{word}");
    }
    assert_eq!(of(focus("Adjustment")), reason(Exclusion::Adjustment));
    assert_eq!(of(native("RoundingAdjustment")), reason(Exclusion::Adjustment));
    assert_eq!(of(native("UnusedReservation")), UNUSED);
    assert_eq!(of(native("UnusedSavingsPlan")), UNUSED);
    assert_eq!(of(native("Refund")), ChargeTraits::CORRECTION);
}

#[test]
fn unknown_kinds_are_refused_by_name() {
    for inputs in [focus("Refund"), native("Fee")] {
        let why = traits(&inputs).unwrap_err();
        assert!(why.contains("'Refund' is not known") || why.contains("'Fee'"), "{why}");
        assert!(why.contains("(known: Usage, Purchase"), "{why}");
    }
    let why = traits(&empty(Schema::Focus)).unwrap_err();
    assert!(why.starts_with("ChargeCategory is empty"), "{why}");
    let why = traits(&native("NULL")).unwrap_err();
    assert!(why.starts_with("ChargeType is empty"), "{why}");
}

#[test]
fn rows_of_allocation_rules_are_marked_whatever_their_sign_or_kind() {
    let rule = Some("shared-services");
    for inputs in [focus("Usage"), focus("Purchase"), native("Usage")] {
        let traits = of(inputs.with(Field::AllocationRule, rule));
        assert_eq!(traits.exclusion(&Exclusion::ALL), Some(Exclusion::CostAllocation));
        let traits = of(inputs.with(Field::AllocationRule, Some("NULL")));
        assert!(!traits.has(ChargeTraits::of(Exclusion::CostAllocation)));
    }
}

#[test]
fn corrections_keep_their_kind() {
    let class = Some("Correction");
    let usage = focus("Usage").with(Field::ChargeClass, class);
    assert_eq!(of(usage), ChargeTraits::CORRECTION);
    let purchase = focus("Purchase").with(Field::ChargeClass, class);
    assert_eq!(of(purchase), PURCHASE.with(ChargeTraits::CORRECTION));
    assert_eq!(of(usage.with(Field::ChargeClass, Some("NULL"))), ChargeTraits::USAGE);
}

#[test]
fn refunds_of_commitments_are_no_usage() {
    let expected = PURCHASE.with(ChargeTraits::CORRECTION);
    let refund = native("Refund");
    let reservation = refund.with(Field::CommitmentId, Some("r-1"));
    let plan = refund.with(Field::BenefitId, Some("b-1"));
    let priced = refund.with(Field::PricingCategory, Some("Reservation"));
    for inputs in [reservation, plan, priced] {
        assert_eq!(of(inputs), expected);
    }
    let on_demand = refund.with(Field::PricingCategory, Some("On Demand"));
    assert_eq!(of(on_demand), ChargeTraits::CORRECTION);
}

#[test]
fn commitments_used_and_unused() {
    let status = |status| focus("Usage").with(Field::CommitmentStatus, Some(status));
    assert_eq!(of(status("Used")), COMMITMENT);
    let unused = status("Unused").with(Field::PricingCategory, Some("Committed")).with(
        Field::CommitmentId,
        Some("/providers/Microsoft.Capacity/reservationOrders/o/reservations/r"),
    );
    assert_eq!(of(unused), UNUSED);
    let unused = native("UnusedSavingsPlan").with(Field::PricingCategory, Some("SavingsPlan"));
    assert_eq!(of(unused), UNUSED);
    for price in ["Committed", "Reservation", "SavingsPlan", "Savings Plan"] {
        let of_price = |inputs: Inputs| of(inputs.with(Field::PricingCategory, Some(price)));
        assert_eq!(of_price(focus("Usage")), COMMITMENT, "{price}");
        assert_eq!(of_price(native("Usage")), COMMITMENT, "{price}");
        assert_eq!(of_price(native("Purchase")), PURCHASE, "{price}");
    }
    assert_eq!(of(native("Usage").with(Field::BenefitId, Some("b"))), COMMITMENT);
    assert_eq!(of(focus("Purchase").with(Field::CommitmentId, Some("r"))), PURCHASE);
}

#[test]
fn the_preview_says_it_in_a_subcategory() {
    let row = |category, sub| of(focus(category).with(Field::CommitmentStatus, Some(sub)));
    assert_eq!(row("Usage", "On-Demand"), ChargeTraits::USAGE);
    assert_eq!(row("Usage", "Used Commitment"), COMMITMENT);
    assert_eq!(row("Usage", "Unused Commitment"), UNUSED);
    assert_eq!(row("Adjustment", "Credit"), ChargeTraits::of(Exclusion::Credit));
    assert_eq!(row("Adjustment", "Refund"), PURCHASE.with(ChargeTraits::CORRECTION));
    assert_eq!(row("Adjustment", "Rounding Error"), ChargeTraits::of(Exclusion::Adjustment));
}

#[test]
fn spot_capacity_by_either_word() {
    assert_eq!(of(focus("Usage").with(Field::PricingCategory, Some("Dynamic"))), SPOT);
    assert_eq!(of(native("Usage").with(Field::PricingCategory, Some("spot"))), SPOT);
}

#[test]
fn other_publishers() {
    let row = |inputs: Inputs, kind, publisher, provider| {
        of(inputs
            .with(Field::PublisherCategory, kind)
            .with(Field::PublisherName, publisher)
            .with(Field::ProviderName, provider))
    };
    let usage = ChargeTraits::USAGE;
    let (f, n) = (focus("Usage"), native("Usage"));
    let (ms, other) = (Some("Microsoft"), Some("Canonical"));
    for (inputs, kind, publisher, provider, expected) in [
        (f, Some("Vendor"), ms, ms, MARKETPLACE),
        // A category is believed, whatever the names: images of others run on Azure's machines.
        (f, Some("Cloud Provider"), other, ms, usage),
        (n, Some("Azure"), other, None, usage),
        (n, Some("Marketplace"), None, None, MARKETPLACE),
        (n, Some("AWS"), None, None, MARKETPLACE),
        (f, None, other, ms, MARKETPLACE),
        (f, None, ms, ms, usage),
        (f, None, Some("Microsoft Corporation"), ms, usage),
        (f, None, None, ms, usage),
        (f, None, Some("NULL"), ms, usage),
        (f, None, Some("Microsofter"), ms, MARKETPLACE),
        // Another cloud's own usage.
        (f, None, Some("Amazon Web Services, Inc."), Some("AWS"), usage),
        (n, None, other, None, MARKETPLACE),
        (n, None, Some("Microsoft"), None, usage),
    ] {
        assert_eq!(row(inputs, kind, publisher, provider), expected, "{kind:?} {publisher:?}");
    }
}

#[test]
fn other_service_providers_on_microsofts_cloud_or_invoice() {
    let (ms, azure, other) = (Some("Microsoft"), Some("Microsoft Azure"), Some("NetApp"));
    let usage = ChargeTraits::USAGE;
    for (kind, service, host, issuer, expected) in [
        (None, other, ms, ms, MARKETPLACE),
        (None, other, azure, None, MARKETPLACE),
        (None, other, None, ms, MARKETPLACE),
        // A reseller writes the invoice of what runs on Azure.
        (None, other, ms, Some("Contoso Cloud"), MARKETPLACE),
        (None, ms, ms, ms, usage),
        (None, azure, ms, Some("Contoso Cloud"), usage),
        (None, None, ms, ms, usage),
        (None, Some("NULL"), ms, ms, usage),
        (None, other, Some("Linode"), ms, MARKETPLACE),
        // Another cloud, also where Microsoft's invoice or export has its rows.
        (None, Some("AWS"), Some("aws"), ms, usage),
        (None, Some("AWS"), Some("AWS"), Some("Amazon Web Services"), usage),
        // A category is believed, where there is one.
        (Some("Cloud Provider"), other, ms, ms, usage),
        (Some("Vendor"), ms, ms, ms, MARKETPLACE),
        (Some("NULL"), other, ms, ms, MARKETPLACE),
    ] {
        let inputs = focus("Usage")
            .with(Field::PublisherCategory, kind)
            .with(Field::ServiceProvider, service)
            .with(Field::HostProvider, host)
            .with(Field::InvoiceIssuer, issuer);
        assert_eq!(of(inputs), expected, "{kind:?} {service:?} {host:?} {issuer:?}");
    }
    // FOCUS 1.3 may have both: either is enough.
    let both = focus("Usage")
        .with(Field::ServiceProvider, ms)
        .with(Field::HostProvider, ms)
        .with(Field::ProviderName, ms)
        .with(Field::PublisherName, other);
    assert_eq!(of(both), MARKETPLACE);
}

#[test]
fn support_plans_by_the_whole_name_only() {
    let native_purchase = native("Purchase").with(Field::ServiceName, Some("Azure Support"));
    assert_eq!(of(native_purchase), PURCHASE.with(SUPPORT_PLAN));
    for inputs in [
        focus("Usage").with(Field::ServiceName, Some("Support")),
        native("Usage").with(Field::ServiceCategory, Some("support")),
        native("Usage").with(Field::ConsumedService, Some("microsoft.support")),
    ] {
        assert_eq!(of(inputs), SUPPORT_PLAN);
    }
    for service in ["Cloud Services (extended support)", "Support Vector Machines", "Supportive"] {
        let inputs = focus("Usage").with(Field::ServiceName, Some(service));
        assert_eq!(of(inputs), ChargeTraits::USAGE, "{service}");
    }
}
