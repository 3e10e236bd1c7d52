//! What keeps a server from ever starting ends it at once, with one line that says what is wrong.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair};

use crate::run::{Ran, command, finish};

/// A server that has to end by itself.
async fn ends(arguments: &[&str]) -> Ran {
    let server =
        ["serve", "--cloud=simulated", "--listen=127.0.0.1:0", "--http-listen=off", "--log=off"];
    let mut server = command(&[&server[..], arguments].concat());
    let ended = tokio::time::timeout(Duration::from_secs(30), finish(server.spawn().unwrap()));
    let ended = ended.await.unwrap_or_else(|_| panic!("{arguments:?} is waited for"));
    assert_ne!(ended.exit, 0, "{arguments:?}");
    // Once, whatever a library repeats.
    assert_eq!(ended.stderr.trim().lines().count(), 1, "{}", ended.stderr);
    ended
}

/// What can never be used ends the server at once, with one line that says why; nothing is left beside it.
#[tokio::test]
async fn item_12_a_hopeless_database_ends_the_server_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let letter = directory.path().join("letter.txt");
    std::fs::write(&letter, "Dear Sir or Madam, this is no database at all.").unwrap();
    let damaged = directory.path().join("damaged.db");
    let mut bytes = b"SQLite format 3\0".to_vec();
    bytes.resize(8192, 0xff);
    std::fs::write(&damaged, bytes).unwrap();
    let sqlite = |path: &Path| format!("sqlite://{}?mode=rwc", path.display());
    for (url, said) in [
        (sqlite(&letter), "not an SQLite database"),
        (sqlite(&damaged), "the database cannot be used"),
        (sqlite(directory.path()), "not a file"),
        (sqlite(&letter.join("fermata.db")), "cannot be read"),
        ("mysql://localhost/fermata".to_owned(), "no driver"),
        ("fermata.db".to_owned(), "no scheme"),
    ] {
        let ended = ends(&["--database-url", &url]).await;
        assert!(ended.stderr.contains(said), "{url}: {}", ended.stderr);
        assert!(!directory.path().join("letter.txt.lock").exists());
    }
}

/// Files that a server is started with.
struct Files(tempfile::TempDir);

impl Files {
    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// How a server ends that is started with these options, each with a file.
    async fn end(&self, options: &[(&str, &str)]) -> String {
        let database = format!("--database-url=sqlite://{}?mode=rwc", self.path("f.db").display());
        let named =
            |(option, file): &(&str, &str)| format!("{option}={}", self.path(file).display());
        let options: Vec<_> = options.iter().map(named).chain([database]).collect();
        let options: Vec<_> = options.iter().map(String::as_str).collect();
        let ended = ends(&options).await;
        assert!(!self.path("f.db").exists(), "{options:?}");
        ended.stderr
    }
}

const PRINCIPAL: &str = "[[principal]]\nname = \"kim\"\nroles = [\"operator\"]\n";
const ISSUER: &str = "[[issuer]]\nissuer = \"https://a.example\"\naudiences = [\"fermata\"]\n\
                      roles = { operator = [\"op\"] }\n";

#[tokio::test]
async fn item_12_hopeless_files_end_the_server_at_once() {
    let files = Files(tempfile::tempdir().unwrap());
    for name in ["one", "two"] {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        files.write(&format!("{name}.crt"), &params.self_signed(&key).unwrap().pem());
        files.write(&format!("{name}.key"), &key.serialize_pem());
    }
    files.write("letter", "Dear Sir or Madam,\nthis is nothing that you expect.\n");
    files.write("ca.toml", &format!("{ISSUER}ca = \"{}\"\n", files.path("none").display()));
    let pair = |certificate, key| [("--server-cert", certificate), ("--server-key", key)];
    for (options, said) in [
        (&pair("one.crt", "two.key")[..], "one.crt and"),
        (&pair("letter", "one.key"), "letter has no certificate"),
        (&pair("one.crt", "none"), "none cannot be read"),
        (&[&pair("one.crt", "one.key")[..], &[("--client-ca", "letter")]].concat(), "letter"),
        (&[("--principals", "none")], "none cannot be used"),
        (&[("--principals", "letter")], "letter is wrong: line 1"),
        (&[("--oidc", "none")], "none cannot be used"),
        (&[("--oidc", "letter")], "letter is wrong: line 1"),
        (&[("--oidc", "ca.toml")], "the ca of issuer 'https://a.example' cannot be used"),
        (&[("--topology", "none")], "cannot read the topology"),
        (&[("--topology", "letter")], "letter is wrong: line 1"),
        (&[("--config", "letter")], "letter is wrong: line 1"),
    ] {
        let told = files.end(options).await;
        assert!(told.contains(said), "{options:?}: {told}");
    }
}

/// A key that is mistyped must not be one that is left out.
#[tokio::test]
async fn item_13_unknown_keys_in_files_are_refused_with_the_nearest_name() {
    let files = Files(tempfile::tempdir().unwrap());
    let topology =
        format!("{}\n[[aggregates]]\nnmae = \"x\"\n", fermata_simcloud::SMALL_TELCO_SITE);
    for (option, text, key, meant) in [
        ("--principals", format!("{PRINCIPAL}tokns = []\n"), "tokns", "tokens"),
        (
            "--principals",
            PRINCIPAL.replace("[[principal]]", "[[principals]]"),
            "principals",
            "principal",
        ),
        (
            "--oidc",
            format!("{ISSUER}jwks_url = \"https://a.example/keys\"\n"),
            "jwks_url",
            "jwks_uri",
        ),
        ("--oidc", ISSUER.replace("[[issuer]]", "[[isuer]]"), "isuer", "issuer"),
        ("--topology", topology, "nmae", "name"),
        ("--topology", "[[host]]\nname = \"a\"\n".to_owned(), "host", "hosts"),
        ("--config", "lisen = \"127.0.0.1:1\"\n".to_owned(), "lisen", "listen"),
    ] {
        files.write("file", &text);
        let told = files.end(&[(option, "file")]).await;
        assert!(told.contains(&format!("'{key}', which Fermata does not know")), "{told}");
        assert!(told.contains(&format!("did you mean {meant}?")), "{told}");
    }
}
