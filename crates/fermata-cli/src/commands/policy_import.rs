//! `fermata policy import`: a VNF descriptor and the servers of its VDUs become groups.

use fermata_client::v1::PutMode;

use super::context::Context;
use super::policy_group::put;
use super::vnfd::{Ignored, Made, Package, Vnfd};
use crate::args::Format;
use crate::args::policy::ImportArgs;
use crate::failure::Failure;
use crate::view::count;
use crate::view::policy_import::{Field, Imported, json, table};

pub(super) async fn import(args: ImportArgs, context: &Context<'_>) -> Result<(), Failure> {
    let file = args.vnfd.display().to_string();
    let inputs = args.inputs.iter().cloned().collect();
    let vnfd = Package::open(&args.vnfd).and_then(|package| Vnfd::read(&package, &inputs));
    let vnfd = vnfd.map_err(|why| Failure::Usage(format!("{file} {why}")))?;
    let mut imported = with_members(vnfd, &args)?;
    let lost = imported.ignored.iter().filter(|ignored| ignored.is_loss).count();
    let refused = lost > 0 && !args.allow_partial;
    imported.is_stored = !args.dry_run && !refused;
    if imported.is_stored {
        for group in &mut imported.groups {
            let request_id = uuid::Uuid::now_v7().to_string();
            *group = put(group.clone(), PutMode::CreateOrReplace, request_id, context).await?;
        }
    }
    match context.screen.format {
        Format::Json => context.screen.line(json(&imported)?)?,
        Format::Table => context.screen.line(table(&imported).trim_end())?,
    }
    if refused {
        let text = format!(
            "{} of the descriptor would not be in force (LOST above); mend that, or store the rest with \
             --allow-partial",
            count(lost, "part")
        );
        return Err(Failure::Usage(text));
    }
    Ok(())
}

/// Gives each group its servers; a group without any is left out.
fn with_members(vnfd: Vnfd, args: &ImportArgs) -> Result<Imported, Failure> {
    let known =
        |name: &str| vnfd.groups.iter().any(|g| g.of == name || g.vdus.iter().any(|v| v == name));
    let given = args.members.iter().map(|(name, _)| name);
    let given = given.chain(args.server_group.iter().map(|(name, _)| name));
    if let Some(unknown) = given.into_iter().find(|name| !known(name)) {
        let known: Vec<_> = vnfd.groups.iter().map(|g| g.of.as_str()).collect();
        let text = format!("nothing is made of '{unknown}'; what is: {}", known.join(", "));
        return Err(Failure::Usage(text));
    }
    let Vnfd { groups, ignored } = vnfd;
    let mut imported =
        Imported { is_stored: false, groups: Vec::new(), fields: Vec::new(), ignored };
    for made in groups {
        let Made { of, vdus, mut group, fields } = made;
        group.project_id.clone_from(&args.project.project);
        let own = servers(args, std::slice::from_ref(&of));
        group.member_ids = if own.is_empty() { servers(args, &vdus) } else { own };
        let cloud = args.server_group.iter().find(|(name, _)| *name == of);
        group.nova_server_group_id = cloud.map(|(_, id)| id.clone()).unwrap_or_default();
        if group.member_ids.is_empty() && group.nova_server_group_id.is_empty() {
            let why =
                format!("nobody said which servers: --members {of}=… or --server-group {of}=…");
            imported.ignored.push(Ignored { path: of, why, is_loss: true });
            continue;
        }
        let fields = fields.into_iter().map(|(path, field)| Field::new(&group, path, field));
        imported.fields.extend(fields);
        imported.groups.push(group);
    }
    Ok(imported)
}

fn servers(args: &ImportArgs, of: &[String]) -> Vec<String> {
    let named = args.members.iter().filter(|(name, _)| of.contains(name));
    named.flat_map(|(_, servers)| servers.iter().cloned()).collect()
}
