use super::*;

/// First line of a sample file.
macro_rules! header {
    ($file:literal) => {
        cells(include_str!(concat!("../../../tests/fixtures/usage/", $file)))
    };
}

fn cells(file: &str) -> Vec<String> {
    file.lines().next().unwrap().split(',').map(str::to_owned).collect()
}

fn detect(header: &[String]) -> Layout {
    Layout::detect(header, None).unwrap()
}

const FOCUS: &str = "ChargePeriodStart,ChargePeriodEnd,EffectiveCost,BillingCurrency,\
                     ChargeCategory,ResourceId,SubAccountId";

#[test]
fn fields_are_numbered_in_order() {
    for (at, &field) in Field::ALL.iter().enumerate() {
        assert_eq!(field as usize, at);
        let schemas = [Schema::Focus, Schema::CostManagement, Schema::Own];
        assert!(schemas.iter().any(|schema| !field.names(*schema).is_empty()));
    }
}

#[test]
fn every_layout_is_recognised() {
    for (header, version) in [
        (header!("focus-1.2.csv"), "FOCUS 1.2"),
        (header!("focus-1.0.csv"), "FOCUS 1.0"),
        (header!("focus-1.0-foundation.csv"), "FOCUS 1.0"),
        (header!("focus-1.0-preview.csv"), "FOCUS 1.0-preview"),
        (header!("ea-actual.csv"), "Cost Management (EA)"),
        (header!("c360.csv"), "Cost Management (EA)"),
        (header!("mca-amortized.csv"), "Cost Management (MCA)"),
        (header!("csp-actual.csv"), "Cost Management (CSP)"),
        (cells(FOCUS), "FOCUS"),
    ] {
        assert_eq!(detect(&header).version, version);
    }
}

#[test]
fn fields_are_found_under_the_names_of_their_version() {
    let named = |header: Vec<String>, field| detect(&header).name(field).unwrap_or("-").to_owned();
    for (header, field, name) in [
        (header!("focus-1.2.csv"), Field::Cost, "EffectiveCost"),
        (header!("focus-1.2.csv"), Field::Meter, "SkuMeter"),
        (header!("focus-1.0.csv"), Field::Meter, "x_SkuMeterName"),
        (header!("focus-1.0.csv"), Field::CommitmentStatus, "CommitmentDiscountStatus"),
        (header!("focus-1.0-preview.csv"), Field::CommitmentStatus, "ChargeSubcategory"),
        (header!("focus-1.0-preview.csv"), Field::Quantity, "UsageQuantity"),
        (header!("ea-actual.csv"), Field::Currency, "BillingCurrencyCode"),
        (header!("ea-actual.csv"), Field::BenefitId, "benefitId"),
        (header!("mca-amortized.csv"), Field::Currency, "billingCurrency"),
        (header!("mca-amortized.csv"), Field::Cost, "costInBillingCurrency"),
        (header!("mca-amortized.csv"), Field::ResourceGroup, "resourceGroupName"),
        (header!("csp-actual.csv"), Field::AllocationRule, "-"),
        (header!("c360.csv"), Field::Cost, "Cost"),
        (header!("c360.csv"), Field::PricingCategory, "-"),
    ] {
        assert_eq!(named(header, field), name, "{field:?}");
    }
}

#[test]
fn older_native_names() {
    let header = cells(
        "InvoiceID,SubscriptionGuid,InstanceName,Date,ChargeType,BillingCurrencyCode,\
         CostInBillingCurrency,CostInPricingCurrency,ResourceGroup",
    );
    let layout = detect(&header);
    assert_eq!(layout.version, "Cost Management (MCA)");
    assert_eq!(layout.column(Field::Subscription), Some(1));
    assert_eq!(layout.column(Field::ResourceId), Some(2));
    assert_eq!(layout.column(Field::Invoice), Some(0));
    assert_eq!(layout.unread, ["CostInPricingCurrency"]);
}

#[test]
fn casing_blanks_quotes_and_a_byte_order_mark_do_not_matter() {
    let mut header = cells(&FOCUS.to_ascii_uppercase());
    header[0] = "\u{feff}\" ChargePeriodStart \"".to_owned();
    header[1] = " Charge Period End".to_owned();
    let layout = detect(&header);
    assert_eq!(layout.column(Field::ChargePeriodStart), Some(0));
    assert_eq!(layout.name(Field::ChargePeriodStart), Some("ChargePeriodStart"));
    assert_eq!(layout.column(Field::ChargePeriodEnd), Some(1));
    assert!(layout.unread.is_empty());
}

#[test]
fn all_missing_columns_are_named_at_once() {
    let header = cells("ChargePeriodStart,EffectiveCost,BillingCurrency,ChargeCategory,BilledCost");
    let why = Layout::detect(&header, None).unwrap_err().to_string();
    assert!(why.contains("read as FOCUS"), "{why}");
    assert!(why.contains("missing: ChargePeriodEnd, ResourceId, SubAccountId;"), "{why}");
    assert!(why.contains("BilledCost") && why.contains("--usage-format"), "{why}");
    let header =
        cells("Date,ChargeType,PricingCurrency,costInPricingCurrency,ResourceId,MeterName");
    let why = Layout::detect(&header, None).unwrap_err().to_string();
    for missing in [
        "CostInBillingCurrency (or Cost, PreTaxCost)",
        "BillingCurrencyCode (or BillingCurrency, Currency)",
        "SubscriptionId (or SubscriptionGuid)",
    ] {
        assert!(why.contains(missing), "{why}");
    }
}

#[test]
fn other_tables_are_not_recognised() {
    for header in ["", "a,b,c", "ResourceId,BillingCurrency", "Cost (USD),Cost (EUR)"] {
        let why = Layout::detect(&cells(&format!("{header}\n")), None).unwrap_err();
        assert!(matches!(why, LayoutError::Unrecognised { .. }), "{header}: {why}");
        assert!(why.to_string().contains("--usage-format focus"), "{why}");
    }
    let many = (0..100).map(|n| format!("column{n}")).collect::<Vec<_>>();
    let why = Layout::detect(&many, None).unwrap_err().to_string();
    assert!(why.contains("column11, and 88 more") && !why.contains("column12"), "{why}");
}

#[test]
fn a_column_that_is_read_must_not_be_doubled() {
    let mut header = cells(FOCUS);
    header.push("Tags".to_owned());
    header.push("tags".to_owned());
    assert_eq!(detect(&header).unread, ["Tags", "tags"]);
    header.push("effectivecost".to_owned());
    let why = Layout::detect(&header, None).unwrap_err();
    let name = "EffectiveCost".to_owned();
    assert_eq!(why, LayoutError::Doubled { name, first: 3, second: 10 });
}

#[test]
fn a_file_with_both_families_is_focus_unless_told_otherwise() {
    let mut header = cells(FOCUS);
    header.extend(cells("Date,Cost,ChargeType,SubscriptionId"));
    assert_eq!(detect(&header).schema, Schema::Focus);
    let layout = Layout::detect(&header, Some(Schema::CostManagement)).unwrap();
    assert_eq!(layout.name(Field::Cost), Some("Cost"));
    // Whole before partial.
    header.retain(|name| name != "ChargePeriodEnd");
    assert_eq!(detect(&header).schema, Schema::CostManagement);
}

#[test]
fn charge_files_may_lack_the_statement() {
    let header = "ChargePeriodStart,ChargePeriodEnd,EffectiveCost,Currency,Traits,ResourceId,\
                  ResourceGroup,SubscriptionId,ServiceCategory,ServiceName";
    let own = |header: &str| Layout::detect(&cells(header), Some(Schema::Own)).unwrap();
    assert_eq!(own(header).column(Field::BillingAccount), None);
    let whole = own(&format!("{header},BillingAccountId,BillingPeriodStart,InvoiceId"));
    let statement = [Field::BillingAccount, Field::BillingPeriodStart, Field::Invoice];
    assert_eq!(statement.map(|field| whole.column(field)), [Some(10), Some(11), Some(12)]);
}

const USAGE_ONLY: &str = "SubscriptionGuid,ResourceGroup,UsageDateTime,MeterCategory,UsageQuantity,\
                          PreTaxCost,ConsumedService,InstanceId,OfferId,Currency,UnitOfMeasure";

#[test]
fn only_usage_only_exports_have_no_charge_type() {
    let layout = detect(&cells(USAGE_ONLY));
    assert!(layout.usage_only);
    assert_eq!(layout.version, "Cost Management (pay-as-you-go, usage only)");
    assert_eq!(layout.name(Field::Date), Some("UsageDateTime"));
    assert_eq!(layout.name(Field::Subscription), Some("SubscriptionGuid"));
    // With the column, its cells count.
    let whole = detect(&cells(&format!("{USAGE_ONLY},ChargeType")));
    assert!(!whole.usage_only);
    for other in [
        "Date,SubscriptionId,ResourceId,CostInBillingCurrency,BillingCurrencyCode,PublisherType",
        "UsageDateTime,SubscriptionGuid,InstanceName,PreTaxCost,Currency",
        "UsageDateTime,SubscriptionId,InstanceId,PreTaxCost,Currency",
        &format!("{USAGE_ONLY},ReservationId"),
        &format!("{USAGE_ONLY},PublisherType,Frequency"),
    ] {
        let why = Layout::detect(&cells(other), None).unwrap_err().to_string();
        assert!(why.contains("missing: ChargeType (only the usage-only"), "{other}: {why}");
    }
    // FOCUS never goes without its category.
    let header = FOCUS.replace("ChargeCategory,", "");
    let why = Layout::detect(&cells(&header), None).unwrap_err().to_string();
    assert!(why.contains("missing: ChargeCategory;"), "{why}");
}

#[test]
fn later_versions_of_focus_are_known_by_their_providers() {
    let version = |more: &str| detect(&cells(&format!("{FOCUS},{more}"))).version;
    assert_eq!(version("ServiceProviderName,HostProviderName,InvoiceId"), "FOCUS 1.4");
    assert_eq!(version("ServiceProviderName,ProviderName,PublisherName"), "FOCUS 1.3");
    assert_eq!(version("ProviderName,InvoiceIssuerName,InvoiceId"), "FOCUS 1.2");
    let new = detect(&cells(&format!("{FOCUS},ServiceProviderName,InvoiceIssuerName")));
    assert_eq!(new.name(Field::InvoiceIssuer), Some("InvoiceIssuerName"));
    // Beside the old names the issuer says nothing, and is not read.
    let old = detect(&cells(&format!("{FOCUS},ProviderName,InvoiceIssuerName")));
    assert_eq!(old.column(Field::InvoiceIssuer), None);
    assert_eq!(old.unread, ["InvoiceIssuerName"]);
}

#[test]
fn headers_in_other_languages_are_told_as_such() {
    for header in [
        "Datum,Kosten,Währung,Abonnement-ID,Ressourcen-ID",
        "Date,Coût,Devise,ID d’abonnement,ID de ressource",
        "Datum,Kostnad,Valuta,Prenumerations-ID,Resurs-ID",
        "Datum,Kosten,Valuta,Abonnements-id,Resource-id",
        "Fecha,Costo,Moneda,Id. de suscripción,Id. de recurso",
        "Data,Importo,Valuta,ID sottoscrizione,ID risorsa",
        "Data,Custo,Moeda,ID da assinatura,ID do recurso",
        "日付,コスト,通貨,サブスクリプション,リソース",
        "Fecha (Date),Coste (Cost),Nombre de grupo (ResourceGroup)",
        "Date,ResourceId,SubscriptionId,ChargeType,Kosten,Waehrung",
    ] {
        let why = Layout::detect(&cells(header), None).unwrap_err();
        assert!(matches!(why, LayoutError::Translated { .. }), "{header}: {why}");
    }
    // One strange column does not make a language.
    let header = cells("Date,ResourceId,SubscriptionId,ChargeType,Cost,Größe");
    assert!(matches!(Layout::detect(&header, None), Err(LayoutError::Missing { .. })));
    let header = cells(&format!("{FOCUS},Kostenstelle,Größe"));
    assert_eq!(detect(&header).unread, ["Kostenstelle", "Größe"]);
}

#[test]
fn separators_are_told_as_such() {
    let seen = |line: &str| separated(&line.split(',').map(str::to_owned).collect::<Vec<_>>());
    for (line, name) in [
        (FOCUS.replace(',', ";"), "semicolons"),
        (FOCUS.replace(',', "\t"), "tabs"),
        (FOCUS.replace(',', "|"), "vertical bars"),
        ("Datum;Kosten;Währung".to_owned(), "semicolons"),
        ("sep=;".to_owned(), "semicolons"),
    ] {
        assert_eq!(seen(&line), Some(LayoutError::Separated { separator: name }), "{line}");
    }
    for (header, what) in [
        (FOCUS.to_owned(), "each row is one quoted cell"),
        ("#TYPE Selected.Row".to_owned(), "the first line is PowerShell's '#TYPE'"),
        ("sep=,".to_owned(), "the first line is a spreadsheet program's 'sep='"),
    ] {
        assert_eq!(separated(&[header]), Some(LayoutError::SavedAnew { what }));
    }
    assert_eq!(seen("Datum,W\u{fffd}hrung"), Some(LayoutError::Encoding));
    for line in [FOCUS, "a,b,c", "", "Date,Tags;more"] {
        assert_eq!(seen(line), None, "{line}");
    }
}
