//! Makes the calls that keys ask for, one after the other.

use fermata_client::Channel;
use fermata_client::v1::session_service_client::SessionServiceClient;
use fermata_client::v1::{
    CancelSessionRequest, CompleteHostRequest, FailHostRequest, PauseSessionRequest,
    ResumeSessionRequest, RetryHostRequest, SkipHostRequest, StartSessionRequest,
};
use tokio::sync::mpsc;

use super::News;
use crate::args::RequestId;
use crate::commands::context::Context;
use crate::failure::Failure;
use crate::output::error;
use crate::view::top::{Act, Order};

pub(super) async fn carry_out(
    context: &Context<'_>,
    channel: Channel,
    mut orders: mpsc::Receiver<Order>,
    tell: mpsc::Sender<News>,
) {
    while let Some(order) = orders.recv().await {
        let news = match call(context, channel.clone(), order.clone()).await {
            Ok(()) => News::Done(order),
            Err(failure) => News::Refused(order, error::in_a_line(&failure)),
        };
        if tell.send(news).await.is_err() {
            return;
        }
    }
}

async fn call(context: &Context<'_>, channel: Channel, order: Order) -> Result<(), Failure> {
    let mut client = SessionServiceClient::new(channel);
    let Order { act, session_id, host, reason, override_owners } = order;
    let (etag, request_id) = (String::new(), RequestId::default().or_new());
    macro_rules! change {
        ($request:ident, $call:ident $(, $more:ident)*) => {{
            let request = $request { session_id, reason, etag, request_id $(, $more)* };
            context.ask(client.$call(request)).await.map(|_| ())
        }};
    }
    match act {
        Act::Start => change!(StartSessionRequest, start_session),
        Act::Pause => change!(PauseSessionRequest, pause_session),
        Act::Resume => change!(ResumeSessionRequest, resume_session),
        Act::Cancel => change!(CancelSessionRequest, cancel_session),
        Act::Complete => change!(CompleteHostRequest, complete_host, host),
        Act::Fail => change!(FailHostRequest, fail_host, host),
        Act::Skip => change!(SkipHostRequest, skip_host, host),
        Act::Retry => change!(RetryHostRequest, retry_host, host, override_owners),
    }
}
