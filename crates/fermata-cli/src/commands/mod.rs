//! What each command does.
//!
//! | file | job |
//! | --- | --- |
//! | `context` | connections, time limits, pages of lists |
//! | `session`, `session_write`, `session_watch`, `session_wait` | sessions: reading, changing, following |
//! | `ids`, `session_hosts` | abbreviated ids; hosts that are left out |
//! | `projects` | projects by their names |
//! | `session_report` | what happened in a session, shown and exported |
//! | `session_preview` | the plan of a session that does not exist |
//! | `host`, `host_drain`, `host_scheduling` | compute hosts: reading, emptying and giving back, enabling and disabling |
//! | `owner`, `owner_reply`, `owner_watch` | the owner's side |
//! | `policy`, `policy_group` | what owners store |
//! | `policy_import`, `vnfd` | groups from a VNF descriptor |
//! | `top` | sessions at a glance, in a terminal |
//! | `audit` | who changed what, and whether that was tampered with |
//! | `serve` | the server |
//! | `version` | what this command and the server are |
//! | `health` | whether a server serves |
//! | `simulated_cloud` | a cloud that several servers share |
//! | `database` | what to do after a restore |
//! | `openstack` | what of an OpenStack can be used |
//! | `token` | tokens for callers |
//! | `config` | what counts, and profiles |
//! | `sign_in` | tokens of an OpenStack |
//! | `completing`, `man_pages` | what shells are offered, and manual pages |
//! | `demo` | a maintenance from beginning to end |

mod audit;
mod audit_export;
pub(crate) mod completing;
mod config;
#[cfg(test)]
mod confirmed;
mod context;
mod database;
mod demo;
mod health;
mod host;
mod host_drain;
mod host_scheduling;
mod ids;
mod man_pages;
mod openstack;
mod owner;
mod owner_reply;
mod owner_watch;
mod policy;
mod policy_group;
mod policy_import;
mod projects;
mod serve;
mod session;
mod session_hosts;
mod session_preview;
mod session_report;
mod session_wait;
mod session_watch;
mod session_write;
mod sign_in;
mod simulated_cloud;
mod token;
mod top;
pub(crate) mod version;
pub(crate) mod vnfd;
mod watching;

use crate::args::Command;
use crate::failure::Failure;
use crate::output::Screen;
use crate::profile::{InForce, Line};
use context::Context;

/// Carries out a command line.
pub(crate) async fn run(line: Line, screen: &Screen) -> Result<(), Failure> {
    let Line { cli, in_force } = line;
    let context = Context::new(&cli.global, in_force.who, screen);
    carry_out(cli.command, &in_force, &context).await
}

async fn carry_out(
    command: Command,
    in_force: &InForce,
    context: &Context<'_>,
) -> Result<(), Failure> {
    let screen = context.screen;
    match command {
        Command::Serve(args) => serve::serve(*args, screen).await,
        Command::Demo(args) => demo::demo(&args, screen).await,
        Command::SimulatedCloud(args) => simulated_cloud::run(&args, screen).await,
        Command::Database(command) => database::run(&command, screen).await,
        Command::Openstack(command) => openstack::run(command, screen).await,
        Command::Version(args) => version::version(&args, context).await,
        Command::Health(args) => health::health(&args, context).await,
        Command::Config(command) => config::run(&command, in_force, screen),
        Command::Token(command) => token::run(&command, screen),
        Command::Session(command) => session::run(command, context).await,
        Command::Top(args) => top::run(args, context).await,
        Command::Host(command) => host::run(command, context).await,
        Command::Owner(command) => owner::run(command, context).await,
        Command::Policy(command) => policy::run(command, context).await,
        Command::Audit(command) => audit::run(command, context).await,
        Command::Completions { shell } => completing::script(shell),
        Command::ManPages { directory } => man_pages::write(&directory),
    }
}
