//! The command line. It is read twice: for the name of the profile, and with what the profile holds in the place of what is
//! usual.

use std::ffi::OsString;

use clap::parser::ValueSource;
use clap::{ArgMatches, Command, FromArgMatches};
use fermata_server::config::nearest;

use super::file::{config_file, profiles};
use super::{DEFAULT, From, InForce, KEYS, Profile, Setting, Who};
use crate::args::{Cli, Global, examples};
use crate::failure::Failure;

/// What asks no server, and so needs no profile.
const WITHOUT: [&str; 7] =
    ["serve", "demo", "simulated-cloud", "database", "token", "completions", "man-pages"];
/// By which callers are known; one of them is enough.
const WHO: [(&str, Who); 3] =
    [("token", Who::Token), ("token_file", Who::TokenFile), ("os_cloud", Who::OsCloud)];
/// In the place of a secret.
const NOT_SHOWN: &str = "(not shown)";
/// Of a certificate and its key one is of no use.
const CERTIFICATE: [&str; 2] = ["tls_cert", "tls_key"];

/// A command line that can be carried out.
pub(crate) struct Line {
    pub(crate) cli: Box<Cli>,
    pub(crate) in_force: InForce,
}

/// A command line whose profile is of no use.
pub(crate) struct Refused {
    /// How its failure is to be shown.
    pub(crate) global: Box<Global>,
    pub(crate) failure: Failure,
}

/// Reads the command line of this process. Ends it where help is asked for, or the command line is wrong.
pub(crate) fn read() -> Result<Line, Refused> {
    parse(std::env::args_os().collect()).unwrap_or_else(|error| error.exit())
}

/// What these arguments would be, with the profile of the environment; `None`: nothing.
pub(crate) fn of(arguments: &[&str]) -> Option<Line> {
    parse(arguments.iter().map(OsString::from).collect()).ok()?.ok()
}

type Parsed = Result<Line, Refused>;

fn parse(arguments: Vec<OsString>) -> Result<Parsed, clap::Error> {
    // The profile may have what is missing.
    let lenient = for_each_argument(examples::command(), &|argument| {
        if has_key(&argument, "project") { argument.required(false) } else { argument }
    });
    let Ok(first) = lenient.try_get_matches_from(&arguments) else {
        // What is wrong with it is wrong with any profile.
        return Ok(Ok(line(examples::command().try_get_matches_from(arguments)?, None)?));
    };
    let chosen = match chosen(&first) {
        Ok(chosen) => chosen,
        Err(failure) => {
            return Ok(Err(Refused {
                global: Box::new(Global::from_arg_matches(&first)?),
                failure,
            }));
        }
    };
    let command = match &chosen {
        None => examples::command(),
        Some((_, _, profile)) => under(profile, &first),
    };
    Ok(Ok(line(command.try_get_matches_from(arguments)?, chosen)?))
}

type Chosen = (String, std::path::PathBuf, Profile);

/// The profile that counts.
fn chosen(first: &ArgMatches) -> Result<Option<Chosen>, Failure> {
    let named = first.get_one::<String>("profile");
    let command = first.subcommand().map(|(name, rest)| (name, rest.subcommand_name()));
    // Where the file is may be asked while it is wrong.
    let is_without = command.is_some_and(|(name, rest)| {
        WITHOUT.contains(&name) || (name, rest) == ("config", Some("path"))
    });
    if is_without {
        return Ok(None);
    }
    let file = match (config_file(), named) {
        (Ok(file), _) => file,
        (Err(failure), Some(_)) => return Err(failure),
        (Err(_), None) => return Ok(None),
    };
    let mut known = profiles(&file)?;
    let name = named.map_or(DEFAULT, String::as_str);
    match (known.remove(name), named) {
        (Some(profile), _) => Ok(Some((name.to_owned(), file, profile))),
        (None, None) => Ok(None),
        (None, Some(name)) => {
            let meant = nearest(name, known.keys().map(String::as_str));
            let meant = meant.map(|meant| format!("; did you mean '{meant}'?")).unwrap_or_default();
            let file = file.display();
            Err(Failure::Usage(format!("there is no profile '{name}' in {file}{meant}")))
        }
    }
}

/// The command whose options have as their default what the profile holds.
fn under(profile: &Profile, first: &ArgMatches) -> Command {
    let is_given = |name: &str| matches!(source(first, name), From::Flag | From::Variable);
    let knows_who = WHO.iter().any(|(name, _)| is_given(name));
    let has_certificate = CERTIFICATE.iter().any(|name| is_given(name));
    for_each_argument(examples::command(), &|argument| {
        let key = KEYS.iter().find(|key| has_key(&argument, key.name));
        let is_theirs = key.is_some_and(|key| {
            (knows_who && WHO.iter().any(|(name, _)| *name == key.name))
                || (has_certificate && CERTIFICATE.contains(&key.name))
        });
        match key.and_then(|key| profile.get(key.name)).filter(|_| !is_theirs) {
            // Once in the life of the process; clap keeps defaults for as long as it lives.
            Some(value) => argument.required(false).default_value(&*value.to_owned().leak()),
            None => argument,
        }
    })
}

/// Whether an option is what a key of profiles is about: they share their variable.
fn has_key(argument: &clap::Arg, key: &str) -> bool {
    let known = KEYS.iter().find(|known| known.name == key);
    let variable = known.map(|known| known.variable());
    variable.is_some_and(|variable| argument.get_env().is_some_and(|env| env == variable.as_str()))
}

/// Changes the options of a command and of those below it, but for those that ask no server.
fn for_each_argument(command: Command, change: &dyn Fn(clap::Arg) -> clap::Arg) -> Command {
    let names: Vec<_> =
        command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
    let names = names.iter().filter(|name| !WITHOUT.contains(&name.as_str()));
    let command = names.fold(command, |command, name| {
        command.mut_subcommand(name, |below| for_each_argument(below, change))
    });
    command.mut_args(change)
}

fn line(matches: ArgMatches, chosen: Option<Chosen>) -> Result<Line, clap::Error> {
    let cli = Cli::from_arg_matches(&matches)?;
    let settings = KEYS.iter().filter_map(|key| {
        let below = deepest(&matches, key.name)?;
        let in_profile = chosen.as_ref().and_then(|(_, _, profile)| profile.get(key.name));
        let mut values = below.get_raw(key.name).into_iter().flatten();
        let value = values.next().map(|value| value.to_string_lossy().into_owned());
        // What was not typed, and is as the profile has it, is from there.
        let is_profiles = in_profile.is_some() && value.as_deref() == in_profile;
        let from = source(&matches, key.name);
        let from = if from == From::Default && is_profiles { From::Profile } else { from };
        Some(Setting { key: key.name, value, from })
    });
    let mut settings: Vec<_> = settings.collect();
    if cli.global.token.is_some() {
        let (value, from) = (Some(NOT_SHOWN.to_owned()), source(&matches, "token"));
        settings.push(Setting { key: "token", value, from });
    }
    let name = chosen.map(|(name, file, _)| (name, file));
    let who = who(&matches);
    Ok(Line { cli: Box::new(cli), in_force: InForce { name, settings, who } })
}

/// Who calls: a flag says it before a variable, a variable before a profile.
fn who(matches: &ArgMatches) -> Who {
    let given = |from: From| {
        WHO.into_iter().find(|(name, _)| {
            source(matches, name) == from
                && deepest(matches, name).is_some_and(|m| m.contains_id(name))
        })
    };
    let found = [From::Flag, From::Variable, From::Default].into_iter().find_map(given);
    found.map_or(Who::Nobody, |(_, who)| who)
}

/// The matches that have an option, which may be those of a command below.
fn deepest<'a>(matches: &'a ArgMatches, option: &str) -> Option<&'a ArgMatches> {
    if matches.try_contains_id(option).is_ok() {
        return Some(matches);
    }
    matches.subcommand().and_then(|(_, below)| deepest(below, option))
}

fn source(matches: &ArgMatches, option: &str) -> From {
    let found = deepest(matches, option).and_then(|matches| matches.value_source(option));
    match found {
        Some(ValueSource::CommandLine) => From::Flag,
        Some(ValueSource::EnvVariable) => From::Variable,
        Some(_) | None => From::Default,
    }
}
