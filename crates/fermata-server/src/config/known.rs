//! Names that Fermata does not know, with the nearest one that it knows: an option that is mistyped must not be an option
//! that is left out.

use std::collections::BTreeSet;

use clap::{Args, Command};

use super::{ConfigError, ServeArgs};

/// Variables of Fermata's tests and of its SDKs' testing kits, which start servers with their own environment.
const OF_TESTS: &[&str] = &[
    "FERMATA_BIN",
    "FERMATA_BINARY",
    "FERMATA_CACHE",
    "FERMATA_FIRST_SEED",
    "FERMATA_GO",
    "FERMATA_LAB",
    "FERMATA_LAB_CLOUDS",
    "FERMATA_NIGHTLY",
    "FERMATA_OWNERS",
    "FERMATA_POSTGRES_DIR",
    "FERMATA_POSTGRES_FSYNC",
];

/// Refuses variables `FERMATA_*` of the environment that no option and no test has.
///
/// # Errors
/// [`ConfigError::UnknownVariable`], the first one by name.
pub fn refuse_unknown_variables(known: &BTreeSet<String>) -> Result<(), ConfigError> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    check_variables(names, known)
}

fn check_variables(
    names: impl Iterator<Item = String>,
    known: &BTreeSet<String>,
) -> Result<(), ConfigError> {
    let unknown = |name: &String| {
        name.starts_with("FERMATA_")
            && !known.contains(name)
            && !OF_TESTS.contains(&name.as_str())
            && !is_service_link(name)
    };
    match names.filter(unknown).min() {
        Some(variable) => {
            let nearest = nearest(&variable, known.iter().map(String::as_str));
            Err(ConfigError::UnknownVariable { variable, nearest })
        }
        None => Ok(()),
    }
}

/// Whether Kubernetes sets such a variable in every pod beside a Service that is called `fermata` or `fermata-…`
/// (<https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables>).
fn is_service_link(name: &str) -> bool {
    let is_port = |text: &str| {
        let number = text.split('_').next().unwrap_or_default();
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    };
    name.ends_with("_SERVICE_HOST")
        || name.ends_with("_SERVICE_PORT")
        || name.contains("_SERVICE_PORT_")
        || name.ends_with("_PORT")
        || name.split_once("_PORT_").is_some_and(|(_, rest)| is_port(rest))
}

/// The first of these keys that is no option of the configuration file, and the option that may be meant.
pub(super) fn unknown_key<'a>(
    mut keys: impl Iterator<Item = &'a String>,
) -> Option<(String, Option<String>)> {
    let command = ServeArgs::augment_args(Command::new("serve"));
    let options: BTreeSet<String> = command
        .get_arguments()
        .map(|option| option.get_id().to_string())
        .filter(|option| !matches!(option.as_str(), "config" | "check"))
        .collect();
    let unknown = keys.find(|key| !options.contains(*key))?;
    Some((unknown.clone(), nearest(unknown, options.iter().map(String::as_str))))
}

/// The known name that is most like this one, if one is like it at all.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    // What all variables begin with does not make them alike.
    let bare = |name: &str| name.trim_start_matches("FERMATA_").to_owned();
    let alike = |known: &'a str| (strsim::jaro(&bare(name), &bare(known)), known);
    let (likeness, nearest) = known.map(alike).max_by(|one, other| one.0.total_cmp(&other.0))?;
    (likeness > 0.7).then(|| nearest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str) -> Option<String> {
        let known = ["FERMATA_LISTEN", "FERMATA_DATABASE_URL"].map(str::to_owned);
        let error = check_variables([name.to_owned()].into_iter(), &known.into()).err()?;
        Some(error.to_string())
    }

    #[test]
    fn item_13_unknown_variables_are_refused_with_the_nearest_name() {
        let error = check("FERMATA_DATABSE_URL").unwrap();
        assert!(error.contains("FERMATA_DATABSE_URL, which"), "{error}");
        assert!(error.contains("did you mean FERMATA_DATABASE_URL?"), "{error}");
        let error = check("FERMATA_XYZ").unwrap();
        assert!(!error.contains("did you mean"), "{error}");
    }

    #[test]
    fn item_13_what_others_set_is_left_alone() {
        for name in [
            "FERMATA_LISTEN",
            "FERMATA_BIN",
            "HOME",
            "FERMATA_PORT",
            "FERMATA_SERVICE_HOST",
            "FERMATA_SERVICE_PORT",
            "FERMATA_SERVICE_PORT_GRPC",
            "FERMATA_PORT_7400_TCP_ADDR",
            "FERMATA_METRICS_PORT_7401_TCP",
        ] {
            assert_eq!(check(name), None, "{name}");
        }
    }
}
