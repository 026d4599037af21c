//! Commands that do not exist, told as az tells it.

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// The text for a word that is no command; nothing for other errors.
pub fn text(error: &clap::Error) -> Option<String> {
    if error.kind() != ErrorKind::InvalidSubcommand {
        return None;
    }
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else {
        return None;
    };
    let word = crate::clean::cell(word);
    let mut text = format!("'{word}' is misspelled or not recognized by the system.");
    // The likeliest comes last.
    if let Some(ContextValue::Strings(near)) = error.get(ContextKind::SuggestedSubcommand)
        && let Some(nearest) = near.last()
    {
        text.push_str("\nDid you mean: ");
        text.push_str(nearest);
    }
    Some(text)
}
