//! Callers with credentials, and what the door makes of them.

mod ends;
mod isolated;
mod kinds;
mod matrix;
mod tenants;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use fermata_core::access::{Projects, Rights};
use fermata_core::actor::{Principal, Role};
use fermata_core::id::ProjectId;
use fermata_server::door::{Authenticator, Caller, Credential, Identity, Presented, Unknown};
use futures::future::BoxFuture;
use tonic::Request;

/// Those whom a server knows, by what they send as a bearer token.
#[derive(Clone, Default)]
pub struct Callers(Arc<Mutex<BTreeMap<String, Result<Caller, Unknown>>>>);

impl Callers {
    /// What a server takes.
    pub fn identity(&self) -> Identity {
        Identity::of(vec![Box::new(self.clone())])
    }

    /// Somebody with these roles and projects, and a credential that lasts.
    pub fn know(&self, token: &str, roles: &[Role], projects: Projects) {
        self.know_until(token, roles, projects, Credential::default());
    }

    /// The same, with a credential that may end.
    pub fn know_until(
        &self,
        token: &str,
        roles: &[Role],
        projects: Projects,
        credential: Credential,
    ) {
        let rights = Rights { roles: roles.iter().copied().collect(), projects };
        let principal = Principal::new(token);
        let caller = Caller { principal, rights, credential };
        self.0.lock().unwrap().insert(token.to_owned(), Ok(caller));
    }

    /// A credential that is not good any more.
    pub fn expire(&self, token: &str) {
        self.0.lock().unwrap().insert(token.to_owned(), Err(Unknown::Expired));
    }
}

impl Authenticator for Callers {
    fn authenticate<'a>(
        &'a self,
        presented: Presented<'a>,
    ) -> BoxFuture<'a, Result<Option<Caller>, Unknown>> {
        let Some(sent) = presented.metadata.get("authorization") else {
            return Box::pin(std::future::ready(Ok(None)));
        };
        assert!(presented.peer().unwrap().ip().is_loopback());
        let token = sent.to_str().unwrap().trim_start_matches("Bearer ");
        let known = self.0.lock().unwrap().get(token).cloned();
        let known = known.unwrap_or(Err(Unknown::Invalid)).map(Some);
        Box::pin(async move {
            // As if somebody else had to be asked.
            tokio::task::yield_now().await;
            known
        })
    }
}

/// The owner of these.
pub fn projects(names: &[&str]) -> Projects {
    Projects::Of(names.iter().map(|name| ProjectId::from(*name)).collect())
}

/// A request with this credential.
pub fn by<T>(token: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    request
}
