use proptest::prelude::*;

use super::*;

fn at(hour: i64) -> Instant {
    Instant::from_nanoseconds(i128::from(hour) * 3_600_000_000_000).unwrap()
}

fn sets() -> impl Strategy<Value = IntervalSet> {
    prop::collection::vec((0i64..48, 1i64..12), 0..8).prop_map(|spans| {
        spans.into_iter().map(|(s, l)| Interval::new(at(s), at(s + l)).unwrap()).collect()
    })
}

proptest! {
    #[test]
    fn algebra_agrees_with_membership(a in sets(), b in sets(), hour in -2i64..64) {
        let t = at(hour);
        prop_assert_eq!(a.union(&b).contains(t), a.contains(t) || b.contains(t));
        prop_assert_eq!(a.intersect(&b).contains(t), a.contains(t) && b.contains(t));
        prop_assert_eq!(a.subtract(&b).contains(t), a.contains(t) && !b.contains(t));
        prop_assert_eq!(a.complement().contains(t), !a.contains(t));
    }

    #[test]
    fn lengths_add_up(a in sets(), b in sets()) {
        let both = a.intersect(&b).length();
        prop_assert_eq!(a.union(&b).length() + both, a.length() + b.length());
        prop_assert_eq!(a.subtract(&b).length(), a.length() - both);
    }

    #[test]
    fn clip_is_intersection(a in sets(), from in 0i64..50, length in 1i64..20) {
        let window = Interval::new(at(from), at(from + length)).unwrap();
        prop_assert_eq!(a.clip(window), a.intersect(&window.into()));
        prop_assert_eq!(a.overlaps(window), !a.clip(window).is_empty());
    }

    #[test]
    fn neighbours_are_merged(a in sets()) {
        let list: Vec<_> = a.iter().collect();
        prop_assert!(list.windows(2).all(|w| w[0].to() < w[1].from()));
    }
}

#[test]
fn whole_days_touch_every_day() {
    let hour = Interval::new(at(30), at(31)).unwrap();
    assert_eq!(hour.whole_days(), Interval::new(at(24), at(48)).unwrap());
    let exact = Interval::new(at(24), at(72)).unwrap();
    assert_eq!(exact.whole_days(), exact);
}

#[test]
fn an_instant_needs_an_offset() {
    assert!("2026-10-01T00:00:00".parse::<Instant>().is_err());
    let ticks: Instant = "2025-03-01T09:12:44.1234567Z".parse().unwrap();
    assert_eq!(ticks, "2025-03-01T10:12:44.1234567+01:00".parse().unwrap());
    assert_eq!(ticks.to_string(), "2025-03-01T09:12:44.1234567Z");
}
