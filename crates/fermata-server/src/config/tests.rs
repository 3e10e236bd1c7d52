//! Tests of options.

use clap::Parser;

use super::*;

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    args: ServeArgs,
}

fn args(flags: &[&str]) -> ServeArgs {
    Command::parse_from(std::iter::once(&"fermata").chain(flags)).args
}

#[test]
fn flags_win_over_the_file_and_the_file_over_defaults() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("fermata.toml");
    std::fs::write(&file, "poll_interval = \"7s\"\nmax_streams = 5\nhttp_listen = \"off\"\n")
        .unwrap();
    let file = file.to_str().unwrap();
    let config = Config::load(args(&["--config", file, "--max-streams", "9"])).unwrap();
    assert_eq!(config.limits.streams, 9);
    assert_eq!(config.poll_interval, Duration::from_secs(7));
    assert_eq!(config.http_listen, HttpListen::Off);
    assert_eq!(config.heartbeat_interval, Duration::from_secs(15));
}

#[test]
fn unknown_options_in_the_file_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("fermata.toml");
    std::fs::write(&file, "lisen = \"127.0.0.1:1\"\n").unwrap();
    let error = Config::load(args(&["--config", file.to_str().unwrap()])).err().unwrap();
    assert!(error.to_string().contains("lisen"), "{error}");
}

#[test]
fn listening_beyond_loopback_has_to_be_said() {
    let error = Config::load(args(&["--listen", "0.0.0.0:7400"])).err().unwrap();
    assert!(matches!(error, ConfigError::Exposed { .. }), "{error}");
    assert!(Config::load(args(&["--listen", "0.0.0.0:7400", "--insecure"])).is_ok());
}

#[test]
fn a_shared_simulated_cloud_has_its_topology_and_state_elsewhere() {
    let config = Config::load(args(&["--simulated-at", "127.0.0.1:7500"])).unwrap();
    let CloudConfig::SimulatedAt(address) = config.cloud else { panic!("it is in this process") };
    assert_eq!(address.port(), 7500);

    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("fermata.toml");
    std::fs::write(&file, "topology = \"site.toml\"\n").unwrap();
    let file = file.to_str().unwrap();
    for other in [["--simulated-state", "cloud.json"], ["--config", file]] {
        let flags = [&["--simulated-at", "127.0.0.1:7500"][..], &other].concat();
        let error = Config::load(args(&flags)).err().unwrap();
        assert!(error.to_string().starts_with("simulated_at"), "{error}");
    }
}

#[test]
fn the_default_database_is_where_state_belongs() {
    let url = |variables: &[(&str, &str)]| {
        let pairs = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        database_url(&pairs.collect(), "rwc")
    };
    let home = ("HOME", "/home/ops");
    assert_eq!(
        url(&[home]).unwrap(),
        "sqlite:///home/ops/.local/state/fermata/fermata.db?mode=rwc"
    );
    let state = ("XDG_STATE_HOME", "/srv/a?b%c");
    assert_eq!(url(&[home, state]).unwrap(), "sqlite:///srv/a%3Fb%25c/fermata/fermata.db?mode=rwc");
    let relative = ("XDG_STATE_HOME", "state");
    assert_eq!(url(&[home, relative]).unwrap(), url(&[home]).unwrap());
    let error = url(&[relative]).err().unwrap();
    assert!(error.to_string().contains("--database-url"), "{error}");
}
