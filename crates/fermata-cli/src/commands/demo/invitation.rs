//! What to try while the demo's server stays up.

use std::net::SocketAddr;

use super::owner::OWNERS;
use super::secured::{OPERATOR, Secured};

pub(super) fn text(
    url: &str,
    secured: Option<&Secured>,
    http: Option<SocketAddr>,
    session_id: &str,
) -> String {
    let address = url.split_once("://").map_or(url, |(_, address)| address);
    let [owner, ..] = OWNERS;
    let project = owner.project_id;
    let Access { variables, owners, grpcurl, of_owners, curl } = Access::new(secured, owner.name);
    let mut text = format!(
        "
The server stays up until Ctrl-C, and both owners go on answering. In another terminal:

  export FERMATA_SERVER={url}
{variables}  fermata host list
  fermata session get {session_id}
  fermata session report {session_id}
  fermata owner list{owners} --project {project}
  fermata session create --host compute-a3 --for 1h --reason 'new kernel' --watch
  fermata host release compute-a3      # once it is IN_MAINTENANCE

Any gRPC client will do; the server describes itself:

  grpcurl {grpcurl} {address} list
  grpcurl {grpcurl} {address} fermata.v1.HostService/ListHosts
  grpcurl {grpcurl} -d '{{\"session_id\": \"{session_id}\"}}' \\
    {address} fermata.v1.SessionService/GetSession
  grpcurl {of_owners} -d '{{\"project_id\": \"{project}\"}}' \\
    {address} fermata.v1.NotificationService/Subscribe
"
    );
    if cfg!(feature = "console") {
        text += &format!("\nIn a browser:\n\n  {url}/console/\n");
    }
    if let Some(http) = http {
        text += &format!("\nMetrics:\n\n  curl {curl}{http}/metrics\n");
    }
    text
}

/// What callers say of themselves, in shell.
struct Access {
    variables: String,
    owners: String,
    grpcurl: String,
    of_owners: String,
    curl: String,
}

impl Access {
    fn new(secured: Option<&Secured>, owner: &str) -> Self {
        let Some(secured) = secured else {
            let plain = || "-plaintext".to_owned();
            let (variables, owners) = (String::new(), String::new());
            let curl = "http://".to_owned();
            return Self { variables, owners, grpcurl: plain(), of_owners: plain(), curl };
        };
        let ca = secured.ca().display().to_string();
        let token = |name| secured.token_of(name).display().to_string();
        let by = |token: &str| format!("-cacert {ca} -H \"authorization: Bearer $(cat {token})\"");
        let (operator, owner) = (token(OPERATOR), token(owner));
        Self {
            variables: format!("  export FERMATA_TLS_CA={ca} FERMATA_TOKEN_FILE={operator}\n"),
            owners: format!(" --token-file {owner}"),
            grpcurl: by(&operator),
            of_owners: by(&owner),
            curl: format!("--cacert {ca} https://"),
        }
    }
}
