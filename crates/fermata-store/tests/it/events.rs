//! The log: gapless, in commit order, pruned from its beginning only.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fermata_core::Time;
use fermata_store::{Bounds, Store, Topic, Write};

use crate::place::Place;
use crate::world::{START, World, after, asked_by, event, tell as tell_host, touch, write};

async fn tell(store: &Store, world: &mut World, topics: &[Topic], at: Time) -> Vec<(Topic, u64)> {
    let transition = touch(&world.session);
    let events = topics.iter().map(|topic| event(topic, format!("{topic}"))).collect();
    let told = Write { events, ..write(Some(&world.session), &transition, at) };
    let appended = store.commit(told).await.unwrap();
    world.session = transition.next;
    appended.into_iter().map(|a| (a.topic, a.last)).collect()
}

pub(crate) async fn gapless_under_concurrent_writers(place: &Place) {
    const WRITERS: u64 = 10;
    const EACH: u64 = 30;
    let store = place.open().await;
    let topic = Topic::Project("hot".into());
    let writers: Vec<_> = (0..WRITERS)
        .map(|i| {
            let (store, topic) = (store.clone(), topic.clone());
            tokio::spawn(async move {
                let host = format!("host{i}");
                let mut world = World::stored(&store, &[host.as_str()], &["p"]).await;
                let mut own = Vec::new();
                for _ in 0..EACH {
                    let told = [topic.clone(), topic.clone()];
                    let lasts = tell(&store, &mut world, &told, START).await;
                    own.extend(lasts.into_iter().map(|(_, last)| last));
                }
                assert!(own.is_sorted());
                own
            })
        })
        .collect();

    // A reader that follows the topic meanwhile never sees a hole.
    let done = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn({
        let (store, topic, done) = (store.clone(), topic.clone(), Arc::clone(&done));
        async move {
            let mut seen = 0;
            loop {
                let last_look = done.load(Ordering::SeqCst);
                let page = store.events_after(&topic, seen, 50).await.unwrap();
                for event in &page {
                    assert_eq!(event.sequence, seen + 1);
                    seen = event.sequence;
                }
                if last_look && page.is_empty() {
                    return seen;
                }
            }
        }
    });
    let mut lasts = Vec::new();
    for writer in writers {
        lasts.extend(writer.await.unwrap());
    }
    done.store(true, Ordering::SeqCst);
    let all = WRITERS * EACH * 2;
    assert_eq!(reader.await.unwrap(), all);
    lasts.sort_unstable();
    assert_eq!(lasts, (1..=all / 2).map(|i| i * 2).collect::<Vec<_>>());
    assert_eq!(store.bounds(&topic).await.unwrap(), Bounds { first_kept: 1, last: all });
}

pub(crate) async fn many_topics_at_once(place: &Place) {
    let store = place.open().await;
    let mut world = World::stored(&store, &["a"], &[]).await;
    let projects: Vec<_> =
        (0..1200).map(|i| Topic::Project(format!("project{i}").into())).collect();
    let mut told = projects.clone();
    told.reverse();
    told.extend(projects.iter().cloned());
    let lasts = tell(&store, &mut world, &told, START).await;
    assert_eq!(lasts.len(), projects.len());
    assert!(lasts.iter().all(|(_, last)| *last == 2));
    for topic in &projects[..5] {
        let events = store.events_after(topic, 0, 10).await.unwrap();
        assert_eq!(events.iter().map(|e| e.sequence).collect::<Vec<_>>(), [1, 2]);
        assert!(events.iter().all(|e| e.payload == topic.to_string().into_bytes()));
    }
}

pub(crate) async fn prune_and_bounds(place: &Place) {
    let store = place.open().await;
    let mut world = World::stored(&store, &["a"], &[]).await;
    let (one, two) = (Topic::Project("one".into()), Topic::Project("two".into()));
    assert_eq!(store.bounds(&one).await.unwrap(), Bounds { first_kept: 1, last: 0 });
    // Clocks differ: the third event is older than the second.
    for at in [10, 30, 20, 40, 50] {
        tell(&store, &mut world, std::slice::from_ref(&one), after(at)).await;
    }
    tell(&store, &mut world, std::slice::from_ref(&two), after(60)).await;
    let session = Topic::Session(world.id());
    let told = store.bounds(&session).await.unwrap().last;

    // What the creation told is older than all of them.
    assert_eq!(store.prune_events(after(5), 100).await.unwrap(), told);
    assert_eq!(store.bounds(&session).await.unwrap().first_kept, told + 1);
    assert_eq!(store.prune_events(after(5), 100).await.unwrap(), 0);
    assert_eq!(store.prune_events(after(25), 1).await.unwrap(), 1);
    assert_eq!(store.bounds(&one).await.unwrap(), Bounds { first_kept: 2, last: 5 });
    assert_eq!(store.prune_events(after(25), 100).await.unwrap(), 2);
    assert_eq!(store.bounds(&one).await.unwrap(), Bounds { first_kept: 4, last: 5 });
    let kept = store.events_after(&one, 0, 100).await.unwrap();
    assert_eq!(kept.iter().map(|e| e.sequence).collect::<Vec<_>>(), [4, 5]);
    assert_eq!(store.prune_events(after(100), 100).await.unwrap(), 3);
    assert_eq!(store.bounds(&one).await.unwrap(), Bounds { first_kept: 6, last: 5 });
    let lasts = tell(&store, &mut world, &[one.clone(), two.clone()], after(70)).await;
    assert_eq!(lasts, [(one.clone(), 6), (two, 2)]);
    assert_eq!(store.bounds(&one).await.unwrap(), Bounds { first_kept: 6, last: 6 });
}

/// Events of a session in the topics of others stay when it is deleted.
pub(crate) async fn deleted_with_their_session(place: &Place) {
    let store = place.open().await;
    let mut world = World::stored(&store, &["a"], &["p"]).await;
    world.cancel(&store).await;
    let project = Topic::Project("p".into());
    let before = store.events_after(&project, 0, 100).await.unwrap();
    assert!(!before.is_empty());
    assert!(before.iter().all(|e| e.session == Some(world.id())));
    store.delete_session(&world.session, asked_by(&|()| None, START), tell_host).await.unwrap();
    assert_eq!(store.events_after(&project, 0, 100).await.unwrap(), before);
    assert!(store.events_after(&project, u64::MAX, 100).await.unwrap().is_empty());
}
