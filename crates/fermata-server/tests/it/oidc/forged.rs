//! Tokens that somebody made who should not have, or made for another purpose: none opens anything, each is refused as
//! UNAUTHENTICATED, none is written to a log, and none makes Fermata ask the issuer more often than once in a while.

use std::convert::Infallible;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fermata_server::door::layer::DoorLayer;
use fermata_server::door::{Identity, OidcTokens};
use fermata_server::limits::Limits;
use fermata_server::telemetry::metrics::Metrics;
use http::{Request, Response};
use jsonwebtoken::Algorithm;
use jsonwebtoken::EncodingKey;
use jsonwebtoken::crypto::sign;
use serde_json::{Value, json};
use tower::{Layer, ServiceExt, service_fn};

use super::issuer::{AUDIENCE, Issuer, Signer, base64};
use super::{NOW, clock};

/// A token and what is wrong with it.
type Forged = (&'static str, String);

/// What is signed as it should be, by a key of the issuer, and must not be taken all the same.
fn wrong_claims(issuer: &Issuer, signer: &Signer, other: &Issuer) -> Vec<Forged> {
    let good = issuer.claims(NOW);
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        signer.token(&claims)
    };
    let without = |name: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(name);
        signer.token(&claims)
    };
    let text = good.to_string();
    let twice = |more: &str| {
        signer.sign(&signer.header().to_string(), &text.replacen('{', &format!("{{{more},"), 1))
    };
    let nested = signer.token(&good);
    vec![
        ("of another issuer", with("iss", json!(other.url()))),
        ("of an unknown issuer", with("iss", json!("https://login.evil.example"))),
        ("with a slash more in its issuer", with("iss", json!(format!("{}/", issuer.url())))),
        ("of a list of issuers", with("iss", json!([issuer.url()]))),
        ("without an issuer", without("iss")),
        ("with an empty issuer", with("iss", json!(""))),
        ("for another audience", with("aud", json!("grafana"))),
        ("for an audience of another case", with("aud", json!(AUDIENCE.to_uppercase()))),
        ("for a longer audience", with("aud", json!(format!("{AUDIENCE}-test")))),
        ("for other audiences", with("aud", json!(["grafana", "nova"]))),
        ("for an empty audience", with("aud", json!(""))),
        ("for no audience", with("aud", json!([]))),
        ("for a null audience", with("aud", Value::Null)),
        ("for an audience that is a number", with("aud", json!(7))),
        ("without an audience", without("aud")),
        ("expired", with("exp", json!(NOW - 31))),
        ("expired long ago", with("exp", json!(0))),
        ("expired before there was time", with("exp", json!(-1))),
        ("without an end", without("exp")),
        ("with a null end", with("exp", Value::Null)),
        ("with an end that is a text", with("exp", json!((NOW + 600).to_string()))),
        ("with an end beyond all time", with("exp", json!(1e300))),
        ("not valid yet", with("nbf", json!(NOW + 31))),
        ("valid from a text on", with("nbf", json!("now"))),
        ("issued in the future", with("iat", json!(NOW + 31))),
        ("issued in a list", with("iat", json!([NOW]))),
        ("without a subject", without("sub")),
        ("with an empty subject", with("sub", json!(""))),
        ("with a subject that is a number", with("sub", json!(1))),
        ("with a subject of many lines", with("sub", json!("kim\nadmin"))),
        ("with a subject that turns its direction", with("sub", json!("\u{202e}mik"))),
        ("with a very long subject", with("sub", json!("k".repeat(256)))),
        ("with roles that are an object", with("roles", json!({"owner": true}))),
        ("with roles that are numbers", with("roles", json!([1, 2]))),
        ("with a null among its roles", with("roles", json!(["vnf-manager", null]))),
        ("with too many roles", with("roles", json!(vec!["role"; 1001]))),
        ("with projects that are true", with("projects", json!(true))),
        ("with an empty project", with("projects", json!([""]))),
        ("with a project of many lines", with("projects", json!(["orange\nviolet"]))),
        ("with its subject twice", twice("\"sub\":\"root\"")),
        ("with its audience twice", twice("\"aud\":\"grafana\"")),
        ("with its issuer twice", twice("\"iss\":\"https://login.evil.example\"")),
        ("with its roles twice", twice("\"roles\":[\"is-operator\"]")),
        ("with a name twice inside of a claim", twice("\"x\":{\"a\":1,\"a\":2}")),
        ("with claims that are a list", signer.sign(&signer.header().to_string(), "[]")),
        ("with claims that are a text", signer.sign(&signer.header().to_string(), "\"kim\"")),
        ("with empty claims", signer.sign(&signer.header().to_string(), "")),
        (
            "with claims that end early",
            signer.sign(&signer.header().to_string(), &text[..text.len() - 1]),
        ),
        (
            "with something after its claims",
            signer.sign(&signer.header().to_string(), &format!("{text}{{}}")),
        ),
        ("with claims nested without end", with("x", deep())),
        ("with claims that are a token", signer.sign(&signer.header().to_string(), &nested)),
    ]
}

/// JSON that is deeper than readers go.
fn deep() -> Value {
    (0..200).fold(json!(1), |inner, _| json!([inner]))
}

/// What is not signed, or not with the issuer's key, or in another way than is taken.
fn wrong_signatures(issuer: &Issuer, signers: &[&Signer], thief: &Signer) -> Vec<Forged> {
    let [ec, rsa, ed] = signers else { panic!("three signers") };
    let claims = issuer.claims(NOW);
    let good = ec.token(&claims);
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (head, body) = message.split_once('.').unwrap();
    let unsigned = |alg: &str, signature: &str| {
        let header = json!({"alg": alg, "typ": "JWT", "kid": ec.id});
        format!("{}.{body}.{signature}", base64(header.to_string()))
    };
    // The public key is known to everybody; a reader that takes any algorithm takes it for a secret.
    let hmac = |secret: &[u8], id: &str| {
        let header = json!({"alg": "HS256", "typ": "JWT", "kid": id});
        let message = format!("{}.{body}", base64(header.to_string()));
        let key = EncodingKey::from_secret(secret);
        let signature = sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
        format!("{message}.{signature}")
    };
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        base64(&rsa.public_der)
    );
    let header = |change: &dyn Fn(&mut Value)| {
        let mut header = ec.header();
        change(&mut header);
        ec.token_with(&header, &claims)
    };
    let stolen = |id: &str, alg: &str| {
        let header = json!({"alg": alg, "typ": "JWT", "kid": id});
        thief.token_with(&header, &claims)
    };
    let mut flipped = signature.as_bytes().to_vec();
    flipped[10] = if flipped[10] == b'A' { b'B' } else { b'A' };
    let flipped = String::from_utf8(flipped).unwrap();
    let more = base64(issuer.claims(NOW + 1).to_string());
    vec![
        ("alg none", unsigned("none", "")),
        ("alg None with a signature", unsigned("None", signature)),
        ("alg nOnE", unsigned("nOnE", "")),
        ("an empty alg", unsigned("", signature)),
        ("no signature", unsigned("ES256", "")),
        ("a signature of zeros", unsigned("ES256", &base64([0; 64]))),
        ("a signature that is no base64", unsigned("ES256", "!!!!")),
        ("HMAC with the RSA key in DER", hmac(&rsa.public_der, &rsa.id)),
        ("HMAC with the RSA key in PEM", hmac(pem.as_bytes(), &rsa.id)),
        ("HMAC with the RSA key as it is shown", hmac(rsa.public.to_string().as_bytes(), &rsa.id)),
        ("HMAC with the modulus", hmac(rsa.public["n"].as_str().unwrap().as_bytes(), &rsa.id)),
        ("HMAC with the EC key", hmac(&ec.public_der, &ec.id)),
        ("HMAC with the Ed25519 key", hmac(&ed.public_der, &ed.id)),
        ("HMAC with nothing", hmac(b"", &ec.id)),
        ("HMAC with the shown secret", hmac(b"shown", "secret")),
        ("somebody else's key", stolen(&ec.id, "ES256")),
        ("somebody else's key without an id", {
            let header = json!({"alg": "ES256", "typ": "JWT"});
            thief.token_with(&header, &claims)
        }),
        ("the algorithm of another key", stolen(&rsa.id, "ES256")),
        ("an algorithm that its key is not for", stolen(&ed.id, "ES256")),
        ("an algorithm that is not in the file", header(&|header| header["alg"] = "ES384".into())),
        ("another algorithm of RSA", {
            let mut header = rsa.header();
            header["alg"] = "PS256".into();
            rsa.token_with(&header, &claims)
        }),
        ("a key for encryption", stolen("encryption", "ES256")),
        ("another signature", format!("{message}.{flipped}")),
        ("other claims", format!("{head}.{more}.{signature}")),
        ("a claim more than was signed", format!("{head}.{body}A.{signature}")),
        (
            "the header of another key",
            format!("{}.{body}.{signature}", base64(rsa.header().to_string())),
        ),
        ("an id that is a path", stolen("../../../../dev/null", "ES256")),
        ("an id that is a query", stolen("' UNION SELECT 'key", "ES256")),
        ("an id that is a command", stolen("|/bin/true", "ES256")),
        ("an id that is a URL", stolen("https://login.evil.example/keys", "ES256")),
        ("a very long id", stolen(&"k".repeat(4096), "ES256")),
        ("an empty id", stolen("", "ES256")),
        ("an id with a null in it", stolen("ec\u{0}", "ES256")),
        ("an unknown id", stolen("unheard-of", "ES256")),
        ("an id that is a number", header(&|header| header["kid"] = json!(1))),
        ("an id of another case", header(&|header| header["kid"] = ec.id.to_uppercase().into())),
        ("a key of its own", {
            let header = json!({"alg": "ES256", "typ": "JWT", "kid": ec.id, "jwk": thief.public});
            thief.token_with(&header, &claims)
        }),
        ("a URL of its own keys", {
            let header =
                json!({"alg": "ES256", "kid": "mine", "jku": "https://login.evil.example/keys"});
            thief.token_with(&header, &claims)
        }),
        ("a certificate of its own", {
            let header = json!({"alg": "ES256", "kid": "mine", "x5u": "https://login.evil.example/cert", "x5c": ["MII"]});
            thief.token_with(&header, &claims)
        }),
        ("crit", header(&|header| header["crit"] = json!(["exp"]))),
        ("crit that is empty", header(&|header| header["crit"] = json!([]))),
        (
            "crit of b64",
            header(&|header| {
                header["crit"] = json!(["b64"]);
                header["b64"] = json!(false);
            }),
        ),
        ("a token inside", header(&|header| header["cty"] = "JWT".into())),
        ("encryption", header(&|header| header["enc"] = "A128GCM".into())),
        ("compression", header(&|header| header["zip"] = "DEF".into())),
        ("another type", header(&|header| header["typ"] = "logout+jwt".into())),
        (
            "a header with its algorithm twice",
            ec.sign(
                &format!("{{\"alg\":\"ES256\",\"alg\":\"ES256\",\"kid\":\"{}\"}}", ec.id),
                &claims.to_string(),
            ),
        ),
        (
            "a header with its id twice",
            ec.sign(
                &format!("{{\"alg\":\"ES256\",\"kid\":\"x\",\"kid\":\"{}\"}}", ec.id),
                &claims.to_string(),
            ),
        ),
        ("a header without an algorithm", ec.sign("{\"typ\":\"JWT\"}", &claims.to_string())),
        ("a header that is a list", ec.sign("[]", &claims.to_string())),
    ]
}

/// What is no token at all, or a good one that was cut or grew.
fn wrong_shapes(issuer: &Issuer, signer: &Signer) -> Vec<Forged> {
    let good = signer.token(&issuer.claims(NOW));
    let parts: Vec<_> = good.split('.').collect();
    let huge = |length| {
        let mut claims = issuer.claims(NOW);
        claims["x"] = "x".repeat(length).into();
        signer.token(&claims)
    };
    vec![
        ("its beginning", good[..good.len() / 2].to_owned()),
        ("all but its last character", good[..good.len() - 1].to_owned()),
        ("all but its first character", good[1..].to_owned()),
        ("its header and claims", format!("{}.{}", parts[0], parts[1])),
        ("its header and claims with a dot", format!("{}.{}.", parts[0], parts[1])),
        ("its header alone", parts[0].to_owned()),
        ("only dots", "..".to_owned()),
        ("empty parts", format!("{}..{}", parts[0], parts[2])),
        ("four parts", format!("{good}.{}", parts[2])),
        ("five parts, as encrypted ones have", format!("{good}.{}.{}", parts[1], parts[2])),
        ("itself twice", format!("{good}{good}")),
        ("its signature twice", format!("{good}{}", parts[2])),
        ("padding", format!("{good}==")),
        ("the other alphabet of base64", format!("{}+/.{}.{}", parts[0], parts[1], parts[2])),
        ("a space inside", good.replacen('.', " .", 1)),
        ("a large one", huge(20 * 1024)),
        ("a huge one", huge(2 * 1024 * 1024)),
        ("many dots", ".".repeat(10_000)),
        (
            "a header of nothing but brackets",
            format!("{}.{}.{}", base64("{".repeat(5_000)), parts[1], parts[2]),
        ),
        ("JSON itself", signer.header().to_string()),
    ]
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_forged_token_is_taken() {
    let log = Log::default();
    let writer = log.clone();
    let everything = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _installed = tracing::subscriber::set_default(everything);

    let ec = Signer::new("ec", Algorithm::ES256);
    let rsa = Signer::new("rsa", Algorithm::RS256);
    let ed = Signer::new("ed", Algorithm::EdDSA);
    let thief = Signer::new("ec", Algorithm::ES256);
    let (issuer, other) = (Issuer::start(&[]).await, Issuer::start(&[&thief]).await);
    let mut keys: Vec<_> = [&ec, &rsa, &ed].map(|signer| signer.public.clone()).into();
    // What issuers show beside: a key that is not for signatures, and one that would be a secret.
    keys.push(json!({"kty": "EC", "crv": "P-256", "kid": "encryption", "use": "enc",
        "x": thief.public["x"], "y": thief.public["y"]}));
    keys.push(json!({"kty": "oct", "kid": "secret", "alg": "HS256", "k": base64("shown")}));
    issuer.show_raw(keys);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("issuers.toml");
    std::fs::write(&file, format!("{}\n{}", issuer.entry(""), other.entry(""))).unwrap();
    let tokens = OidcTokens::load(&file, clock()).unwrap();

    let reached = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&reached);
    let behind = service_fn(move |_: Request<()>| {
        counter.fetch_add(1, Ordering::SeqCst);
        async { Ok::<_, Infallible>(Response::new(())) }
    });
    // Many calls at once are not what this is about.
    let limits = Limits { call_rate: None, ..Limits::default() };
    let door = DoorLayer::new(Identity::of(vec![Box::new(tokens)]), limits, Metrics::discarded())
        .layer(behind);
    let call = async |token: &str| {
        let request = Request::builder()
            .uri("/fermata.v1.PolicyService/ListServerPolicies")
            .header("authorization", format!("Bearer {token}"))
            .body(())
            .unwrap();
        let answer = door.clone().oneshot(request).await.unwrap();
        answer.headers().get("grpc-status").map(|status| status.to_str().unwrap().to_owned())
    };

    // The same, as they should be, are taken: what is refused below is refused for what is wrong with it.
    for signer in [&ec, &rsa, &ed] {
        assert_eq!(call(&signer.token(&issuer.claims(NOW))).await, None, "{}", signer.id);
    }
    assert_eq!(reached.swap(0, Ordering::SeqCst), 3);

    let corpus: Vec<Forged> = [
        wrong_claims(&issuer, &ec, &other),
        wrong_signatures(&issuer, &[&ec, &rsa, &ed], &thief),
        wrong_shapes(&issuer, &ec),
    ]
    .concat();
    let mut slowest = Duration::ZERO;
    for (what, token) in &corpus {
        let begun = tokio::time::Instant::now();
        let status = call(token).await;
        slowest = slowest.max(begun.elapsed());
        assert_eq!(status.as_deref(), Some("16"), "UNAUTHENTICATED for a token with {what}");
    }
    assert_eq!(reached.load(Ordering::SeqCst), 0);
    assert_eq!(
        issuer.asked(),
        1,
        "of a pause of seconds nothing has passed yet, whatever was sent"
    );
    let written = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(!written.is_empty(), "the log was looked at");
    for (what, token) in &corpus {
        let secrets = token.split('.').filter(|part| part.len() >= 16);
        for secret in secrets {
            assert!(!written.contains(secret), "the log has a part of a token with {what}");
        }
    }
    println!("{} forged tokens, 0 taken; the slowest refusal took {slowest:?}", corpus.len());
}
