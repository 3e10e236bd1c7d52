//! What to try while the demo's server stays up.

use std::net::SocketAddr;

use super::owner::OWNERS;

pub(super) fn text(url: &str, http: Option<SocketAddr>, session_id: &str) -> String {
    let address = url.trim_start_matches("http://");
    let project = OWNERS[0].project_id;
    let mut text = format!(
        "
The server stays up until Ctrl-C, and both owners go on answering. In another terminal:

  export FERMATA_SERVER={url}
  fermata host list
  fermata session get {session_id}
  fermata session report {session_id}
  fermata owner list --project {project}
  fermata session create --host compute-a3 --for 1h --reason 'new kernel' --watch
  fermata host release compute-a3      # once it is IN_MAINTENANCE

Any gRPC client will do; the server describes itself:

  grpcurl -plaintext {address} list
  grpcurl -plaintext {address} fermata.v1.HostService/ListHosts
  grpcurl -plaintext -d '{{\"session_id\": \"{session_id}\"}}' \\
    {address} fermata.v1.SessionService/GetSession
  grpcurl -plaintext -d '{{\"project_id\": \"{project}\"}}' \\
    {address} fermata.v1.NotificationService/Subscribe
"
    );
    if let Some(http) = http {
        text += &format!("\nMetrics:\n\n  curl http://{http}/metrics\n");
    }
    text
}
