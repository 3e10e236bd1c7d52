//! A large cloud: 1,000 hosts and 20,000 servers of one project. No message grows with it, and clients at gRPC's own
//! limits read all of it.

use std::collections::BTreeSet;

use fermata_proto::v1;
use prost::Message;

use crate::acts::{ask_again, create, get, patient};
use crate::harness::{Notifications, Sessions, Site};
use crate::tape::{Streamed, Tape, after, of_project, of_session};
use crate::world::World;

const HOSTS: usize = 1000;
const SERVERS: usize = 20_000;
/// The most that a message may take.
const MOST: usize = 1 << 20;

fn world() -> World {
    (0..SERVERS).fold(World::of_hosts(HOSTS), |world, i| {
        world.server(&format!("server-{i:05}"), "orange", &format!("compute-{}", i % HOSTS + 1))
    })
}

fn spec() -> v1::SessionSpec {
    let hosts = v1::HostSelection { all: true, ..Default::default() };
    v1::SessionSpec { hosts: Some(hosts), ..patient(&[]) }
}

/// Reads a snapshot, of which `part` says the number, whether it is the last, and what is in it.
async fn snapshot<M: Streamed, T>(
    stream: &mut Tape<M>,
    part: impl Fn(M) -> (u32, bool, Vec<T>),
) -> Vec<T> {
    let mut all = Vec::new();
    for expected in 1.. {
        let message = stream.next().await;
        let (sequence, token) = (message.sequence(), message.token().to_vec());
        assert_eq!(sequence, stream.heard[0].message.sequence());
        let (number, last, elements) = part(message);
        assert_eq!(number, expected);
        assert_eq!(!token.is_empty(), last, "a token comes with the last part alone");
        all.extend(elements);
        if last {
            break;
        }
    }
    assert!(stream.heard.len() > 1, "so much is more than one part");
    let largest = stream.heard.iter().map(|h| h.bytes.len()).max().unwrap();
    assert!(largest <= MOST, "a message of {largest} bytes");
    all
}

/// Reads a list to its end.
async fn pages<M: Message, T>(
    mut page: impl AsyncFnMut(String) -> M,
    read: impl Fn(M) -> (Vec<T>, String),
) -> Vec<T> {
    let mut all = Vec::new();
    let mut token = String::new();
    loop {
        let message = page(token).await;
        let size = message.encoded_len();
        assert!(size <= MOST, "a page of {size} bytes");
        let (elements, next) = read(message);
        all.extend(elements);
        if next.is_empty() {
            return all;
        }
        token = next;
    }
}

fn distinct<T: Ord>(all: impl IntoIterator<Item = T>) -> usize {
    all.into_iter().collect::<BTreeSet<_>>().len()
}

#[tokio::test]
async fn no_message_grows_with_the_cloud() {
    let mut site = Site::start(&world()).await;
    let mut sessions = site.sessions().await;
    let mut owners = site.notifications().await;
    let created = create(&mut sessions, spec()).await;
    assert!(created.encoded_len() <= MOST);

    of_the_streams(&site, &created.id).await;
    of_a_session(&mut sessions, &created.id).await;
    of_the_owner(&mut owners).await;

    // Every change of the question tells its owner so, but does not repeat the servers.
    let channel = site.channel().await;
    let mut owner = Tape::open(&channel, of_project("orange", None)).await.unwrap();
    snapshot(&mut owner, affairs).await;
    let before = owner.heard.len();
    ask_again(&mut sessions, &created.id, "newer firmware").await;
    let again = owner.until(|m: &v1::SubscribeResponse| m.is_event()).await;
    let size = owner.heard[before].bytes.len();
    assert!(size < 4096, "an event of {size} bytes: {again:?}");
    // A token of the last part goes on after it.
    let token = owner.heard[before - 1].message.token().to_vec();
    let mut resumed: Tape<v1::SubscribeResponse> =
        Tape::open(&channel, of_project("orange", after(token))).await.unwrap();
    assert_eq!(resumed.next().await.sequence(), again.sequence());
    site.stop().await;
}

fn affairs(message: v1::SubscribeResponse) -> (u32, bool, Vec<String>) {
    let Some(v1::subscribe_response::Message::Snapshot(part)) = message.message else {
        panic!("{message:?}")
    };
    let servers = part.servers.into_iter().map(|s| s.server_id);
    let notifications = part.notifications.into_iter().map(|n| n.id);
    (part.part, part.last, servers.chain(notifications).collect())
}

async fn of_the_streams(site: &Site, id: &str) {
    let channel = site.channel().await;
    let mut owner = Tape::open(&channel, of_project("orange", None)).await.unwrap();
    assert_eq!(distinct(snapshot(&mut owner, affairs).await), SERVERS + 1);

    let mut hosts = Tape::open(&channel, v1::WatchHostsRequest::default()).await.unwrap();
    let names = snapshot(&mut hosts, |message: v1::WatchHostsResponse| {
        let Some(v1::watch_hosts_response::Message::Snapshot(part)) = message.message else {
            panic!("{message:?}")
        };
        (part.part, part.last, part.hosts.into_iter().map(|h| h.name).collect())
    });
    assert_eq!(distinct(names.await), HOSTS);

    let mut session = Tape::open(&channel, of_session(id, None)).await.unwrap();
    let names = snapshot(&mut session, |message: v1::WatchSessionResponse| {
        let Some(v1::watch_session_response::Message::Snapshot(part)) = message.message else {
            panic!("{message:?}")
        };
        assert_eq!(part.session.is_some(), part.part == 1);
        (part.part, part.last, part.hosts.into_iter().map(|h| h.host).collect())
    });
    assert_eq!(distinct(names.await), HOSTS);

    // Who wants no hosts gets none.
    let basic =
        v1::WatchSessionRequest { view: v1::SessionView::Basic.into(), ..of_session(id, None) };
    let mut session: Tape<v1::WatchSessionResponse> = Tape::open(&channel, basic).await.unwrap();
    let first = session.next().await;
    let Some(v1::watch_session_response::Message::Snapshot(part)) = first.message else {
        panic!("{first:?}")
    };
    assert!(part.last && part.hosts.is_empty() && part.session.is_some());
}

async fn of_a_session(sessions: &mut Sessions, id: &str) {
    let hosts = pages(
        async |page_token| {
            let request = v1::ListSessionHostsRequest {
                session_id: id.to_owned(),
                page_size: 1000,
                page_token,
                ..Default::default()
            };
            sessions.list_session_hosts(request).await.unwrap().into_inner()
        },
        |page| (page.hosts, page.next_page_token),
    )
    .await;
    assert_eq!(hosts, get(sessions, id).await.hosts, "the list and the watch have one order");
    let servers = pages(
        async |page_token| {
            let request = v1::ListSessionServersRequest {
                session_id: id.to_owned(),
                page_size: 1000,
                page_token,
                ..Default::default()
            };
            sessions.list_session_servers(request).await.unwrap().into_inner()
        },
        |page| (page.servers, page.next_page_token),
    )
    .await;
    assert_eq!((servers.len(), distinct(servers.iter().map(|s| &s.server_id))), (SERVERS, SERVERS));
    let filter = v1::SessionServerFilter {
        host: "compute-7".to_owned(),
        project_id: "orange".to_owned(),
        states: vec![v1::ServerState::Affected.into()],
    };
    let one = v1::ListSessionServersRequest {
        session_id: id.to_owned(),
        filter: Some(filter),
        ..Default::default()
    };
    let one = sessions.list_session_servers(one).await.unwrap().into_inner();
    assert_eq!((one.servers.len(), one.next_page_token.as_str()), (SERVERS / HOSTS, ""));
    assert!(one.servers.iter().all(|s| s.host == "compute-7"));
    let reported = pages(
        async |page_token| {
            let request = v1::GetSessionReportRequest {
                session_id: id.to_owned(),
                page_size: 500,
                page_token,
            };
            sessions.get_session_report(request).await.unwrap().into_inner()
        },
        |page| (page.report.unwrap().hosts, page.next_page_token),
    )
    .await;
    assert!(reported.len() > HOSTS, "some host goes on on the next page");
    let names = reported.iter().map(|h| &h.host.as_ref().unwrap().host);
    assert_eq!(distinct(names), HOSTS);
    let of_report: Vec<_> = reported.into_iter().flat_map(|h| h.servers).collect();
    assert_eq!(of_report.len(), SERVERS);
    assert_eq!(distinct(of_report.iter().map(|s| &s.server_id)), SERVERS);
}

async fn of_the_owner(owners: &mut Notifications) {
    let listed = owners.list_notifications(v1::ListNotificationsRequest {
        project_id: "orange".to_owned(),
        ..Default::default()
    });
    let asked = listed.await.unwrap().into_inner().notifications.remove(0);
    assert!(asked.servers_omitted && asked.servers.is_empty());
    assert_eq!(asked.server_count as usize, SERVERS);
    let servers = pages(
        async |page_token| {
            let request = v1::ListNotificationServersRequest {
                project_id: "orange".to_owned(),
                notification_id: asked.id.clone(),
                page_size: 1000,
                page_token,
            };
            owners.list_notification_servers(request).await.unwrap().into_inner()
        },
        |page| (page.servers, page.next_page_token),
    )
    .await;
    assert_eq!((servers.len(), distinct(servers.iter().map(|s| &s.server_id))), (SERVERS, SERVERS));
    let foreign = v1::ListNotificationServersRequest {
        project_id: "violet".to_owned(),
        notification_id: asked.id.clone(),
        ..Default::default()
    };
    let refused = owners.list_notification_servers(foreign).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::NotFound);
}
