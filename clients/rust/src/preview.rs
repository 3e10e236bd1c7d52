//! A preview, whose plan comes in pieces; the caller gets it whole.

use crate::channel::Channel;
use fermata_proto::v1::preview_session_response::Answer;
use fermata_proto::v1::session_service_client::SessionServiceClient;
use fermata_proto::v1::{Plan, PreviewSessionRequest, PreviewSessionResponse};
use tonic::{Code, Status};

/// Asks for the plan of a session that does not exist, and puts its pieces together.
///
/// # Errors
/// Those of PreviewSession; DATA_LOSS if a part is missing.
pub async fn preview(
    channel: Channel,
    request: PreviewSessionRequest,
) -> Result<PreviewSessionResponse, Status> {
    let mut parts = SessionServiceClient::new(channel).preview_session(request).await?.into_inner();
    let mut whole: Option<PreviewSessionResponse> = None;
    while let Some(part) = parts.message().await? {
        whole = Some(match whole {
            None if part.part == 1 => part,
            Some(whole) if part.part == whole.part + 1 => joined(whole, part),
            None | Some(_) => return Err(missing()),
        });
    }
    whole.filter(|whole| whole.last).ok_or_else(missing)
}

fn missing() -> Status {
    Status::new(Code::DataLoss, "a part of the preview is missing")
}

fn joined(whole: PreviewSessionResponse, next: PreviewSessionResponse) -> PreviewSessionResponse {
    let answer = match (whole.answer, next.answer) {
        (Some(Answer::Plan(whole)), Some(Answer::Plan(piece))) => {
            Some(Answer::Plan(with(whole, piece)))
        }
        (whole, _) => whole,
    };
    PreviewSessionResponse { answer, part: next.part, last: next.last }
}

/// A plan with one more piece: its first wave and host may go on with the last ones that are there.
fn with(mut plan: Plan, piece: Plan) -> Plan {
    plan.owners.extend(piece.owners);
    for wave in piece.waves {
        match plan.waves.last_mut().filter(|last| last.number == wave.number) {
            None => plan.waves.push(wave),
            Some(last) => {
                for host in wave.hosts {
                    match last.hosts.last_mut().filter(|last| last.host == host.host) {
                        None => last.hosts.push(host),
                        Some(last) => {
                            last.moves.extend(host.moves);
                            last.stays.extend(host.stays);
                        }
                    }
                }
            }
        }
    }
    plan
}

#[cfg(test)]
mod tests {
    use fermata_proto::v1::{PlanHost, PlanMove, PlanOwner, PlanWave};

    use super::*;

    fn wave(number: u32, hosts: &[(&str, usize)]) -> PlanWave {
        let hosts = hosts.iter().map(|(name, moves)| PlanHost {
            host: (*name).to_owned(),
            moves: vec![PlanMove::default(); *moves],
            ..Default::default()
        });
        PlanWave { number, hosts: hosts.collect() }
    }

    fn part(part: u32, waves: Vec<PlanWave>) -> PreviewSessionResponse {
        let plan = Plan { waves, owners: vec![PlanOwner::default()], ..Default::default() };
        PreviewSessionResponse { answer: Some(Answer::Plan(plan)), part, last: part == 3 }
    }

    #[test]
    fn pieces_become_one_plan() {
        let first = part(1, vec![wave(1, &[("a", 2), ("b", 1)])]);
        let second = part(2, vec![wave(1, &[("b", 3), ("c", 1)])]);
        let third = part(3, vec![wave(1, &[("d", 1)]), wave(2, &[("e", 1)])]);
        let whole = joined(joined(first, second), third);
        let Some(Answer::Plan(plan)) = whole.answer else { panic!("{whole:?}") };
        assert_eq!((plan.owners.len(), whole.part, whole.last), (3, 3, true));
        let expected = [wave(1, &[("a", 2), ("b", 4), ("c", 1), ("d", 1)]), wave(2, &[("e", 1)])];
        assert_eq!(plan.waves, expected);
    }
}
