//! Bars in text, and the figures of a session.

use fermata_client::v1::Progress;

use crate::output::color::{BAD, DIM, GOOD, paint};

/// `██████░░░░ 3/5`; nothing to do is done.
pub(crate) fn bar(done: u32, total: u32, width: u32) -> String {
    let filled = if total == 0 {
        width
    } else {
        let share = u64::from(width) * u64::from(done.min(total)) / u64::from(total);
        u32::try_from(share).unwrap_or(width)
    };
    let blocks = |block: &str, count: u32| block.repeat(count as usize);
    format!(
        "{}{} {done}/{total}",
        paint(GOOD, &blocks("█", filled)),
        paint(DIM, &blocks("░", width - filled))
    )
}

/// The hosts that are done because somebody worked on them: the contract counts those that were left out as well.
pub(crate) fn worked_on(progress: &Progress) -> u32 {
    progress.hosts_done.saturating_sub(progress.hosts_skipped)
}

/// `1 of 3 done, 1 in maintenance, 1 failed`
pub(crate) fn hosts(progress: &Progress) -> String {
    let mut text = format!("{} of {} done", worked_on(progress), progress.hosts_total);
    if progress.hosts_skipped > 0 {
        text += &format!(", {} skipped", progress.hosts_skipped);
    }
    if progress.hosts_in_maintenance > 0 {
        text += &format!(", {} in maintenance", progress.hosts_in_maintenance);
    }
    text + &failed(progress.hosts_failed)
}

/// `████░░ 4/6, 2 in action, 1 failed`
pub(crate) fn servers(progress: &Progress, width: u32) -> String {
    let mut text = if progress.hosts_total > 0 && progress.hosts_skipped == progress.hosts_total {
        // Nothing was done to them, so nothing is full.
        format!("{} on skipped hosts", progress.servers_total)
    } else {
        bar(progress.servers_done, progress.servers_total, width)
    };
    if progress.servers_in_action > 0 {
        text += &format!(", {} in action", progress.servers_in_action);
    }
    text + &failed(progress.servers_failed)
}

fn failed(count: u32) -> String {
    if count == 0 { String::new() } else { format!(", {}", paint(BAD, &format!("{count} failed"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn a_bar_is_full_only_when_all_is_done() {
        assert_eq!(bare(&bar(0, 4, 8)), "░░░░░░░░ 0/4");
        assert_eq!(bare(&bar(3, 4, 8)), "██████░░ 3/4");
        assert_eq!(bare(&bar(999, 1000, 8)), "███████░ 999/1000");
        assert_eq!(bare(&bar(4, 4, 8)), "████████ 4/4");
        assert_eq!(bare(&bar(0, 0, 8)), "████████ 0/0");
        assert_eq!(bare(&bar(9, 4, 8)), "████████ 9/4");
    }

    #[test]
    fn item_16_hosts_that_were_skipped_are_not_done() {
        let progress =
            Progress { hosts_total: 3, hosts_done: 3, hosts_skipped: 2, ..Default::default() };
        assert_eq!(hosts(&progress), "1 of 3 done, 2 skipped");
        let none = Progress { hosts_skipped: 3, servers_total: 4, servers_done: 4, ..progress };
        assert_eq!(servers(&none, 8), "4 on skipped hosts");
    }

    #[test]
    fn figures_that_are_nought_are_left_out() {
        let progress = Progress { hosts_total: 3, hosts_done: 1, ..Default::default() };
        assert_eq!(hosts(&progress), "1 of 3 done");
        let progress = Progress {
            servers_total: 4,
            servers_done: 2,
            servers_in_action: 1,
            servers_failed: 1,
            ..Default::default()
        };
        assert_eq!(bare(&servers(&progress, 4)), "██░░ 2/4, 1 in action, 1 failed");
    }
}
