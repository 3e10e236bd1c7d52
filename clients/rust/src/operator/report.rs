//! Puts a report together, which comes in pages.

use fermata_proto::v1::{HostReport, SessionReport};

/// Adds a page. A host whose servers did not fit comes again with the rest of them.
pub(super) fn merge(report: &mut SessionReport, page: SessionReport) {
    let mut hosts = std::mem::take(&mut report.hosts);
    for host in page.hosts {
        match hosts.last_mut().filter(|last| name(last) == name(&host)) {
            Some(last) => last.servers.extend(host.servers),
            None => hosts.push(host),
        }
    }
    let mut notifications = std::mem::take(&mut report.notifications);
    notifications.extend(page.notifications);
    // All but these lists is the same on each page, or newer.
    *report = SessionReport { hosts, notifications, ..page };
}

fn name(host: &HostReport) -> &str {
    host.host.as_ref().map_or("", |host| &host.host)
}

#[cfg(test)]
mod tests {
    use fermata_proto::v1::{SessionHost, SessionNotification, SessionServer};

    use super::*;

    fn page(hosts: &[(&str, usize)]) -> SessionReport {
        let hosts = hosts.iter().map(|(name, servers)| HostReport {
            host: Some(SessionHost { host: (*name).to_owned(), ..Default::default() }),
            servers: vec![SessionServer::default(); *servers],
            ..Default::default()
        });
        let notifications = vec![SessionNotification::default()];
        SessionReport { hosts: hosts.collect(), notifications, ..Default::default() }
    }

    #[test]
    fn a_host_goes_on_with_the_next_page() {
        let mut report = SessionReport::default();
        merge(&mut report, page(&[("a", 1), ("b", 2)]));
        merge(&mut report, page(&[("b", 3), ("c", 0)]));
        assert_eq!(report.hosts, page(&[("a", 1), ("b", 5), ("c", 0)]).hosts);
        assert_eq!(report.notifications.len(), 2);
    }
}
