//! Keys that are replaced, issuers that do not answer, a file that changes; and what a good token gives a right to.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use fermata_core::access::Projects;
use fermata_core::actor::Role;
use fermata_core::id::ProjectId;
use fermata_server::door::{Authenticator, Caller, OidcTokens, Presented, Unknown};
use fermata_server::tasks::Task;
use http::{Extensions, HeaderMap};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::issuer::{Issuer, Signer};
use super::{NOW, clock};
use crate::door::by;
use crate::harness::{Site, eventually, soon};
use crate::refusal::Refusal;
use crate::world::World;
use fermata_proto::v1;

/// Longer than any pause between two requests to an issuer.
const PAUSE: Duration = Duration::from_secs(11);

struct Fixture {
    signer: Signer,
    issuer: Issuer,
    tokens: OidcTokens,
    file: PathBuf,
    _directory: TempDir,
}

impl Fixture {
    async fn new(more: &str) -> Self {
        let signer = Signer::new("one", Algorithm::ES256);
        let issuer = Issuer::start(&[&signer]).await;
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("issuers.toml");
        fs::write(&file, issuer.entry(more)).unwrap();
        let tokens = OidcTokens::load(&file, clock()).unwrap();
        Self { signer, issuer, tokens, file, _directory: directory }
    }

    async fn look(&self, token: &str) -> Result<Option<Caller>, Unknown> {
        let mut metadata = HeaderMap::new();
        metadata.insert("authorization", format!("Bearer {token}").parse().unwrap());
        let connection = Extensions::new();
        self.tokens.authenticate(Presented { metadata: &metadata, connection: &connection }).await
    }

    async fn caller(&self, change: impl FnOnce(&mut Value)) -> Caller {
        let mut claims = self.issuer.claims(NOW);
        change(&mut claims);
        self.look(&self.signer.token(&claims)).await.unwrap().unwrap()
    }

    async fn is_taken(&self, signer: &Signer) -> Result<(), Unknown> {
        self.look(&signer.token(&self.issuer.claims(NOW)))
            .await
            .map(|caller| assert!(caller.is_some()))
    }
}

/// Time passes. Only for a moment: what waits for a real answer must not think that it waited long.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

fn of(projects: &[&str]) -> Projects {
    Projects::Of(projects.iter().map(|id| ProjectId::from(*id)).collect())
}

#[tokio::test]
async fn claims_make_a_caller() {
    let fixture = Fixture::new("").await;
    let host = fixture.issuer.url().trim_start_matches("http://").to_owned();
    let caller = fixture.caller(|_| {}).await;
    assert_eq!(caller.principal.as_str(), format!("kim@{host}"));
    assert_eq!(caller.rights.roles, [Role::Owner].into());
    assert_eq!(caller.rights.projects, of(&["orange"]));
    // The skew of clocks is added.
    let expires_at = caller.credential.expires_at.unwrap();
    assert_eq!(expires_at.unix_timestamp(), NOW + 630);

    let caller =
        fixture.caller(|claims| claims["roles"] = json!("is-operator vnf-manager openid")).await;
    assert_eq!(caller.rights.roles, [Role::Operator, Role::Owner].into());
    let caller = fixture.caller(|claims| claims["projects"] = json!(["orange", "violet"])).await;
    assert_eq!(caller.rights.projects, of(&["orange", "violet"]));
    let caller = fixture.caller(|claims| claims["projects"] = json!("*")).await;
    assert_eq!(caller.rights.projects, Projects::All);
    // An owner of nothing is no owner; who has no role that is known has none.
    let caller = fixture.caller(|claims| claims["projects"] = json!([])).await;
    assert!(caller.rights.roles.is_empty());
    let caller =
        fixture.caller(|claims| claims["roles"] = json!(["owner", "operator", "admin"])).await;
    assert!(caller.rights.roles.is_empty());
    // Clocks that differ a little, an audience among others, a lifetime in parts of a second.
    fixture
        .caller(|claims| {
            claims["iat"] = json!(NOW + 29);
            claims["nbf"] = json!(NOW + 29);
            claims["exp"] = json!(f64::from(i32::MAX) - 0.5);
            claims["aud"] = json!(["account", "fermata"]);
        })
        .await;
    // What is no token of an issuer may be of another kind.
    for other in ["gAAAAABl", "fermata_00", "a.b.c", "eyJ"] {
        assert!(fixture.look(other).await.unwrap().is_none(), "{other}");
    }
    let expired = fixture.signer.token(
        &json!({"iss": fixture.issuer.url(), "sub": "kim", "aud": "fermata", "exp": NOW - 30}),
    );
    assert_eq!(fixture.look(&expired).await.unwrap_err(), Unknown::Expired);
}

#[tokio::test]
async fn claims_may_have_other_names_and_places() {
    let more = "principal_claim = \"preferred_username\"\nroles_claim = [\"realm_access\", \"roles\"]\n\
                projects_claim = \"https://example.org/projects\"";
    let fixture = Fixture::new(more).await;
    let caller = fixture
        .caller(|claims| {
            claims["sub"] = json!("8f3c");
            claims["preferred_username"] = json!("kim");
            claims["realm_access"] = json!({"roles": ["is-owner"]});
            claims["https://example.org/projects"] = json!(["violet"]);
            claims["roles"] = json!(["is-operator"]);
        })
        .await;
    let host = fixture.issuer.url().trim_start_matches("http://");
    assert_eq!(caller.principal.as_str(), format!("kim@{host}/8f3c"));
    assert_eq!(caller.rights.roles, [Role::Owner].into());
    assert_eq!(caller.rights.projects, of(&["violet"]));
}

#[tokio::test]
async fn a_new_key_is_fetched_once_and_an_old_one_opens_nothing() {
    let fixture = Fixture::new("").await;
    let old = fixture.caller(|_| {}).await;
    assert_eq!(fixture.issuer.asked(), 1);
    let next = Signer::new("two", Algorithm::ES256);
    fixture.issuer.show(&[&fixture.signer, &next]);
    // Somebody may be guessing ids.
    assert_eq!(fixture.is_taken(&next).await, Err(Unknown::Invalid));
    assert_eq!(fixture.issuer.asked(), 1);
    pass(PAUSE).await;
    let many = (0..50).map(|_| fixture.is_taken(&next));
    for taken in futures::future::join_all(many).await {
        taken.unwrap();
    }
    assert_eq!(fixture.issuer.asked(), 2, "once, however many wait");
    assert!(!old.credential.revoked.is_cancelled());
    fixture.is_taken(&fixture.signer).await.unwrap();

    // The old key is withdrawn, as if it had been stolen.
    fixture.issuer.show(&[&next]);
    pass(PAUSE).await;
    let stranger = Signer::new("three", Algorithm::ES256);
    assert_eq!(fixture.is_taken(&stranger).await, Err(Unknown::Invalid));
    assert!(old.credential.revoked.is_cancelled(), "what it opened ends");
    assert_eq!(fixture.is_taken(&fixture.signer).await, Err(Unknown::Invalid));
    fixture.is_taken(&next).await.unwrap();
}

#[tokio::test]
async fn an_issuer_that_is_away_is_no_verdict() {
    let fixture = Fixture::new("").await;
    fixture.issuer.be_away(true);
    let undecided = Err(Unknown::Undecided("the issuer"));
    assert_eq!(fixture.is_taken(&fixture.signer).await, undecided);
    fixture.issuer.be_away(false);
    // It is not asked again at once.
    assert_eq!(fixture.is_taken(&fixture.signer).await, undecided);
    pass(PAUSE).await;
    fixture.is_taken(&fixture.signer).await.unwrap();
    fixture.issuer.be_away(true);
    pass(PAUSE).await;
    // What was known holds; of a new key nothing can be said.
    fixture.is_taken(&fixture.signer).await.unwrap();
    assert_eq!(fixture.is_taken(&Signer::new("two", Algorithm::ES256)).await, undecided);
    fixture.is_taken(&fixture.signer).await.unwrap();
}

#[tokio::test]
async fn a_token_without_a_key_id_needs_the_only_key() {
    let fixture = Fixture::new("").await;
    fixture.is_taken(&fixture.signer).await.unwrap();
    let header = json!({"alg": "ES256"});
    let token = fixture.signer.token_with(&header, &fixture.issuer.claims(NOW));
    assert!(fixture.look(&token).await.unwrap().is_some());
    fixture.issuer.show(&[&fixture.signer, &Signer::new("two", Algorithm::ES256)]);
    pass(PAUSE).await;
    assert_eq!(
        fixture.is_taken(&Signer::new("three", Algorithm::ES256)).await,
        Err(Unknown::Invalid)
    );
    assert_eq!(fixture.look(&token).await.unwrap_err(), Unknown::Invalid, "which one?");
}

#[test]
fn what_is_wrong_with_the_file_is_said() {
    let load = |text: &str| {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("issuers.toml");
        fs::write(&file, text).unwrap();
        OidcTokens::load(&file, clock()).map(drop).map_err(|error| error.to_string())
    };
    let good = "[[issuer]]\nissuer = \"https://login.example.org\"\naudiences = [\"fermata\"]\n\
                clock_skew = \"10s\"\nroles.operator = [\"admin\"]\n";
    load("").unwrap();
    load(good).unwrap();
    for (text, wanted) in [
        (good.replace("https://", "http://"), "must be an https URL"),
        (good.replace("https://login.example.org", "login"), "must be an https URL"),
        (
            good.replace("clock_skew", "jwks_uri = \"http://login.example.org/keys\"\nclock_skew"),
            "must be an https URL",
        ),
        (good.replace("[\"fermata\"]", "[]"), "has no audiences"),
        (good.replace("[\"fermata\"]", "[\"\"]"), "has no audiences"),
        (good.replace("[\"admin\"]", "[]"), "gives no role"),
        (good.replace("roles.operator", "roles.king"), "king"),
        (good.replace("10s", "10min"), "more than 5 minutes"),
        (good.replace("10s", "soon"), "is no span of time"),
        (good.replace("clock_skew", "clock_skw"), "clock_skw"),
        (
            good.replace("clock_skew = \"10s\"", "algorithms = [\"HS256\"]"),
            "'HS256' is no algorithm",
        ),
        (good.replace("clock_skew = \"10s\"", "algorithms = [\"none\"]"), "'none' is no algorithm"),
        (good.replace("clock_skew = \"10s\"", "algorithms = []"), "has no algorithms"),
        (format!("{good}{good}"), "is there twice"),
    ] {
        let error = load(&text).unwrap_err();
        assert!(error.contains(wanted), "{error}");
    }
}

/// A whole server: a stream opened by a token ends when its issuer is taken out of the file, and a file that is wrong changes
/// nothing.
#[tokio::test]
async fn who_is_taken_out_of_the_file_is_out() {
    let fixture = Fixture::new("").await;
    let mut site =
        Site::with(&World::small(), |config| config.oidc = Some(fixture.file.clone())).await;
    let now = fermata_server::clock::system()().unix_timestamp();
    let token = fixture.signer.token(&fixture.issuer.claims(now));
    let mut owners = site.notifications().await;
    let subscribe = v1::SubscribeRequest { project_id: "orange".into(), ..Default::default() };
    let mut stream = owners.subscribe(by(&token, subscribe.clone())).await.unwrap().into_inner();
    stream.message().await.unwrap().unwrap();

    let good = fs::read_to_string(&fixture.file).unwrap();
    fs::write(&fixture.file, "[[issuer]]\n").unwrap();
    eventually("the wrong file is told of", async || {
        let standing = site.tasks().standings().remove(&Task::Oidc)?;
        standing.last.and_then(|turn| turn.outcome.err())
    })
    .await;
    owners.subscribe(by(&token, subscribe.clone())).await.unwrap();
    fs::write(&fixture.file, good.replace("\"fermata\"", "\"other\"")).unwrap();
    let ended = soon("the end of the stream", async {
        loop {
            if let Err(status) = stream.message().await {
                return status;
            }
        }
    });
    assert_eq!(Refusal::of(ended.await).reason, "CREDENTIALS_EXPIRED");
    let again = owners.subscribe(by(&token, subscribe)).await.unwrap_err();
    assert_eq!(Refusal::of(again).reason, "CREDENTIALS_INVALID");
    site.stop().await;
}
