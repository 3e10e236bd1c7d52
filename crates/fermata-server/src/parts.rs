//! What grows with the cloud leaves in pieces: a snapshot in parts, a list in pages, long lists of ids cut short. So no
//! message is larger than 1 MiB, a quarter of what gRPC clients take unless they are told otherwise.

use prost::Message;

/// A piece is closed before it grows beyond this. What does not fit into any piece has one for itself.
const PIECE: usize = 256 << 10;
/// The most that the tag and the length of an element take.
const TAG: usize = 6;
/// So many ids are named where a message says that it names the first ones.
const IDS: usize = 500;
/// And no more than this many bytes of them.
const BYTES_OF_IDS: usize = 64 << 10;
/// So many servers are in their notification.
const SERVERS: usize = 500;

/// What an element takes in a message.
pub fn weight(element: &impl Message) -> usize {
    element.encoded_len() + TAG
}

/// A part of a snapshot.
#[derive(Debug, PartialEq, Eq)]
pub struct Part<T> {
    /// Its number, from 1.
    pub number: u32,
    /// Whether it is the last one.
    pub last: bool,
    /// What is in it.
    pub elements: Vec<T>,
}

/// Puts elements into parts, of which there is at least one. The first part has `beside` bytes less for them.
pub fn parts<T, I>(
    beside: usize,
    elements: I,
    weigh: impl Fn(&T) -> usize,
) -> impl Iterator<Item = Part<T>>
where
    I: Iterator<Item = T>,
{
    let mut elements = elements;
    let mut ahead = None;
    let mut room = PIECE.saturating_sub(beside);
    let mut number = 0;
    let mut over = false;
    std::iter::from_fn(move || {
        if over {
            return None;
        }
        let mut part = Vec::new();
        loop {
            let Some(element) = ahead.take().or_else(|| elements.next()) else {
                over = true;
                break;
            };
            let weight = weigh(&element);
            if weight > room && room < PIECE {
                ahead = Some(element);
                break;
            }
            room = room.saturating_sub(weight);
            part.push(element);
        }
        room = PIECE;
        number += 1;
        Some(Part { number, last: over, elements: part })
    })
}

/// A page of a list.
#[derive(Debug, PartialEq, Eq)]
pub struct Page<R, M> {
    /// What is on it.
    pub messages: Vec<M>,
    /// The row to go on after; `None`: this was the last page.
    pub after: Option<R>,
}

/// The first page of these rows: at most so many messages, and no more than fit.
pub fn page<R, M: Message>(
    rows: impl IntoIterator<Item = R>,
    size: u64,
    message: impl Fn(&R) -> M,
) -> Page<R, M> {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let mut room = PIECE;
    let mut page = Page { messages: Vec::new(), after: None };
    for row in rows {
        if page.messages.len() >= size {
            return page;
        }
        let message = message(&row);
        let weight = weight(&message);
        if weight > room && !page.messages.is_empty() {
            return page;
        }
        room = room.saturating_sub(weight);
        page.messages.push(message);
        page.after = Some(row);
    }
    page.after = None;
    page
}

/// The first of these ids.
pub fn first_ids<T: ToString>(ids: impl IntoIterator<Item = T>) -> Vec<String> {
    let mut room = BYTES_OF_IDS;
    let fits = |id: &String| match room.checked_sub(id.len()) {
        Some(left) => {
            room = left;
            true
        }
        None => false,
    };
    ids.into_iter().take(IDS).map(|id| id.to_string()).take_while(fits).collect()
}

/// All of these if they fit into the message that they belong to.
pub fn all_or_none<M: Message>(elements: impl Iterator<Item = M>) -> Option<Vec<M>> {
    let mut room = PIECE;
    let mut all = Vec::new();
    for element in elements {
        room = room.checked_sub(weight(&element))?;
        if all.len() == SERVERS {
            return None;
        }
        all.push(element);
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(beside: usize, weights: &[usize]) -> Vec<Part<usize>> {
        parts(beside, weights.iter().copied(), |weight| *weight).collect()
    }

    fn part(number: u32, last: bool, elements: &[usize]) -> Part<usize> {
        Part { number, last, elements: elements.to_vec() }
    }

    #[test]
    fn nothing_is_one_part() {
        assert_eq!(cut(0, &[]), [part(1, true, &[])]);
        assert_eq!(cut(PIECE * 2, &[]), [part(1, true, &[])]);
    }

    #[test]
    fn what_fits_exactly_is_the_last_part() {
        assert_eq!(cut(0, &[PIECE - 1, 1]), [part(1, true, &[PIECE - 1, 1])]);
        assert_eq!(
            cut(0, &[PIECE - 1, 2, 3]),
            [part(1, false, &[PIECE - 1]), part(2, true, &[2, 3])]
        );
    }

    #[test]
    fn what_fits_nowhere_has_a_part_of_its_own() {
        assert_eq!(
            cut(0, &[1, PIECE + 1, 1]),
            [part(1, false, &[1]), part(2, false, &[PIECE + 1]), part(3, true, &[1])]
        );
    }

    #[test]
    fn the_first_part_has_room_for_what_is_beside() {
        assert_eq!(cut(PIECE - 1, &[1, 1]), [part(1, false, &[1]), part(2, true, &[1])]);
        assert_eq!(cut(PIECE + 1, &[1]), [part(1, false, &[]), part(2, true, &[1])]);
    }

    #[test]
    fn a_page_ends_at_its_size_or_when_it_is_full() {
        let of = |length: &usize| "x".repeat(*length);
        let whole = page([1, 2], 2, of);
        assert_eq!((whole.messages.len(), whole.after), (2, None));
        let sized = page([1, 2, 3], 2, of);
        assert_eq!((sized.messages.len(), sized.after), (2, Some(2)));
        let full = page([PIECE / 2, PIECE / 3, PIECE / 3], 9, of);
        assert_eq!((full.messages.len(), full.after), (2, Some(PIECE / 3)));
        let large = page([PIECE * 2, 1], 9, of);
        assert_eq!((large.messages.len(), large.after), (1, Some(PIECE * 2)));
    }

    #[test]
    fn ids_are_cut_by_number_and_by_size() {
        assert_eq!(first_ids(0..IDS + 1).len(), IDS);
        assert_eq!(first_ids(vec!["x".repeat(BYTES_OF_IDS / 4); 9]).len(), 4);
        assert_eq!(first_ids(["a", "b"]), ["a", "b"]);
    }

    #[test]
    fn servers_come_all_or_not_at_all() {
        let server = |name: &str| fermata_proto::v1::AffectedServer {
            name: name.to_owned(),
            ..Default::default()
        };
        let of = |count: usize, name: &str| {
            all_or_none(vec![server(name); count].into_iter()).map(|all| all.len())
        };
        assert_eq!(of(SERVERS, "a"), Some(SERVERS));
        assert_eq!(of(SERVERS + 1, "a"), None);
        assert_eq!(of(5, &"x".repeat(PIECE / 5)), None);
    }
}
