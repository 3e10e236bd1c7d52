//! How long moves took: what is read is what was noted, and old ones are forgotten.

use std::time::Duration;

use fermata_core::cloud::MigrationKind;
use fermata_core::problem::Measured;

use crate::place::Place;
use crate::world::{World, after, touch, write};

fn measured(kind: MigrationKind, memory_mib: u64, millis: u64) -> Measured {
    let took = Duration::from_millis(millis).try_into().unwrap();
    Measured { kind, memory_mib, took }
}

pub(crate) async fn moves_are_measured(place: &Place) {
    let store = place.open().await;
    let mut session = World::stored(&store, &["hv-1"], &["red", "blue"]).await.session;
    let keys: Vec<_> = session.servers.keys().cloned().collect();
    let live = measured(MigrationKind::Live, 2_048, 12_345);
    let cold = measured(MigrationKind::Cold, 512, 60_000);
    let again = measured(MigrationKind::Live, 2_048, 9_000);
    for (at, key, one) in [(1, &keys[0], live), (2, &keys[1], cold), (3, &keys[0], again)] {
        let mut transition = touch(&session);
        transition.measured = vec![(key.clone(), one)];
        store.commit(write(Some(&session), &transition, after(at))).await.unwrap();
        session = transition.next;
    }
    assert_eq!(store.measured_moves().await.unwrap(), [again, cold], "the newest first");
    assert_eq!(store.prune_moves(after(3)).await.unwrap(), 1);
    assert_eq!(store.measured_moves().await.unwrap(), [again]);
}
