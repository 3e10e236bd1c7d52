//! A plan in pieces: the figures first, then owners and waves, as many in each as fit into a message.

use fermata_proto::v1;

use crate::parts::{Part, parts, weight};

/// What a plan grows by.
enum Element {
    Owner(v1::PlanOwner),
    /// A host of a wave, without its moves and stays.
    Host(u32, Box<v1::PlanHost>),
    Move(u32, String, Box<v1::PlanMove>),
    Stay(u32, String, Box<v1::PlanStay>),
}

impl Element {
    fn weight(&self) -> usize {
        match self {
            Self::Owner(owner) => weight(owner),
            Self::Host(_, host) => weight(host.as_ref()),
            Self::Move(_, _, of_server) => weight(of_server.as_ref()),
            Self::Stay(_, _, of_server) => weight(of_server.as_ref()),
        }
    }
}

/// The pieces of a plan, in order.
pub fn pieces(mut plan: v1::Plan) -> impl Iterator<Item = Part<v1::Plan>> {
    let owners = std::mem::take(&mut plan.owners);
    let waves = std::mem::take(&mut plan.waves);
    let owners = owners.into_iter().map(Element::Owner);
    let hosts = waves.into_iter().flat_map(|wave| {
        let number = wave.number;
        wave.hosts.into_iter().flat_map(move |host| of_host(number, host))
    });
    let mut head = Some(plan);
    let beside = head.as_ref().map_or(0, weight);
    parts(beside, owners.chain(hosts), Element::weight).map(move |part| {
        let mut piece = head.take().unwrap_or_default();
        for element in part.elements {
            add(&mut piece, element);
        }
        Part { number: part.number, last: part.last, elements: vec![piece] }
    })
}

fn of_host(wave: u32, mut host: v1::PlanHost) -> impl Iterator<Item = Element> {
    let (moves, stays) = (std::mem::take(&mut host.moves), std::mem::take(&mut host.stays));
    let (to_move, to_stay) = (host.host.clone(), host.host.clone());
    let moves = moves.into_iter().map(move |m| Element::Move(wave, to_move.clone(), Box::new(m)));
    let stays = stays.into_iter().map(move |s| Element::Stay(wave, to_stay.clone(), Box::new(s)));
    std::iter::once(Element::Host(wave, Box::new(host))).chain(moves).chain(stays)
}

fn add(plan: &mut v1::Plan, element: Element) {
    match element {
        Element::Owner(owner) => plan.owners.push(owner),
        Element::Host(number, host) => wave(plan, number).hosts.push(*host),
        Element::Move(number, name, of_server) => {
            host(wave(plan, number), name).moves.push(*of_server);
        }
        Element::Stay(number, name, of_server) => {
            host(wave(plan, number), name).stays.push(*of_server);
        }
    }
}

/// The wave with this number, which is the last one or a new one.
fn wave(plan: &mut v1::Plan, number: u32) -> &mut v1::PlanWave {
    let waves = &mut plan.waves;
    let at = match waves.last() {
        Some(last) if last.number == number => waves.len() - 1,
        Some(_) | None => {
            waves.push(v1::PlanWave { number, hosts: Vec::new() });
            waves.len() - 1
        }
    };
    &mut waves[at]
}

/// The host of this name, which is the last one or a new one.
fn host(wave: &mut v1::PlanWave, name: String) -> &mut v1::PlanHost {
    let hosts = &mut wave.hosts;
    let at = match hosts.last() {
        Some(last) if last.host == name => hosts.len() - 1,
        Some(_) | None => {
            hosts.push(v1::PlanHost { host: name, ..Default::default() });
            hosts.len() - 1
        }
    };
    &mut hosts[at]
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;

    /// As a client puts it together.
    fn together(parts: Vec<Part<v1::Plan>>) -> v1::Plan {
        let mut elements = parts.into_iter().flat_map(|part| part.elements);
        let mut whole = elements.next().unwrap();
        for piece in elements {
            whole.owners.extend(piece.owners);
            for next in piece.waves {
                for of_wave in next.hosts {
                    let into = host(wave(&mut whole, next.number), of_wave.host);
                    into.moves.extend(of_wave.moves);
                    into.stays.extend(of_wave.stays);
                }
            }
        }
        whole
    }

    fn large() -> v1::Plan {
        let server = |i: usize| v1::PlanMove {
            server_id: format!("00000000-0000-0000-0000-{i:012}"),
            name: "x".repeat(200),
            ..Default::default()
        };
        let host = |i: usize| v1::PlanHost {
            host: format!("compute-{i}"),
            moves: (0..5000).map(server).collect(),
            stays: vec![v1::PlanStay::default(); 3],
            ..Default::default()
        };
        let wave = |number| v1::PlanWave { number, hosts: vec![host(1), host(2)] };
        let owner = |i| v1::PlanOwner { project_id: format!("project-{i}"), ..Default::default() };
        v1::Plan {
            waves: vec![wave(1), wave(2)],
            owners: (0..20_000).map(owner).collect(),
            move_count: 20_000,
            ..Default::default()
        }
    }

    #[test]
    fn a_large_plan_comes_in_pieces_that_make_it_up() {
        let parts: Vec<_> = pieces(large()).collect();
        assert!(parts.len() > 10);
        assert!(parts.iter().all(|part| part.elements[0].encoded_len() <= 1 << 20));
        assert_eq!(parts.iter().filter(|part| part.last).count(), 1);
        assert_eq!(parts.iter().filter(|part| part.elements[0].move_count > 0).count(), 1);
        assert_eq!(together(parts), large());
    }

    #[test]
    fn a_small_plan_is_one_piece() {
        let small = v1::Plan { move_count: 1, ..Default::default() };
        let parts: Vec<_> = pieces(small.clone()).collect();
        assert_eq!(parts, [Part { number: 1, last: true, elements: vec![small] }]);
    }
}
