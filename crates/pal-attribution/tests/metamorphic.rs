//! Relations between reports: the world is changed in a way whose effect is known, and the report
//! must change in exactly that way. No expected number is written down anywhere.
//!
//! M1 – M22, one test each. `PAL_METAMORPHIC` sets the number of worlds of each (40 by default),
//! `PAL_FIRST_WORLD` the first seed; a failure prints the seed. Every test also counts the worlds in
//! which its change mattered, so that a relation that holds because nothing happens is noticed.
//!
//! Credits are compared charge by charge (`Case::credits`) unless a relation is about sums. Sums use
//! costs whose shares are whole numbers of 10⁻¹⁰ (`Case::exact`), because a report cell is rounded
//! once and rounded numbers do not add up.

mod unfold;

use crate::support::table;
use crate::support::world;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use pal_attribution::policy::Granularity;
use pal_model::{BalanceLine, Instant, Interval, KeyColumn, Money, Row, fold};
use serde_json::{Value, json};

use crate::support::case::{
    Case, Credit, Credits, Dice, amounts, during, facts_of, held, of_partner, others, partner,
    text, without_reasons,
};
use crate::support::charges::{loose_styles, printed, table_of};
use crate::support::run::{Folder, Setup};
use crate::support::table::gzip;
use unfold::{
    group_of, has_groups, replace_grants, scope, to_guests, to_members, to_resource_groups,
    to_subscriptions,
};

/// Runs a relation on its worlds. `check` tells whether its change mattered; it must in at least
/// one world of `one_in`.
fn each(relation: u64, one_in: u64, check: impl Fn(u64) -> bool) {
    let setting = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let count = setting("PAL_METAMORPHIC").unwrap_or(40);
    let first = setting("PAL_FIRST_WORLD").unwrap_or(relation * 1_000_000_000);
    let told = (first..first + count).filter(|&seed| check(seed)).count() as u64;
    assert!(count < 40 || told * one_in >= count, "told something in {told} of {count} worlds");
}

/// Two partners that no world has.
const FRESH: [&str; 2] = ["5550001", "5550002"];

/// The rows as if casing did not count, sorted.
fn uncased(rows: &[Row]) -> Vec<Row> {
    let mut rows = rows.to_vec();
    for key in rows.iter_mut().flat_map(|row| &mut row.keys) {
        *key = key.as_ref().map(|text| fold(text));
    }
    rows.sort();
    rows
}

/// Sums of rows by their keys.
fn sums(rows: &[Row], into: &mut BTreeMap<Vec<Option<String>>, (u64, i128, i128)>) {
    for row in rows {
        let sum = into.entry(row.keys.clone()).or_default();
        *sum = (sum.0 + row.charges, sum.1 + row.cost, sum.2 + row.credited_cost);
    }
}

/// The order of facts, of the files they are in, of the items of a list in a fact, and of charges.
#[test]
fn m01_order_changes_nothing() {
    each(1, 2, |seed| {
        let mut dice = Dice::new(seed);
        let case = Case::new(seed);
        let expected = case.run_by(&KeyColumn::ALL);
        let mut mixed = case.clone();
        dice.shuffle(&mut mixed.lines);
        dice.shuffle(&mut mixed.charges);
        for line in &mut mixed.lines {
            for (_, value) in line.as_object_mut().unwrap() {
                if let Value::Array(list) = value {
                    dice.shuffle(list);
                }
            }
        }
        let texts: Vec<String> = mixed.lines.iter().map(|line| format!("{line}\n")).collect();
        let size = 1 + dice.below(texts.len() as u64) as usize;
        let files: Vec<String> = texts.chunks(size).map(<[String]>::concat).collect();
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let found = mixed.run_with(&facts_of(&files, None).unwrap(), &KeyColumn::ALL);
        assert_eq!(found, expected, "world {seed}");
        !expected.0.is_empty()
    });
}

/// The charges as one CSV file are the baseline, and equal what comes of the charges themselves.
/// Against it: gzip, Parquet in several styles, several files of mixed containers, threads, and so
/// little memory that groups go to temporary files. Equal bytes of report and balance.
#[test]
fn m02_files_threads_and_memory_change_nothing() {
    each(2, 2, |seed| {
        let mut dice = Dice::new(seed);
        let case = Case::new(seed);
        let whole = table_of(&case.charges);
        let mut setup = Setup { policy: case.policy.clone(), ..Setup::new(&case.text()) };
        let folder = Folder::new();
        let expected = setup.run(&[folder.file("whole.csv", whole.csv())]).unwrap();
        let (rows, balance) = case.run_by(&KeyColumn::ALL);
        assert_eq!(expected, printed(&KeyColumn::ALL, &rows, &balance), "world {seed}");
        let styles = loose_styles();
        let packed = |table: &table::Table, dice: &mut Dice| match dice.below(4) {
            0 => ("csv", table.csv()),
            1 => ("csv.gz", gzip(&table.csv())),
            _ => ("parquet", table.parquet(dice.pick(&styles))),
        };
        for split in 0..4 {
            setup.threads = 1 + dice.below(3) as usize;
            setup.groups_in_memory = *dice.pick(&[1, 2, 5, 1000]);
            let size = 1 + dice.below(case.charges.len() as u64) as usize;
            let size = if split == 0 { case.charges.len() } else { size };
            let folder = Folder::new();
            let mut files = Vec::new();
            for (at, charges) in case.charges.chunks(size).enumerate() {
                let (end, bytes) = packed(&table_of(charges), &mut dice);
                files.push(folder.file(&format!("part_{at:04}.{end}"), bytes));
            }
            let found = setup.run(&files).unwrap();
            assert_eq!(found, expected, "world {seed}, {size} charges a file");
        }
        !rows.is_empty()
    });
}

/// As [`m02_files_threads_and_memory_change_nothing`], with so many rows that a file has several
/// batches and a Parquet file several row groups for each thread.
#[test]
fn m02_large_files_too() {
    let credits = |case: &Case| !case.run_by(&KeyColumn::ALL).0.is_empty();
    let mut case = (2_000_000_000..2_000_001_000).map(Case::new).find(credits).unwrap();
    let few = case.charges.clone();
    case.charges = few.iter().cycle().take(20_000).cloned().collect();
    // The largest costs would not add up to anything that fits the sum of this many.
    case.charges.iter_mut().for_each(|c| c.cost = Money::from_units(c.cost.units() % Money::ONE));
    let table = table_of(&case.charges);
    let mut setup = Setup { policy: case.policy.clone(), ..Setup::new(&case.text()) };
    let folder = Folder::new();
    let expected = setup.run(&[folder.file("whole.csv", table.csv())]).unwrap();
    let (rows, balance) = case.run_by(&KeyColumn::ALL);
    assert!(!rows.is_empty());
    assert_eq!(expected, printed(&KeyColumn::ALL, &rows, &balance));
    for (threads, rows_per_group) in [(1, 9_000), (2, 3_000), (3, 20_000)] {
        setup.threads = threads;
        let style = table::Style { rows_per_group, ..loose_styles()[0] };
        let path = folder.file("whole.parquet", table.parquet(&style));
        assert_eq!(setup.run(&[path]).unwrap(), expected, "{threads} threads");
    }
}

/// "Rename", "re-compress": other names, levels, several gzip members. ("Import again" is with
/// `pal-usage`, which knows what is given twice.)
#[test]
fn m03_renamed_or_recompressed() {
    each(3, 2, |seed| {
        let mut dice = Dice::new(seed);
        let case = Case::new(seed);
        let table = table_of(&case.charges);
        let setup = Setup { policy: case.policy.clone(), ..Setup::new(&case.text()) };
        let run = |paths: &[PathBuf]| setup.run(paths).unwrap();
        let folder = Folder::new();
        let csv = table.csv();
        let plain = folder.file("a.csv", &csv);
        let expected = run(&[plain]);

        let other = Folder::new();
        let cut = dice.below(csv.len() as u64) as usize;
        let members = [gzip(&csv[..cut]), gzip(&csv[cut..])].concat();
        let style = *dice.pick(&loose_styles());
        for (name, bytes) in [
            ("Z Z.CSV", csv.clone()),
            ("export.csv.gz", gzip(&csv)),
            ("no-ending", gzip(&csv)),
            ("members.gz", members),
            ("x.snappy.parquet", table.parquet(&style)),
            ("parquet.data", table.parquet(&style)),
        ] {
            assert_eq!(run(&[other.file(name, bytes)]), expected, "world {seed}, {name}");
        }
        expected.matches('\n').count() > 4
    });
}

/// A(W, U₁ ⊎ U₂) = A(W, U₁) + A(W, U₂): rows by any keys, and the balance.
#[test]
fn m04_reports_of_parts_add_up() {
    each(4, 2, |seed| {
        let mut dice = Dice::new(seed);
        let case = Case::folded(seed).exact(&mut dice, true);
        let (rows, balance) = case.run();
        let mut parts = [case.clone(), case.clone()];
        for part in &mut parts {
            part.charges.clear();
        }
        for charge in &case.charges {
            parts[dice.below(2) as usize].charges.push(charge.clone());
        }
        let (mut whole, mut added) = (BTreeMap::new(), BTreeMap::new());
        sums(&rows, &mut whole);
        let mut added_balance = BTreeMap::new();
        for part in &parts {
            let (rows, balance) = part.run();
            sums(&rows, &mut added);
            for (key, (count, amount)) in balance {
                let sum: &mut (u64, Money) = added_balance.entry(key).or_default();
                *sum = (sum.0 + count, sum.1.plus(amount).unwrap());
            }
        }
        assert_eq!(added, whole, "world {seed}");
        assert_eq!(added_balance, balance, "world {seed}");
        !rows.is_empty()
    });
}

/// An assignment without link: equal rows, and a balance that may only say `no-link` where it said
/// `no-assignment`. A link without assignment, and a whole unrelated tenant with the same objects,
/// scopes and links: everything equal.
#[test]
fn m05_what_leads_nowhere_changes_nothing() {
    const NOBODY: &str = "0b1ec700-0000-4000-8000-00000000beef";
    each(5, 2, |seed| {
        let case = Case::folded(seed);
        let expected = case.run_by(&KeyColumn::ALL);
        let tenants: BTreeSet<String> =
            case.lines.iter().map(|line| text(line, "tenant")).filter(|t| !t.is_empty()).collect();

        let mut unlinked = case.clone();
        let mut linked = case.clone();
        for tenant in &tenants {
            let user = json!({"tenant": tenant, "object": NOBODY, "type": "User"});
            unlinked.add("principal", user.clone());
            linked.add("principal", user);
            let link = json!({"tenant": tenant, "object": NOBODY, "partner": "111111"});
            linked.add("link", link);
            let assignment = json!({"tenant": tenant, "id": "new", "principal": NOBODY,
                "role": "Owner", "scope": "/"});
            unlinked.add("roleAssignment", assignment);
        }
        let found = unlinked.run_by(&KeyColumn::ALL);
        assert_eq!(found.0, expected.0, "world {seed}");
        assert_eq!(without_reasons(&found.1), without_reasons(&expected.1), "world {seed}");
        let (none, some) = (pal_model::Uncredited::NoAssignment, expected.1.keys());
        let had = some.into_iter().any(|key| key.2 == BalanceLine::Uncredited(none));
        assert_eq!(found.1 != expected.1, had, "world {seed}");
        assert_eq!(linked.run_by(&KeyColumn::ALL), expected, "world {seed}");

        let mut unrelated = case.clone();
        for line in &case.lines {
            let text_of_line = line.to_string();
            let mut copy = text_of_line.clone();
            for tenant in &tenants {
                copy = copy.replace(tenant, &format!("{}-dddd{}", &tenant[..8], &tenant[13..]));
            }
            let kind = text(line, "kind");
            if copy != text_of_line && kind != "subscription" && kind != "partner" {
                let mut copy: Value = serde_json::from_str(&copy).unwrap();
                copy["scope"] = line["scope"].clone();
                if copy["scope"].is_null() {
                    copy.as_object_mut().unwrap().remove("scope");
                }
                unrelated.lines.push(copy);
            }
        }
        assert!(unrelated.lines.len() > case.lines.len(), "world {seed}");
        assert_eq!(unrelated.run_by(&KeyColumn::ALL), expected, "world {seed}");
        !expected.0.is_empty()
    });
}

/// Every linked identity gets a twin with its groups, link, denies and exceptions, and with some or
/// all of its grants.
#[test]
fn m06_a_second_person_of_a_partner_adds_nothing() {
    each(6, 2, |seed| {
        let mut dice = Dice::new(seed);
        let case = Case::folded(seed);
        let expected = case.run_by(&KeyColumn::ALL);
        let twin = |object: &str| format!("{}1111{}", &object[..9], &object[13..]);
        let linked: BTreeSet<(String, String)> = case
            .of_kind("link")
            .into_iter()
            .map(|at| (text(&case.lines[at], "tenant"), text(&case.lines[at], "object")))
            .collect();
        let mut twins = case.clone();
        let mut granted = false;
        for at in 0..case.lines.len() {
            let line = &case.lines[at];
            let mut copy = line.clone();
            for field in ["object", "member", "principal"] {
                let key = (text(line, "tenant"), text(line, field));
                if linked.contains(&key) {
                    copy[field] = json!(twin(&key.1));
                }
            }
            if copy != *line && (line["kind"] != "roleAssignment" || dice.below(3) > 0) {
                granted |= line["kind"] == "roleAssignment";
                twins.lines.push(copy);
            }
            let tenant = match line["kind"] == "delegation" {
                true => text(line, "managingTenant"),
                false => text(line, "tenant"),
            };
            let double = |list: &mut Vec<Value>, copy: &dyn Fn(&Value) -> Option<Value>| {
                let more: Vec<Value> = list.iter().filter_map(copy).collect();
                list.extend(more);
            };
            let known = |object: &str| {
                let object = fold(object);
                linked.contains(&(tenant.clone(), object.clone())).then(|| json!(twin(&object)))
            };
            let fields = twins.lines[at].as_object_mut().unwrap();
            for (name, value) in fields {
                let Value::Array(list) = value else { continue };
                match name.as_str() {
                    "principals" | "excludePrincipals" => {
                        double(list, &|object| known(object.as_str().unwrap()));
                    }
                    "authorizations" => double(list, &|one| {
                        let mut one = one.clone();
                        one["principal"] = known(one["principal"].as_str().unwrap())?;
                        Some(one)
                    }),
                    _ => {}
                }
            }
        }
        assert_eq!(twins.run_by(&KeyColumn::ALL), expected, "world {seed}");
        granted && !expected.0.is_empty()
    });
}

/// Access of every form: another assignment or delegation, one that holds always instead of for a
/// time, one that is active instead of eligible, another member of a group. No charge is credited
/// less to anybody. (Costs are positive. A member of a group is also reached by denies of the
/// group, so that form is tried in a world without denies.)
#[test]
fn m07_more_access_never_means_less_credit() {
    each(7, 2, |seed| {
        let mut dice = Dice::new(seed);
        let case = Case::folded(seed).exact(&mut dice, false);
        let mut mattered = false;
        for form in 0..5 {
            let mut before = case.clone();
            if form == 4 {
                before.lines.retain(|line| line["kind"] != "denyAssignment");
            }
            let mut after = before.clone();
            for _ in 0..3 {
                more_access(&mut after, form, &mut dice);
            }
            let (before, after) = (amounts(&before.credits()), amounts(&after.credits()));
            for (key, amount) in &before {
                let more = after.get(key).copied().unwrap_or_default();
                assert!(more >= *amount, "world {seed}, form {form}: {key:?} {amount} → {more}");
            }
            mattered |= after != before;
        }
        mattered
    });
}

fn more_access(case: &mut Case, form: u8, dice: &mut Dice) {
    let principal = case.lines[*dice.pick(&case.of_kind("principal"))].clone();
    let assignments = case.of_kind("roleAssignment");
    let at = *dice.pick(&assignments);
    let role = *dice.pick(&["Owner", "Contributor", "Reader", "Support Request Contributor"]);
    match form {
        0 => {
            let mut more = case.lines[at].clone();
            more["tenant"] = principal["tenant"].clone();
            more["principal"] = principal["object"].clone();
            more["role"] = json!(role);
            if dice.below(2) == 0 {
                let subscription = &case.lines[*dice.pick(&case.of_kind("subscription"))];
                more["tenant"] = subscription["tenant"].clone();
                let id = text(subscription, "subscription");
                more["scope"] = json!(format!("/subscriptions/{id}"));
            }
            case.lines.push(more);
        }
        1 => {
            let fields = case.lines[at].as_object_mut().unwrap();
            fields.remove("from");
            fields.remove("to");
        }
        2 => {
            let eligible = |at: &&usize| case.lines[**at]["eligible"] == true;
            if let Some(&at) = assignments.iter().find(eligible) {
                case.lines[at]["eligible"] = json!(false);
            }
        }
        3 => {
            let subscription = case.lines[*dice.pick(&case.of_kind("subscription"))].clone();
            let scope = format!("/subscriptions/{}", text(&subscription, "subscription"));
            case.add(
                "delegation",
                json!({"tenant": subscription["tenant"], "id": "more", "scope": scope,
                    "managingTenant": principal["tenant"],
                    "authorizations": [{"principal": principal["object"], "role": role}]}),
            );
        }
        _ => {
            let mut more = case.lines[*dice.pick(&case.of_kind("membership"))].clone();
            more["tenant"] = principal["tenant"].clone();
            more["member"] = principal["object"].clone();
            case.lines.push(more);
        }
    }
}

/// What is left is what the other links cover; the charges that this link does not reach, and the
/// other partners, stay as they were; and nothing goes but what this link covered. Under
/// `whole-day` a day may be covered by two links together, so time is counted in proportion, and
/// once as "any".
#[test]
fn m08_a_link_takes_along_exactly_what_only_it_covers() {
    each(8, 4, |seed| {
        let mut dice = Dice::new(seed);
        let case = Case::folded(seed).exact(&mut dice, false);
        let mut links = case.of_kind("link");
        dice.shuffle(&mut links);
        let alone = |link: usize| {
            let mut alone = case.clone();
            let keep = case.lines[link].clone();
            alone.lines.retain(|line| line["kind"] != "link" || *line == keep);
            alone
        };
        // The first link that credits anything, if there is one.
        let credits = |link: &usize| !alone(*link).credits().is_empty();
        let Some(gone) = links.iter().copied().find(credits) else { return false };
        let id = partner(case.lines[gone]["partner"].as_str().unwrap());
        let (mut left, alone) = (case.clone(), alone(gone));
        left.lines.remove(gone);
        let mut mattered = false;
        for granularity in [Granularity::Proportional, Granularity::Any] {
            let credits = |case: &Case| case.clone().counting(granularity).credits();
            let (before, after, alone) = (credits(&case), credits(&left), credits(&alone));
            assert_eq!(others(&before, &[id]), others(&after, &[id]), "world {seed}");
            let (before, after, alone) =
                (of_partner(&before, id), of_partner(&after, id), of_partner(&alone, id));
            for charge in 0..case.charges.len() {
                let amount = |credits: &BTreeMap<usize, Credit>| {
                    credits.get(&charge).map_or(0, |credit| credit.amount)
                };
                let (b, a, o) = (amount(&before), amount(&after), amount(&alone));
                assert!(a.max(o) <= b && b <= a + o, "world {seed}, charge {charge}: {b} {a} {o}");
                if o == 0 {
                    let same = |credit: &Credit| (credit.amount, credit.role.clone());
                    let (b, a) = (before.get(&charge), after.get(&charge));
                    assert_eq!(b.map(same), a.map(same), "world {seed}, charge {charge}");
                }
                mattered |= a < b;
            }
        }
        mattered
    });
}

/// One link is given to a partner of its own, then to another one at T. Charges before T stay, from
/// T on they are the second one's, a charge across T is shared by time and neither twice nor lost.
/// (`whole-day` knows no half days: a day across T is nobody's. `any`: at least one has it.)
#[test]
fn m09_relinking_hands_over_at_that_instant() {
    each(9, 4, |seed| {
        let mut dice = Dice::new(seed);
        let mut case = Case::folded(seed).exact(&mut dice, false);
        let links = case.of_kind("link");
        let day = *dice.pick(&["2026-10-30", "2026-10-31", "2026-11-01", "2026-11-02"]);
        let hour = *dice.pick(&["00", "00", "06", "12"]);
        let at: Instant = format!("{day}T{hour}:00:00Z").parse().unwrap();
        let inside = |link: &&usize| {
            let during = during(&case.lines[**link]);
            during.from() < at && at < during.to()
        };
        let links: Vec<usize> = links.iter().filter(inside).copied().collect();
        if links.is_empty() {
            return false;
        }
        let link = *dice.pick(&links);
        for partner in FRESH {
            case.add("partner", json!({"partner": partner, "type": "location"}));
        }
        case.lines[link]["partner"] = json!(FRESH[0]);
        let whole = during(&case.lines[link]);
        let mut relinked = case.clone();
        let halves = [(whole.from(), at), (at, whole.to())];
        let [first, mut second] =
            halves.map(|(from, to)| held(&case.lines[link], Interval::new(from, to).unwrap()));
        second["partner"] = json!(FRESH[1]);
        relinked.lines[link] = first;
        relinked.lines.push(second);

        let (before, after) = (case.credits(), relinked.credits());
        let fresh = FRESH.map(partner);
        assert_eq!(others(&before, &fresh), others(&after, &fresh), "world {seed}");
        let before = of_partner(&before, fresh[0]);
        let [first, second] = fresh.map(|id| of_partner(&after, id));
        for charge in 0..case.charges.len() {
            let window = case.window(charge);
            let (b, a1, a2) = (before.get(&charge), first.get(&charge), second.get(&charge));
            let place = format!("world {seed}, charge {charge}");
            if window.to() <= at {
                assert_eq!((a1, a2), (b, None), "{place}");
            } else if at <= window.from() {
                assert_eq!((a1, a2), (None, b), "{place}");
            } else {
                let amount = |credit: Option<&Credit>| credit.map_or(0, |c| c.amount);
                match case.policy.granularity {
                    Granularity::Proportional => {
                        assert_eq!(amount(a1) + amount(a2), amount(b), "{place}");
                    }
                    Granularity::WholeDay => assert_eq!((a1, a2), (None, None), "{place}"),
                    Granularity::Any => {
                        assert_eq!(a1.is_some() || a2.is_some(), b.is_some(), "{place}");
                    }
                }
            }
        }
        !before.is_empty()
    });
}

/// A grant to a group = grants to all its members, through groups in groups, for the time they are
/// in it: equal rows. (A group without anybody is still a grant in the balance's reasons.)
#[test]
fn m10_a_group_is_its_members() {
    each(10, 2, |seed| {
        let case = Case::folded(seed);
        let direct = to_members(&case);
        assert!(!has_groups(&direct), "world {seed}");
        let (rows, balance) = case.run_by(&KeyColumn::ALL);
        let found = direct.run_by(&KeyColumn::ALL);
        assert_eq!(found.0, rows, "world {seed}");
        assert_eq!(without_reasons(&found.1), without_reasons(&balance), "world {seed}");
        has_groups(&case) && !rows.is_empty()
    });
}

/// Fifty groups in each other, the last one in the first, and the member in the innermost.
#[test]
fn m10_depth_and_cycles_end() {
    let mut case = Case::folded(10);
    let tenant = "aaaaaaaa-0000-4000-8000-0000000000a1";
    let subscription = "5ab00000-0000-4000-8000-00000000000a";
    let group = |at: usize| format!("eeeeeeee-0000-4000-8000-{at:012}");
    let user = "0b1ec700-0000-4000-8000-000000000777";
    case.lines.clear();
    case.charges.truncate(1);
    case.charges[0].resource = Some(format!("/subscriptions/{subscription}"));
    case.charges[0].traits = pal_model::ChargeTraits::USAGE;
    case.charges[0].cost = "31".parse().unwrap();
    case.policy.granularity = Granularity::Proportional;
    case.policy.roles = pal_attribution::policy::RoleFilter::All;
    case.add("partner", json!({"partner": FRESH[0], "type": "location"}));
    case.add("subscription", json!({"tenant": tenant, "subscription": subscription}));
    case.add("principal", json!({"tenant": tenant, "object": user, "type": "User"}));
    case.add("link", json!({"tenant": tenant, "object": user, "partner": FRESH[0]}));
    for at in 0..50 {
        case.add("principal", json!({"tenant": tenant, "object": group(at), "type": "Group"}));
        let member = group((at + 1) % 50);
        case.add("membership", json!({"tenant": tenant, "group": group(at), "member": member}));
    }
    case.add("membership", json!({"tenant": tenant, "group": group(49), "member": user}));
    assert!(case.credits().is_empty());
    case.add(
        "roleAssignment",
        json!({"tenant": tenant, "id": "a", "principal": group(0),
        "role": "Reader", "scope": "/"}),
    );
    let expected = BTreeMap::from([((0, partner(FRESH[0])), 310_000_000_000)]);
    assert_eq!(amounts(&case.credits()), expected);
    assert_eq!(amounts(&to_members(&case).credits()), expected);
}

/// A grant on a subscription = grants on all its resource groups, for the charges in one; the
/// charges outside any group have what they would have without it.
#[test]
fn m11_a_subscription_is_its_resource_groups_and_the_rest() {
    each(11, 4, |seed| {
        let case = Case::folded(seed);
        let (groups, without) = to_resource_groups(&case);
        let grouped = |credits: Credits, want: bool| -> Credits {
            let is = |charge: usize| group_of(&case.charges[charge]).is_some();
            credits.into_iter().filter(|((charge, _), _)| is(*charge) == want).collect()
        };
        let (whole, groups, without) = (case.credits(), groups.credits(), without.credits());
        assert_eq!(grouped(groups.clone(), true), grouped(whole.clone(), true), "world {seed}");
        assert_eq!(grouped(groups, false), grouped(without.clone(), false), "world {seed}");
        whole != without
    });
}

/// A grant on a management group, on the tenant root or on `/` = grants on the subscriptions below
/// it, for the time that they are below it: everything equal, the reasons too.
#[test]
fn m12_a_management_group_is_its_subscriptions_of_that_day() {
    each(12, 2, |seed| {
        let case = Case::folded(seed);
        let direct = to_subscriptions(&case);
        let expected = case.run_by(&KeyColumn::ALL);
        assert_eq!(direct.run_by(&KeyColumn::ALL), expected, "world {seed}");
        let mut below = case.clone();
        below.lines.retain(|line| {
            line["kind"] != "roleAssignment" || scope(line).starts_with("/subscriptions/")
        });
        below.run_by(&KeyColumn::ALL) != expected
    });
}

/// Any casing of ids in facts and usage: the same up to the casing shown.
#[test]
fn m13_casing_changes_nothing() {
    each(13, 2, |seed| {
        let mut dice = Dice::new(seed);
        let case = Case::folded(seed);
        let expected = case.run_by(&KeyColumn::ALL);
        let mut cased = case.clone();
        cased.recase(&mut |text| {
            let flip = |c: char| if dice.below(2) == 0 { world::casing::capital(c) } else { c };
            text.chars().map(flip).collect()
        });
        let found = cased.run_by(&KeyColumn::ALL);
        assert_eq!(uncased(&found.0), uncased(&expected.0), "world {seed}");
        assert_eq!(found.1, expected.1, "world {seed}");
        found.0 != expected.0
    });
}

/// Grants stay only on one resource group or one resource: nothing is credited that does not lie
/// below it by path segments, whatever its name begins with.
#[test]
fn m13_sibling_prefixes_never_match() {
    each(13_500, 8, |seed| {
        let mut dice = Dice::new(seed);
        let case = Case::folded(seed);
        let mut scopes = BTreeSet::new();
        replace_grants(&case, &mut |grant| {
            scopes.insert(scope(grant));
            Vec::new()
        });
        let scopes: Vec<String> = scopes
            .into_iter()
            .filter(|scope| scope.starts_with("/subscriptions/") && scope.split('/').count() > 3)
            .collect();
        if scopes.is_empty() {
            return false;
        }
        let one = dice.pick(&scopes).clone();
        let mut narrow = case.clone();
        narrow.lines.retain(|line| line["kind"] != "delegation");
        narrow.lines.retain(|line| line["kind"] != "roleAssignment" || scope(line) == one);
        let path = |charge: &pal_model::Charge| match &charge.resource {
            Some(resource) => resource.trim_end_matches('/').to_owned(),
            None => group_of(charge).map_or_else(String::new, |(subscription, group)| {
                format!("/subscriptions/{subscription}/resourcegroups/{group}")
            }),
        };
        for (charge, _) in narrow.credits().keys() {
            let (path, scope): (_, Vec<&str>) =
                (path(&case.charges[*charge]), one.split('/').collect());
            let below = path.split('/').take(scope.len()).eq(scope);
            assert!(below, "world {seed}: {one} credits {path}");
        }
        // A trap was there: a charge whose text begins with the scope, but not its segments.
        let trap =
            |charge| path(charge).strip_prefix(&one).is_some_and(|t| t.starts_with(|c| c != '/'));
        case.charges.iter().any(trap)
    });
}

/// All facts and charge periods k days later: the same amounts, in other months.
#[test]
fn m14_a_shift_in_time_changes_no_amount() {
    const DAY: i128 = 86_400_000_000_000;
    each(14, 2, |seed| {
        let mut dice = Dice::new(seed);
        let case = Case::folded(seed);
        let days = *dice.pick(&[1, 31, 365, -59, -10_000, 36_525]);
        let moved = |at: Instant| match at == Instant::MIN || at == Instant::MAX {
            true => at,
            false => Instant::from_nanoseconds(at.nanoseconds() + days * DAY).unwrap(),
        };
        let moved = |at: Interval| Interval::new(moved(at.from()), moved(at.to())).unwrap();
        let mut shifted = case.clone();
        for line in &mut shifted.lines {
            *line = held(line, moved(during(line)));
        }
        for charge in &mut shifted.charges {
            charge.period = moved(charge.period);
        }
        let keys: Vec<KeyColumn> =
            KeyColumn::ALL.into_iter().filter(|key| *key != KeyColumn::Month).collect();
        let ((rows, balance), (found, found_balance)) = (case.run_by(&keys), shifted.run_by(&keys));
        assert_eq!(found, rows, "world {seed}, {days} days");
        let timeless = |balance: &pal_model::Balance| {
            let mut sums = BTreeMap::new();
            for ((_, currency, line), (count, amount)) in balance {
                let sum: &mut (u64, Money) = sums.entry((currency.clone(), *line)).or_default();
                *sum = (sum.0 + count, sum.1.plus(*amount).unwrap());
            }
            sums
        };
        assert_eq!(timeless(&found_balance), timeless(&balance), "world {seed}, {days} days");
        !rows.is_empty()
    });
}

/// Any costs negated, and exact costs times three: the rows and the balance, in the same order.
#[test]
fn m15_costs_scale() {
    each(15, 2, |seed| {
        let mut dice = Dice::new(seed);
        let case = Case::folded(seed);
        let exact = case.clone().exact(&mut dice, true);
        let mut credited = false;
        for (case, factor) in [(case, -1), (exact.clone(), 3), (exact, -7)] {
            let mut scaled = case.clone();
            for charge in &mut scaled.charges {
                charge.cost = Money::from_units(charge.cost.units() * factor);
            }
            let ((mut rows, mut balance), found) = (case.run(), scaled.run());
            for row in &mut rows {
                row.cost *= factor;
                row.credited_cost *= factor;
            }
            for (_, amount) in balance.values_mut() {
                *amount = Money::from_units(amount.units() * factor);
            }
            assert_eq!(found, (rows, balance), "world {seed}, times {factor}");
            credited |= found.0.iter().any(|row| row.credited_cost != 0);
        }
        credited
    });
}

/// Charges grouped by the *set* of partners credited: the classes, "nobody" among them, add up to
/// all there is, and the balance says the same, line by line, to the last digit.
#[test]
fn m16_everything_is_somewhere() {
    each(16, 5, |seed| {
        let case = Case::folded(seed);
        let credits = case.credits();
        let (rows, balance) =
            case.run_by(&[KeyColumn::Month, KeyColumn::Currency, KeyColumn::PartnerId]);
        let mut lines: BTreeMap<(String, String, &str), (u64, Money)> = BTreeMap::new();
        let mut partners: BTreeMap<Vec<Option<String>>, (u64, Money)> = BTreeMap::new();
        let mut classes: BTreeMap<(String, String, Vec<u64>), (u64, Money)> = BTreeMap::new();
        let add = |sum: &mut (u64, Money), cost: Money| {
            *sum = (sum.0 + 1, sum.1.plus(cost).unwrap());
        };
        for (at, charge) in case.charges.iter().enumerate() {
            let (year, month) = charge.period.from().month();
            let (month, currency) = (format!("{year:04}-{month:02}"), charge.currency.clone());
            let set: Vec<u64> =
                credits.range((at, 0)..=(at, u64::MAX)).map(|((_, id), _)| *id).collect();
            let excluded = charge.traits.exclusion(&case.policy.exclude).is_some();
            assert!(!excluded || set.is_empty(), "world {seed}, charge {at}");
            let line = match (excluded, set.is_empty()) {
                (true, _) => vec!["excluded"],
                (false, true) => vec!["consumed", "uncredited"],
                (false, false) => vec!["consumed", "credited"],
            };
            for line in [vec!["total"], line].concat() {
                let key = (month.clone(), currency.clone(), line);
                add(lines.entry(key).or_default(), charge.cost);
            }
            for id in &set {
                let key = [&month, &currency, &id.to_string()].map(|text| Some(text.clone()));
                add(partners.entry(key.to_vec()).or_default(), charge.cost);
            }
            add(classes.entry((month, currency, set)).or_default(), charge.cost);
        }
        let mut found: BTreeMap<(String, String, &str), (u64, Money)> = BTreeMap::new();
        for ((month, currency, line), (count, amount)) in &balance {
            let sum = found.entry((month.clone(), currency.clone(), line.line())).or_default();
            *sum = (sum.0 + count, sum.1.plus(*amount).unwrap());
        }
        assert_eq!(found, lines, "world {seed}");
        let mut totals: BTreeMap<(String, String, &str), (u64, Money)> = BTreeMap::new();
        for ((month, currency, _), (count, amount)) in &classes {
            let sum = totals.entry((month.clone(), currency.clone(), "total")).or_default();
            *sum = (sum.0 + count, sum.1.plus(*amount).unwrap());
        }
        lines.retain(|(_, _, line), _| *line == "total");
        assert_eq!(totals, lines, "world {seed}");
        let rows: BTreeMap<_, _> =
            rows.into_iter().map(|row| (row.keys, (row.charges, row.cost))).collect();
        let partners: BTreeMap<_, _> =
            partners.into_iter().map(|(key, (n, cost))| (key, (n, cost.rounded()))).collect();
        assert_eq!(rows, partners, "world {seed}");
        classes.keys().any(|(_, _, set)| set.len() > 1)
    });
}

/// Every tenant, object, subscription, partner, management group and resource group under another
/// name: the same rows under those names. Partner ids keep their order, which decides ties.
#[test]
fn m17_renaming_renames() {
    each(17, 2, |seed| {
        let case = Case::folded(seed);
        let mut roles: BTreeSet<String> = BTreeSet::new();
        for line in &case.lines {
            roles.insert(text(line, "role"));
            let list = line["authorizations"].as_array();
            roles.extend(list.into_iter().flatten().map(|one| text(one, "role")));
        }
        let renamed_guid = |guid: &str| {
            let digit = |(at, c): (usize, char)| match c.to_digit(16) {
                Some(value) => char::from_digit(value ^ [5, 12, 3, 9][at % 4], 16).unwrap(),
                None => c,
            };
            match guid == "00000000-0000-0000-0000-000000000000" || roles.contains(guid) {
                true => guid.to_owned(),
                false => guid.chars().enumerate().map(digit).collect(),
            }
        };
        let is_guid = |text: &str| text.parse::<pal_model::Guid>().is_ok();
        let name = |text: &str| match is_guid(text) {
            true => renamed_guid(text),
            false => format!("q-{text}"),
        };
        let renamed = |text: &str| -> String {
            if is_guid(text) {
                return renamed_guid(text);
            }
            let mut before = "";
            let segment = |segment| {
                let named = ["resourcegroups", "managementgroups"].contains(&before);
                before = segment;
                if is_guid(segment) || named { name(segment) } else { segment.to_owned() }
            };
            text.split('/').map(segment).collect::<Vec<_>>().join("/")
        };
        let id = |text: &str| (text.parse::<u64>().unwrap() * 7 + 3).to_string();
        let mut other = case.clone();
        other.recase(&mut |text| renamed(text));
        for line in &mut other.lines {
            let group = line["kind"] == "managementGroup";
            for (field, value) in line.as_object_mut().unwrap() {
                let Value::String(text) = value else { continue };
                let numbers = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
                match field.as_str() {
                    "partner" | "parent" if numbers => *text = id(text),
                    "name" | "parent" if group && !is_guid(text) => *text = format!("q-{text}"),
                    "managementGroup" if !is_guid(text) => *text = format!("q-{text}"),
                    _ => {}
                }
            }
        }
        for charge in &mut other.charges {
            charge.resource_group = charge.resource_group.as_deref().map(name);
        }
        let ((mut rows, balance), (mut found, found_balance)) =
            (case.run_by(&KeyColumn::ALL), other.run_by(&KeyColumn::ALL));
        for row in &mut rows {
            for (key, column) in row.keys.iter_mut().zip(KeyColumn::ALL) {
                let Some(text) = key else { continue };
                match column {
                    KeyColumn::PartnerId | KeyColumn::PartnerGlobalId => *text = id(text),
                    KeyColumn::CustomerTenantId
                    | KeyColumn::SubscriptionId
                    | KeyColumn::ResourceId => *text = renamed(text),
                    KeyColumn::ResourceGroup => *text = name(text),
                    _ => {}
                }
            }
        }
        rows.sort();
        found.sort();
        assert_eq!(found, rows, "world {seed}");
        assert_eq!(found_balance, balance, "world {seed}");
        !rows.is_empty()
    });
}

/// The objects of one tenant get the ids of another tenant's objects, as many as there are: an
/// identity is the pair.
#[test]
fn m18_equal_ids_in_two_tenants_are_two_identities() {
    each(18, 3, |seed| {
        let mut dice = Dice::new(seed);
        let case = Case::folded(seed);
        let zero = "00000000-0000-0000-0000-000000000000";
        let mut all: Vec<String> = Vec::new();
        let mut of: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        // Every object of a line in the tenant it is of.
        let visit = |line: &mut Value, see: &mut dyn FnMut(&str, &mut Value)| {
            let tenant = text(line, "tenant");
            let managing = text(line, "managingTenant");
            for (field, value) in line.as_object_mut().unwrap() {
                match (field.as_str(), value) {
                    ("object" | "group" | "member" | "principal", value) => see(&tenant, value),
                    ("principals" | "excludePrincipals", Value::Array(list)) => {
                        for value in list {
                            see(&tenant, value);
                        }
                    }
                    ("authorizations", Value::Array(list)) => {
                        for one in list {
                            see(&managing, &mut one["principal"]);
                        }
                    }
                    _ => {}
                }
            }
        };
        let mut other = case.clone();
        for line in &mut other.lines {
            visit(line, &mut |tenant, object| {
                let object = object.as_str().unwrap().to_owned();
                if object != zero {
                    of.entry(tenant.to_owned()).or_default().insert(object.clone());
                    all.push(object);
                }
            });
        }
        all.sort();
        all.dedup();
        let tenants: Vec<&String> = of.keys().collect();
        let (from, to) = ((*dice.pick(&tenants)).clone(), (*dice.pick(&tenants)).clone());
        if from == to {
            return false;
        }
        // One to one: first the objects of `from` onto those of `to`, then the rest as it comes.
        let mut sources: Vec<String> = of[&from].iter().cloned().collect();
        let mut targets: Vec<String> = of[&to].iter().cloned().collect();
        dice.shuffle(&mut sources);
        for (list, known) in [(&mut sources, &of[&from]), (&mut targets, &of[&to])] {
            list.extend(all.iter().filter(|object| !known.contains(*object)).cloned());
        }
        let map: BTreeMap<String, String> = sources.into_iter().zip(targets).collect();
        for line in &mut other.lines {
            visit(line, &mut |tenant, object| {
                let new = map.get(object.as_str().unwrap()).filter(|_| tenant == from);
                if let Some(new) = new {
                    *object = json!(new);
                }
            });
        }
        let expected = case.run_by(&KeyColumn::ALL);
        assert_eq!(other.run_by(&KeyColumn::ALL), expected, "world {seed}");
        other.lines != case.lines && !expected.0.is_empty()
    });
}

/// A report as known at K, before and after facts of every kind are recorded after K: more access,
/// and all facts of another world, though they contradict these.
#[test]
fn m19_later_facts_change_no_earlier_report() {
    each(19, 2, |seed| {
        let mut dice = Dice::new(seed);
        let known: Instant = "2026-11-05T07:59:59.999999999Z".parse().unwrap();
        let later = json!("2026-11-05T08:00:00Z");
        let case = Case::folded(seed);
        let expected = case.run_with(&case.facts(Some(known)).unwrap(), &KeyColumn::ALL);
        let mut more = case.clone();
        let had = more.lines.len();
        for form in [0, 0, 0, 3, 3, 4] {
            more_access(&mut more, form, &mut dice);
        }
        more.lines[had..].iter_mut().for_each(|line| line["recordedAt"] = later.clone());
        let then = more.run_with(&more.facts(Some(known)).unwrap(), &KeyColumn::ALL);
        assert_eq!(then, expected, "world {seed}");
        let at: Instant = later.as_str().unwrap().parse().unwrap();
        let differs = more.run_with(&more.facts(Some(at)).unwrap(), &KeyColumn::ALL) != expected;

        let mut noise = Case::folded(seed + 1).lines;
        for line in &mut noise {
            line["recordedAt"] = later.clone();
        }
        more.lines.extend(noise);
        dice.shuffle(&mut more.lines);
        let then = more.run_with(&more.facts(Some(known)).unwrap(), &KeyColumn::ALL);
        assert_eq!(then, expected, "world {seed}");
        differs
    });
}

/// A delegation to (managing tenant, x), linked there = a guest with the same role, linked in the
/// customer's tenant. Groups of the managing tenant are copied along.
#[test]
fn m20_a_delegation_is_a_guest() {
    each(20, 5, |seed| {
        let case = Case::folded(seed);
        let guests = to_guests(&case);
        let expected = case.run_by(&KeyColumn::ALL);
        assert_eq!(guests.run_by(&KeyColumn::ALL), expected, "world {seed}");
        let mut without = case.clone();
        without.lines.retain(|line| line["kind"] != "delegation");
        without.run_by(&KeyColumn::ALL) != expected
    });
}

fn identity_of(line: &Value) -> [String; 2] {
    ["tenant", "object"].map(|field| text(line, field))
}

/// A world in which the links of one identity are to the first of [`FRESH`], and credit it.
fn with_own_partner(world: &Case, dice: &mut Dice) -> Option<(Case, [String; 2])> {
    let mut links = world.of_kind("link");
    dice.shuffle(&mut links);
    let own = |identity: &[String; 2]| {
        let mut case = world.clone();
        case.add("partner", json!({"partner": FRESH[0], "type": "location"}));
        for &link in &links {
            if identity_of(&case.lines[link]) == *identity {
                case.lines[link]["partner"] = json!(FRESH[0]);
            }
        }
        case
    };
    let identities = links.iter().map(|&link| identity_of(&world.lines[link]));
    let mut cases = identities.map(|identity| (own(&identity), identity));
    cases.find(|(case, _)| !of_partner(&case.credits(), partner(FRESH[0])).is_empty())
}

/// An identity whose links are to a partner of its own is disabled, or deleted, over [a, b): charges
/// inside go, charges outside stay, a charge across a border keeps what is left of its time. (Under
/// `whole-day` a day that is touched is gone; under `any` a charge stays if anything is left.)
#[test]
fn m21_disabled_takes_exactly_that_time_away() {
    each(21, 4, |seed| {
        let mut dice = Dice::new(seed);
        let world = Case::folded(seed).exact(&mut dice, false);
        let Some((case, identity)) = with_own_partner(&world, &mut dice) else { return false };
        let mut instant = || -> Instant {
            let day = *dice.pick(&["2026-10-29", "2026-10-30", "2026-10-31", "2026-11-01"]);
            let hour = *dice.pick(&["00", "00", "07", "12"]);
            format!("{day}T{hour}:00:00Z").parse().unwrap()
        };
        let (a, b) = (instant(), instant());
        let Ok(gap) = Interval::new(a.min(b), a.max(b)) else { return false };
        let delete = dice.below(2) == 0;
        let (mut disabled, mut inside) = (case.clone(), case.clone());
        disabled.lines.clear();
        inside.lines.clear();
        for line in &case.lines {
            let person = line["kind"] == "principal"
                && line["type"] != "Group"
                && identity_of(line) == identity;
            if !person {
                disabled.lines.push(line.clone());
                inside.lines.push(line.clone());
                continue;
            }
            let held_in = |part: Interval| Some(held(line, part.intersect(during(line))?));
            let outside = [(Instant::MIN, gap.from()), (gap.to(), Instant::MAX)];
            let outside = outside.map(|(from, to)| Interval::new(from, to).unwrap());
            disabled.lines.extend(outside.into_iter().filter_map(held_in));
            if let Some(mut there) = held_in(gap) {
                inside.lines.push(there.clone());
                there["enabled"] = json!(false);
                disabled.lines.extend((!delete).then_some(there));
            }
        }
        let (before, after, inside) = (case.credits(), disabled.credits(), inside.credits());
        let fresh = partner(FRESH[0]);
        assert_eq!(others(&before, &[fresh]), others(&after, &[fresh]), "world {seed}");
        let [before, after, inside] = [before, after, inside].map(|c| of_partner(&c, fresh));
        for charge in 0..case.charges.len() {
            let window = case.window(charge);
            let (b, a) = (before.get(&charge), after.get(&charge));
            let place = format!("world {seed}, charge {charge}");
            if !window.overlaps(gap) {
                assert_eq!(a, b, "{place}");
            } else if gap.from() <= window.from() && window.to() <= gap.to() {
                assert_eq!(a, None, "{place}");
            } else {
                let amount = |credit: Option<&Credit>| credit.map_or(0, |c| c.amount);
                match case.policy.granularity {
                    Granularity::Proportional => {
                        let i = amount(inside.get(&charge));
                        assert_eq!(amount(a) + i, amount(b), "{place}");
                    }
                    Granularity::WholeDay => assert_eq!(a, None, "{place}"),
                    Granularity::Any => assert!(amount(a) <= amount(b), "{place}"),
                }
            }
        }
        before != after
    });
}

/// What a currency's rows and balance say does not depend on what else there is, nor on its name.
#[test]
fn m22_currencies_are_never_added() {
    each(22, 4, |seed| {
        let case = Case::folded(seed);
        let keys: Vec<KeyColumn> = match case.keys.contains(&KeyColumn::Currency) {
            true => case.keys.clone(),
            false => case.keys.iter().copied().chain([KeyColumn::Currency]).collect(),
        };
        let place = keys.iter().position(|key| *key == KeyColumn::Currency).unwrap();
        let (rows, balance) = case.run_by(&keys);
        let currencies: BTreeSet<String> =
            case.charges.iter().map(|charge| charge.currency.clone()).collect();
        for currency in &currencies {
            let mut alone = case.clone();
            alone.charges.retain(|charge| charge.currency == *currency);
            alone.charges.iter_mut().for_each(|charge| charge.currency = "XTS".to_owned());
            let (mut found, found_balance) = alone.run_by(&keys);
            let mine = |row: &&Row| row.keys[place].as_ref() == Some(currency);
            let mut mine: Vec<Row> = rows.iter().filter(mine).cloned().collect();
            for row in &mut mine {
                row.keys[place] = Some("XTS".to_owned());
            }
            mine.sort();
            found.sort();
            assert_eq!(found, mine, "world {seed}, {currency}");
            let mine = balance.iter().filter(|((_, c, _), _)| c == currency);
            let mine = mine
                .map(|((month, _, line), sum)| ((month.clone(), "XTS".to_owned(), *line), *sum));
            assert_eq!(found_balance, mine.collect(), "world {seed}, {currency}");
        }
        let credited: BTreeSet<_> = rows.iter().map(|row| &row.keys[place]).collect();
        credited.len() > 1
    });
}
