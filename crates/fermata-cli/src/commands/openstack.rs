//! `fermata openstack`: what of an OpenStack can be used.

use fermata_server::config::openstack_of_process;
use fermata_server::openstack::{Diagnosis, Finding, Verdict, diagnose};

use crate::args::Format;
use crate::args::openstack::OpenstackCommand;
use crate::failure::Failure;
use crate::output::Screen;
use crate::output::color::safe;
use crate::output::facts::facts;
use crate::output::table::table;

pub(super) async fn run(command: OpenstackCommand, screen: &Screen) -> Result<(), Failure> {
    let OpenstackCommand::Check(args) = command;
    let config = openstack_of_process(args.os_cloud, args.os_clouds_file, args.os_timeout);
    let found = diagnose(config).await.map_err(|error| Failure::local(&error))?;
    match screen.format {
        Format::Table => show(&found, screen)?,
        Format::Json => screen.line(json(&found))?,
    }
    if found.is_usable() {
        Ok(())
    } else {
        Err(Failure::Local(
            "Fermata cannot work on this OpenStack: see the lines with NO".to_owned(),
        ))
    }
}

fn show(found: &Diagnosis, screen: &Screen) -> Result<(), Failure> {
    let mut about = vec![
        ("user", safe(&found.user).into_owned()),
        ("token for", safe(&found.scope).into_owned()),
        ("roles", safe(&found.roles.join(", ")).into_owned()),
    ];
    if !found.unknown_settings.is_empty() {
        about.push(("not known", safe(&found.unknown_settings.join(", ")).into_owned()));
    }
    screen.line(facts(about))?;
    let row = |finding: &Finding| {
        [
            finding.service.clone(),
            finding.call.clone(),
            finding.version.clone(),
            safe(&finding.rule).into_owned(),
            finding.verdict.to_string(),
            safe(&finding.detail).into_owned(),
        ]
    };
    let rows = found.findings.iter().map(row);
    let header = ["SERVICE", "CALL", "VERSION", "RULE", "USABLE", "SAYS"];
    screen.line(table(header, rows))?;
    Ok(())
}

fn json(found: &Diagnosis) -> serde_json::Value {
    let verdict = |verdict: Verdict| match verdict {
        Verdict::Usable => "usable",
        Verdict::DoneWithout => "done_without",
        Verdict::Unusable => "unusable",
        Verdict::NotTried => "not_tried",
    };
    let finding = |finding: &Finding| {
        serde_json::json!({
            "service": finding.service,
            "call": finding.call,
            "version": finding.version,
            "rule": finding.rule,
            "verdict": verdict(finding.verdict),
            "detail": finding.detail,
        })
    };
    serde_json::json!({
        "user": found.user,
        "scope": found.scope,
        "roles": found.roles,
        "unknown_settings": found.unknown_settings,
        "findings": found.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}
