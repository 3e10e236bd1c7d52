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

/// Each option about how much callers may take, as a flag and in the file, is where it belongs.
#[test]
fn every_limit_lands_in_its_field() {
    let options = [
        ("max_connections", "101"),
        ("max_connections_per_address", "102"),
        ("max_streams_per_connection", "103"),
        ("max_streams", "104"),
        ("max_streams_per_principal", "105"),
        ("max_calls", "106"),
        ("max_calls_per_principal", "107"),
        ("max_call_rate", "108"),
        ("request_timeout", "109s"),
        ("max_request_memory", "110"),
        ("stalled_after", "111s"),
        ("max_connection_age", "112s"),
        ("connection_age_grace", "113s"),
        ("max_subscriptions", "114"),
        ("max_server_policies", "115"),
        ("max_server_groups", "116"),
        ("max_sessions", "117"),
        ("longest_wait", "118s"),
    ];
    let limits = Limits {
        connections: 101,
        connections_per_address: 102,
        streams_per_connection: 103,
        streams: 104,
        streams_per_principal: 105,
        calls: 106,
        calls_per_principal: 107,
        call_rate: Some(108),
        request_timeout: Duration::from_secs(109),
        request_bytes: 110 << 20,
        stalled_after: Duration::from_secs(111),
        // No option: no client that means well sends so many.
        empty_frames: Limits::default().empty_frames,
        connection_age: Some(Duration::from_secs(112)),
        connection_grace: Duration::from_secs(113),
    };
    let quotas = Quotas {
        subscriptions: 114,
        server_policies: 115,
        server_groups: 116,
        sessions: 117,
        longest_wait: fermata_core::Duration::seconds(118),
    };
    let flags: Vec<String> = options
        .iter()
        .map(|(option, value)| format!("--{}={value}", option.replace('_', "-")))
        .collect();
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("fermata.toml");
    let text = options.iter().map(|(option, value)| match value.parse::<u32>() {
        Ok(number) => format!("{option} = {number}\n"),
        Err(_) => format!("{option} = \"{value}\"\n"),
    });
    std::fs::write(&file, text.collect::<String>()).unwrap();
    for given in [flags, vec!["--config", file.to_str().unwrap()]] {
        let config = Config::load(args(&given)).unwrap();
        assert_eq!(config.limits, limits, "{given:?}");
        assert_eq!(config.quotas, quotas, "{given:?}");
    }
    let flags = ["--max-call-rate=0", "--max-connection-age=0s"];
    let never = Config::load(args(&flags)).unwrap().limits;
    assert_eq!((never.call_rate, never.connection_age), (None, None));
}

/// Beyond loopback both are asked for, and either of them alone is told as what it is.
#[test]
fn tls_and_identity_are_both_needed_beyond_loopback() {
    let tls = ["--server-cert", "/srv/server.pem", "--server-key", "/srv/server.key"];
    let identity = ["--principals", "/srv/principals.toml"];
    let (beyond, here) = (["--listen", "0.0.0.0:7400"], ["--listen", "127.0.0.1:7400"]);
    for (what, missing, present) in [
        (&tls[..], "callers are not authenticated", "without TLS"),
        (&identity[..], "without TLS", "callers are not authenticated"),
    ] {
        let flags = [&beyond[..], what].concat();
        let error = Config::load(args(&flags)).err().unwrap();
        assert!(matches!(error, ConfigError::Exposed { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains(missing) && !text.contains(present), "{text}");
        assert!(text.contains("--insecure"), "{text}");
        let config = Config::load(args(&[&flags[..], &["--insecure"]].concat())).unwrap();
        assert!(config.exposed().unwrap().contains(missing), "it is told while it runs");
        let config = Config::load(args(&[&here[..], what].concat())).unwrap();
        assert_eq!(config.exposed(), None);
    }
    let config = Config::load(args(&[&beyond[..], &tls, &identity].concat())).unwrap();
    assert_eq!(config.exposed(), None);
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
