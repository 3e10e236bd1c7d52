//! Nova as an owner of servers uses it, and Keystone as an operator does: what the tests do to a
//! cloud besides the port.

use std::borrow::Cow;
use std::path::Path;

use http::{Method, StatusCode};
use openstack_sdk::AsyncOpenStack;
use openstack_sdk::api::{BodyError, QueryAsync, RestEndpoint, raw};
use openstack_sdk::auth::auth_helper::Noop;
use openstack_sdk::config::ConfigFile;
use openstack_sdk::types::{ApiVersion, ServiceType};
use serde_json::Value;

/// A session of one user in one project, for calls to one service.
pub(crate) struct Nova {
    session: AsyncOpenStack,
    service: ServiceType,
    pub(crate) project: String,
    pub(crate) auth_url: String,
}

impl Nova {
    pub(crate) async fn connect(clouds: &Path, cloud: &str) -> Self {
        Self::connect_to(ServiceType::Compute, clouds, cloud).await
    }

    pub(crate) async fn connect_to(service: ServiceType, clouds: &Path, cloud: &str) -> Self {
        let file = ConfigFile::builder().add_source(clouds).unwrap().build().unwrap();
        let config = file.get_cloud_config(cloud).unwrap().unwrap();
        let auth_url = config.auth.as_ref().unwrap().auth_url.clone().unwrap();
        let session = AsyncOpenStack::builder(&config)
            .disable_auth_cache(true)
            .auth_helper(Noop::default())
            .connect()
            .await
            .unwrap();
        let project = session.get_auth_info().unwrap().token.project.unwrap();
        Self { project: project.id.unwrap(), auth_url, session, service }
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.send(Method::GET, path, None).await;
        assert!(status.is_success(), "GET {path}: {status} {body}");
        body
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        self.change(Method::POST, path, body).await
    }

    pub(crate) async fn change(&self, method: Method, path: &str, body: Value) -> Value {
        let (status, body) = self.send(method.clone(), path, Some(body)).await;
        assert!(status.is_success(), "{method} {path}: {status} {body}");
        body
    }

    /// `None` if it is not there (any more).
    pub(crate) async fn find(&self, path: &str) -> Option<Value> {
        let (status, body) = self.send(Method::GET, path, None).await;
        (status != StatusCode::NOT_FOUND).then_some(body)
    }

    pub(crate) async fn delete(&self, path: &str) {
        let (status, body) = self.send(Method::DELETE, path, None).await;
        assert!(
            status.is_success() || status == StatusCode::NOT_FOUND,
            "DELETE {path}: {status} {body}"
        );
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let call = Call { service: self.service.clone(), method, path: path.to_owned(), body };
        let answer = raw(call).skip_error_check(true).query_async(&self.session).await.unwrap();
        let body = serde_json::from_slice(answer.body()).unwrap_or(Value::Null);
        (answer.status(), body)
    }
}

struct Call {
    service: ServiceType,
    method: Method,
    path: String,
    body: Option<Value>,
}

impl RestEndpoint for Call {
    fn method(&self) -> Method {
        self.method.clone()
    }

    fn endpoint(&self) -> Cow<'static, str> {
        self.path.clone().into()
    }

    fn service_type(&self) -> ServiceType {
        self.service.clone()
    }

    fn body(&self) -> Result<Option<(&'static str, Vec<u8>)>, BodyError> {
        match &self.body {
            Some(body) => Ok(Some(("application/json", serde_json::to_vec(body)?))),
            None => Ok(None),
        }
    }

    fn api_version(&self) -> Option<ApiVersion> {
        None
    }

    // Images are listed through Nova up to 2.35; a server is put on a host since 2.74.
    fn min_version(&self) -> Option<ApiVersion> {
        Some(if self.path.starts_with("images") {
            ApiVersion::new(2, 1)
        } else {
            ApiVersion::new(2, 74)
        })
    }
}
