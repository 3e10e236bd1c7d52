//! Times and spans as people type them.

use std::time::Duration;

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, Time};

/// A time on the command line. What it means depends on when it is read, see [`Moment::at`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// `now`
    Now,
    /// `+2h`
    In(Duration),
    /// `14:30`
    NextTime(Time),
    /// RFC 3339
    Exactly(OffsetDateTime),
}

impl Moment {
    /// The time it means at `now`; a time of day is the next one in the zone of `now`.
    pub(crate) fn at(self, now: OffsetDateTime) -> OffsetDateTime {
        match self {
            Self::Now => now,
            Self::In(span) => now.saturating_add(span.try_into().unwrap_or(time::Duration::MAX)),
            Self::NextTime(of_day) => {
                let today = now.replace_time(of_day);
                if today > now { today } else { today.saturating_add(time::Duration::DAY) }
            }
            Self::Exactly(at) => at,
        }
    }
}

/// Parses `now`, `+2h`, `14:30`, `14:30:15` or RFC 3339.
pub(crate) fn parse_moment(given: &str) -> Result<Moment, String> {
    if given.eq_ignore_ascii_case("now") {
        return Ok(Moment::Now);
    }
    if let Some(span) = given.strip_prefix('+') {
        return parse_span(span).map(Moment::In);
    }
    let of_day =
        format_description!(version = 2, "[hour padding:none]:[minute][optional [:[second]]]");
    if let Ok(of_day) = Time::parse(given, &of_day) {
        return Ok(Moment::NextTime(of_day));
    }
    OffsetDateTime::parse(given, &Rfc3339).map(Moment::Exactly).map_err(|_| {
        "write `now`, `+2h`, `14:30`, or RFC 3339 such as `2026-11-24T14:30:00+01:00`".to_owned()
    })
}

/// Parses `90s`, `10m`, `1h30m`.
pub(crate) fn parse_span(given: &str) -> Result<Duration, String> {
    humantime::parse_duration(given)
        .map_err(|error| format!("{error}; write a span such as `90s`, `10m` or `1h30m`"))
}

/// A time that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Past {
    /// `2h`
    Ago(Duration),
    /// RFC 3339
    Exactly(OffsetDateTime),
}

impl Past {
    /// The time that it means at `now`.
    pub(crate) fn at(self, now: OffsetDateTime) -> OffsetDateTime {
        match self {
            Self::Ago(span) => now.saturating_sub(span.try_into().unwrap_or(time::Duration::MAX)),
            Self::Exactly(at) => at,
        }
    }
}

/// Parses `2h`, `7d` or RFC 3339.
pub(crate) fn parse_past(given: &str) -> Result<Past, String> {
    if let Ok(at) = OffsetDateTime::parse(given, &Rfc3339) {
        return Ok(Past::Exactly(at));
    }
    let how = "write RFC 3339 such as `2026-11-24T14:30:00+01:00`, or how long ago, such as `2h`";
    parse_span(given).map(Past::Ago).map_err(|_| how.to_owned())
}

#[cfg(test)]
mod tests {
    use time::macros::{datetime, time};

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-23 14:00:00 +01:00);

    fn at(given: &str) -> OffsetDateTime {
        parse_moment(given).unwrap().at(NOW)
    }

    #[test]
    fn understands_what_people_type() {
        assert_eq!(at("now"), NOW);
        assert_eq!(at("+2h"), datetime!(2026-11-23 16:00:00 +01:00));
        assert_eq!(at("+1h30m"), datetime!(2026-11-23 15:30:00 +01:00));
        assert_eq!(at("14:30"), datetime!(2026-11-23 14:30:00 +01:00));
        assert_eq!(at("14:30:15"), datetime!(2026-11-23 14:30:15 +01:00));
        assert_eq!(at("2026-11-24T02:00:00Z"), datetime!(2026-11-24 02:00:00 UTC));
    }

    #[test]
    fn a_time_of_day_that_is_over_is_tomorrows() {
        assert_eq!(at("02:15"), datetime!(2026-11-24 02:15:00 +01:00));
        assert_eq!(at("14:00"), datetime!(2026-11-24 14:00:00 +01:00));
        assert_eq!(parse_moment("9:05"), Ok(Moment::NextTime(time!(9:05))));
    }

    #[test]
    fn says_what_it_would_understand() {
        for wrong in ["", "tomorrow", "25:00", "+", "+2", "2026-11-24"] {
            assert!(parse_moment(wrong).unwrap_err().contains("write"), "{wrong}");
        }
    }

    #[test]
    fn spans_have_units() {
        assert_eq!(parse_span("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_span("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(parse_span("1h30m"), Ok(Duration::from_secs(5400)));
        assert!(parse_span("90").is_err());
        assert!(parse_span("-5s").is_err());
    }

    #[test]
    fn no_span_is_too_long_to_add() {
        assert!(at("+30000000years") > NOW);
    }

    #[test]
    fn past_times_are_over() {
        let at = |given| parse_past(given).unwrap().at(NOW);
        assert_eq!(at("2h"), datetime!(2026-11-23 12:00:00 +01:00));
        assert_eq!(at("2026-11-24T02:00:00Z"), datetime!(2026-11-24 02:00:00 UTC));
        assert!(parse_past("+2h").unwrap_err().contains("write"));
    }
}
