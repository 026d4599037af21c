//! Situations that people and Azure make, each with the total that is right.

mod model;
mod world;

use super::*;
use world::{World, day, file, row, run};

const A: &str = "/providers/microsoft.billing/billingaccounts/a";
const B: &str = "/providers/microsoft.billing/billingaccounts/b";

fn ask() -> Answers {
    Answers::default()
}

fn add() -> Answers {
    Answers { on_difference: OnDifference::Add, ..Answers::default() }
}

fn restate() -> Answers {
    Answers { on_difference: OnDifference::Restate, ..Answers::default() }
}

fn empty() -> Answers {
    Answers { accept_empty: true, ..Answers::default() }
}

/// October 2026.
fn d(day: u8) -> String {
    format!("2026-10-{day:02}")
}

/// A use of `s0` on a day of October.
fn u(day: u8, subject: &str, cents: i64) -> world::Row {
    row(&d(day), subject, cents)
}

/// A charge without subscription.
fn t(day: u8, cents: i64) -> world::Row {
    row(&d(day), "", cents)
}

fn october(scope: &str, submitted: &str, rows: &[world::Row]) -> (Origin, Vec<world::Row>) {
    (run(scope, submitted, "2026-10-01", "2026-10-31", rows), rows.to_vec())
}

fn ran(
    scope: &str,
    submitted: &str,
    (first, last): (&str, &str),
    rows: &[world::Row],
) -> (Origin, Vec<world::Row>) {
    (run(scope, submitted, first, last, rows), rows.to_vec())
}

fn loose(name: &str, rows: &[world::Row]) -> (Origin, Vec<world::Row>) {
    (file(name), rows.to_vec())
}

#[test]
fn a_growing_month_and_its_closing_run_count_once() {
    let mut world = World::default();
    for last in 1..=5 {
        let rows: Vec<_> = (1..=last).map(|day| u(day, "s0", 10)).collect();
        let submitted = format!("2026-10-{:02}T04:00:00Z", last + 1);
        world.import(vec![october(A, &submitted, &rows)], ask()).unwrap();
        assert_eq!(world.total(), i64::from(last) * 10);
    }
    let rows: Vec<_> = (1..=31).map(|day| u(day, "s0", 10)).collect();
    let closing = ran(A, "2026-11-03T04:00:00Z", ("2026-10-01", "2026-11-01"), &rows);
    world.import(vec![closing], ask()).unwrap();
    assert_eq!(world.total(), 310);
}

#[test]
fn a_later_shorter_run_takes_away_only_what_it_covers() {
    let mut world = World::default();
    let month: Vec<_> = (1..=31).map(|day| u(day, "s0", 10)).collect();
    world.import(vec![october(A, "2026-11-03T03:00:00Z", &month)], ask()).unwrap();
    let corrected: Vec<_> = (1..=5).map(|day| u(day, "s0", 11)).collect();
    let shorter = ran(A, "2026-11-10T03:00:00Z", ("2026-10-01", "2026-10-05"), &corrected);
    world.import(vec![shorter], ask()).unwrap();
    assert_eq!(world.total(), 315);
}

#[test]
fn weekly_runs_add_up() {
    let mut world = World::default();
    let (first, second) = (("2026-10-01", "2026-10-07"), ("2026-10-08", "2026-10-14"));
    world.import(vec![ran(A, "2026-10-08T04:00:00Z", first, &[u(1, "s0", 10)])], ask()).unwrap();
    world.import(vec![ran(A, "2026-10-15T04:00:00Z", second, &[u(8, "s0", 50)])], ask()).unwrap();
    assert_eq!(world.total(), 60);
}

#[test]
fn a_row_of_the_first_of_the_next_month_counts_once() {
    let mut world = World::default();
    let september = ran(A, "2026-10-02T04:00:00Z", ("2026-09-01", "2026-09-30"), &[u(1, "s0", 10)]);
    world.import(vec![september], ask()).unwrap();
    assert_eq!(world.total(), 10);
    world
        .import(vec![october(A, "2026-10-03T04:00:00Z", &[u(1, "s0", 10), u(2, "s0", 5)])], ask())
        .unwrap();
    assert_eq!(world.total(), 15);
}

#[test]
fn corrections_in_a_later_run_displace_nothing_and_count_until_it_is_run_again() {
    let mut world = World::default();
    let september: Vec<_> =
        (1..=30).map(|day| row(&format!("2026-09-{day:02}"), "s0", 10)).collect();
    world
        .import(
            vec![ran(A, "2026-10-03T04:00:00Z", ("2026-09-01", "2026-10-01"), &september)],
            ask(),
        )
        .unwrap();
    let correction = row("2026-09-20", "s0", -4);
    let rows = [correction.clone(), u(1, "s0", 10), u(2, "s0", 10), u(3, "s0", 10)];
    world.import(vec![october(A, "2026-10-05T04:00:00Z", &rows)], ask()).unwrap();
    assert_eq!(world.total(), 326);
    // The next run states the correction again: once.
    let mut more = rows.to_vec();
    more.push(u(4, "s0", 10));
    world.import(vec![october(A, "2026-10-06T04:00:00Z", &more)], ask()).unwrap();
    assert_eq!(world.total(), 336);
    // September is exported again, with the correction: equal, once.
    let mut closed = september.clone();
    closed.push(correction);
    world
        .import(vec![ran(A, "2026-10-07T04:00:00Z", ("2026-09-01", "2026-10-01"), &closed)], ask())
        .unwrap();
    assert_eq!(world.total(), 336);
    // October without it: gone with the run that stated it; September's stays.
    world.import(vec![october(A, "2026-10-08T04:00:00Z", &more[1..])], ask()).unwrap();
    assert_eq!(world.total(), 336);
}

#[test]
fn billing_period_and_invoice_tell_a_correction_from_its_twin() {
    let mut world = World::default();
    let mut usual = row("2026-09-20", "s0", 10);
    usual.period = "2026-09-01".to_owned();
    let mut late = usual.clone();
    late.period = "2026-10-01".to_owned();
    let september =
        ran(A, "2026-10-03T04:00:00Z", ("2026-09-01", "2026-10-01"), std::slice::from_ref(&usual));
    world.import(vec![september], ask()).unwrap();
    let rows = [late, u(1, "s0", 1), u(2, "s0", 1)];
    world.import(vec![october(A, "2026-10-05T04:00:00Z", &rows)], ask()).unwrap();
    assert_eq!(world.total(), 22);
}

#[test]
fn a_run_over_several_months_replaces_them() {
    let mut world = World::default();
    world
        .import(vec![october(A, "2026-11-03T03:00:00Z", &[u(1, "s0", 10), u(31, "s0", 10)])], ask())
        .unwrap();
    let rows = [row("2026-08-01", "s0", 1), u(1, "s0", 10), u(31, "s0", 12)];
    let long = ran(A, "2026-11-10T03:00:00Z", ("2026-08-01", "2026-10-31"), &rows);
    world.import(vec![long], ask()).unwrap();
    assert_eq!(world.total(), 23);
}

#[test]
fn accounts_profiles_and_subscriptions_of_equal_rows_are_added() {
    let scopes = [A.to_owned(), B.to_owned(), format!("{B}x")];
    for pair in [
        [A.to_owned(), B.to_owned()],
        [format!("{A}/billingprofiles/p"), format!("{A}/billingprofiles/q")],
        [format!("{A}/customers/p"), format!("{A}/customers/q")],
        [
            "/subscriptions/s0/resourcegroups/g".to_owned(),
            "/subscriptions/s0/resourcegroups/h".to_owned(),
        ],
    ] {
        let mut world = World::default();
        for scope in &pair {
            world
                .import(vec![october(scope, "2026-10-03T03:00:00Z", &[u(1, "s0", 10)])], ask())
                .unwrap();
        }
        assert_eq!(world.total(), 20, "{pair:?}");
    }
    assert_eq!(scopes.len(), 3);
}

#[test]
fn the_wider_of_nested_scopes_counts_where_it_has_rows() {
    let account = || october(A, "2026-10-03T04:00:00Z", &[u(1, "s0", 10), t(1, 19), t(2, 7)]);
    let profile = || {
        october(
            &format!("{A}/billingprofiles/p"),
            "2026-10-03T05:00:00Z",
            &[u(1, "s0", 10), t(1, 19)],
        )
    };
    for order in [[account(), profile()], [profile(), account()]] {
        let mut world = World::default();
        for given in order {
            world.import(vec![given], ask()).unwrap();
        }
        assert_eq!(world.total(), 36);
    }
    let mut world = World::default();
    world.import(vec![account()], ask()).unwrap();
    let mine =
        october("/subscriptions/s0", "2026-10-03T05:00:00Z", &[u(1, "s0", 10), u(2, "s0", 5)]);
    world.import(vec![mine], ask()).unwrap();
    assert_eq!(world.total(), 41);
}

#[test]
fn a_much_newer_narrow_run_that_differs_is_refused() {
    let mut world = World::default();
    world
        .import(vec![october(A, "2026-10-03T04:00:00Z", &[u(1, "s0", 10), u(1, "s1", 5)])], ask())
        .unwrap();
    let narrow = |at: &str, rows: &[world::Row]| vec![october("/subscriptions/s0", at, rows)];
    let refused =
        world.import(narrow("2026-10-06T05:00:00Z", &[u(1, "s0", 11)]), ask()).unwrap_err();
    assert!(matches!(refused[..], [Conflict::Nested { .. }]), "{refused:?}");
    let fewer = world.import(narrow("2026-10-06T05:00:00Z", &[u(1, "s0", 4)]), ask());
    assert!(fewer.is_err());
    world.import(narrow("2026-10-06T04:00:00Z", &[u(1, "s0", 11)]), ask()).unwrap();
    assert_eq!(world.total(), 15);
    let mut group = u(2, "s0", 3);
    group.group = "g".to_owned();
    world
        .import(
            vec![october(
                A,
                "2026-10-07T04:00:00Z",
                &[u(1, "s0", 10), u(1, "s1", 5), u(2, "s0", 9), group.clone()],
            )],
            ask(),
        )
        .unwrap();
    let of_group = "/subscriptions/s0/resourcegroups/g";
    world
        .import(
            vec![october(of_group, "2026-10-17T04:00:00Z", std::slice::from_ref(&group))],
            ask(),
        )
        .unwrap();
    assert_eq!(world.total(), 27);
}

#[test]
fn what_the_account_no_longer_states_the_subscription_still_does() {
    let mut world = World::default();
    world
        .import(vec![october(A, "2026-10-03T04:00:00Z", &[u(1, "s0", 10), u(1, "s1", 20)])], ask())
        .unwrap();
    world
        .import(
            vec![october("/subscriptions/s0", "2026-10-03T05:00:00Z", &[u(1, "s0", 10)])],
            ask(),
        )
        .unwrap();
    world.import(vec![october(A, "2026-10-04T04:00:00Z", &[u(1, "s1", 20)])], ask()).unwrap();
    assert_eq!(world.total(), 30);
}

fn actual(mut given: (Origin, Vec<world::Row>)) -> (Origin, Vec<world::Row>) {
    if let Origin::Run(run) = &mut given.0 {
        run.dataset = Dataset::Actual;
    }
    given
}

#[test]
fn of_two_datasets_one_is_chosen() {
    let focus = || october(A, "2026-10-03T04:00:00Z", &[u(1, "s0", 10), u(2, "s0", 10)]);
    // The purchase of the third is no charge that FOCUS forgot.
    let billed = || actual(october(A, "2026-10-03T05:00:00Z", &[u(1, "s0", 9), u(3, "", 300)]));
    for order in [[focus(), billed()], [billed(), focus()]] {
        let [first, second] = order;
        let mut world = World::default();
        world.import(vec![first], ask()).unwrap();
        let refused = world.import(vec![second.clone()], ask()).unwrap_err();
        assert!(refused.iter().all(|c| matches!(c, Conflict::Datasets { .. })), "{refused:?}");
        let choose = |dataset| Answers { dataset: Some(dataset), ..ask() };
        let mut other = world.clone();
        world.import(vec![second.clone()], choose(Dataset::Focus)).unwrap();
        assert_eq!(world.total(), 20);
        other.import(vec![second], choose(Dataset::Actual)).unwrap();
        assert_eq!(other.total(), 309);
        // The choice lasts.
        let more = actual(october(
            A,
            "2026-10-04T05:00:00Z",
            &[u(1, "s0", 9), u(2, "s0", 9), u(3, "", 300)],
        ));
        world.import(vec![more], ask()).unwrap();
        assert_eq!(world.total(), 20);
    }
}

#[test]
fn an_ignored_series_is_left_out() {
    let mut world = World::default();
    world.settings.ignored = vec![Ignored { scope: A.to_owned(), dataset: Some(Dataset::Actual) }];
    world.import(vec![october(A, "2026-10-03T04:00:00Z", &[u(1, "s0", 10)])], ask()).unwrap();
    world
        .import(vec![actual(october(A, "2026-10-03T05:00:00Z", &[u(1, "s0", 9)]))], ask())
        .unwrap();
    assert_eq!(world.total(), 10);
}

#[test]
fn loose_rows_equal_to_a_run_count_once_and_withdrawing_one_leaves_the_other() {
    let mut world = World::default();
    world.import(vec![loose("hand.csv", &[u(1, "s0", 10)])], ask()).unwrap();
    world.import(vec![october(A, "2026-10-03T04:00:00Z", &[u(1, "s0", 10)])], ask()).unwrap();
    assert_eq!(world.total(), 10);
    let mut without_run = world.clone();
    world.withdraw(1);
    without_run.withdraw(2);
    assert_eq!((world.total(), without_run.total()), (10, 10));
}

#[test]
fn rows_without_subscription_are_compared_as_others_are() {
    let mut world = World::default();
    world.import(vec![loose("early.csv", &[u(1, "s0", 10), t(1, 19)])], ask()).unwrap();
    let run = october(A, "2026-10-03T04:00:00Z", &[u(1, "s0", 10), t(1, 19), t(2, 7)]);
    world.import(vec![run], ask()).unwrap();
    assert_eq!(world.total(), 36);
    let corrected = || loose("corrected.csv", &[u(1, "s0", 11), t(1, 20)]);
    let refused = world.import(vec![corrected()], ask()).unwrap_err();
    assert!(refused.iter().all(|c| matches!(c, Conflict::Loose { .. })));
    world.import(vec![corrected()], restate()).unwrap();
    assert_eq!(world.total(), 38);
    // A newer run of the whole takes over, once it is said that the first file is no more.
    let newer = || october(A, "2026-10-04T04:00:00Z", &[u(1, "s0", 12), t(1, 21), t(2, 7)]);
    assert!(world.import(vec![newer()], ask()).is_err());
    world.import(vec![newer()], restate()).unwrap();
    assert_eq!(world.total(), 40);
    let next = october(A, "2026-10-05T04:00:00Z", &[u(1, "s0", 13), t(1, 21), t(2, 7)]);
    world.import(vec![next], ask()).unwrap();
    assert_eq!(world.total(), 41);
    // An older one does not.
    world.import(vec![october(A, "2026-10-02T04:00:00Z", &[u(1, "s0", 1)])], ask()).unwrap();
    assert_eq!(world.total(), 41);
}

#[test]
fn a_restatement_holds_until_a_newer_run_covers_its_days() {
    let mut world = World::default();
    world
        .import(vec![october(A, "2026-10-03T04:00:00Z", &[u(1, "s0", 10), t(1, 19)])], ask())
        .unwrap();
    world.import(vec![loose("corrected.csv", &[u(1, "s0", 11), t(1, 20)])], restate()).unwrap();
    assert_eq!(world.total(), 31);
    world.import(vec![october(A, "2026-10-02T04:00:00Z", &[u(1, "s0", 1)])], ask()).unwrap();
    assert_eq!(world.total(), 31);
    world
        .import(vec![october(A, "2026-10-04T04:00:00Z", &[u(1, "s0", 12), t(1, 21)])], ask())
        .unwrap();
    assert_eq!(world.total(), 33);
}

#[test]
fn added_rows_are_taken_over_by_a_newer_run_that_states_them() {
    let mut world = World::default();
    world.import(vec![october(A, "2026-10-02T04:00:00Z", &[u(1, "s0", 10)])], ask()).unwrap();
    world.import(vec![loose("second.csv", &[u(1, "s0", 50), u(2, "s0", 50)])], add()).unwrap();
    assert_eq!(world.total(), 110);
    let mut apart = world.clone();
    // The next run states neither: they stay beside it.
    apart.import(vec![october(A, "2026-10-03T04:00:00Z", &[u(1, "s0", 11)])], ask()).unwrap();
    assert_eq!(apart.total(), 111);
    let whole = [u(1, "s0", 10), u(1, "s0", 50), u(2, "s0", 50)];
    world.import(vec![october(A, "2026-10-03T04:00:00Z", &whole)], ask()).unwrap();
    assert_eq!(world.total(), 110);
    // It has another row there: perhaps the added one, corrected.
    let grown = [u(1, "s0", 10), u(1, "s0", 51)];
    let refused =
        apart.import(vec![october(A, "2026-10-04T04:00:00Z", &grown)], ask()).unwrap_err();
    assert!(matches!(refused[..], [Conflict::Outgrown { .. }]), "{refused:?}");
}

#[test]
fn equal_rows_count_once_even_if_they_are_to_be_added() {
    let mut world = World::default();
    for _ in 0..3 {
        world.import(vec![loose("a.csv", &[u(1, "s0", 10), u(1, "s0", 10)])], add()).unwrap();
    }
    assert_eq!(world.total(), 20);
}

#[test]
fn a_run_that_restates_a_loose_file_and_its_next_runs_count_instead() {
    let mut world = World::default();
    world.import(vec![loose("early.csv", &[u(1, "s0", 10)])], ask()).unwrap();
    let run = |at: &str, cents| vec![october(A, at, &[u(1, "s0", cents)])];
    assert!(world.import(run("2026-10-03T04:00:00Z", 11), ask()).is_err());
    let mut beside = world.clone();
    world.import(run("2026-10-03T04:00:00Z", 11), restate()).unwrap();
    world.import(run("2026-10-04T04:00:00Z", 12), ask()).unwrap();
    assert_eq!(world.total(), 12);
    beside.import(run("2026-10-03T04:00:00Z", 11), add()).unwrap();
    beside.import(run("2026-10-04T04:00:00Z", 12), ask()).unwrap();
    assert_eq!(beside.total(), 22);
}

#[test]
fn files_of_one_import_are_parts_but_copies_are_left_out() {
    let mut world = World::default();
    let rows = [u(1, "s0", 10), u(2, "s0", 7)];
    let given =
        || vec![loose("a.csv", &rows), loose("a.csv.gz", &rows), loose("b.csv", &[u(1, "s0", 3)])];
    world.import(given(), ask()).unwrap();
    assert_eq!(world.total(), 20);
    let mut world = World::default();
    let sharing = || vec![loose("a.csv", &rows), loose("b.csv", &[u(1, "s0", 10), u(1, "s0", 3)])];
    let refused = world.import(sharing(), ask()).unwrap_err();
    assert!(matches!(refused[..], [Conflict::Parts { .. }]), "{refused:?}");
    world.import(sharing(), Answers { parts: true, ..ask() }).unwrap();
    assert_eq!(world.total(), 30);
}

#[test]
fn a_run_with_a_header_only_is_a_question() {
    let mut world = World::default();
    world
        .import(vec![october(A, "2026-10-03T04:00:00Z", &[u(1, "s0", 10), u(2, "s0", 10)])], ask())
        .unwrap();
    let refused = world.import(vec![october(A, "2026-10-04T04:00:00Z", &[])], ask()).unwrap_err();
    assert!(matches!(refused[..], [Conflict::Empty { days: 2, .. }]), "{refused:?}");
    let less = october(A, "2026-10-04T04:00:00Z", &[u(1, "s0", 1), u(2, "s0", 1)]);
    let refused = world.import(vec![less], ask()).unwrap_err();
    assert!(matches!(refused[..], [Conflict::Halved { .. }]), "{refused:?}");
    world.import(vec![october(A, "2026-10-04T04:00:00Z", &[])], empty()).unwrap();
    assert_eq!(world.total(), 0);
    // Nothing counted, nothing is taken away.
    let mut world = World::default();
    world.import(vec![october(A, "2026-10-04T04:00:00Z", &[])], ask()).unwrap();
}

#[test]
fn two_copies_of_a_run_are_one_and_must_agree() {
    let mut world = World::default();
    let run = |cents| vec![october(A, "2026-10-03T04:00:00Z", &[u(1, "s0", cents)])];
    world.import(run(10), ask()).unwrap();
    world.import(run(10), ask()).unwrap();
    assert_eq!(world.total(), 10);
    assert!(matches!(world.import(run(11), ask()).unwrap_err()[..], [Conflict::Copies { .. }]));
    world.withdraw(1);
    assert_eq!(world.total(), 10);
}

#[test]
fn a_subscription_that_moves_between_accounts_adds_up() {
    let mut world = World::default();
    world
        .import(vec![october(A, "2026-11-03T04:00:00Z", &[u(1, "s0", 10), u(15, "s0", 4)])], ask())
        .unwrap();
    world
        .import(vec![october(B, "2026-11-03T05:00:00Z", &[u(15, "s0", 6), u(16, "s0", 10)])], ask())
        .unwrap();
    assert_eq!(world.total(), 30);
    // An old file of the first account, whose rows name it.
    let mut named = u(15, "s0", 4);
    named.account = "a".to_owned();
    world.import(vec![loose("a.csv", &[named])], ask()).unwrap();
    // A file that names no account, with the rows of both.
    world.import(vec![loose("both.csv", &[u(15, "s0", 6), u(15, "s0", 4)])], ask()).unwrap();
    assert_eq!(world.total(), 30);
    assert_eq!(day("1970-01-02"), 1);
}
