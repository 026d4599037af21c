//! When two names are the same name (decision 0006).
//!
//! Azure compares ids and names without regard to case, and FOCUS exports write ids in lower case.
//! So a name is folded: `A`–`Z` to `a`–`z`, and any other letter to its simple lower-case form if
//! that is one character that is not ASCII (`RG-MALMÖ` is `rg-malmö`). An ASCII letter never meets
//! another one: the Kelvin sign is not `k`, the dotted `İ` is not `i`. Every letter stands for
//! itself, wherever it stands (`Σ` is `σ`, and `ς` is neither), and nothing is composed or taken
//! apart: `ö` and `o` with a diaeresis are two names, as they are for Azure.
//!
//! The portal has the same rule in `portal/src/parts/fold.ts`; `data/fold.json` is tested in both.

/// The form in which a name is compared.
pub fn fold(text: &str) -> String {
    let folded = text.to_ascii_lowercase();
    if folded.is_ascii() {
        return folded;
    }
    folded.chars().map(fold_letter).collect()
}

/// Whether folding changes nothing.
pub fn is_folded(text: &str) -> bool {
    if text.is_ascii() {
        return !text.bytes().any(|byte| byte.is_ascii_uppercase());
    }
    text.chars().all(|letter| fold_letter(letter) == letter)
}

/// Whether two texts are the same name: their folded forms are equal.
pub fn is_same_name(one: &str, other: &str) -> bool {
    if one.is_ascii() && other.is_ascii() {
        return one.eq_ignore_ascii_case(other);
    }
    one.chars().map(fold_letter).eq(other.chars().map(fold_letter))
}

fn fold_letter(letter: char) -> char {
    if letter.is_ascii() {
        return letter.to_ascii_lowercase();
    }
    let mut lower = letter.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) if !one.is_ascii() => one,
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    /// The table that the portal's tests read, too.
    #[derive(Deserialize)]
    struct Case {
        one: String,
        other: String,
        same: bool,
        why: String,
    }

    #[test]
    fn the_table_that_the_portal_shares() {
        let cases: Vec<Case> = serde_json::from_str(include_str!("../data/fold.json")).unwrap();
        for Case { one, other, same, why } in &cases {
            assert_eq!(fold(one) == fold(other), *same, "'{one}' '{other}': {why}");
            assert_eq!(is_same_name(one, other), *same, "'{one}' '{other}': {why}");
        }
        assert!(cases.len() > 25);
    }

    #[test]
    fn no_letter_of_unicode_meets_an_ascii_one_or_changes_twice() {
        for letter in '\u{80}'..=char::MAX {
            let folded = fold_letter(letter);
            assert!(!folded.is_ascii(), "{letter:?}");
            assert_eq!(fold_letter(folded), folded, "{letter:?}");
        }
        for letter in '\0'..'\u{80}' {
            assert_eq!(fold_letter(letter), letter.to_ascii_lowercase());
        }
    }

    proptest! {
        #[test]
        fn folded_names_stay_and_are_the_same_name(text in "\\PC{0,12}") {
            let folded = fold(&text);
            prop_assert_eq!(fold(&folded), folded.as_str());
            prop_assert!(is_folded(&folded));
            prop_assert_eq!(is_folded(&text), folded == text);
            prop_assert!(is_same_name(&text, &folded));
        }
    }
}
