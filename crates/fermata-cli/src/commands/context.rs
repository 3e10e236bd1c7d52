//! Connections, time limits, and lists that come in pages.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use fermata_client::v1::audit_service_client::AuditServiceClient;
use fermata_client::v1::host_service_client::HostServiceClient;
use fermata_client::v1::notification_service_client::NotificationServiceClient;
use fermata_client::v1::policy_service_client::PolicyServiceClient;
use fermata_client::v1::server_service_client::ServerServiceClient;
use fermata_client::v1::session_service_client::SessionServiceClient;
use fermata_client::v1::{GetServerInfoRequest, ServerInfo, Warning};
use fermata_client::{Channel, ConnectOptions, Credentials};
use serde_json::json;
use tonic::{Response, Status};

use super::sign_in::sign_in;
use crate::args::{Format, Global};
use crate::failure::Failure;
use crate::output::color::safe;
use crate::output::commands::spoken;
use crate::output::confirm::{Person, Terminal, confirm};
use crate::output::{Screen, time};
use crate::profile::Who;

/// More than this is not asked for at once; servers cap it anyway.
const PAGE: usize = 500;

/// What every call needs.
pub(super) struct Context<'a> {
    pub(super) screen: &'a Screen,
    server: String,
    options: ConnectOptions,
    /// The cloud whose tokens are sent.
    os_cloud: Option<String>,
    timeout: Duration,
    yes: bool,
    /// Who is asked before something is done that cannot be undone.
    person: Arc<dyn Person>,
}

impl<'a> Context<'a> {
    pub(super) fn new(global: &Global, who: Who, screen: &'a Screen) -> Self {
        let Global { token, token_file, os_cloud, .. } = global;
        let none = || Credentials::None;
        let credentials = match who {
            Who::Token => token.clone().map_or_else(none, Credentials::Token),
            Who::TokenFile => token_file.clone().map_or_else(none, Credentials::TokenFile),
            // Known once it has signed in.
            Who::OsCloud | Who::Nobody => Credentials::None,
        };
        let options = ConnectOptions {
            credentials,
            tls_ca: global.tls_ca.clone(),
            tls_identity: global.tls_cert.clone().zip(global.tls_key.clone()),
        };
        let server = url_of(&global.server, &options);
        let os_cloud = os_cloud.clone().filter(|_| who == Who::OsCloud);
        let (timeout, yes, person) = (global.timeout, global.yes, Arc::new(Terminal));
        Self { screen, server, options, os_cloud, timeout, yes, person }
    }

    /// The same where somebody else sits at the terminal.
    #[cfg(test)]
    pub(super) fn answered_by(self, person: Arc<dyn Person>) -> Self {
        Self { person, ..self }
    }

    /// The server, as it was named.
    pub(super) fn server(&self) -> &str {
        &self.server
    }

    /// The same for another server.
    pub(super) fn of_server(&self, server: &str) -> Self {
        Self {
            screen: self.screen,
            server: url_of(server, &self.options),
            options: self.options.clone(),
            os_cloud: self.os_cloud.clone(),
            timeout: self.timeout,
            yes: self.yes,
            person: Arc::clone(&self.person),
        }
    }

    /// The CA that signed the server's certificate, if it is none of the system's.
    pub(super) fn tls_ca(&self) -> Option<&Path> {
        self.options.tls_ca.as_deref()
    }

    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Asks whether to do what cannot be undone.
    pub(super) fn confirm(&self, what: &str) -> Result<(), Failure> {
        confirm(what, self.yes, self.person.as_ref())
    }

    pub(super) async fn channel(&self) -> Result<Channel, Failure> {
        let mut options = self.options.clone();
        if let Some(cloud) = &self.os_cloud {
            options.credentials = sign_in(cloud, self.timeout).await?;
        }
        let connect = fermata_client::connect_as(&self.server, &options);
        match tokio::time::timeout(self.timeout, connect).await {
            Ok(connected) => Ok(connected?),
            Err(_) => Err(self.late()),
        }
    }

    pub(super) async fn sessions(&self) -> Result<SessionServiceClient<Channel>, Failure> {
        Ok(SessionServiceClient::new(self.channel().await?))
    }

    pub(super) async fn hosts(&self) -> Result<HostServiceClient<Channel>, Failure> {
        Ok(HostServiceClient::new(self.channel().await?))
    }

    pub(super) async fn notifications(
        &self,
    ) -> Result<NotificationServiceClient<Channel>, Failure> {
        Ok(NotificationServiceClient::new(self.channel().await?))
    }

    pub(super) async fn policies(&self) -> Result<PolicyServiceClient<Channel>, Failure> {
        Ok(PolicyServiceClient::new(self.channel().await?))
    }

    pub(super) async fn server_info(&self) -> Result<ServerInfo, Failure> {
        let mut client = ServerServiceClient::new(self.channel().await?);
        let answer = self.ask(client.get_server_info(GetServerInfoRequest {})).await?;
        present(answer.server_info)
    }

    pub(super) async fn audit(&self) -> Result<AuditServiceClient<Channel>, Failure> {
        Ok(AuditServiceClient::new(self.channel().await?))
    }

    /// Waits for an answer, but not longer than `--timeout`.
    pub(super) async fn ask<T>(
        &self,
        call: impl Future<Output = Result<Response<T>, Status>>,
    ) -> Result<T, Failure> {
        match tokio::time::timeout(self.timeout, call).await {
            Ok(answered) => Ok(answered?.into_inner()),
            Err(_) => Err(self.late()),
        }
    }

    /// Shows what the server warns of, beside the answer.
    pub(super) fn warn(&self, warnings: &[Warning]) -> Result<(), Failure> {
        for Warning { field, message } in warnings {
            self.screen.note(format!("warning: {}: {}", safe(field), safe(&spoken(message))))?;
        }
        Ok(())
    }

    /// Tells something beside the answer: for programs as a line of JSON.
    pub(super) fn note(&self, text: &str) -> Result<(), Failure> {
        let line = match self.screen.format {
            Format::Table => format!("note: {text}"),
            Format::Json => json!({ "note": text }).to_string(),
        };
        Ok(self.screen.note(line)?)
    }

    fn late(&self) -> Failure {
        let limit = time::span(self.timeout);
        Status::deadline_exceeded(format!("{} did not answer within {limit}", self.server)).into()
    }
}

/// The URL of a server that may be named by its host and port alone.
fn url_of(server: &str, options: &ConnectOptions) -> String {
    let port = server.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
    if server.contains("://") || port.is_none() {
        return server.to_owned();
    }
    let is_tls = options.tls_ca.is_some() || options.tls_identity.is_some();
    let host = if server.starts_with(':') { "localhost" } else { "" };
    format!("{}://{host}{server}", if is_tls { "https" } else { "http" })
}

/// Reads pages until the list, or what is wanted of it, is complete. `page` takes a size and a
/// token, and gives entries and the next token.
pub(super) async fn pages<T>(
    wanted: usize,
    mut page: impl AsyncFnMut(i32, String) -> Result<(Vec<T>, String), Failure>,
) -> Result<Vec<T>, Failure> {
    let mut all = Vec::new();
    let mut token = String::new();
    loop {
        let size = PAGE.min(wanted - all.len());
        let (entries, next) = page(i32::try_from(size).unwrap_or(i32::MAX), token).await?;
        all.extend(entries);
        if next.is_empty() || all.len() >= wanted {
            all.truncate(wanted);
            return Ok(all);
        }
        token = next;
    }
}

/// The message of an answer, which the contract always sets.
pub(super) fn present<T>(message: Option<T>) -> Result<T, Failure> {
    message.ok_or_else(|| Failure::Local("the server's answer is empty".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn item_13_a_server_may_be_named_without_a_scheme() {
        let clear = ConnectOptions::default();
        let tls = ConnectOptions { tls_ca: Some("ca.pem".into()), ..Default::default() };
        assert_eq!(url_of("localhost:7400", &clear), "http://localhost:7400");
        assert_eq!(url_of(":7400", &clear), "http://localhost:7400");
        assert_eq!(url_of("fermata.example:7400", &tls), "https://fermata.example:7400");
        assert_eq!(url_of("nonsense", &clear), "nonsense");
        assert_eq!(url_of("http://fermata.example", &tls), "http://fermata.example");
    }

    async fn first(wanted: usize) -> (Vec<usize>, Vec<i32>) {
        let mut sizes = Vec::new();
        let entries = pages(wanted, async |size, token: String| {
            sizes.push(size);
            let from = token.parse().unwrap_or(0);
            let next = if from < 900 { (from + 300).to_string() } else { String::new() };
            Ok(((from..from + 300).collect(), next))
        });
        (entries.await.unwrap(), sizes)
    }

    #[tokio::test]
    async fn reads_every_page() {
        let (entries, sizes) = first(usize::MAX).await;
        assert_eq!(entries, (0..1200).collect::<Vec<_>>());
        assert_eq!(sizes, [500; 4]);
    }

    #[tokio::test]
    async fn reads_no_more_than_is_wanted() {
        let (entries, sizes) = first(310).await;
        assert_eq!(entries.len(), 310);
        assert_eq!(sizes, [310, 10]);
    }
}
