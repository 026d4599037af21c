//! Times as the wire writes them: UTC, up to seven fraction digits, zeros at the end left out.

use pal_model::Instant;

/// `2026-05-03T09:12:00.35Z`. What is finer than 100 ns is cut off.
pub fn text(at: Instant) -> String {
    let ticks = at.nanoseconds().div_euclid(100);
    let cut = Instant::from_nanoseconds(ticks * 100).unwrap_or(at);
    cut.to_string()
}

/// `20260503T091200Z`, for the routing id.
pub fn compact(at: Instant) -> String {
    let text = at.to_string();
    let seconds = text.split(['.', 'Z']).next().unwrap_or_default();
    let mut digits: String = seconds.chars().filter(|c| !matches!(c, '-' | ':')).collect();
    digits.push('Z');
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_as_long_as_they_must_be() {
        for (written, shown) in [
            ("2026-05-03T09:12:00.3501610Z", "2026-05-03T09:12:00.350161Z"),
            ("2026-05-03T09:12:00.611200449Z", "2026-05-03T09:12:00.6112004Z"),
            ("2026-05-03T09:12:00.000000099Z", "2026-05-03T09:12:00Z"),
            ("2026-05-03T09:12:00Z", "2026-05-03T09:12:00Z"),
            ("2026-05-03T09:12:00.5Z", "2026-05-03T09:12:00.5Z"),
        ] {
            assert_eq!(text(written.parse().unwrap()), shown);
        }
        assert_eq!(compact("2026-05-03T09:12:00.5Z".parse().unwrap()), "20260503T091200Z");
    }
}
