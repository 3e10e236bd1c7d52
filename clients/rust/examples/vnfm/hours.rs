//! Hours of each day at which nothing should move.

use std::str::FromStr;

use prost_types::Timestamp;

const DAY: i64 = 86_400;

/// Busy hours of each day, in UTC; they may go over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BusyHours {
    /// In seconds since midnight.
    from: i64,
    /// In seconds.
    length: i64,
}

impl BusyHours {
    /// When the busy hours end in which `time` is. `None`: it is in none.
    pub(crate) fn end_of(&self, time: Timestamp) -> Option<Timestamp> {
        let since = (time.seconds - self.from).rem_euclid(DAY);
        let seconds = time.seconds - since + self.length;
        (since < self.length).then_some(Timestamp { seconds, nanos: 0 })
    }
}

impl FromStr for BusyHours {
    type Err = String;

    /// Reads `18:00-22:00`.
    fn from_str(text: &str) -> Result<Self, String> {
        let hours = || {
            let (from, until) = text.split_once('-')?;
            let (from, until) = (seconds(from)?, seconds(until)?);
            Some(Self { from, length: (until - from).rem_euclid(DAY) })
        };
        hours().ok_or_else(|| format!("{text:?} are no hours; write them as 18:00-22:00"))
    }
}

/// Reads `18:00`, as seconds since midnight.
fn seconds(text: &str) -> Option<i64> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
    ((0..24).contains(&hour) && (0..60).contains(&minute)).then_some(hour * 3_600 + minute * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many hours after the beginning of some day.
    fn at(hour: i64) -> Timestamp {
        Timestamp { seconds: 20_000 * DAY + hour * 3_600, nanos: 0 }
    }

    #[test]
    fn hours_end_also_on_the_next_day() {
        let night: BusyHours = "22:00-02:00".parse().unwrap();
        for hour in [22, 25] {
            assert_eq!(night.end_of(at(hour)), Some(at(26)), "{hour}");
        }
        for hour in [21, 26] {
            assert_eq!(night.end_of(at(hour)), None, "{hour}");
        }
        let day: BusyHours = "09:00-17:00".parse().unwrap();
        assert_eq!(day.end_of(at(9)), Some(at(17)));
        assert_eq!(day.end_of(at(17)), None);
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for wrong in ["at night", "22:00", "24:00-02:00", "22:60-02:00", "-1:00-02:00"] {
            assert!(wrong.parse::<BusyHours>().is_err(), "{wrong}");
        }
    }
}
