//! The `fermata` command: the server, the demo, and what operators and owners ask of a server.
//!
//! | module | job |
//! | --- | --- |
//! | `args` | the command line |
//! | `commands` | what each command does |
//! | `view` | what people see of the contract's messages |
//! | `output` | where and how it is written: tables, JSON, colours, times |
//! | `words` | the contract's enum values as people type and read them |
//! | `profile` | options that are kept under a name |
//! | `failure` | what can go wrong, and the exit code of each |
//! | `clock` | the only place that reads the time |

mod args;
mod clock;
mod commands;
mod failure;
mod output;
mod profile;
mod view;
mod words;

use std::process::ExitCode;

use clap_complete::CompleteEnv;
use fermata_server::config::refuse_unknown_variables;

use crate::args::examples;
use crate::clock::Clock;
use crate::failure::Failure;
use crate::output::Screen;
use crate::profile::{Line, Refused};

fn main() -> ExitCode {
    // One provider for everything that speaks TLS. It can only be there already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    // The local offset can only be read while there is one thread.
    let clock = Clock::local();
    // A shell that asks what fits gets that, and nothing else.
    CompleteEnv::with_factory(examples::command).complete();
    let (screen, line) = match profile::read() {
        Ok(line) => (Screen::new(&line.cli.global, clock), Ok(line)),
        Err(Refused { global, failure }) => (Screen::new(&global, clock), Err(failure)),
    };
    match line.and_then(|line| run(line, &screen)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::error::report(&screen, &failure);
            failure.exit().into()
        }
    }
}

fn run(line: Line, screen: &Screen) -> Result<(), Failure> {
    refuse_unknown_variables(&args::variables())
        .map_err(|error| Failure::Usage(error.to_string()))?;
    tokio::runtime::Runtime::new()?.block_on(commands::run(line, screen))
}
