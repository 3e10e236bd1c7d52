//! Tests of options.

use clap::Parser;

use super::*;

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    args: ServeArgs,
}

fn args(flags: &[&str]) -> ServeArgs {
    let cloud = ["fermata", "--cloud", "simulated"];
    Command::parse_from(cloud.iter().chain(flags)).args
}

#[test]
fn item_3_no_cloud_is_taken_for_granted() {
    let error = Config::load(Command::parse_from(["fermata"]).args).err().unwrap();
    assert!(matches!(error, ConfigError::NoCloud), "{error}");
    assert!(error.to_string().contains("--cloud simulated"), "{error}");
}

#[test]
fn item_13_addresses_to_listen_on_may_have_a_name_or_no_host() {
    let listen = |text: &str| text.parse::<Listen>().map(|listen| listen.0.to_string());
    assert_eq!(listen("localhost:7400").unwrap(), "127.0.0.1:7400");
    assert_eq!(listen(":7400").unwrap(), "0.0.0.0:7400");
    assert_eq!(listen("[::1]:7400").unwrap(), "[::1]:7400");
    for wrong in ["7400", "localhost", "::1:7400", "http://localhost:7400", "localhost:http", ""] {
        let error = listen(wrong).unwrap_err().to_string();
        assert!(error.contains("HOST:PORT"), "{wrong}: {error}");
    }
    assert_eq!("off".parse::<HttpListen>().unwrap(), HttpListen::Off);
    let Ok(HttpListen::On(address)) = ":7401".parse() else { panic!("it is an address") };
    assert_eq!(address.port(), 7401);
    // All addresses are more than loopback.
    let error = Config::load(args(&["--listen", ":7400"])).err().unwrap();
    assert!(matches!(error, ConfigError::Exposed { .. }), "{error}");
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
fn item_13_unknown_options_in_the_file_are_refused_with_the_nearest_name() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("fermata.toml");
    std::fs::write(&file, "lisen = \"127.0.0.1:1\"\n").unwrap();
    let error = Config::load(args(&["--config", file.to_str().unwrap()])).err().unwrap();
    let error = error.to_string();
    assert!(error.contains("an option 'lisen'"), "{error}");
    assert!(error.contains("did you mean listen?"), "{error}");
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
