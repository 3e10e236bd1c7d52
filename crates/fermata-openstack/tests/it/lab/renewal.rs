//! A token that is revoked while it is in use.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fermata_core::cloud::Cloud;
use fermata_openstack::{CloudSource, HeaderHook, OpenStackCloud, OpenStackConfig};
use http::Method;
use openstack_sdk::types::ServiceType;
use serde_json::json;
use tokio::runtime::Handle;
use tokio::task::block_in_place;
use tracing::instrument::WithSubscriber;

use super::nova::Nova;
use super::{LAB, clouds};
use crate::secrets::Captured;

const NAME: &str = "fermata-openstack-test";
const PASSWORD: &str = "swordfish";

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_is_renewed() {
    let Some(clouds) = clouds() else { return };
    let _alone = LAB.lock().await;
    let admin = Arc::new(Admin::with_second_admin(&clouds).await);
    let variables = [
        ("OS_AUTH_URL", admin.keystone.auth_url.as_str()),
        ("OS_USERNAME", NAME),
        ("OS_PASSWORD", PASSWORD),
        ("OS_USER_DOMAIN_NAME", "Default"),
        ("OS_PROJECT_ID", admin.keystone.project.as_str()),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut config = OpenStackConfig::new(CloudSource::from_variables(variables));
    config.headers = Some(admin.revoking_hook());

    let log = Captured::default();
    let subscriber = log.subscriber(tracing::Level::WARN);
    let cloud = OpenStackCloud::new(config).unwrap();
    async { cloud.check().await }.with_subscriber(subscriber).await.unwrap();
    assert!(log.text().contains("401"), "the token was still good: {}", log.text());
    admin.keystone.delete(&admin.user).await;
}

/// Keystone's operator, and the path of the user of this test.
struct Admin {
    keystone: Nova,
    user: String,
}

impl Admin {
    async fn with_second_admin(clouds: &Path) -> Self {
        let keystone = Nova::connect_to(ServiceType::Identity, clouds, "admin").await;
        let left_over = keystone.get(&format!("users?name={NAME}")).await;
        for user in left_over["users"].as_array().unwrap() {
            keystone.delete(&format!("users/{}", user["id"].as_str().unwrap())).await;
        }
        let user = json!({"user": {"name": NAME, "password": PASSWORD, "domain_id": "default"}});
        let user = keystone.post("users", user).await;
        let user = format!("users/{}", user["user"]["id"].as_str().unwrap());
        let roles = keystone.get("roles?name=admin").await;
        let role = roles["roles"][0]["id"].as_str().unwrap();
        let grant = format!("projects/{}/{user}/roles/{role}", keystone.project);
        keystone.change(Method::PUT, &grant, json!({})).await;
        Self { keystone, user }
    }

    /// Revokes the user's tokens once, after the sign-in and before Nova sees the token: Nova takes
    /// a token that it saw before for another five minutes.
    fn revoking_hook(self: &Arc<Self>) -> HeaderHook {
        let admin = Arc::clone(self);
        let done = AtomicBool::new(false);
        Arc::new(move || {
            if !done.swap(true, Ordering::Relaxed) {
                block_in_place(|| Handle::current().block_on(admin.revoke_tokens()));
            }
            Vec::new()
        })
    }

    /// Taking a user out of service revokes every token given to it.
    async fn revoke_tokens(&self) {
        for enabled in [false, true] {
            let user = json!({"user": {"enabled": enabled}});
            self.keystone.change(Method::PATCH, &self.user, user).await;
        }
        // Keystone counts in seconds: a token of this one would be revoked as well.
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}
