//! A plan as bars over time, a host a line.

use fermata_client::v1::{Plan, PlanHost};
use prost_types::Timestamp;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, UtcOffset};

use crate::output::color::{BUSY, DIM, PLAIN, READY, paint, safe};
use crate::output::time::from_proto;

/// Longer names of hosts are cut.
const NAME: usize = 28;
/// Fewer columns of time say nothing.
const LEAST: usize = 20;
/// So far apart are the times of the axis at least, in columns.
const APART: i64 = 12;
/// What is between two times of the axis, in seconds.
const TICKS: [i64; 14] =
    [10, 30, 60, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400, 259_200, 864_000];

/// What a host is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Nothing,
    Asked,
    Draining,
    OutOfService,
}

impl Phase {
    fn painted(self, columns: usize) -> String {
        let (style, sign) = match self {
            Self::Nothing => (PLAIN, " "),
            Self::Asked => (DIM, "░"),
            Self::Draining => (BUSY, "▒"),
            Self::OutOfService => (READY, "█"),
        };
        paint(style, &sign.repeat(columns))
    }
}

/// The bars of all hosts, in a text so many columns wide. Empty for a plan that takes no time.
pub(super) fn gantt(plan: &Plan, columns: usize, now: OffsetDateTime) -> String {
    let hosts = || plan.waves.iter().flat_map(|wave| &wave.hosts);
    let longest = hosts().map(|host| host.host.chars().count()).max().unwrap_or(0);
    let name = longest.clamp("wave 1".len(), NAME);
    let axis = Axis::new(plan, columns.saturating_sub(name + 2).max(LEAST), now.offset());
    let Some(axis) = axis else { return String::new() };
    let mut text = format!("{:name$}  {}\n", "", paint(DIM, &axis.times()));
    for (number, wave) in plan.waves.iter().enumerate() {
        text += &format!("{}\n", paint(DIM, &format!("wave {}", number + 1)));
        for host in &wave.hosts {
            let short: String = safe(&host.host).chars().take(NAME).collect();
            text += &format!("{short:name$}  {}\n", bar(&axis.phases(host)));
        }
    }
    let legend = [
        (Phase::Asked, "owners are asked"),
        (Phase::Draining, "servers leave"),
        (Phase::OutOfService, "out of service"),
    ];
    let legend = legend.map(|(phase, said)| format!("{} {said}", phase.painted(1)));
    text + &legend.join("   ")
}

/// Equal phases side by side as one, without what is empty at the end.
fn bar(phases: &[Phase]) -> String {
    let used = phases.iter().rposition(|phase| *phase != Phase::Nothing).map_or(0, |at| at + 1);
    let runs = phases[..used].chunk_by(|a, b| a == b);
    runs.map(|run| run[0].painted(run.len())).collect()
}

/// Time from left to right.
struct Axis {
    begins: OffsetDateTime,
    lasts: Duration,
    columns: usize,
}

impl Axis {
    fn new(plan: &Plan, columns: usize, offset: UtcOffset) -> Option<Self> {
        let begins = from_proto(plan.start_time.as_ref()?)?.to_offset(offset);
        let lasts = from_proto(plan.expected_end_time.as_ref()?)? - begins;
        lasts.is_positive().then_some(Self { begins, lasts, columns })
    }

    /// The column of a time, in parts.
    fn column(&self, at: OffsetDateTime) -> f64 {
        (at - self.begins).as_seconds_f64() / self.lasts.as_seconds_f64() * self.columns as f64
    }

    /// The phase of a host in each column. However short one is, it has a column.
    fn phases(&self, host: &PlanHost) -> Vec<Phase> {
        let moves = host.moves.iter().map(|server| server.start_time);
        let stays = host.stays.iter().map(|server| server.start_time);
        let touched = moves.chain(stays).flatten();
        let touched = touched.min_by_key(|at| (at.seconds, at.nanos)).or(host.empty_time);
        let parts = [
            (Phase::Asked, host.start_time, touched),
            (Phase::Draining, touched, host.empty_time),
            (Phase::OutOfService, host.empty_time, host.end_time),
        ];
        let mut phases = vec![Phase::Nothing; self.columns];
        let mut free = 0;
        for (phase, from, to) in parts {
            let time = |at: Option<Timestamp>| at.as_ref().and_then(from_proto);
            let Some((from, to)) = time(from).zip(time(to)) else { continue };
            if to > from {
                let first = (self.column(from).floor() as usize).max(free);
                free = first + 1;
                let last = (self.column(to).ceil() as usize).max(free).min(self.columns);
                phases[first.min(last)..last].fill(phase);
            }
        }
        phases
    }

    /// Round times, each where it is.
    fn times(&self) -> String {
        let tick = |seconds: &i64| {
            *seconds as f64 / self.lasts.as_seconds_f64() * self.columns as f64 >= APART as f64
        };
        let tick = TICKS.into_iter().find(|t| tick(t)).unwrap_or(TICKS[TICKS.len() - 1]);
        let format = if self.lasts < Duration::days(1) {
            format_description!("[hour]:[minute]")
        } else {
            format_description!("[day padding:none] [month repr:short] [hour]:[minute]")
        };
        let local = self.begins.unix_timestamp() + i64::from(self.begins.offset().whole_seconds());
        let mut at = self.begins.replace_nanosecond(0).unwrap_or(self.begins)
            + Duration::seconds((tick - local.rem_euclid(tick)) % tick);
        let mut line = String::new();
        while at <= self.begins + self.lasts {
            let text = at.format(format).unwrap_or_default();
            let column = self.column(at).max(0.0).floor() as usize;
            if column + text.len() > self.columns {
                break;
            }
            line += &" ".repeat(column.saturating_sub(line.len()));
            line += &text;
            at += Duration::seconds(tick);
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use fermata_client::v1::{PlanMove, PlanWave};
    use time::macros::datetime;

    use super::*;
    use crate::output::time::to_proto;

    const NOW: OffsetDateTime = datetime!(2026-11-23 14:00:00 UTC);

    fn at(minutes: i64) -> Option<Timestamp> {
        Some(to_proto(NOW + Duration::minutes(minutes)))
    }

    fn host(name: &str, times: [i64; 4]) -> PlanHost {
        let [start, touched, empty, end] = times;
        PlanHost {
            host: name.to_owned(),
            start_time: at(start),
            moves: vec![PlanMove { start_time: at(touched), ..Default::default() }],
            empty_time: at(empty),
            end_time: at(end),
            ..Default::default()
        }
    }

    fn example() -> Plan {
        let idle = PlanHost { moves: Vec::new(), ..host("b3", [0, 0, 0, 20]) };
        Plan {
            start_time: at(0),
            expected_end_time: at(60),
            waves: vec![
                PlanWave {
                    hosts: vec![idle, host("compute-a1", [0, 5, 10, 30])],
                    ..Default::default()
                },
                PlanWave { hosts: vec![host("a2", [30, 35, 40, 60])], ..Default::default() },
            ],
            ..Default::default()
        }
    }

    fn shown(plan: &Plan, columns: usize) -> String {
        anstream::adapter::strip_str(&gantt(plan, columns, NOW)).to_string()
    }

    #[test]
    fn bars_are_where_the_times_are() {
        let expected = "            \
            14:00          14:15          14:30          14:45\n\
            wave 1\n\
            b3          ████████████████████\n\
            compute-a1  ░░░░░▒▒▒▒▒████████████████████\n\
            wave 2\n\
            a2                                        ░░░░░▒▒▒▒▒████████████████████\n\
            ░ owners are asked   ▒ servers leave   █ out of service";
        assert_eq!(shown(&example(), 72), expected);
    }

    #[test]
    fn nothing_is_wider_than_the_terminal() {
        for columns in [40, 55, 100, 237] {
            let text = shown(&example(), columns);
            let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(widest <= columns.max(55), "{columns}: {widest}\n{text}");
        }
    }

    #[test]
    fn a_phase_is_seen_however_short_it_is() {
        let quick = vec![PlanWave { hosts: vec![host("a", [0, 5, 6, 600])], ..Default::default() }];
        let plan = Plan { expected_end_time: at(600), waves: quick, ..example() };
        assert!(shown(&plan, 48).contains("\na       ░▒████"), "{}", shown(&plan, 48));
        let late =
            vec![PlanWave { hosts: vec![host("a", [590, 598, 599, 600])], ..Default::default() }];
        let plan = Plan { expected_end_time: at(600), waves: late, ..example() };
        assert!(shown(&plan, 48).contains(" ░\n"), "{}", shown(&plan, 48));
    }

    #[test]
    fn what_takes_days_has_dates() {
        let plan = Plan { expected_end_time: at(3 * 1_440), ..example() };
        assert!(shown(&plan, 100).contains("24 Nov 00:00"), "{}", shown(&plan, 100));
    }

    #[test]
    fn what_takes_no_time_has_no_bars() {
        assert_eq!(shown(&Plan { expected_end_time: at(0), ..example() }, 80), "");
        assert_eq!(shown(&Plan::default(), 80), "");
    }
}
