//! What comes from outside, as nobody would send it ([`fuzzing`]). Nothing may panic, and nothing that was changed may be taken for
//! what it was not.

use std::io::Write;
use std::sync::Arc;

use fermata_core::Time;
use fermata_proto::v1;
use fermata_store::Topic;
use futures::FutureExt;
use http::header::AUTHORIZATION;
use http::{Extensions, HeaderMap, HeaderValue};
use proptest::{prop_assert, prop_assert_eq};
use prost::Message;
use tempfile::NamedTempFile;
use uuid::Uuid;

use crate::door::access::table;
use crate::door::{Authenticator, OidcTokens, Presented, Principals, Tokens as PrincipalTokens};
use crate::token::{StreamId, Tokens};

const PRINCIPALS: &str = r#"
[[principal]]
name = "vnfm-core"
roles = ["owner", "monitor"]
projects = ["core", "*"]
tokens = ["sha256:5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"]
certificates = ["uri:spiffe://example.org/vnfm/*", "dns:vnfm.example.org", "cn:kim"]
expires = "2027-06-30T00:00:00Z"
"#;
const ISSUERS: &str = r#"
[[issuer]]
issuer = "https://login.example.org/realms/telco"
audiences = ["fermata"]
jwks_uri = "http://127.0.0.1:9/keys"
algorithms = ["RS256", "EdDSA"]
clock_skew = "30s"
principal_claim = "preferred_username"
roles_claim = ["realm_access", "roles"]
projects_claim = "projects"
[issuer.roles]
operator = ["maintenance"]
owner = ["vnf-manager"]
"#;
/// `{"alg":"RS256","kid":"1"}`, `{"iss":"https://login.example.org/realms/telco","exp":9999999999}`, and no signature.
const TOKEN: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUub3JnL3JlYWxtcy90ZWxjbyIsImV4cCI6OTk5OTk5OTk5OX0.AAAA";

/// Each request of the contract, decoded from anything, goes through the door's table.
fn requests(cases: u32) {
    let spec = v1::SessionSpec {
        hosts: Some(v1::HostSelection { names: vec!["h".to_owned(); 3], ..Default::default() }),
        window: Some(v1::MaintenanceWindow {
            start_time: Some(prost_types::Timestamp { seconds: 1, nanos: 2 }),
            end_time: Some(prost_types::Timestamp { seconds: i64::MAX, nanos: -1 }),
        }),
        reason: "new firmware".to_owned(),
        drain_timeout: Some(prost_types::Duration { seconds: 1, nanos: i32::MIN }),
        ..Default::default()
    };
    let decisions = vec![v1::Decision { server_id: "1".to_owned(), action: 3 }; 3];
    let reply = v1::ReplyRequest {
        project_id: "core".to_owned(),
        answer: Some(v1::reply_request::Answer::Accept(v1::Accept { action: 1, decisions })),
        ..Default::default()
    };
    let create = v1::CreateSessionRequest { spec: Some(spec), request_id: "once".to_owned() };
    let corpus = vec![create.encode_to_vec(), reply.encode_to_vec(), vec![0x0a, 3, 0x0a, 1, 0x61]];
    fuzzing::bytes(cases, corpus, |bytes| {
        for row in table() {
            // What is no request is refused before the door.
            let _ = (row.find)(bytes);
        }
        Ok(())
    });
}

/// A resume or page token that is read says what it was made for.
fn tokens(cases: u32) {
    let tokens = Tokens::new(Uuid::from_u128(1), &[7; 32]).unwrap();
    let stream = StreamId::new(&Topic::Infrastructure, "");
    let (resume, page) = (tokens.resume(stream, 42).to_vec(), tokens.page("sessions", "cursor"));
    fuzzing::bytes(cases, vec![resume.clone(), page.into_bytes()], |bytes| {
        if let Ok(sequence) = tokens.read_resume(stream, bytes) {
            prop_assert_eq!((sequence, bytes), (42, &*resume));
        }
        let text = String::from_utf8_lossy(bytes);
        if let Ok(Some(cursor)) = tokens.read_page("sessions", &text) {
            prop_assert_eq!(cursor, "cursor");
        }
        Ok(())
    });
}

/// Files of principals and of issuers are taken or refused.
fn files(cases: u32) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _entered = runtime.enter();
    let file = NamedTempFile::new().unwrap();
    let corpus = [PRINCIPALS, ISSUERS].map(|text| text.as_bytes().to_vec()).to_vec();
    fuzzing::bytes(cases, corpus, |bytes| {
        std::fs::write(file.path(), bytes).unwrap();
        let _ = Principals::load(file.path());
        let _ = OidcTokens::load(file.path(), crate::clock::system());
        Ok(())
    });
}

/// What is no token of a principal, and no signed one of an issuer, is nobody's.
fn credentials(cases: u32) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _entered = runtime.enter();
    let file = |text: &str| {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    };
    let (principals, issuers) = (file(PRINCIPALS), file(ISSUERS));
    let clock: crate::clock::Clock = Arc::new(|| Time::UNIX_EPOCH);
    let principals = Principals::load(principals.path()).unwrap();
    let kinds: [Box<dyn Authenticator>; 2] = [
        Box::new(PrincipalTokens::new(principals, Arc::clone(&clock))),
        Box::new(OidcTokens::load(issuers.path(), clock).unwrap()),
    ];
    let bearer = |token: &str| format!("Bearer {token}").into_bytes();
    let corpus = vec![bearer(TOKEN), bearer(&format!("fermata_{}", "a".repeat(64)))];
    fuzzing::bytes(cases, corpus, |bytes| {
        let Ok(value) = HeaderValue::from_bytes(bytes) else { return Ok(()) };
        let metadata = HeaderMap::from_iter([(AUTHORIZATION, value)]);
        let connection = Extensions::new();
        for kind in &kinds {
            let presented = Presented { metadata: &metadata, connection: &connection };
            // Whoever has to ask an issuer for its keys has let nobody in yet.
            let answer = kind.authenticate(presented).now_or_never();
            prop_assert!(!matches!(answer, Some(Ok(Some(_)))));
        }
        Ok(())
    });
}

fuzzing::targets! {
    requests: requests_for_a_moment, requests_for_long;
    tokens: tokens_for_a_moment, tokens_for_long;
    files: files_for_a_moment, files_for_long;
    credentials: credentials_for_a_moment, credentials_for_long;
}
