use super::*;

const SPOT: ChargeTraits = ChargeTraits::of(Exclusion::Spot);
const COMMITMENT: ChargeTraits = ChargeTraits::of(Exclusion::Commitment);
const MARKETPLACE: ChargeTraits = ChargeTraits::of(Exclusion::Marketplace);
const PURCHASE: ChargeTraits = ChargeTraits::of(Exclusion::Purchase);
const SUPPORT_PLAN: ChargeTraits = ChargeTraits::of(Exclusion::Support);
const UNUSED: ChargeTraits = ChargeTraits::of(Exclusion::UnusedCommitment);

type Inputs = TraitInputs<'static>;

fn focus(category: &'static str) -> Inputs {
    TraitInputs { charge_category: Some(category), ..TraitInputs::empty(Schema::Focus) }
}

fn native(charge_type: &'static str) -> Inputs {
    TraitInputs { charge_type: Some(charge_type), ..TraitInputs::empty(Schema::CostManagement) }
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
    let why = traits(&TraitInputs::empty(Schema::Focus)).unwrap_err();
    assert!(why.starts_with("ChargeCategory is empty"), "{why}");
    let why = traits(&native("NULL")).unwrap_err();
    assert!(why.starts_with("ChargeType is empty"), "{why}");
}

#[test]
fn rows_of_allocation_rules_are_marked_whatever_their_sign_or_kind() {
    let rule = Some("shared-services");
    for inputs in [focus("Usage"), focus("Purchase"), native("Usage")] {
        let traits = of(TraitInputs { allocation_rule: rule, ..inputs });
        assert_eq!(traits.exclusion(&Exclusion::ALL), Some(Exclusion::CostAllocation));
        let traits = of(TraitInputs { allocation_rule: Some("NULL"), ..inputs });
        assert!(!traits.has(ChargeTraits::of(Exclusion::CostAllocation)));
    }
}

#[test]
fn corrections_keep_their_kind() {
    let class = Some("Correction");
    let usage = TraitInputs { charge_class: class, ..focus("Usage") };
    assert_eq!(of(usage), ChargeTraits::CORRECTION);
    let purchase = TraitInputs { charge_class: class, ..focus("Purchase") };
    assert_eq!(of(purchase), PURCHASE.with(ChargeTraits::CORRECTION));
    assert_eq!(of(TraitInputs { charge_class: Some("NULL"), ..usage }), ChargeTraits::USAGE);
}

#[test]
fn refunds_of_commitments_are_no_usage() {
    let expected = PURCHASE.with(ChargeTraits::CORRECTION);
    let refund = native("Refund");
    let reservation = TraitInputs { commitment_id: Some("r-1"), ..refund };
    let plan = TraitInputs { benefit_id: Some("b-1"), ..refund };
    let priced = TraitInputs { pricing_category: Some("Reservation"), ..refund };
    for inputs in [reservation, plan, priced] {
        assert_eq!(of(inputs), expected);
    }
    let on_demand = TraitInputs { pricing_category: Some("On Demand"), ..refund };
    assert_eq!(of(on_demand), ChargeTraits::CORRECTION);
}

#[test]
fn commitments_used_and_unused() {
    let status = |status| TraitInputs { commitment_status: Some(status), ..focus("Usage") };
    assert_eq!(of(status("Used")), COMMITMENT);
    let unused = TraitInputs {
        pricing_category: Some("Committed"),
        commitment_id: Some("/providers/Microsoft.Capacity/reservationOrders/o/reservations/r"),
        ..status("Unused")
    };
    assert_eq!(of(unused), UNUSED);
    let unused =
        TraitInputs { pricing_category: Some("SavingsPlan"), ..native("UnusedSavingsPlan") };
    assert_eq!(of(unused), UNUSED);
    for price in ["Committed", "Reservation", "SavingsPlan", "Savings Plan"] {
        let of_price = |inputs| of(TraitInputs { pricing_category: Some(price), ..inputs });
        assert_eq!(of_price(focus("Usage")), COMMITMENT, "{price}");
        assert_eq!(of_price(native("Usage")), COMMITMENT, "{price}");
        assert_eq!(of_price(native("Purchase")), PURCHASE, "{price}");
    }
    assert_eq!(of(TraitInputs { benefit_id: Some("b"), ..native("Usage") }), COMMITMENT);
    assert_eq!(of(TraitInputs { commitment_id: Some("r"), ..focus("Purchase") }), PURCHASE);
}

#[test]
fn the_preview_says_it_in_a_subcategory() {
    let row = |category, sub| of(TraitInputs { commitment_status: Some(sub), ..focus(category) });
    assert_eq!(row("Usage", "On-Demand"), ChargeTraits::USAGE);
    assert_eq!(row("Usage", "Used Commitment"), COMMITMENT);
    assert_eq!(row("Usage", "Unused Commitment"), UNUSED);
    assert_eq!(row("Adjustment", "Credit"), ChargeTraits::of(Exclusion::Credit));
    assert_eq!(row("Adjustment", "Refund"), PURCHASE.with(ChargeTraits::CORRECTION));
    assert_eq!(row("Adjustment", "Rounding Error"), ChargeTraits::of(Exclusion::Adjustment));
}

#[test]
fn spot_capacity_by_either_word() {
    assert_eq!(of(TraitInputs { pricing_category: Some("Dynamic"), ..focus("Usage") }), SPOT);
    assert_eq!(of(TraitInputs { pricing_category: Some("spot"), ..native("Usage") }), SPOT);
}

#[test]
fn other_publishers() {
    let row = |inputs, kind, publisher, provider| {
        of(TraitInputs {
            publisher_category: kind,
            publisher_name: publisher,
            provider_name: provider,
            ..inputs
        })
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
        let inputs = TraitInputs {
            publisher_category: kind,
            service_provider: service,
            host_provider: host,
            invoice_issuer: issuer,
            ..focus("Usage")
        };
        assert_eq!(of(inputs), expected, "{kind:?} {service:?} {host:?} {issuer:?}");
    }
    // FOCUS 1.3 may have both: either is enough.
    let both = TraitInputs {
        service_provider: ms,
        host_provider: ms,
        provider_name: ms,
        publisher_name: other,
        ..focus("Usage")
    };
    assert_eq!(of(both), MARKETPLACE);
}

#[test]
fn support_plans_by_the_whole_name_only() {
    let native_purchase = TraitInputs { service_name: Some("Azure Support"), ..native("Purchase") };
    assert_eq!(of(native_purchase), PURCHASE.with(SUPPORT_PLAN));
    for inputs in [
        TraitInputs { service_name: Some("Support"), ..focus("Usage") },
        TraitInputs { service_category: Some("support"), ..native("Usage") },
        TraitInputs { consumed_service: Some("microsoft.support"), ..native("Usage") },
    ] {
        assert_eq!(of(inputs), SUPPORT_PLAN);
    }
    for service in ["Cloud Services (extended support)", "Support Vector Machines", "Supportive"] {
        let inputs = TraitInputs { service_name: Some(service), ..focus("Usage") };
        assert_eq!(of(inputs), ChargeTraits::USAGE, "{service}");
    }
}
