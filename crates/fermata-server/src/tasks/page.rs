//! The page `/tasks`: a line for each task.

use fermata_core::Time;

use super::{Standing, Task, Tasks};

impl Tasks {
    /// A table for people.
    pub fn page(&self) -> String {
        let now = (self.clock)();
        let mut text = format!("{:<14}{:<12}{:>8}  {}\n", "TASK", "STATE", "RESTARTS", "LAST TURN");
        for (task, standing) in self.standings() {
            text.push_str(&line(task, &standing, now));
        }
        text
    }
}

fn line(task: Task, standing: &Standing, now: Time) -> String {
    let state = match (&standing.panic, standing.running) {
        (Some(_), _) => "panicked",
        (None, 0) => "ended",
        (None, _) => "running",
    };
    let last = match &standing.last {
        Some(turn) => {
            let (Ok(what) | Err(what)) = &turn.outcome;
            format!("{} s ago: {what}", (now - turn.at).whole_seconds().max(0))
        }
        None => "none yet".to_owned(),
    };
    let last = match &standing.panic {
        Some(panic) => format!("panicked: {panic}; before that, {last}"),
        None => last,
    };
    format!("{:<14}{state:<12}{:>8}  {last}\n", task.name(), standing.restarts)
}

#[cfg(test)]
mod tests {
    use super::super::Turn;
    use super::*;

    #[test]
    fn lines_line_up() {
        let now = Time::UNIX_EPOCH + std::time::Duration::from_secs(100);
        let turn =
            |ago, outcome| Some(Turn { at: now - std::time::Duration::from_secs(ago), outcome });
        let good =
            Standing { running: 1, last: turn(3, Ok("kept".to_owned())), ..Standing::default() };
        assert_eq!(
            line(Task::Lease, &good, now),
            "lease         running            0  3 s ago: kept\n"
        );
        let bad = Standing {
            running: 1,
            restarts: 12,
            panic: Some("oops".to_owned()),
            last: turn(61, Err("no database".to_owned())),
        };
        assert_eq!(
            line(Task::Retention, &bad, now),
            "retention     panicked          12  panicked: oops; before that, 61 s ago: no database\n"
        );
        let never = Standing::default();
        assert_eq!(
            line(Task::Hosts, &never, now),
            "hosts         ended              0  none yet\n"
        );
    }
}
