//! What a text that somebody sends may hold. Texts are shown in terminals, logs and consoles of other people, so characters
//! that move the cursor or turn the direction of writing around are refused.

/// What a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A name, an id, a token: one line.
    Line,
    /// Prose: newlines and tabs make sense in it.
    Prose,
}

/// What is wrong with a text of at most `most` characters, and what to do; `None`: nothing. Looks at `most` characters and
/// one more, however long the text is.
pub fn wrong(text: &str, shape: Shape, most: usize) -> Option<String> {
    // Bytes are never fewer than characters.
    if text.len() > most && text.chars().nth(most).is_some() {
        return Some(format!("is longer than {most} characters; shorten it"));
    }
    text.chars().find_map(|c| forbidden(c, shape))
}

fn forbidden(c: char, shape: Shape) -> Option<String> {
    let code = u32::from(c);
    if turns_direction(c) {
        Some(format!("holds U+{code:04X}, which turns the direction of text around; leave it out"))
    } else if breaks_line(c, shape) {
        Some(format!("holds the control character U+{code:04X}; leave it out"))
    } else {
        None
    }
}

fn breaks_line(c: char, shape: Shape) -> bool {
    match shape {
        Shape::Line => c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'),
        Shape::Prose => c.is_control() && !matches!(c, '\n' | '\t'),
    }
}

/// Embeddings, overrides and isolates of the bidirectional algorithm (Unicode Standard Annex 9).
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character must not reach a terminal or a log as it is.
pub fn is_unsafe(c: char) -> bool {
    breaks_line(c, Shape::Line) || turns_direction(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Shape, is_unsafe, wrong};

    #[test]
    fn lengths_are_counted_in_characters() {
        for text in ["aaaa", "ääää", "日本語文", "😀😀😀😀"] {
            assert_eq!(wrong(text, Shape::Line, 4), None, "{text}");
            assert!(wrong(text, Shape::Line, 3).unwrap().contains("3 characters"), "{text}");
        }
    }

    #[test]
    fn control_characters_and_turns_of_direction_are_refused() {
        for bad in ["\0", "\u{7}", "\r", "\u{1b}[2J", "\u{7f}", "\u{85}", "\u{202e}", "\u{2066}"] {
            for shape in [Shape::Line, Shape::Prose] {
                assert!(wrong(&format!("a{bad}b"), shape, 99).is_some(), "{bad:?} {shape:?}");
            }
        }
        for good in ["Gerät", "日本", "שלום", "a\u{200f}b", "e\u{301}", "👩\u{200d}🔧"] {
            assert_eq!(wrong(good, Shape::Line, 99), None, "{good:?}");
        }
    }

    #[test]
    fn only_prose_has_more_than_one_line() {
        for text in ["a\nb", "a\tb"] {
            assert_eq!(wrong(text, Shape::Prose, 9), None);
            assert!(wrong(text, Shape::Line, 9).is_some());
        }
        assert!(wrong("a\u{2028}b", Shape::Line, 9).is_some());
    }

    proptest! {
        #[test]
        fn whatever_is_sent_is_judged(text in any::<String>(), most in 0..20_usize) {
            let fits = text.chars().count() <= most;
            let verdict = wrong(&text, Shape::Line, most);
            prop_assert_eq!(verdict.is_none(), fits && !text.chars().any(is_unsafe));
        }
    }
}
