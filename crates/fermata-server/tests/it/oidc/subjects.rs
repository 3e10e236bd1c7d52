//! Subjects of issuers that the file of principals names: they are who the file says, and may do what it says.

use std::fs;
use std::path::PathBuf;

use fermata_core::access::Projects;
use fermata_core::actor::Role;
use fermata_core::id::ProjectId;
use fermata_proto::v1;
use fermata_server::clock::Clock;
use fermata_server::door::{Authenticator, Caller, OidcTokens, Presented, Principals, Unknown};
use http::{Extensions, HeaderMap};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::issuer::{Issuer, Signer};
use super::{NOW, clock};
use crate::door::by;
use crate::harness::{Site, soon};
use crate::refusal::Refusal;
use crate::world::World;

struct Fixture {
    signer: Signer,
    issuer: Issuer,
    directory: TempDir,
}

impl Fixture {
    async fn new() -> Self {
        let signer = Signer::new("one", Algorithm::ES256);
        let issuer = Issuer::start(&[&signer]).await;
        let directory = tempfile::tempdir().unwrap();
        let fixture = Self { signer, issuer, directory };
        fixture.issuers(&fixture.issuer.entry(""));
        fixture
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn issuers(&self, text: &str) {
        fs::write(self.file("issuers.toml"), text).unwrap();
    }

    /// The file names the subject kim as somebody with these rights.
    fn principals(&self, rights: &str) {
        let url = self.issuer.url();
        let text = format!(
            "[[principal]]\nname = \"kim-of-noc\"\n{rights}\n\
             subjects = [{{ issuer = \"{url}\", subject = \"kim\" }}]\n"
        );
        fs::write(self.file("principals.toml"), text).unwrap();
    }

    async fn look(
        &self,
        clock: Clock,
        change: impl FnOnce(&mut Value),
    ) -> Result<Option<Caller>, Unknown> {
        let principals = Principals::load(&self.file("principals.toml")).unwrap();
        let tokens = OidcTokens::load(&self.file("issuers.toml"), clock).unwrap().with(principals);
        let mut claims = self.issuer.claims(NOW);
        change(&mut claims);
        let token = self.signer.token(&claims);
        let mut metadata = HeaderMap::new();
        metadata.insert("authorization", format!("Bearer {token}").parse().unwrap());
        let connection = Extensions::new();
        tokens.authenticate(Presented { metadata: &metadata, connection: &connection }).await
    }

    async fn caller(&self, change: impl FnOnce(&mut Value)) -> Caller {
        self.look(clock(), change).await.unwrap().unwrap()
    }
}

#[tokio::test]
async fn the_file_outweighs_the_claims() {
    let fixture = Fixture::new().await;
    fixture.principals("roles = [\"operator\", \"owner\"]\nprojects = [\"violet\"]");
    // Whatever the claims say, and whatever form they have.
    for roles in [json!(["is-administrator"]), json!([]), json!(7)] {
        let caller = fixture.caller(|claims| claims["roles"] = roles).await;
        assert_eq!(caller.principal.as_str(), "kim-of-noc");
        assert_eq!(caller.rights.roles, [Role::Operator, Role::Owner].into());
        assert_eq!(caller.rights.projects, Projects::Of([ProjectId::from("violet")].into()));
        assert_eq!(caller.credential.expires_at.unwrap().unix_timestamp(), NOW + 630);
    }
    // Others go by their claims.
    let other = fixture.caller(|claims| claims["sub"] = json!("kim2")).await;
    assert!(other.principal.as_str().starts_with("kim2@"), "{other:?}");
    assert_eq!(other.rights.roles, [Role::Owner].into());
    // A token that does not hold makes nobody of the file.
    let wrong = fixture.look(clock(), |claims| claims["aud"] = json!("other")).await;
    assert_eq!(wrong.unwrap_err(), Unknown::Invalid);
    let expired = fixture.look(clock(), |claims| claims["exp"] = json!(NOW - 60)).await;
    assert_eq!(expired.unwrap_err(), Unknown::Expired);
}

#[tokio::test]
async fn a_principal_lasts_until_it_or_its_token_expires() {
    let fixture = Fixture::new().await;
    // 2030-03-17T17:46:40Z is the time of these tests.
    fixture.principals("roles = [\"monitor\"]\nexpires = \"2030-03-17T17:47:40Z\"");
    let caller = fixture.caller(|_| {}).await;
    assert_eq!(caller.credential.expires_at.unwrap().unix_timestamp(), NOW + 60);
    fixture.principals("roles = [\"monitor\"]\nexpires = \"2030-03-17T17:46:40Z\"");
    assert_eq!(fixture.look(clock(), |_| {}).await.unwrap_err(), Unknown::Expired);
}

#[tokio::test]
async fn an_issuer_need_not_give_roles_of_its_own() {
    let fixture = Fixture::new().await;
    fixture.principals("roles = [\"monitor\"]");
    let url = fixture.issuer.url();
    fixture.issuers(&format!(
        "[[issuer]]\nissuer = \"{url}\"\naudiences = [\"fermata\"]\nroles = {{}}\n"
    ));
    assert_eq!(fixture.caller(|_| {}).await.rights.roles, [Role::Monitor].into());
    let other = fixture.caller(|claims| claims["sub"] = json!("lim")).await;
    assert!(other.rights.roles.is_empty(), "{other:?}");
}

/// A whole server: a stream ends when its subject is taken out of the file.
#[tokio::test]
async fn who_is_taken_out_of_the_file_is_out() {
    let fixture = Fixture::new().await;
    fixture.principals("roles = [\"owner\"]\nprojects = [\"orange\"]");
    let mut site = Site::with(&World::small(), |config| {
        config.oidc = Some(fixture.file("issuers.toml"));
        config.principals = Some(fixture.file("principals.toml"));
    })
    .await;
    let mut claims = fixture.issuer.claims(fermata_server::clock::system()().unix_timestamp());
    // By its claims it is nobody.
    claims["roles"] = json!([]);
    let token = fixture.signer.token(&claims);
    let mut owners = site.notifications().await;
    let subscribe = v1::SubscribeRequest { project_id: "orange".into(), ..Default::default() };
    let mut stream = owners.subscribe(by(&token, subscribe.clone())).await.unwrap().into_inner();
    stream.message().await.unwrap().unwrap();
    fs::write(fixture.file("principals.toml"), "").unwrap();
    let ended = soon("the end of the stream", async {
        loop {
            if let Err(status) = stream.message().await {
                return status;
            }
        }
    });
    assert_eq!(Refusal::of(ended.await).reason, "CREDENTIALS_EXPIRED");
    let again = owners.subscribe(by(&token, subscribe)).await.unwrap_err();
    assert_eq!(Refusal::of(again).reason, "ROLE_REQUIRED");
    site.stop().await;
}
