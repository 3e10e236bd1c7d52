//! Times and spans as people read them, and their ways to and from the contract.

use std::time::Duration;

use prost_types::Timestamp;
use time::OffsetDateTime;
use time::macros::format_description;

/// `14:05:00 (in 3 min)`
pub(crate) fn moment(at: Option<&Timestamp>, now: OffsetDateTime) -> String {
    match at.and_then(from_proto) {
        Some(time) => format!("{} ({})", absolute(time, now), relative(time, now)),
        None => "–".to_owned(),
    }
}

/// `14:05:00`, with the date where it is not today's.
pub(crate) fn short(at: Option<&Timestamp>, now: OffsetDateTime) -> String {
    at.and_then(from_proto).map(|time| absolute(time, now)).unwrap_or_default()
}

/// `in 3 min`, `5 s ago`.
pub(crate) fn distance(at: Option<&Timestamp>, now: OffsetDateTime) -> String {
    at.and_then(from_proto).map(|time| relative(time, now)).unwrap_or_default()
}

/// `5 s ago`, for a time of this process.
pub(crate) fn relative_to(time: OffsetDateTime, now: OffsetDateTime) -> String {
    relative(time, now)
}

/// `14:05:00`
pub(crate) fn wall_clock(now: OffsetDateTime) -> String {
    absolute(now, now)
}

/// `3 min 20 s`; the two largest units.
pub(crate) fn span(span: Duration) -> String {
    if span < Duration::from_secs(10) {
        return format!("{:.1} s", span.as_secs_f64());
    }
    whole(span.as_secs(), 2)
}

/// `3 min 20 s`, or a dash.
pub(crate) fn span_of(given: Option<prost_types::Duration>) -> String {
    given.and_then(|given| Duration::try_from(given).ok()).map_or_else(|| "–".to_owned(), span)
}

fn absolute(time: OffsetDateTime, now: OffsetDateTime) -> String {
    let time = time.to_offset(now.offset());
    let format = if time.date() == now.date() {
        format_description!("[hour]:[minute]:[second]")
    } else if time.year() == now.year() {
        format_description!("[day padding:none] [month repr:short] [hour]:[minute]:[second]")
    } else {
        format_description!("[year]-[month]-[day] [hour]:[minute]:[second]")
    };
    time.format(format).unwrap_or_else(|_| time.to_string())
}

fn relative(time: OffsetDateTime, now: OffsetDateTime) -> String {
    let away = time - now;
    let rounded = (away.unsigned_abs() + Duration::from_millis(500)).as_secs();
    if rounded == 0 {
        return "now".to_owned();
    }
    // Minutes alone say enough up to an hour; seconds would only flicker.
    let text = whole(rounded, if rounded < 3_600 { 1 } else { 2 });
    if away.is_negative() { format!("{text} ago") } else { format!("in {text}") }
}

fn whole(seconds: u64, units: usize) -> String {
    let parts = [
        (seconds / 86_400, "d"),
        (seconds / 3_600 % 24, "h"),
        (seconds / 60 % 60, "min"),
        (seconds % 60, "s"),
    ];
    let first = parts.iter().position(|&(count, _)| count > 0).unwrap_or(parts.len() - 1);
    let shown = parts.iter().skip(first).take(units);
    let filled = shown.filter(|&&(count, _)| count > 0);
    filled.map(|(count, unit)| format!("{count} {unit}")).collect::<Vec<_>>().join(" ")
}

/// A time of the contract. `None` for one beyond the calendar.
pub(crate) fn from_proto(at: &Timestamp) -> Option<OffsetDateTime> {
    let nanos = i128::from(at.seconds) * 1_000_000_000 + i128::from(at.nanos);
    OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()
}

/// A time for the contract.
pub(crate) fn to_proto(at: OffsetDateTime) -> Timestamp {
    Timestamp { seconds: at.unix_timestamp(), nanos: at.nanosecond().try_into().unwrap_or(0) }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-23 14:02:00 +01:00);

    fn shown(at: OffsetDateTime) -> String {
        moment(Some(&to_proto(at)), NOW)
    }

    #[test]
    fn times_are_local_and_say_how_far_away_they_are() {
        assert_eq!(shown(datetime!(2026-11-23 13:05:00 UTC)), "14:05:00 (in 3 min)");
        assert_eq!(shown(datetime!(2026-11-23 14:01:58 +01:00)), "14:01:58 (2 s ago)");
        assert_eq!(shown(NOW), "14:02:00 (now)");
        assert_eq!(
            shown(datetime!(2026-11-24 02:00:00 +01:00)),
            "24 Nov 02:00:00 (in 11 h 58 min)"
        );
        assert_eq!(shown(datetime!(2027-01-02 14:02:00 +01:00)), "2027-01-02 14:02:00 (in 40 d)");
        assert_eq!(moment(None, NOW), "–");
    }

    #[test]
    fn a_span_of_two_hours_is_not_one_hour_fifty_nine() {
        let at = to_proto(NOW + time::Duration::hours(2) - time::Duration::milliseconds(300));
        assert_eq!(distance(Some(&at), NOW), "in 2 h");
    }

    #[test]
    fn spans_have_at_most_two_units() {
        assert_eq!(span(Duration::from_millis(3_460)), "3.5 s");
        assert_eq!(span(Duration::from_secs(42)), "42 s");
        assert_eq!(span(Duration::from_secs(200)), "3 min 20 s");
        assert_eq!(span(Duration::from_secs(7_200)), "2 h");
        assert_eq!(span(Duration::from_secs(90_061)), "1 d 1 h");
        assert_eq!(span_of(None), "–");
    }

    #[test]
    fn a_time_beyond_the_calendar_is_not_shown() {
        assert_eq!(moment(Some(&Timestamp { seconds: i64::MAX, nanos: 0 }), NOW), "–");
    }

    #[test]
    fn times_survive_the_way_there_and_back() {
        let before_the_epoch = datetime!(1969-12-31 23:59:59.25 UTC);
        assert_eq!(from_proto(&to_proto(before_the_epoch)), Some(before_the_epoch));
    }
}
