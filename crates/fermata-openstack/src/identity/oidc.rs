//! Signing in by an OpenID Connect provider: its access token is shown to Keystone, which gives a token for it
//! (<https://docs.openstack.org/api-ref/identity/v3-ext/#request-an-unscoped-os-federation-token>).

use base64::prelude::{BASE64_STANDARD, Engine};
use http::{HeaderMap, HeaderValue, Method, header};
use serde_json::Value;
use url::Url;
use url::form_urlencoded::Serializer;

use super::discovery::below;
use super::{Failure, Identity, answered};
use crate::config::{Client, Grant, Oidc, TokenEndpoint};
use crate::transport::{Answer, Message};

impl Identity {
    /// The answer that holds Keystone's token without a scope.
    pub(super) async fn federated(&self, keystone: &Url, oidc: &Oidc) -> Result<Answer, Failure> {
        let access_token = match &oidc.grant {
            Grant::AccessToken(token) => token.reveal().to_owned(),
            Grant::Password { client, username, password } => {
                let grant = [
                    ("grant_type", "password"),
                    ("username", username.as_str()),
                    ("password", password.reveal()),
                ];
                self.access_token(client, &grant).await?
            }
            Grant::ClientCredentials(client) => {
                self.access_token(client, &[("grant_type", "client_credentials")]).await?
            }
        };
        let mut bearer = HeaderValue::from_str(&format!("Bearer {access_token}"))
            .map_err(|_| Failure::refused("the access token is none that HTTP can carry"))?;
        bearer.set_sensitive(true);
        let path = format!(
            "OS-FEDERATION/identity_providers/{}/protocols/{}/auth",
            oidc.identity_provider, oidc.protocol
        );
        let message = Message {
            method: Method::POST,
            url: below(keystone, &path),
            headers: HeaderMap::from_iter([(header::AUTHORIZATION, bearer)]),
            body: Vec::new(),
        };
        answered(self.ask(message).await?, "trading the access token for Keystone's")
    }

    async fn access_token(
        &self,
        client: &Client,
        grant: &[(&str, &str)],
    ) -> Result<String, Failure> {
        let endpoint = match &client.token_endpoint {
            TokenEndpoint::At(at) => at.clone(),
            TokenEndpoint::DiscoveredAt(at) => self.token_endpoint(at).await?,
        };
        let mut form = grant.to_vec();
        form.push(("scope", client.scope.as_str()));
        let mut headers = HeaderMap::from_iter([(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        )]);
        match &client.secret {
            Some(secret) => {
                let pair = format!("{}:{}", client.id, secret.reveal());
                let mut basic =
                    HeaderValue::from_str(&format!("Basic {}", BASE64_STANDARD.encode(pair)))
                        .map_err(|_| {
                            Failure::refused("client_id and client_secret make no header")
                        })?;
                basic.set_sensitive(true);
                headers.insert(header::AUTHORIZATION, basic);
            }
            None => form.push(("client_id", client.id.as_str())),
        }
        let body = Serializer::new(String::new()).extend_pairs(form).finish().into_bytes();
        let message = Message { method: Method::POST, url: endpoint, headers, body };
        let what = "asking the OpenID Connect provider for an access token";
        let answer = answered(self.ask(message).await?, what)?;
        let found: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let token = found.get("access_token").and_then(Value::as_str).map(str::to_owned);
        token.ok_or_else(|| Failure::odd(&answer, what, "it has no access_token"))
    }

    async fn token_endpoint(&self, discovery: &Url) -> Result<Url, Failure> {
        let message = Message {
            method: Method::GET,
            url: discovery.clone(),
            headers: HeaderMap::new(),
            body: Vec::new(),
        };
        let what = "reading the OpenID Connect provider's discovery document";
        let answer = answered(self.ask(message).await?, what)?;
        let found: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let named = found.get("token_endpoint").and_then(Value::as_str);
        let url = named.and_then(|at| Url::parse(at).ok());
        url.ok_or_else(|| Failure::odd(&answer, what, "it names no token_endpoint"))
    }
}
