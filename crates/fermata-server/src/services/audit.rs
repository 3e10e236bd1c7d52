//! AuditService.

use fermata_core::audit::{Action, ResourceKind};
use fermata_proto::server::audit_service_server::AuditService;
use fermata_proto::v1;
use fermata_store::{AuditQuery, Order};
use tonic::{Request, Response, Status};

use super::page::{self, Paging, Sizes};
use super::reply;
use crate::convert::audit as convert;
use crate::convert::incoming::Reader;
use crate::door::{Door, Entered};
use crate::error::ServeError;

/// What was changed, by whom and why.
#[derive(Clone)]
pub struct Audit(pub Door);

#[tonic::async_trait]
impl AuditService for Audit {
    async fn list_audit_records(
        &self,
        request: Request<v1::ListAuditRecordsRequest>,
    ) -> Result<Response<v1::ListAuditRecordsResponse>, Status> {
        reply(list(self.0.enter(request)?).await)
    }
}

async fn list(
    Entered { message: request, call, app }: Entered<'_, v1::ListAuditRecordsRequest>,
) -> Result<v1::ListAuditRecordsResponse, ServeError> {
    let mut reader = Reader::default();
    let order = match request.order_by.as_str() {
        "" | "sequence desc" => Order::NewestFirst,
        "sequence" | "sequence asc" => Order::OldestFirst,
        other => {
            let text = format!("'{other}' is unknown; use 'sequence' or 'sequence desc'");
            return Err(ServeError::field("order_by", text));
        }
    };
    let list = format!("ListAuditRecords {:?} {}", request.filter, request.order_by);
    let asked = page::Asked { size: request.page_size, token: &request.page_token };
    let sizes = Sizes { default: 100, most: 1000 };
    let paging = Paging::read(app, &mut reader, list, asked, sizes)?;
    let after = paging.after(|cursor| cursor.parse().ok())?;
    let filter = request.filter.unwrap_or_default();
    let given = |text: String| (!text.is_empty()).then_some(text);
    let number = |action: i32| Action::ALL.iter().copied().find(|a| a.number() == action);
    let query = AuditQuery {
        principal: given(filter.principal),
        actions: filter.actions.iter().copied().filter_map(number).collect(),
        resource_kind: ResourceKind::ALL
            .iter()
            .copied()
            .find(|kind| kind.number() == filter.resource_kind),
        resource: given(filter.resource_name),
        project: given(filter.project_id).map(Into::into),
        since: reader.time("filter.start_time", filter.start_time),
        until: reader.time("filter.end_time", filter.end_time),
        order,
        after,
        limit: paging.limit(),
    };
    let query = reader.finish(query)?;
    let (found, ends) = app.audit(&call).list(&query).await?;
    let (records, next_page_token) =
        paging.close(found, convert::record, |record| record.sequence.to_string());
    Ok(v1::ListAuditRecordsResponse {
        records,
        next_page_token,
        head: Some(convert::head(&ends.head)),
        anchor: convert::anchor(&ends.anchor),
    })
}
