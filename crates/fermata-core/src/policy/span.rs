//! Spans of time as people write them (`90s`, `1h30m`), as TOSCA does (`10 s`, scalar-unit.time) and as ISO 8601 does
//! (`PT10M`).

use time::Duration;

/// Reads a span: numbers with units `d`, `h`, `m` or `min`, `s`, `ms`, `us`, `ns`, one after the other; or ISO 8601 with
/// days, hours, minutes and seconds. `None`: it is neither, or too long to be told.
pub fn parse(text: &str) -> Option<Duration> {
    let text = text.trim().to_ascii_lowercase();
    match text.strip_prefix('p') {
        Some(rest) => iso(rest),
        None => units(&text),
    }
}

/// The span as [`parse`] reads it, in the greatest units that say it exactly.
pub fn show(span: Duration) -> String {
    let mut left = span.unsigned_abs().as_nanos();
    let units: [(u128, &str); 7] = [
        (86_400_000_000_000, "d"),
        (3_600_000_000_000, "h"),
        (60_000_000_000, "m"),
        (1_000_000_000, "s"),
        (1_000_000, "ms"),
        (1_000, "us"),
        (1, "ns"),
    ];
    let mut text = String::new();
    for (length, unit) in units {
        if left >= length {
            text += &format!("{}{unit}", left / length);
            left %= length;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

fn units(mut text: &str) -> Option<Duration> {
    let mut sum = Duration::ZERO;
    loop {
        let (number, rest) = number(text)?;
        let rest = rest.trim_start();
        let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let nanos = match &rest[..end] {
            "d" => 86_400_000_000_000,
            "h" => 3_600_000_000_000,
            "m" | "min" => 60_000_000_000,
            "s" => 1_000_000_000,
            "ms" => 1_000_000,
            "us" => 1_000,
            "ns" => 1,
            _ => return None,
        };
        sum = sum.checked_add(times(number, nanos)?)?;
        text = rest[end..].trim_start();
        if text.is_empty() {
            return Some(sum);
        }
    }
}

fn iso(text: &str) -> Option<Duration> {
    let (days, time) = match text.split_once('t') {
        Some((days, time)) if !time.is_empty() => (days, time),
        Some(_) => return None,
        None => (text, ""),
    };
    if days.is_empty() && time.is_empty() {
        return None;
    }
    let days = if days.is_empty() { Some(Duration::ZERO) } else { ordered(days, &["d"]) }?;
    let time =
        if time.is_empty() { Some(Duration::ZERO) } else { ordered(time, &["h", "m", "s"]) }?;
    days.checked_add(time)
}

/// Numbers with these units, each at most once, in this order.
fn ordered(text: &str, allowed: &[&str]) -> Option<Duration> {
    let letters = text.chars().filter(char::is_ascii_alphabetic);
    let mut at = 0;
    for letter in letters {
        at += 1 + allowed.get(at..)?.iter().position(|u| u.starts_with(letter))?;
    }
    if text.contains(char::is_whitespace) { None } else { units(text) }
}

/// A number and what follows it.
fn number(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
    Some((text[..end].parse().ok()?, &text[end..]))
}

fn times(number: f64, nanos: u64) -> Option<Duration> {
    #[expect(clippy::cast_precision_loss, reason = "a unit is a power of ten, or nearly")]
    Duration::checked_seconds_f64(number * nanos as f64 / 1e9)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::Duration;

    use super::{parse, show};

    #[test]
    fn spans_of_people_of_tosca_and_of_iso_8601() {
        for (text, millis) in [
            ("90s", 90_000),
            (" 10m ", 600_000),
            ("1h30m", 5_400_000),
            ("1d 2h", 93_600_000),
            ("10 s", 10_000),
            ("100 ms", 100),
            ("1.5 s", 1_500),
            ("0s", 0),
            ("5 MIN", 300_000),
            ("PT10M", 600_000),
            ("pt1h0.5s", 3_600_500),
            ("P1DT1S", 86_401_000),
            ("P2D", 172_800_000),
        ] {
            assert_eq!(parse(text), Some(Duration::milliseconds(millis)), "{text}");
        }
    }

    #[test]
    fn what_is_no_span() {
        for text in [
            "",
            "10",
            "s",
            "-1s",
            "10 parsecs",
            "1..2s",
            "PT",
            "P",
            "PT5",
            "P1H",
            "PT1S1H",
            "1e9s",
            "PT 5M",
            "9e99d",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&format!("{}d", "9".repeat(300))), None);
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_as_it_was(millis in 0..10_000_000_000_i64) {
            let span = Duration::milliseconds(millis);
            prop_assert_eq!(parse(&show(span)), Some(span));
        }

        #[test]
        fn nothing_is_too_strange_to_be_refused(text in ".{0,40}") {
            let _ = parse(&text);
        }
    }
}
