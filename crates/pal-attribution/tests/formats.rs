//! The traps of cost files, one test each, through real files: every container, column set and date
//! form must give the numbers that the rows mean.
//!
//! Most tests grant one partner Owner on the whole tenant, so that what is credited is what is
//! consumed, and look at the printed report and balance.

use std::fs;
use std::path::{Path, PathBuf};

use pal_attribution::policy::Granularity;
use pal_model::KeyColumn;
use serde_json::{Value, json};

use crate::support::run::{Folder, Setup};
use crate::support::table::{AZURE, Cost, Style, Table, Time, gzip, styles};

const TENANT: &str = "22222222-bbbb-4000-8000-000000000001";
const OTHER_TENANT: &str = "22222222-bbbb-4000-8000-000000000002";
const APP: &str = "11111111-aaaa-4000-8000-000000000001";
const DATA: &str = "11111111-aaaa-4000-8000-000000000002";
const WEB: &str = "/subscriptions/11111111-aaaa-4000-8000-000000000001/resourceGroups/Rg-App/providers/Microsoft.Compute/virtualMachines/Web-1";

/// Two subscriptions in two tenants, each with a person of partner 111111 and these grants:
/// (subscription's tenant, scope).
fn facts(grants: &[(&str, &str)]) -> String {
    let mut lines =
        vec![json!({"kind": "partner", "partner": "111111", "type": "location", "name": "North"})];
    for (tenant, subscription, name) in [(TENANT, APP, "app"), (OTHER_TENANT, DATA, "data")] {
        lines.push(json!({"kind": "tenant", "tenant": tenant, "name": format!("of {name}")}));
        lines.push(json!({"kind": "subscription", "tenant": tenant,
            "subscription": subscription, "name": name}));
        lines.push(json!({"kind": "principal", "tenant": tenant, "object": APP, "type": "User"}));
        lines.push(json!({"kind": "link", "tenant": tenant, "object": APP, "partner": "111111"}));
    }
    for (at, (tenant, scope)) in grants.iter().enumerate() {
        lines.push(json!({"kind": "roleAssignment", "tenant": tenant, "id": format!("a{at}"),
            "principal": APP, "role": "Owner", "scope": scope}));
    }
    lines.iter().flat_map(|line: &Value| [line.to_string(), "\n".to_owned()]).collect()
}

/// Everything is credited.
fn everywhere() -> Setup {
    Setup::new(&facts(&[(TENANT, "/"), (OTHER_TENANT, "/")]))
}

fn on(scope: &str) -> Setup {
    Setup::new(&facts(&[(TENANT, scope)]))
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/usage").join(name)
}

fn fixture_table(name: &str) -> Table {
    let bytes = fs::read(fixture(name)).unwrap();
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    let mut reader = csv::Reader::from_reader(bytes);
    let cell = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let row = |record: Result<csv::StringRecord, _>| record.unwrap().iter().map(cell).collect();
    Table { header, rows: reader.records().map(row).collect() }
}

/// Rows under a header: each like the usual one but for these cells.
fn rows(header: &Table, usual: &[(&str, &str)], rows: &[&[(&str, &str)]]) -> Table {
    let mut table = Table { header: header.header.clone(), rows: Vec::new() };
    for cells in rows {
        let mut row = vec![None; table.header.len()];
        for (name, text) in usual.iter().chain(*cells) {
            let at = table.header.iter().position(|column| column == name).unwrap();
            row[at] = (!text.is_empty()).then(|| (*text).to_owned());
        }
        table.rows.push(row);
    }
    table
}

const FOCUS: [(&str, &str); 10] = [
    ("ChargePeriodStart", "2026-07-10T00:00:00Z"),
    ("ChargePeriodEnd", "2026-07-11T00:00:00Z"),
    ("EffectiveCost", "31"),
    ("BilledCost", "99"),
    ("BillingCurrency", "EUR"),
    ("ChargeCategory", "Usage"),
    ("x_PublisherCategory", "Cloud Provider"),
    ("ResourceId", WEB),
    ("SubAccountId", "/subscriptions/11111111-aaaa-4000-8000-000000000001"),
    ("x_ResourceGroupName", "Rg-App"),
];

/// Rows of FOCUS 1.2, all 104 columns.
fn focus(cells: &[&[(&str, &str)]]) -> Table {
    rows(&fixture_table("focus-1.2.csv"), &FOCUS, cells)
}

const NATIVE: [(&str, &str); 8] = [
    ("Date", "7/10/2026"),
    ("CostInBillingCurrency", "31"),
    ("BillingCurrencyCode", "EUR"),
    ("ChargeType", "Usage"),
    ("PublisherType", "Azure"),
    ("ResourceId", WEB),
    ("SubscriptionId", APP),
    ("ResourceGroup", "Rg-App"),
];

/// Rows of an EA export, all 55 columns.
fn native(cells: &[&[(&str, &str)]]) -> Table {
    rows(&fixture_table("ea-actual.csv"), &NATIVE, cells)
}

/// Each line of the report without its header, and of the balance.
fn lines(output: &str) -> (Vec<&str>, Vec<&str>) {
    let (report, balance) = output.split_once("\n\n").unwrap();
    (report.lines().skip(1).collect(), balance.lines().skip(1).collect())
}

/// What a table gives, after a look that it gives the same in every container that can hold it.
fn output(setup: &Setup, table: &Table) -> String {
    output_in(setup, table, &styles())
}

/// As [`output`], in these styles of Parquet only.
fn output_in(setup: &Setup, table: &Table, styles: &[Style]) -> String {
    let folder = Folder::new();
    let csv = table.csv();
    let expected = setup.run(&[folder.file("u.csv", &csv)]).unwrap();
    let packed = folder.file("u.csv.gz", gzip(&csv));
    assert_eq!(setup.run(&[packed]).unwrap(), expected);
    for style in styles {
        let packed = folder.file("u.parquet", table.parquet(style));
        assert_eq!(setup.run(&[packed]).unwrap(), expected, "{style:?}");
    }
    expected
}

/// The styles with room for any amount and any instant.
fn roomy() -> Vec<Style> {
    let room = |style: &Style| {
        let decimal = matches!(style.cost, Cost::Text | Cost::Decimal(38, _));
        decimal && style.time != Time::Date
    };
    styles().into_iter().filter(room).collect()
}

/// The lines of the balance that end in these sums, and the credited cost of each report line.
fn balance_of(setup: &Setup, table: &Table) -> Vec<String> {
    let output = output_in(setup, table, &roomy());
    let (_, balance) = lines(&output);
    let short = |line: &&str| {
        let cells: Vec<&str> = line.split(',').collect();
        let amount = cells[5].trim_end_matches('0').trim_end_matches('.');
        format!("{} {} {} {amount}", cells[2], cells[3], cells[4]).replace("  ", " ")
    };
    let lines = balance.iter().filter(|line| !line.contains(",consumed,")).map(short);
    lines.collect()
}

/// The report by some keys.
fn report(mut setup: Setup, keys: &[KeyColumn], table: &Table) -> Vec<String> {
    setup.keys = keys.to_vec();
    let output = output_in(&setup, table, &roomy());
    lines(&output).0.into_iter().map(str::to_owned).collect()
}

// Containers and column sets.

#[test]
fn every_container_gives_the_same_bytes() {
    // Amounts that a DOUBLE holds exactly, whole days: every style has room.
    let table = focus(&[
        &[("ServiceName", "Virtual Machines"), ("ServiceCategory", "Compute")],
        &[("EffectiveCost", "-0.0625"), ("ChargeClass", "Correction")],
        &[("EffectiveCost", "12.5"), ("x_PublisherCategory", "Vendor")],
        &[("EffectiveCost", "2.25"), ("CommitmentDiscountStatus", "Used")],
        &[("ResourceId", ""), ("EffectiveCost", "1024"), ("BillingCurrency", "USD")],
        &[("ResourceId", ""), ("x_ResourceGroupName", ""), ("EffectiveCost", "0.5")],
        &[("ChargePeriodStart", "2026-06-30T00:00:00Z"), ("EffectiveCost", "0")],
    ]);
    for granularity in [Granularity::Proportional, Granularity::WholeDay] {
        let mut setup = everywhere();
        setup.policy.granularity = granularity;
        let found = output(&setup, &table);
        let (report, balance) = lines(&found);
        assert_eq!(report.len(), 5, "{found}");
        assert_eq!(balance.len(), 10, "{found}");
        assert!(found.contains("2026-07,EUR,credited,,4,33.687500000000000000"), "{found}");
        assert!(found.contains("2026-07,EUR,excluded,marketplace,1,12.500000000000000000"));
        assert!(found.contains("2026-06,EUR,credited,,1,0.000000000000000000"), "{found}");
    }
}

#[test]
fn focus_versions_give_the_same() {
    let setup = everywhere();
    let newest = fixture_table("focus-1.2.csv");
    let oldest = fixture_table("focus-1.0.csv");
    assert_eq!((newest.header.len(), oldest.header.len()), (104, 96));
    // 1.0r2 writes the dates of 1.0 with seconds; the preview of 1.2 has one column more.
    let mut revised = oldest.clone();
    for cell in revised.rows.iter_mut().flatten().flatten() {
        if cell.ends_with("T00:00Z") {
            *cell = cell.replace("T00:00Z", "T00:00:00Z");
        }
    }
    let mut preview = newest.clone();
    preview.header.insert(70, "x_SkuDetails".to_owned());
    preview.rows.iter_mut().for_each(|row| row.insert(70, Some("{\"a\":\"b\"}".to_owned())));
    let styles: Vec<Style> = styles().into_iter().filter(|s| s.cost != Cost::Double).collect();
    let expected = output_in(&setup, &newest, &styles);
    for (version, table) in [("1.0", oldest), ("1.0r2", revised), ("1.2-preview", preview)] {
        assert_eq!(output_in(&setup, &table, &styles), expected, "{version}");
    }
    let (report, balance) = lines(&expected);
    assert_eq!(
        report,
        [format!(
            "2026-07,111111,North,,Partner Admin Link,Owner,1,0,{TENANT},of app,{APP},app,Rg-App,\
             {},Compute,Virtual Machines,EUR,4,37.7499999940,37.7499999940",
            WEB.to_ascii_lowercase()
        )]
    );
    assert_eq!(balance[0], "2026-07,EUR,total,,14,-23.490000005930000000");
    assert_eq!(balance.last(), Some(&"2026-07,EUR,credited,,4,37.749999993970000000"));
}

#[test]
fn cost_management_agreements_are_read_by_their_own_names() {
    let keys = [KeyColumn::SubscriptionId, KeyColumn::ResourceGroup, KeyColumn::Currency];
    for (file, expected) in [
        ("ea-actual.csv", vec![format!("{APP},rg-app,CAD,6,-1.4642861707,-1.4642861707")]),
        ("mca-amortized.csv", vec![format!("{APP},rg-app,EUR,2,33.2500000000,33.2500000000")]),
        (
            "csp-actual.csv",
            vec![
                format!("{APP},rg-app,EUR,1,31.0000000000,31.0000000000"),
                format!("{DATA},rg-db,USD,1,15.5000000000,15.5000000000"),
            ],
        ),
        ("c360.csv", vec![format!("{APP},rg-app,CAD,2,31.0000000000,31.0000000000")]),
    ] {
        assert_eq!(report(everywhere(), &keys, &fixture_table(file)), expected, "{file}");
        let mut setup = everywhere();
        setup.keys = keys.to_vec();
        let whole = setup.run(&[fixture(file)]).unwrap();
        assert_eq!(lines(&whole).0, expected, "{file} as it is");
    }
}

#[test]
fn headers_match_without_case_and_in_any_order() {
    let expected = report(everywhere(), &KeyColumn::ALL, &native(&[&[], &[]]));
    let mut table = native(&[&[], &[]]);
    table.header.reverse();
    table.rows.iter_mut().for_each(|row| row.reverse());
    for cased in [str::to_ascii_uppercase, str::to_ascii_lowercase] {
        table.header.iter_mut().for_each(|name| *name = cased(name));
        assert_eq!(report(everywhere(), &KeyColumn::ALL, &table), expected);
    }
    // Blanks around a name are noise, in every container.
    table.header.iter_mut().for_each(|name| *name = format!(" {name} "));
    assert_eq!(report(everywhere(), &KeyColumn::ALL, &table), expected);
}

// The traps.

#[test]
fn trap_01_case() {
    // FOCUS is lower-cased, native files are not, the scope has the portal's casing.
    let scope = "/SUBSCRIPTIONS/11111111-AAAA-4000-8000-000000000001/resourcegroups/RG-APP";
    let shouted = WEB.to_ascii_uppercase();
    let folded = WEB.to_ascii_lowercase();
    let cells: [&[(&str, &str)]; 3] =
        [&[("ResourceId", &folded)], &[("ResourceId", &shouted)], &[("ResourceId", WEB)]];
    let keys = [KeyColumn::SubscriptionId, KeyColumn::ResourceId];
    // One resource, shown in the spelling that is first as bytes.
    let expected = [format!("{APP},{shouted},3,93.0000000000,93.0000000000")];
    assert_eq!(report(on(scope), &keys, &focus(&cells)), expected);
    assert_eq!(report(on(scope), &keys, &native(&cells)), expected);
    // In any language: people type RG-MALMÖ, FOCUS writes rg-malmö.
    let scope_of = |name: &str| format!("/subscriptions/{APP}/resourceGroups/{name}");
    let malmo = WEB.replace("Rg-App", "Rg-Malm\u{f6}");
    let small = pal_model::fold(&malmo);
    let shouted = malmo.replace('\u{f6}', "\u{d6}");
    for (table, scope, id) in [
        (focus(&[&[("ResourceId", &small)]]), "RG-MALM\u{d6}", &small),
        (native(&[&[("ResourceId", &shouted)]]), "rg-malm\u{f6}", &shouted),
    ] {
        let expected = [format!("{APP},{id},1,31.0000000000,31.0000000000")];
        assert_eq!(report(on(&scope_of(scope)), &keys, &table), expected);
    }
    // The sign of Kelvin is another name than k.
    let kelvin = WEB.replace("Rg-App", "\u{212a}");
    let table = focus(&[&[("ResourceId", &kelvin), ("x_ResourceGroupName", "\u{212a}")]]);
    let scope = |name| format!("/subscriptions/{APP}/resourceGroups/{name}");
    assert_eq!(report(on(&scope("k")), &keys, &table), Vec::<String>::new());
    let expected = [format!("{APP},{kelvin},1,31.0000000000,31.0000000000")];
    assert_eq!(report(on(&scope("\u{212a}")), &keys, &table), expected);
}

#[test]
fn trap_02_subscription_of_the_row_is_not_that_of_the_resource() {
    let billed = format!("/subscriptions/{DATA}");
    let keys =
        [KeyColumn::SubscriptionId, KeyColumn::SubscriptionName, KeyColumn::CustomerTenantId];
    let table = focus(&[&[("SubAccountId", &billed)]]);
    // Access follows the resource, the report shows who is billed.
    let expected = [format!("{DATA},data,{TENANT},1,31.0000000000,31.0000000000")];
    assert_eq!(report(on(&format!("/subscriptions/{APP}")), &keys, &table), expected);
    let setup = Setup::new(&facts(&[(OTHER_TENANT, &billed)]));
    assert_eq!(balance_of(&setup, &table), ["total 1 31", "uncredited no-assignment 1 31"]);

    // Cost allocation moves cost between them and does not touch the invoice.
    let rule = ("x_CostAllocationRuleName", "shared-services");
    let table = focus(&[
        &[],
        &[rule, ("EffectiveCost", "-8")],
        &[rule, ("EffectiveCost", "8"), ("SubAccountId", &billed)],
    ]);
    let mut setup = everywhere();
    let without = ["total 3 31", "excluded cost-allocation 2 0", "credited 1 31"];
    assert_eq!(balance_of(&setup, &table), without);
    setup.policy = setup.policy.keeping_cost_allocation();
    assert_eq!(balance_of(&setup, &table), ["total 3 31", "credited 3 31"]);
}

#[test]
fn trap_03_no_resource_id() {
    // The deepest scope there is: group, else subscription; neither is nobody's.
    let nothing = ("ResourceId", "");
    let zero = "00000000-0000-0000-0000-000000000000";
    let table = native(&[
        &[nothing, ("CostInBillingCurrency", "1")],
        &[nothing, ("CostInBillingCurrency", "2"), ("ResourceGroup", "")],
        &[nothing, ("CostInBillingCurrency", "4"), ("ResourceGroup", "Others")],
        &[nothing, ("CostInBillingCurrency", "8"), ("ResourceGroup", "Not applicable")],
        &[nothing, ("CostInBillingCurrency", "16"), ("SubscriptionId", zero)],
        &[nothing, ("CostInBillingCurrency", "32"), ("SubscriptionId", "")],
    ]);
    let unknown = "uncredited unknown-subscription 2 48";
    let group = format!("/subscriptions/{APP}/resourceGroups/rg-app");
    assert_eq!(
        balance_of(&on(&group), &table),
        ["total 6 63", "credited 1 1", unknown, "uncredited no-assignment 3 14"]
    );
    let subscription = format!("/subscriptions/{APP}");
    assert_eq!(balance_of(&on(&subscription), &table), ["total 6 63", "credited 4 15", unknown]);
    let table = focus(&[
        &[nothing],
        &[nothing, ("x_ResourceGroupName", "")],
        &[nothing, ("SubAccountId", ""), ("x_ResourceGroupName", "")],
        &[nothing, ("SubAccountId", &format!("/subscriptions/{zero}"))],
    ]);
    assert_eq!(
        balance_of(&on(&group), &table),
        [
            "total 4 124",
            "credited 1 31",
            "uncredited unknown-subscription 2 62",
            "uncredited no-assignment 1 31"
        ]
    );
}

#[test]
fn trap_04_commitments_live_outside_subscriptions() {
    let order = "/providers/Microsoft.Capacity/reservationOrders/o/reservations/r";
    let plan = "/providers/Microsoft.BillingBenefits/savingsPlanOrders/o/savingsPlans/p";
    let table = focus(&[
        &[("ResourceId", order), ("CommitmentDiscountStatus", "Unused")],
        &[("ResourceId", plan), ("CommitmentDiscountStatus", "Unused"), ("SubAccountId", "")],
        // Not said to be unused: counted, but in no subscription, whoever is billed.
        &[("ResourceId", order)],
    ]);
    let expected =
        ["total 3 93", "excluded unused-commitment 2 62", "uncredited unknown-subscription 1 31"];
    assert_eq!(balance_of(&everywhere(), &table), expected);
    let table = native(&[
        &[("ResourceId", order), ("ChargeType", "UnusedReservation")],
        &[("ResourceId", plan), ("ChargeType", "UnusedSavingsPlan"), ("SubscriptionId", "")],
        &[("ResourceId", order)],
    ]);
    assert_eq!(balance_of(&everywhere(), &table), expected);
}

#[test]
fn trap_05_child_and_extension_resources() {
    let group = format!("/subscriptions/{APP}/resourceGroups/rg");
    let server = format!("{group}/providers/Microsoft.Sql/servers/s");
    let ids = [
        (&server, "1"),
        (&format!("{server}/databases/d"), "2"),
        (&format!("{server}/databases/d/providers/Microsoft.Insights/diagnosticSettings/x"), "4"),
        (&format!("{server}2"), "8"),
        (&format!("{server}2/databases/d"), "16"),
        (&format!("/subscriptions/{APP}/providers/Microsoft.Security/pricings/p"), "32"),
        (&format!("/subscriptions/{APP}/resourceGroups/MC_rg_s_west/providers/a/b/c"), "64"),
        (&format!("/subscriptions/{APP}/resourceGroups/rg2/providers/a/b/c"), "128"),
    ];
    let cells: Vec<[(&str, &str); 2]> = ids
        .iter()
        .map(|(id, cost)| [("ResourceId", id.as_str()), ("EffectiveCost", cost)])
        .collect();
    let cells: Vec<&[(&str, &str)]> = cells.iter().map(<[_; 2]>::as_slice).collect();
    let credited = |scope: &str| balance_of(&on(scope), &focus(&cells))[1].clone();
    assert_eq!(credited(&server), "credited 3 7");
    assert_eq!(credited(&format!("{server}/databases/d")), "credited 2 6");
    assert_eq!(
        credited(&format!(
            "{server}/databases/d/providers/Microsoft.Insights/diagnosticSettings/x"
        )),
        "credited 1 4"
    );
    assert_eq!(credited(&group), "credited 5 31");
    assert_eq!(
        credited(&format!("/subscriptions/{APP}/resourceGroups/MC_rg_s_west")),
        "credited 1 64"
    );
    assert_eq!(credited(&format!("/subscriptions/{APP}")), "credited 8 255");
}

#[test]
fn trap_06_negative_rows() {
    let table = focus(&[
        &[("EffectiveCost", "-31")],
        &[("EffectiveCost", "-0.00000000603"), ("ChargeClass", "Correction")],
        &[("EffectiveCost", "30.9999999999")],
        &[("EffectiveCost", "-5"), ("ChargeCategory", "Credit")],
    ]);
    assert_eq!(
        balance_of(&everywhere(), &table),
        ["total 4 -5.00000000613", "excluded credit 1 -5", "credited 3 -0.00000000613"]
    );
    // A sum of nothing has no sign, and a report cell is rounded once.
    let keys = [KeyColumn::Currency];
    assert_eq!(report(everywhere(), &keys, &table), ["EUR,3,-0.0000000061,-0.0000000061"]);
    let table = focus(&[&[("EffectiveCost", "-0.00000000005")]]);
    assert_eq!(report(everywhere(), &keys, &table), ["EUR,1,0.0000000000,0.0000000000"]);
}

#[test]
fn trap_07_precision() {
    // Exponents, eighteen places, the largest amount; sums to the last digit.
    let texts = [
        "5.64902E-05",
        "1.60101e-07",
        "+1.5E+3",
        "0.000000000000000001",
        "999999999999999.999999999999999999",
        "-0.0",
        ".5",
        "7.",
    ];
    let cells = texts.map(|text| [("EffectiveCost", text)]);
    let table = focus(&cells.each_ref().map(<[_; 1]>::as_slice));
    let sum = "1000000000001507.500056650301000000";
    let exact: Vec<Style> =
        roomy().into_iter().filter(|s| s.cost != Cost::Decimal(38, 24)).collect();
    let found = output_in(&everywhere(), &table, &exact);
    assert!(found.contains(&format!("2026-07,EUR,credited,,8,{sum}\n")), "{found}");
    // DECIMAL of any scale that loses nothing.
    let table = focus(&[&[("EffectiveCost", "1.2345")], &[("EffectiveCost", "-0.0001")]]);
    for (precision, scale) in [(9, 4), (18, 4), (18, 9), (19, 4), (38, 10), (38, 18), (38, 28)] {
        let style = Style { cost: Cost::Decimal(precision, scale), ..AZURE };
        let found = output_in(&everywhere(), &table, &[style]);
        assert!(found.contains("credited,,2,1.234400000000000000"), "{found}");
    }
    // A DOUBLE is the shortest decimal that means it, rounded to eighteen places once.
    let folder = Folder::new();
    let style = Style { cost: Cost::Double, ..AZURE };
    for (text, amount) in [
        ("5.64902E-05", "0.000056490200000000"),
        ("0.1", "0.100000000000000000"),
        ("-1e-18", "-0.000000000000000001"),
        ("4e-19", "0.000000000000000000"),
        ("8.130000000000001e-7", "0.000000813000000000"),
        ("123456789.25", "123456789.250000000000000000"),
    ] {
        let table = focus(&[&[("EffectiveCost", text)]]);
        let path = folder.file("double.parquet", table.parquet(&style));
        let found = everywhere().run(&[path]).unwrap();
        assert!(found.contains(&format!("credited,,1,{amount}\n")), "{text}: {found}");
    }
}

#[test]
fn trap_08_currency() {
    let table = focus(&[
        &[],
        &[("BillingCurrency", "USD"), ("PricingCurrency", "GBP")],
        &[("BillingCurrency", "eur")],
        &[("EffectiveCost", "1")],
    ]);
    assert_eq!(
        report(everywhere(), &[KeyColumn::Currency], &table),
        [
            "EUR,2,32.0000000000,32.0000000000",
            "USD,1,31.0000000000,31.0000000000",
            "eur,1,31.0000000000,31.0000000000",
        ]
    );
    assert_eq!(
        balance_of(&everywhere(), &table),
        [
            "total 2 32",
            "credited 2 32",
            "total 1 31",
            "credited 1 31",
            "total 1 31",
            "credited 1 31"
        ]
    );
}

#[test]
fn trap_09_actual_and_amortized() {
    // The effective cost, never the billed one beside it; and no purchase, also where the export
    // gives it an effective cost by mistake.
    let table = focus(&[
        &[("BilledCost", "0"), ("CommitmentDiscountStatus", "Used")],
        &[("BilledCost", "900"), ("EffectiveCost", "900"), ("ChargeCategory", "Purchase")],
    ]);
    let expected = ["total 2 931", "excluded purchase 1 900", "credited 1 31"];
    assert_eq!(balance_of(&everywhere(), &table), expected);
}

#[test]
fn trap_10_marketplace() {
    let names = |publisher| [("PublisherName", publisher), ("ProviderName", "Microsoft")];
    let unsaid = ("x_PublisherCategory", "");
    let (vendor, own, nobody) = (names("Canonical"), names("Microsoft"), names(""));
    let table = focus(&[
        &[("x_PublisherCategory", "Vendor"), ("EffectiveCost", "1")],
        &[("EffectiveCost", "2"), vendor[0], vendor[1]],
        // Where the row does not say, the names do; in every container.
        &[unsaid, ("EffectiveCost", "4"), vendor[0], vendor[1]],
        &[unsaid, ("EffectiveCost", "8"), own[0], own[1]],
        &[unsaid, ("EffectiveCost", "16"), nobody[0], nobody[1]],
    ]);
    assert_eq!(
        balance_of(&everywhere(), &table),
        ["total 5 31", "excluded marketplace 2 5", "credited 3 26"]
    );
    let table = native(&[
        &[("PublisherType", "Marketplace"), ("CostInBillingCurrency", "1")],
        &[("PublisherType", "AWS"), ("CostInBillingCurrency", "2")],
        &[
            ("PublisherType", "Azure"),
            ("PublisherName", "Canonical"),
            ("CostInBillingCurrency", "4"),
        ],
        &[("PublisherType", ""), ("PublisherName", "Canonical"), ("CostInBillingCurrency", "8")],
        &[("PublisherType", ""), ("PublisherName", "Microsoft"), ("CostInBillingCurrency", "16")],
    ]);
    assert_eq!(
        balance_of(&everywhere(), &table),
        ["total 5 31", "excluded marketplace 3 11", "credited 2 20"]
    );
}

#[test]
fn trap_11_rows_are_not_unique() {
    let table = focus(&[&[], &[], &[]]);
    assert_eq!(balance_of(&everywhere(), &table), ["total 3 93", "credited 3 93"]);
}

#[test]
fn trap_12_dates() {
    let expected = report(everywhere(), &KeyColumn::ALL, &focus(&[&[]]));
    for (start, end) in [
        ("2026-07-10T00:00Z", "2026-07-11T00:00Z"),
        ("2026-07-10 00:00:00", "2026-07-11 00:00:00"),
        ("2026-07-10", "2026-07-11"),
        ("2026-07-10T00:00:00.0000000Z", "2026-07-11T00:00:00+00:00"),
        ("2026-07-10T02:00:00+02:00", "2026-07-10T19:00:00-05:00"),
    ] {
        let table = focus(&[&[("ChargePeriodStart", start), ("ChargePeriodEnd", end)]]);
        let folder = Folder::new();
        for (name, bytes) in [
            ("u.csv", table.csv()),
            ("u.parquet", table.parquet(&Style { time: Time::Text, ..AZURE })),
        ] {
            let found = everywhere().run(&[folder.file(name, bytes)]).unwrap();
            assert_eq!(lines(&found).0, expected, "{start} in {name}");
        }
    }
    let expected = report(everywhere(), &KeyColumn::ALL, &native(&[&[]]));
    for date in ["07/10/2026", "7/10/2026 12:00:00 AM", "2026-07-10", "2026-07-10T00:00:00Z"] {
        let folder = Folder::new();
        let table = native(&[&[("Date", date)]]);
        for (name, bytes) in [
            ("u.csv", table.csv()),
            ("u.parquet", table.parquet(&Style { time: Time::Text, ..AZURE })),
        ] {
            let found = everywhere().run(&[folder.file(name, bytes)]).unwrap();
            assert_eq!(lines(&found).0, expected, "{date} in {name}");
        }
    }
    // The month is that of the start in UTC, also across a month's end.
    let month = |start, end| {
        let table = focus(&[&[("ChargePeriodStart", start), ("ChargePeriodEnd", end)]]);
        report(everywhere(), &[KeyColumn::Month], &table)[0][..7].to_owned()
    };
    assert_eq!(month("2026-06-30T23:59:59.999Z", "2026-07-01T00:00:00Z"), "2026-06");
    assert_eq!(month("2026-06-30T12:00:00Z", "2026-07-31T00:00:00Z"), "2026-06");
    let zoned = focus(&[&[
        ("ChargePeriodStart", "2026-06-30T23:00:00-02:00"),
        ("ChargePeriodEnd", "2026-07-01T23:00:00-02:00"),
    ]]);
    let folder = Folder::new();
    let found = everywhere().run(&[folder.file("u.csv", zoned.csv())]).unwrap();
    assert!(found.contains("2026-07,EUR,total,,1,"), "{found}");
}

#[test]
fn trap_13_byte_order_mark_and_null() {
    let table = focus(&[&[], &[("ResourceId", ""), ("x_ResourceGroupName", "")]]);
    let expected = output_in(&everywhere(), &table, &roomy());
    let folder = Folder::new();
    let csv = String::from_utf8(table.csv()).unwrap();
    let quoted = csv.replacen("BilledCost", "\"BilledCost\"", 1);
    for text in [
        format!("\u{feff}{csv}"),
        format!("\u{feff}{quoted}"),
        csv.replace('\n', "\r\n"),
        csv.trim_end().to_owned(),
        format!("{csv}\n\n"),
        csv.replace(",,", ",NULL,").replace(",,", ",NULL,"),
        csv.replace(",,", ", NULL ,").replace(",,", ",\"\","),
    ] {
        let found = everywhere().run(&[folder.file("u.csv", &text)]).unwrap();
        assert_eq!(found, expected, "{}", &text[..40]);
        let found = everywhere().run(&[folder.file("u.gz", gzip(text.as_bytes()))]).unwrap();
        assert_eq!(found, expected, "{}", &text[..40]);
    }
    // In Parquet: no value, an empty text, the literal.
    for nothing in ["", "NULL", " "] {
        let mut table = table.clone();
        for cell in table.rows.iter_mut().flatten().filter(|cell| cell.is_none()) {
            *cell = Some(nothing.to_owned());
        }
        assert_eq!(output_in(&everywhere(), &table, &roomy()), expected, "{nothing:?}");
    }
    // Real rows of a sample that writes NULL, and resources of another cloud.
    let sample = fixture_table("focus-1.0-foundation.csv");
    let expected = ["total 12 1.56800116722", "uncredited unknown-subscription 12 1.56800116722"];
    assert_eq!(balance_of(&everywhere(), &sample), expected);
}

#[test]
fn trap_14_tags() {
    let expected = output_in(&everywhere(), &focus(&[&[]]), &roomy());
    for tags in [
        "{\"env\": \"prod\", \"team\": \"a\"}",
        "\"env\": \"prod\",\"team\": \"a\"",
        "{\"note\": \"one,\ntwo\r\nthree \\\"four\\\"\"}",
        "2026-07-10T00:00:00Z,31,EUR",
        &"x".repeat(100_000),
    ] {
        assert_eq!(output_in(&everywhere(), &focus(&[&[("Tags", tags)]]), &roomy()), expected);
        let native = native(&[&[("Tags", tags)]]);
        assert_eq!(balance_of(&everywhere(), &native), ["total 1 31", "credited 1 31"]);
    }
}
