//! The `fermata` command: the server, the demo, and what operators and owners ask of a server.
//!
//! | module | job |
//! | --- | --- |
//! | `args` | the command line |
//! | `commands` | what each command does |
//! | `view` | what people see of the contract's messages |
//! | `output` | where and how it is written: tables, JSON, colours, times |
//! | `words` | the contract's enum values as people type and read them |
//! | `failure` | what can go wrong, and the exit code of each |
//! | `clock` | the only place that reads the time |

mod args;
mod clock;
mod commands;
mod failure;
mod output;
mod view;
mod words;

use std::process::ExitCode;

use clap::FromArgMatches;
use clap_complete::CompleteEnv;
use fermata_server::config::refuse_unknown_variables;

use crate::args::{Cli, examples};
use crate::clock::Clock;
use crate::failure::Failure;
use crate::output::Screen;

fn main() -> ExitCode {
    // One provider for everything that speaks TLS. It can only be there already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    // The local offset can only be read while there is one thread.
    let clock = Clock::local();
    // A shell that asks what fits gets that, and nothing else.
    CompleteEnv::with_factory(examples::command).complete();
    let cli = Cli::from_arg_matches(&examples::command().get_matches());
    let cli = cli.unwrap_or_else(|error| error.exit());
    let screen = Screen::new(&cli.global, clock);
    let run = refuse_unknown_variables(&args::variables())
        .map_err(|error| Failure::Usage(error.to_string()))
        .and_then(|()| tokio::runtime::Runtime::new().map_err(Failure::from))
        .and_then(|runtime| runtime.block_on(commands::run(cli, &screen)));
    match run {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::error::report(&screen, &failure);
            failure.exit().into()
        }
    }
}
