//! What this process is and what it works on, as the start line, `/readyz?verbose`, `ServerService` and
//! `fermata serve --check` tell it. No secret is in it.

use fermata_core::Time;
use fermata_openstack::OpenStackConfig;

use crate::config::{CloudConfig, CloudKind, Config};

/// By what callers are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerKind {
    /// By nothing: whoever reaches the port may do everything.
    Anybody,
    /// By the file of principals.
    Principals,
    /// By tokens of Keystone.
    Keystone,
    /// By tokens of OpenID Connect issuers.
    Oidc,
}

impl CallerKind {
    /// As logs and people name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Anybody => "anybody",
            Self::Principals => "principals",
            Self::Keystone => "keystone",
            Self::Oidc => "oidc",
        }
    }
}

/// What this process is and what it works on.
#[derive(Debug, Clone)]
pub struct About {
    /// The release.
    pub version: &'static str,
    /// Which process, new at each start.
    pub replica_id: String,
    /// When it started.
    pub started: Time,
    /// What kind of cloud it works on.
    pub cloud: CloudKind,
    /// Where the cloud is: the URL of its Keystone, or how it is simulated.
    pub cloud_endpoint: String,
    /// As whom it is known to the cloud; empty if the cloud knows nobody.
    pub cloud_user: String,
    /// The database, without its password.
    pub database: String,
    /// By what callers are known.
    pub callers: Vec<CallerKind>,
}

impl About {
    /// What a process with this configuration is.
    pub fn of(config: &Config, started: Time) -> Self {
        let (cloud, cloud_endpoint, cloud_user) = match &config.cloud {
            CloudConfig::Simulated { topology, .. } => {
                let site = topology.as_ref().map(|file| file.display().to_string());
                let site = site.unwrap_or_else(|| "the small telco site".to_owned());
                (CloudKind::Simulated, format!("in this process: {site}"), String::new())
            }
            CloudConfig::SimulatedAt(address) => {
                (CloudKind::Simulated, address.to_string(), String::new())
            }
            CloudConfig::Openstack(openstack) => {
                let (endpoint, user) = keystone(openstack);
                (CloudKind::Openstack, endpoint, user)
            }
        };
        let mut callers = Vec::new();
        if config.principals.is_some() {
            callers.push(CallerKind::Principals);
        }
        if config.keystone.is_some() {
            callers.push(CallerKind::Keystone);
        }
        if config.oidc.is_some() {
            callers.push(CallerKind::Oidc);
        }
        if callers.is_empty() {
            callers.push(CallerKind::Anybody);
        }
        Self {
            version: env!("CARGO_PKG_VERSION"),
            replica_id: config.telemetry.instance_id.clone(),
            started,
            cloud,
            cloud_endpoint,
            cloud_user,
            database: fermata_store::describe(&config.database_url),
            callers,
        }
    }

    /// By what callers are known, for people.
    pub fn caller_names(&self) -> String {
        let names: Vec<_> = self.callers.iter().map(|kind| kind.name()).collect();
        names.join(", ")
    }

    /// All of it, by name, in the order in which it is shown.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        vec![
            ("version", self.version.to_owned()),
            ("replica", self.replica_id.clone()),
            ("cloud", self.cloud.name().to_owned()),
            ("cloud endpoint", self.cloud_endpoint.clone()),
            ("cloud user", self.cloud_user.clone()),
            ("database", self.database.clone()),
            ("callers", self.caller_names()),
        ]
    }

    /// One log line. What is simulated is a warning: its hosts look like real ones.
    pub(crate) fn log(&self) {
        let Self { version, replica_id, cloud_endpoint, cloud_user, database, .. } = self;
        let (cloud, callers) = (self.cloud.name(), self.caller_names());
        tracing::info!(
            version,
            replica_id,
            cloud,
            cloud_endpoint,
            cloud_user,
            database,
            callers,
            "starting"
        );
        if self.cloud == CloudKind::Simulated {
            tracing::warn!(
                cloud_endpoint,
                "THE CLOUD IS SIMULATED: no host is real, and nothing that Fermata reports happens anywhere"
            );
        }
    }
}

/// Where Keystone is, and as whom Fermata is known to it. A configuration that is wrong ends the start elsewhere.
fn keystone(config: &OpenStackConfig) -> (String, String) {
    match config.account() {
        Ok(account) => (account.auth_url, account.user),
        Err(_) => (String::new(), String::new()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// A configuration for a cloud of a `clouds.yaml` with this content.
    fn about(clouds: &str) -> About {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("clouds.yaml");
        std::fs::write(&file, clouds).unwrap();
        let mut config = Config::demo(Path::new("."));
        let openstack =
            crate::config::openstack_of_process(Some("lab".to_owned()), Some(file), None);
        config.cloud = CloudConfig::Openstack(openstack);
        About::of(&config, Time::UNIX_EPOCH)
    }

    #[test]
    fn item_3_a_clouds_yaml_says_where_the_cloud_is_and_who_fermata_is_there() {
        let auth = "clouds:\n  lab:\n    auth:\n      auth_url: https://keystone.example/v3\n";
        let user = "      username: fermata\n      password: secret\n      project_name: admin\n      \
                    user_domain_name: Default\n      project_domain_name: Default\n";
        let about_user = about(&format!("{auth}{user}"));
        assert_eq!(about_user.cloud, CloudKind::Openstack);
        assert!(about_user.cloud_endpoint.starts_with("https://keystone.example/v3"));
        assert_eq!(about_user.cloud_user, "fermata");
        let facts = about_user.facts();
        assert!(facts.contains(&("cloud", "openstack".to_owned())), "{facts:?}");
        assert!(facts.contains(&("cloud user", "fermata".to_owned())), "{facts:?}");
        assert!(facts.iter().all(|(_, fact)| !fact.contains("secret")), "{facts:?}");

        let credential =
            "      application_credential_id: abc\n      application_credential_secret: secret\n";
        let kind = "    auth_type: v3applicationcredential\n";
        let about_credential = about(&format!("{auth}{credential}{kind}"));
        assert_eq!(about_credential.cloud_user, "application credential abc");

        // What is wrong with it ends the start elsewhere.
        let nowhere = about("clouds: {}\n");
        assert_eq!((nowhere.cloud_endpoint, nowhere.cloud_user), (String::new(), String::new()));
    }
}
