use pal_model::ChargeTraits;

use super::*;

fn rows(days: &[i32]) -> Vec<Row> {
    let unit = Unit { statement: 0, month: (2026, 7), subscription: 0, account: 0 };
    let row = |day: &i32| Row {
        unit,
        day: *day,
        resource: 0,
        period: 0,
        group: 0,
        currency: 0,
        category: 0,
        service: 0,
        billing_period: 0,
        invoice: 0,
        traits: ChargeTraits::default(),
        cost: 0,
    };
    days.iter().map(row).collect()
}

#[test]
fn days_are_where_their_rows_were_written() {
    let mut tally = Tally::default();
    for day in [1, 2, 3] {
        tally.days.insert(day, DayTally::new(Interval::ALL));
    }
    // The writer began new row groups in the midst of a day, and at the end of one.
    tally.place(4, &[3, 2, 2], &rows(&[1, 1, 1, 1, 2, 3, 3]));
    // More rows of the piece came later.
    tally.place(9, &[2], &rows(&[1, 3]));
    let ranges = |day| -> Vec<[u32; 3]> {
        tally.days[&day].ranges.iter().map(|range| (*range).into()).collect()
    };
    assert_eq!(ranges(1), [[4, 0, 3], [5, 0, 1], [9, 0, 1]]);
    assert_eq!(ranges(2), [[5, 1, 1]]);
    assert_eq!(ranges(3), [[6, 0, 2], [9, 1, 1]]);
    assert_eq!(tally.row_groups, [4, 5, 6, 9]);
}
