//! Operators (NFVOs): create a session and follow it to its end.

mod follow;
mod report;

use fermata_proto::v1::{
    CreateSessionRequest, GetSessionReportRequest, PreviewSessionRequest, PreviewSessionResponse,
    Session, SessionReport, SessionSpec,
};
use tonic::Status;
use uuid::Uuid;

use crate::channel::Channel;

pub use follow::{EventHandler, Follow, HostHandler};

/// The most hosts in a page of a report.
const PAGE: i32 = 500;

/// Creates maintenance sessions and follows them. Everything else is [`Channel::sessions`].
///
/// ```no_run
/// use fermata_client::v1::SessionSpec;
/// use fermata_client::{Operator, connect_lazy};
///
/// # async fn example(spec: SessionSpec) -> Result<(), Box<dyn std::error::Error>> {
/// let operator = Operator::new(connect_lazy("http://127.0.0.1:7400")?);
/// let session = operator.create(spec).await?;
/// let report = operator
///     .follow(session.id)
///     .on_host_ready(|host| async move {
///         println!("{} is empty and held: flash its firmware now", host.host);
///         Ok(())
///     })
///     .await?;
/// println!("{} hosts", report.hosts.len());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Operator {
    channel: Channel,
}

impl Operator {
    /// An operator over this connection.
    #[must_use]
    pub fn new(channel: Channel) -> Self {
        Self { channel }
    }

    /// The plan of such a session, or why there is none. Creates nothing and tells nobody.
    ///
    /// # Errors
    /// Those of PreviewSession; DATA_LOSS if a part is missing.
    pub async fn preview(&self, spec: SessionSpec) -> Result<PreviewSessionResponse, Status> {
        let request = PreviewSessionRequest { spec: Some(spec), ..Default::default() };
        crate::preview(self.channel.clone(), request).await
    }

    /// Creates a session, and announces it to every owner that it affects. It is sent again while the server is away.
    ///
    /// # Errors
    /// Those of CreateSession.
    pub async fn create(&self, spec: SessionSpec) -> Result<Session, Status> {
        self.create_once(spec, Uuid::now_v7()).await
    }

    /// As [`Operator::create`], with a `request_id` of your own: no second session is created, however often it is sent, also after
    /// a restart of your program.
    ///
    /// # Errors
    /// Those of CreateSession, for example REQUEST_ID_REUSED for another spec with this id.
    pub async fn create_once(
        &self,
        spec: SessionSpec,
        request_id: impl ToString,
    ) -> Result<Session, Status> {
        let request_id = request_id.to_string();
        let request = CreateSessionRequest { spec: Some(spec), request_id };
        let created = self.channel.sessions().create_session(request).await?.into_inner();
        created.session.ok_or_else(|| Status::data_loss("the answer has no session"))
    }

    /// Follows a session until it is COMPLETED or CANCELLED. Give it handlers, then `.await` it.
    pub fn follow(&self, session_id: impl Into<String>) -> Follow {
        Follow::new(self.clone(), session_id.into())
    }

    /// What happened to every host and server, and what owners were asked and replied, all pages of it.
    ///
    /// # Errors
    /// Those of GetSessionReport.
    pub async fn report(&self, session_id: impl Into<String>) -> Result<SessionReport, Status> {
        let mut request = GetSessionReportRequest {
            session_id: session_id.into(),
            page_size: PAGE,
            ..Default::default()
        };
        let mut report = SessionReport::default();
        loop {
            let page = self.channel.sessions().get_session_report(request.clone()).await?;
            let page = page.into_inner();
            report::merge(&mut report, page.report.unwrap_or_default());
            if page.next_page_token.is_empty() {
                return Ok(report);
            }
            request.page_token = page.next_page_token;
        }
    }
}
