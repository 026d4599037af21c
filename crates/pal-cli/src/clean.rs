//! Text that came from elsewhere, made safe to show: a server must not move the cursor, change
//! colours or draw lines of its own on somebody's terminal (T52, T63).

/// Texts turned or hidden by these show something else than they say.
const fn turns(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// For a cell: one line, without escape sequences and other controls.
pub fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' | '\u{9b}' => skip_sequence(c, &mut rest),
            '\n' | '\r' | '\t' => out.push(' '),
            c if c.is_control() || turns(c) => {}
            c => out.push(c),
        }
    }
    out
}

/// For messages: the same, lines kept.
pub fn lines(text: &str) -> String {
    text.split('\n').map(cell).collect::<Vec<_>>().join("\n")
}

/// Leaves out the rest of an escape sequence: a control sequence up to its last letter, an
/// operating system command up to its bell.
fn skip_sequence(start: char, rest: &mut std::iter::Peekable<std::str::Chars>) {
    let kind = if start == '\u{9b}' { Some('[') } else { rest.next_if(|c| "[]PX^_".contains(*c)) };
    match kind {
        Some('[') => while rest.next_if(|c| !('\u{40}'..='\u{7e}').contains(c)).is_some() {},
        Some(_) => while rest.next_if(|c| !matches!(c, '\u{7}' | '\u{1b}')).is_some() {},
        None => {}
    }
    rest.next_if(|c| kind == Some('[') || *c == '\u{7}');
}

#[cfg(test)]
mod tests {
    use super::{cell, lines};

    #[test]
    fn t52_escape_sequences_are_left_out() {
        assert_eq!(cell("a\u{1b}[31mred\u{1b}[0m b"), "ared b");
        assert_eq!(cell("title\u{1b}]0;pwned\u{7}!"), "title!");
        assert_eq!(cell("a\u{9b}2Jb\u{7f}\u{0}c"), "abc");
        assert_eq!(cell("one\ntwo\tthree\r"), "one two three ");
        assert_eq!(cell("a\u{202e}b"), "ab");
        assert_eq!(lines("one\u{1b}[1A\ntwo"), "one\ntwo");
        assert_eq!(cell("Zoë, 株式会社"), "Zoë, 株式会社");
    }
}
