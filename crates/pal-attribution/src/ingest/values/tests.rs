use super::*;

fn at(text: &str, schema: Schema) -> String {
    instant(text, schema).map_or("none".to_owned(), |instant| instant.to_string())
}

#[test]
fn nothing_has_several_spellings() {
    for nothing in ["", " ", "\t ", "NULL", " NULL "] {
        assert_eq!(present(nothing), None, "{nothing:?}");
    }
    assert_eq!(present(" 0 "), Some("0"));
    // Only the literal that exporters write: a group may be called so.
    assert_eq!(present("null"), Some("null"));
}

#[test]
fn iso_dates_of_every_version_are_the_same_instant() {
    let midnight = "2024-09-04T00:00:00Z";
    for text in [
        "2024-09-04",
        "2024-09-04 00:00:00",
        "2024-09-04T00:00Z",
        "2024-09-04T00:00:00",
        "2024-09-04T00:00:00Z",
        "2024-09-04t00:00:00z",
        "2024-09-04T00:00:00+00:00",
        "2024-09-04 00:00:00.000",
        "2024-09-04T00:00:00.0000000Z",
        "2024-09-03T20:30:00-03:30",
        "2024-09-04T02:00:00+02:00",
        " 2024-09-04 00:00:00 ",
    ] {
        for schema in [Schema::Focus, Schema::CostManagement] {
            assert_eq!(at(text, schema), midnight, "{text}");
        }
    }
    assert_eq!(at("2024-09-04T01:02:03.5Z", Schema::Focus), "2024-09-04T01:02:03.5Z");
    assert_eq!(
        at("2024-02-29T23:59:59.123456789Z", Schema::Focus),
        "2024-02-29T23:59:59.123456789Z"
    );
}

#[test]
fn cost_management_dates_are_month_first() {
    for text in
        ["9/2/2023", "09/02/2023", "9/2/2023 12:00:00 AM", "9/2/2023 0:00", "09/02/2023 00:00:00"]
    {
        assert_eq!(at(text, Schema::CostManagement), "2023-09-02T00:00:00Z", "{text}");
        assert_eq!(at(text, Schema::Focus), "none", "{text}");
    }
    assert_eq!(at("9/2/2023 12:30:00 pm", Schema::CostManagement), "2023-09-02T12:30:00Z");
    assert_eq!(at("9/2/2023 1:05:09 PM", Schema::CostManagement), "2023-09-02T13:05:09Z");
}

#[test]
fn impossible_dates_are_none() {
    for text in [
        "",
        "NULL",
        "2023-02-29",
        "2023-13-01",
        "2023-00-10",
        "2023-9-4",
        "23-09-04",
        "2023-09-04-05",
        "2023-09-04T",
        "2023-09-04T24:00:00Z",
        "2023-09-04T00:60:00Z",
        "2023-09-04T00:00:60Z",
        "2023-09-04T00:00:00.Z",
        "2023-09-04T00:00.5Z",
        "2023-09-04T00:00:00.1234567890Z",
        "2023-09-04T00:00:00+1",
        "2023-09-04T00:00:00+25:00",
        "2023-09-04T00:00:00 PM",
        "２０２３-09-04",
        "31/12/2023",
        "2/30/2023",
        "9/2/23",
        "9/2",
        "9/2/2023 13:00:00 PM",
        "9/2/2023 0:00:00 AM",
        "9/2/2023 é",
        "45171",
    ] {
        assert_eq!(at(text, Schema::CostManagement), "none", "{text}");
    }
}

#[test]
fn words_for_no_resource_group() {
    for none in ["", "NULL", "Others", "others", "Not applicable", "NOT APPLICABLE"] {
        assert_eq!(resource_group(none), None, "{none}");
    }
    assert_eq!(resource_group("Others-2"), Some("Others-2"));
    assert_eq!(resource_group("Rg-One"), Some("Rg-One"));
}

#[test]
fn subscriptions_are_bare() {
    let id = "64E355d7-0000-491d-b0c1-8414dccfcf42";
    for text in [
        id.to_owned(),
        format!("/subscriptions/{id}"),
        format!("/SUBSCRIPTIONS/{id}/"),
        format!(" /Subscriptions/{id} "),
    ] {
        assert_eq!(subscription(&text), Some(id), "{text}");
    }
    for none in [
        "",
        "NULL",
        "/subscriptions/",
        "00000000-0000-0000-0000-000000000000",
        "/subscriptions/00000000-0000-0000-0000-000000000000",
    ] {
        assert_eq!(subscription(none), None, "{none}");
    }
    // Accounts of other clouds.
    assert_eq!(subscription("51738928782"), Some("51738928782"));
    assert_eq!(subscription("/subscriptionsé"), Some("/subscriptionsé"));
}

#[test]
fn billing_accounts_are_bare() {
    let id = "7A0c9d1e-0000-4000-8000-000000000001:7a0c9d1e-0000-4000-8000-000000000002_2019-05-31";
    for text in [
        id.to_owned(),
        format!("/providers/Microsoft.Billing/billingAccounts/{id}"),
        format!("/PROVIDERS/microsoft.billing/billingaccounts/{id}/billingProfiles/ABCD-EFGH"),
        format!(" /providers/Microsoft.Billing/billingAccounts/{id}/customers/c "),
    ] {
        assert_eq!(billing_account(&text), Some(id), "{text}");
    }
    for none in ["", "NULL", "/providers/Microsoft.Billing/billingAccounts/"] {
        assert_eq!(billing_account(none), None, "{none}");
    }
    assert_eq!(billing_account("51738928782"), Some("51738928782"));
}

#[test]
fn the_first_day_of_a_billing_period_has_one_form() {
    for text in
        ["2026-10-01", "2026-10-01T00:00:00Z", "2026-10-01 00:00:00", "10/1/2026", "10/01/2026"]
    {
        assert_eq!(billing_period(text).as_deref(), Some("2026-10-01"), "{text}");
    }
    assert_eq!(billing_period(" 202610 ").as_deref(), Some("202610"));
    assert_eq!(billing_period("NULL"), None);
}
