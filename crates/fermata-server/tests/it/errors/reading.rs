//! Tokens that were tampered with, lists and streams that are asked for wrongly.

use fermata_proto::v1;
use tonic::Code::{InvalidArgument, NotFound};

use super::{Row, Scene, row};
use crate::acts::subscribe_durably;
use crate::harness::{Site, millis};
use crate::tape::{Tape, after, of_project};

pub async fn reading(site: &Site, scene: &mut Scene, rows: &mut Vec<Row>) {
    let channel = site.channel().await;
    let mut tape: Tape<v1::SubscribeResponse> =
        Tape::open(&channel, of_project("orange", None)).await.unwrap();
    tape.next().await;
    let mut tampered = tape.token();
    tampered[30] ^= 1;
    for (case, token) in [("a tampered resume token", tampered), ("an empty one", Vec::new())] {
        let refused = scene.owners.subscribe(of_project("orange", after(token))).await;
        rows.push(
            row(case, refused, InvalidArgument, "RESUME_TOKEN_INVALID")
                .fields(&["start.resume_token"])
                .owner("orange"),
        );
    }
    let bad = v1::SubscribeRequest { heartbeat_interval: millis(-1), ..of_project("orange", None) };
    let refused = scene.owners.subscribe(bad).await;
    rows.push(
        row("a negative interval", refused, InvalidArgument, "INVALID_FIELD")
            .fields(&["heartbeat_interval"])
            .owner("orange"),
    );
    let list = |page_token: &str, page_size| v1::ListSessionsRequest {
        page_token: page_token.to_owned(),
        page_size,
        ..Default::default()
    };
    let page = scene.sessions.list_sessions(list("", 1)).await.unwrap().into_inner();
    let mut tampered = page.next_page_token.clone().into_bytes();
    tampered[20] = if tampered[20] == b'0' { b'1' } else { b'0' };
    let tampered = String::from_utf8(tampered).unwrap();
    for (case, token) in [("a tampered page token", tampered.as_str()), ("no token", "page 2")] {
        let refused = scene.sessions.list_sessions(list(token, 1)).await;
        rows.push(
            row(case, refused, InvalidArgument, "PAGE_TOKEN_INVALID").fields(&["page_token"]),
        );
    }
    let refused = scene.hosts.list_hosts(v1::ListHostsRequest {
        page_token: page.next_page_token.clone(),
        ..Default::default()
    });
    rows.push(
        row("a page token of another list", refused.await, InvalidArgument, "PAGE_TOKEN_INVALID")
            .fields(&["page_token"]),
    );
    let refused = scene.sessions.list_sessions(list("", -1)).await;
    rows.push(
        row("a negative page size", refused, InvalidArgument, "INVALID_FIELD")
            .fields(&["page_size"]),
    );
    let unknown_state = v1::HostFilter { states: vec![77], ..Default::default() };
    let refused = scene
        .hosts
        .list_hosts(v1::ListHostsRequest { filter: Some(unknown_state), ..Default::default() });
    rows.push(
        row("a state that nobody knows", refused.await, InvalidArgument, "INVALID_FIELD")
            .fields(&["filter.states[0]"]),
    );
    let refused = scene.sessions.list_sessions(v1::ListSessionsRequest {
        order_by: "colour".to_owned(),
        ..Default::default()
    });
    rows.push(
        row("an unknown order", refused.await, InvalidArgument, "INVALID_FIELD")
            .fields(&["order_by"]),
    );
    let ahead = subscribe_durably(&mut scene.owners, "orange").await;
    let mut acknowledge = async |project: &str, id: &str, sequence| {
        let request = v1::AcknowledgePositionRequest {
            project_id: project.to_owned(),
            subscription_id: id.to_owned(),
            sequence,
            ..Default::default()
        };
        scene.owners.acknowledge_position(request).await
    };
    rows.push(
        row(
            "a position to come",
            acknowledge("orange", &ahead.id, 1_000).await,
            InvalidArgument,
            "INVALID_FIELD",
        )
        .fields(&["sequence"])
        .owner("orange"),
    );
    rows.push(
        row(
            "another's subscription",
            acknowledge("violet", &ahead.id, 1).await,
            NotFound,
            "SUBSCRIPTION_NOT_FOUND",
        )
        .owner("violet"),
    );
}
