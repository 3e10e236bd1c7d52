use uuid::Uuid;

use super::*;
use crate::actor::Role;

fn entry(reason: &str) -> Entry {
    Entry {
        who: Who::new("kim", Role::Operator),
        action: Action::CompleteHost,
        resource: Resource::session(SessionId(Uuid::from_u128(7))),
        detail: "compute-1".to_owned(),
        reason: reason.to_owned(),
    }
}

fn chain(length: usize) -> Vec<Record> {
    let mut head = Head::default();
    let mut records = Vec::new();
    for i in 0..length {
        let change = Change { before: digest(["{}"]), after: None };
        let at = 1_700_000_000_000_000 + i as i64;
        let record = Record::after(&head, &entry(&format!("reason {i}")), change, at);
        head = Head { sequence: record.sequence, hash: record.hash.clone() };
        records.push(record);
    }
    records
}

fn verify(records: &[Record]) -> Result<Head, Fault> {
    let mut head = Head::default();
    for record in records {
        head.follow(record)?;
    }
    Ok(head)
}

/// What others compute by the description in `audit.proto`; it never changes.
#[test]
fn a_known_record_has_a_known_hash() {
    let first = chain(1).remove(0);
    let expected = "4f5257b6af4da53ce6574912f40a1fc07861c8f987146ff598a0dde2164a00f2";
    assert_eq!(hash::hex(&first.hash), expected);
    assert_eq!(expected.parse::<Hash>().unwrap().to_string(), expected);
    assert!("".parse::<Hash>().is_err() && "é".repeat(32).parse::<Hash>().is_err());
}

#[test]
fn every_field_is_hashed() {
    let edits: [fn(&mut Record); 14] = [
        |r| r.sequence += 1,
        |r| r.at_micros += 1,
        |r| r.principal.push('x'),
        |r| r.role.push('x'),
        |r| r.action += 1,
        |r| r.resource_kind += 1,
        |r| r.project.push('x'),
        |r| r.resource.push('x'),
        |r| r.detail.push('x'),
        |r| r.reason.push('x'),
        |r| r.before[0] ^= 1,
        |r| r.after.push(0),
        |r| r.previous[31] ^= 1,
        |r| r.hash[0] ^= 1,
    ];
    let records = chain(5);
    assert_eq!(verify(&records).unwrap().sequence, 5);
    for edit in edits {
        let mut spoiled = records.clone();
        edit(&mut spoiled[2]);
        assert_eq!(verify(&spoiled).unwrap_err().sequence(), 3);
    }
    // What moves from one field to the next is another content.
    let mut moved = records.clone();
    moved[2].detail.push('r');
    moved[2].reason.remove(0);
    assert_eq!(verify(&moved), Err(Fault::Changed { sequence: 3 }));
}

#[test]
fn records_that_are_missing_or_replaced_are_found() {
    let records = chain(5);
    let mut without = records.clone();
    without.remove(2);
    assert_eq!(verify(&without), Err(Fault::Missing { sequence: 3, found: 4 }));
    let mut replaced = records.clone();
    replaced[2].reason = "another".to_owned();
    replaced[2].hash = hash::of(&replaced[2]).0.to_vec();
    assert_eq!(verify(&replaced), Err(Fault::Unlinked { sequence: 4 }));
    replaced.truncate(3);
    let head = verify(&replaced).unwrap();
    let noted = verify(&records).unwrap();
    assert_eq!(head.is(&noted), Err(Fault::CutOff { sequence: 4, last: 5 }));
    let noted = Head { sequence: 3, hash: records[2].hash.clone() };
    assert_eq!(head.is(&noted), Err(Fault::HeadDiffers { sequence: 3 }));
    let kept = Hash(noted.hash.clone().try_into().unwrap());
    assert_eq!(head.meets(3, &kept), Err(Fault::NotExpected { sequence: 3 }));
    assert_eq!(noted.meets(3, &kept).and(noted.reaches(3)).and(noted.is(&noted)), Ok(()));
    assert_eq!(head.reaches(5), Err(Fault::TooShort { sequence: 4, expected: 5 }));
}

#[test]
fn what_is_absent_has_no_digest() {
    assert_eq!(digest([]), None);
    assert_ne!(digest(["a", "b"]), digest(["ab"]));
}

/// A chain of 9 whose first 4 were deleted, with what is noted of it.
fn pruned() -> (Vec<Record>, Ends) {
    let mut records = chain(9);
    let head = |record: &Record| Head { sequence: record.sequence, hash: record.hash.clone() };
    let ends = Ends { anchor: Anchor::default(), head: head(&records[8]) };
    let (noted, record) = ends.prune(head(&records[3]), Uuid::from_u128(1), 7_000_000);
    records.push(record);
    (records.split_off(4), noted)
}

fn walk(records: &[Record], noted: &Ends) -> Result<Walk, Fault> {
    let mut walk = Walk::default();
    walk.meet(&noted.anchor);
    for record in records {
        walk.follow(record)?;
    }
    walk.ends(noted).map(|()| walk)
}

#[test]
fn what_is_left_is_verified_from_what_went() {
    let (records, noted) = pruned();
    let sound = walk(&records, &noted).unwrap();
    assert_eq!((sound.begins_after().sequence, sound.head().sequence), (4, 10));
    // A second time.
    let head = |i: usize| Head { sequence: 5 + i as u64, hash: records[i].hash.clone() };
    let (noted, record) = noted.prune(head(2), Uuid::from_u128(1), 8_000_000);
    let left = [&records[3..], &[record]].concat();
    assert_eq!(walk(&left, &noted).unwrap().begins_after().sequence, 7);
}

#[test]
fn an_anchor_that_was_tampered_with_is_found() {
    let (records, noted) = pruned();
    let spoiled = |spoil: fn(&mut Anchor)| {
        let mut ends = noted.clone();
        spoil(&mut ends.anchor);
        walk(&records, &ends).unwrap_err()
    };
    assert_eq!(spoiled(|a| a.last.hash[0] ^= 1), Fault::Unlinked { sequence: 5 });
    assert_eq!(spoiled(|a| a.last.sequence = 3), Fault::Missing { sequence: 4, found: 5 });
    assert_eq!(spoiled(|a| *a = Anchor::default()), Fault::Missing { sequence: 1, found: 5 });
    assert_eq!(spoiled(|a| a.at_micros += 1), Fault::AnchorDiffers { sequence: 10 });
    // More was removed, and the anchor set to fit.
    let mut moved = noted.clone();
    moved.anchor.last = Head { sequence: 6, hash: records[1].hash.clone() };
    assert_eq!(walk(&records[2..], &moved), Err(Fault::AnchorDiffers { sequence: 10 }));
    // The same where nothing was deleted before.
    let whole = chain(5);
    let head = |record: &Record| Head { sequence: record.sequence, hash: record.hash.clone() };
    let anchor = Anchor { last: head(&whole[1]), at_micros: 1 };
    let ends = Ends { anchor, head: head(&whole[4]) };
    assert_eq!(walk(&whole[2..], &ends), Err(Fault::AnchorUnknown { sequence: 2 }));
    let mut without = records;
    without.remove(2);
    assert_eq!(walk(&without, &noted), Err(Fault::Missing { sequence: 7, found: 8 }));
}

#[test]
fn records_may_be_deleted_while_somebody_walks_along() {
    let records = chain(9);
    let mut walk = Walk::default();
    records[..2].iter().for_each(|record| walk.follow(record).unwrap());
    let (left, noted) = pruned();
    walk.meet(&noted.anchor);
    left.iter().for_each(|record| walk.follow(record).unwrap());
    walk.ends(&noted).unwrap();
    // Of what it has passed, it knows the records that follow.
    let mut walk = Walk::default();
    records[..6].iter().for_each(|record| walk.follow(record).unwrap());
    walk.meet(&noted.anchor);
    left[2..].iter().for_each(|record| walk.follow(record).unwrap());
    assert_eq!((walk.ends(&noted), walk.begins_after().sequence), (Ok(()), 0));
}

#[test]
fn whole_days_are_old() {
    let now = time::macros::datetime!(2026-11-30 21:44 UTC);
    let day = std::time::Duration::from_secs(86_400);
    let before = old_before(now, 2 * day).unwrap();
    assert_eq!(before, time::macros::datetime!(2026-11-28 00:00 UTC));
    // In whatever offset the clock tells.
    let east = now.to_offset(time::macros::offset!(+9));
    assert_eq!(old_before(east, 2 * day), Some(before));
    assert_eq!(old_before(now, std::time::Duration::MAX), None);
}
