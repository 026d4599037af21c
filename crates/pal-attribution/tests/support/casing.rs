//! Names written in capitals, in any language.

use pal_model::fold;

/// Every letter as a capital, where that is still the same name (`ß` and `ς` stay).
pub fn upper(text: &str) -> String {
    text.chars().map(capital).collect()
}

/// One letter as a capital.
pub fn capital(letter: char) -> char {
    let mut forms = letter.to_uppercase();
    match (forms.next(), forms.next()) {
        (Some(one), None) if fold(&one.to_string()) == fold(&letter.to_string()) => one,
        _ => letter,
    }
}
