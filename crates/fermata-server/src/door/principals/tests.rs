use std::fs;

use super::*;

const HEAD: &str = "[[principal]]\nname = \"vnfm\"\nroles = [\"owner\"]\nprojects = [\"orange\"]\n";

/// The same, known by a subject.
const SUBJECT: &str = "[[principal]]\nname = \"vnfm\"\nroles = [\"owner\"]\nprojects = [\"orange\"]\n\
    subjects = [{ issuer = \"https://a\", subject = \"kim\" }]\n";

fn read_from(text: &str) -> Result<Principals, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("principals.toml");
    fs::write(&file, text).unwrap();
    Principals::load(&file).map_err(|error| crate::causes::chain(&error).to_string())
}

#[test]
fn a_principal_is_known_by_its_tokens_and_certificates() {
    let (one, two) = (Token::new(), Token::new());
    let principals = read_from(&format!(
        "{HEAD}tokens = [\"{}\", \"{}\"]\ncertificates = [\"uri:spiffe://site/vnfm/*\"]\n",
        one.digest(),
        two.digest()
    ));
    let principals = principals.unwrap();
    for token in [&one, &two] {
        let caller = principals.by_token(token.text()).unwrap();
        assert_eq!(caller.principal.as_str(), "vnfm");
    }
    assert!(principals.by_token(Token::new().text()).is_none());
    // The digest itself opens nothing.
    assert!(principals.by_token(&one.digest().to_string()).is_none());
    let names = Names::from_list(&["uri:spiffe://site/vnfm/7"]);
    assert_eq!(principals.by_names(&names).unwrap().principal.as_str(), "vnfm");
}

#[test]
fn what_is_wrong_with_a_file_is_said_without_its_secrets() {
    let token = Token::new();
    let digest = token.digest();
    let good = format!("{HEAD}tokens = [\"{digest}\"]\n");
    assert!(read_from(&good).is_ok() && read_from("").is_ok());
    let cases = [
        (format!("{HEAD}tokens = [\"{}\"]", token.text()), "fermata token create"),
        (HEAD.to_owned(), "neither tokens nor certificates"),
        (good.replace("[\"orange\"]", "[]"), "is an owner and has no projects"),
        (good.replace("\"owner\"", "\"operator\""), "has projects, but is no owner"),
        (good.replace("\"owner\"", "\"king\""), "king"),
        (good.replace("[\"owner\"]", "[]"), "has no roles"),
        (good.replace("\"vnfm\"", "\"\""), "must have a name"),
        (good.replace("roles", "rolls"), "rolls"),
        (format!("{good}expires = \"tomorrow\"\n"), "is no time"),
        (format!("{good}{good}"), "is there twice"),
        (
            format!("{good}{}", good.replace("\"vnfm\"", "\"other\"")),
            "has a token of principal 'vnfm'",
        ),
        (
            format!("{HEAD}subjects = [{{ issuer = \"https://a\", subject = \"\" }}]\n"),
            "without a name",
        ),
        (format!("{HEAD}subjects = [{{ issuer = \"https://a\" }}]\n"), "subject"),
        (
            format!("{SUBJECT}{}", SUBJECT.replace("\"vnfm\"", "\"other\"")),
            "has the subject kim of https://a, as principal 'vnfm' has",
        ),
        (format!("{HEAD}certificates = [\"vnfm\"]\n"), "must begin with uri:"),
        (format!("{HEAD}certificates = [\"uri:spiffe://site*\"]\n"), "only after a /"),
        (format!("{HEAD}certificates = [\"uri:*/a\"]\n"), "followed by a single *"),
    ];
    for (text, expected) in cases {
        let why = read_from(&text).unwrap_err();
        assert!(why.contains(expected), "{why}");
        let secret = &token.text()["fermata_".len()..];
        assert!(!why.contains(secret), "the error shows the token: {why}");
    }
}

#[test]
fn who_is_taken_out_or_changed_is_revoked_and_the_others_stay() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("principals.toml");
    let entry = |name: &str, role: &str, token: &Token| {
        format!(
            "[[principal]]\nname = \"{name}\"\nroles = [\"{role}\"]\ntokens = [\"{}\"]\n",
            token.digest()
        )
    };
    let (stays, goes, changes) = (Token::new(), Token::new(), Token::new());
    let before = [
        entry("stays", "monitor", &stays),
        entry("goes", "monitor", &goes),
        entry("changes", "operator", &changes),
    ];
    fs::write(&file, before.concat()).unwrap();
    let principals = Principals::load(&file).unwrap();
    let caller = |token: &Token| principals.by_token(token.text());
    let revoked = |caller: &Caller| caller.credential.revoked.is_cancelled();
    let known = [&stays, &goes, &changes].map(|token| caller(token).unwrap());
    assert_eq!(principals.read_again().unwrap(), "unchanged");

    // A file that is wrong changes nothing.
    fs::write(&file, "nonsense").unwrap();
    assert!(principals.read_again().is_err());
    assert!(!known.iter().any(revoked));

    let after = [entry("stays", "monitor", &stays), entry("changes", "monitor", &changes)];
    fs::write(&file, after.concat()).unwrap();
    assert_eq!(principals.read_again().unwrap(), "read again");
    assert_eq!(known.each_ref().map(revoked), [false, true, true]);
    assert!(caller(&goes).is_none());
    assert!(!revoked(&caller(&changes).unwrap()) && !revoked(&caller(&stays).unwrap()));
}

#[test]
fn patterns_of_names_mean_what_they_say() {
    let names = |names: &[&str]| Names::from_list(names);
    let pattern = |text: &str| -> Pattern {
        let entry = format!("{HEAD}certificates = [\"{text}\"]\n");
        file::entries(Path::new("f"), &entry).unwrap().remove(0).certificates.remove(0)
    };
    let exact = pattern("uri:spiffe://site/vnfm");
    assert!(exact.fits(&names(&["dns:a", "uri:spiffe://site/vnfm"])));
    assert!(!exact.fits(&names(&["uri:spiffe://site/vnfm2", "dns:spiffe://site/vnfm"])));
    let below = pattern("uri:spiffe://site/vnfm/*");
    assert!(below.fits(&names(&["uri:spiffe://site/vnfm/7"])));
    assert!(!below.fits(&names(&["uri:spiffe://site/vnfmX/7", "uri:spiffe://site/vnfm"])));
    assert!(!exact.fits(&names(&[])));
}

#[test]
fn a_principal_is_known_by_the_subjects_of_issuers() {
    let principals = read_from(SUBJECT).unwrap();
    let name = |issuer, subject| principals.by_subject(issuer, subject).map(|c| c.principal);
    assert_eq!(name("https://a", "kim").unwrap().as_str(), "vnfm");
    assert!(name("https://b", "kim").is_none() && name("https://a", "Kim").is_none());
    assert_eq!(principals.issuers().into_iter().collect::<Vec<_>>(), ["https://a"]);
}

/// Whoever is taken out of the file is out within five seconds, and a look takes a moment.
#[test]
fn the_file_is_looked_at_often_enough() {
    assert!(2 * EVERY < Duration::from_secs(5), "{EVERY:?}");
}
