//! When two names are one, and what a pattern of actions matches.

/// Whether two names are one: letter by letter, in capitals or not. A letter of ASCII has its pair
/// in ASCII, any other letter outside of it.
pub(super) fn alike(one: &str, other: &str) -> bool {
    let pair = |(a, b): (char, char)| a == b || small(a) == small(b);
    one.chars().count() == other.chars().count() && one.chars().zip(other.chars()).all(pair)
}

pub(super) fn plain(name: &str) -> String {
    name.chars().map(small).collect()
}

fn small(letter: char) -> char {
    let mut forms = letter.to_lowercase();
    let first = forms.next().filter(|first| first.is_ascii() == letter.is_ascii());
    if forms.next().is_some() { letter } else { first.unwrap_or(letter) }
}

/// Whether a pattern, in which `*` stands for any run of characters, matches the whole text.
pub(super) fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match pattern {
        [] => text.is_empty(),
        [b'*', rest @ ..] => (0..=text.len()).any(|skip| matches(rest, &text[skip..])),
        [first, rest @ ..] => text.first() == Some(first) && matches(rest, &text[1..]),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_of_names() {
        let cases: serde_json::Value =
            serde_json::from_str(include_str!("../../../pal-model/data/fold.json")).unwrap();
        for case in cases.as_array().unwrap() {
            let name = |field: &str| case[field].as_str().unwrap();
            let found = super::alike(name("one"), name("other"));
            assert_eq!(Some(found), case["same"].as_bool(), "{case}");
        }
    }
}
