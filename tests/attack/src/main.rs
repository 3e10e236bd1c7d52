//! Attacks the shipped server with one kind of hostile or broken client after the other, while an honest client goes about
//! its work; prints a table. Each attack has a server of its own.
//!
//! `attack FERMATA [--seconds 10] [--only PART-OF-A-NAME]`

mod attacks;
mod frames;
mod honest;
mod hpack;
mod process;
mod run;
mod site;
mod table;
mod wire;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

/// Attacks a server, and measures what an honest client sees meanwhile.
#[derive(Debug, Parser)]
struct Arguments {
    /// The program of the server.
    fermata: String,
    /// How long each attack lasts. What is cut off only after a while is found with 40 or more.
    #[arg(long, default_value_t = 1)]
    seconds: u64,
    /// Only attacks with this in their names.
    #[arg(long, default_value = "")]
    only: String,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let wanted: Vec<_> =
        attacks::all().into_iter().filter(|attack| attack.name.contains(&arguments.only)).collect();
    if wanted.is_empty() {
        eprintln!("no attack has {:?} in its name", arguments.only);
        return ExitCode::FAILURE;
    }
    let lasting = Duration::from_secs(arguments.seconds);
    let mut faults = 0;
    table::head();
    for attack in &wanted {
        match run::run(&arguments.fermata, attack, lasting) {
            Ok(seen) => faults += table::row(attack, lasting, &seen),
            Err(error) => {
                println!("{:<34} {error}", attack.name);
                faults += 1;
            }
        }
    }
    println!("{} attacks, {faults} faults", wanted.len());
    if faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
