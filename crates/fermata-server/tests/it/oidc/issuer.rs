//! An issuer of the test, with keys of its own, on loopback; and tokens as it, or somebody else, makes them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto::sign;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, PKCS_RSA_SHA256, RsaKeySize};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Who Fermata is to the issuer.
pub const AUDIENCE: &str = "fermata";
/// The algorithm and its two lengths are all that stands before an RSA key of 2048 bits in PKCS #8.
const BEFORE_RSA_KEY: usize = 26;

pub fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A pair of keys.
pub struct Signer {
    pub id: String,
    pub algorithm: Algorithm,
    key: EncodingKey,
    /// The public key, as an issuer shows it.
    pub public: Value,
    /// The public key in DER.
    pub public_der: Vec<u8>,
}

impl Signer {
    pub fn new(id: &str, algorithm: Algorithm) -> Self {
        let pair = match algorithm {
            Algorithm::ES256 => KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap(),
            Algorithm::EdDSA => KeyPair::generate_for(&PKCS_ED25519).unwrap(),
            Algorithm::RS256 => {
                KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap()
            }
            other => panic!("no test uses {other:?}"),
        };
        let (private, raw) = (pair.serialize_der(), pair.public_key_raw().to_vec());
        let (key, mut public) = match algorithm {
            Algorithm::ES256 => {
                let (x, y) = (base64(&raw[1..33]), base64(&raw[33..65]));
                let public = json!({"kty": "EC", "crv": "P-256", "x": x, "y": y});
                (EncodingKey::from_ec_der(&private), public)
            }
            Algorithm::EdDSA => {
                let public = json!({"kty": "OKP", "crv": "Ed25519", "x": base64(&raw)});
                (EncodingKey::from_ed_der(&private), public)
            }
            _ => {
                let key = EncodingKey::from_rsa_der(&private[BEFORE_RSA_KEY..]);
                let public = Jwk::from_encoding_key(&key, algorithm).unwrap();
                (key, serde_json::to_value(public).unwrap())
            }
        };
        public["kid"] = id.into();
        public["use"] = "sig".into();
        Self { id: id.to_owned(), algorithm, key, public, public_der: raw }
    }

    /// The usual header of its tokens.
    pub fn header(&self) -> Value {
        json!({"alg": format!("{:?}", self.algorithm), "typ": "JWT", "kid": self.id})
    }

    /// A token with these claims.
    pub fn token(&self, claims: &Value) -> String {
        self.token_with(&self.header(), claims)
    }

    /// The same, with another header.
    pub fn token_with(&self, header: &Value, claims: &Value) -> String {
        self.sign(&header.to_string(), &claims.to_string())
    }

    /// A token of these texts, whatever they are.
    pub fn sign(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", base64(header), base64(claims));
        let signature = sign(message.as_bytes(), &self.key, self.algorithm).unwrap();
        format!("{message}.{signature}")
    }
}

#[derive(Default)]
struct Shown {
    url: String,
    keys: Mutex<Vec<Value>>,
    asked: AtomicUsize,
    is_away: AtomicBool,
}

/// The issuer.
#[derive(Clone)]
pub struct Issuer(Arc<Shown>);

impl Issuer {
    /// One that shows these keys, on any port.
    pub async fn start(signers: &[&Signer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        Self::behind(listener, &origin, signers)
    }

    /// The same, where others reach it by this origin.
    pub fn behind(listener: TcpListener, origin: &str, signers: &[&Signer]) -> Self {
        let url = format!("{origin}/realms/telco");
        let issuer = Self(Arc::new(Shown { url, ..Shown::default() }));
        issuer.show(signers);
        let (discovery, keys) = (issuer.clone(), issuer.clone());
        let router = Router::new()
            .route(
                "/realms/telco/.well-known/openid-configuration",
                get(async move || {
                    let url = discovery.url();
                    discovery.answer(json!({"issuer": url, "jwks_uri": format!("{url}/keys")}))
                }),
            )
            .route(
                "/realms/telco/keys",
                get(async move || {
                    keys.0.asked.fetch_add(1, Ordering::SeqCst);
                    let shown = keys.0.keys.lock().unwrap().clone();
                    keys.answer(json!({"keys": shown}))
                }),
            );
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        issuer
    }

    fn answer(&self, answer: Value) -> (StatusCode, String) {
        let is_away = self.0.is_away.load(Ordering::SeqCst);
        let status = if is_away { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
        (status, answer.to_string())
    }

    pub fn url(&self) -> &str {
        &self.0.url
    }

    /// Shows these keys from now on.
    pub fn show(&self, signers: &[&Signer]) {
        self.show_raw(signers.iter().map(|signer| signer.public.clone()).collect());
    }

    /// Shows these, whatever they are.
    pub fn show_raw(&self, keys: Vec<Value>) {
        *self.0.keys.lock().unwrap() = keys;
    }

    /// Whether it answers that it cannot serve.
    pub fn be_away(&self, is_away: bool) {
        self.0.is_away.store(is_away, Ordering::SeqCst);
    }

    /// How often its keys were asked for.
    pub fn asked(&self) -> usize {
        self.0.asked.load(Ordering::SeqCst)
    }

    /// Claims of a token that is good at this time, in seconds since 1970: of an owner of the project orange.
    pub fn claims(&self, now: i64) -> Value {
        json!({
            "iss": self.url(),
            "sub": "kim",
            "aud": AUDIENCE,
            "exp": now + 600,
            "nbf": now - 1,
            "iat": now - 1,
            "roles": ["vnf-manager"],
            "projects": ["orange"],
        })
    }

    /// What a file of issuers has of it. A word `is-ROLE` stands for each role; `more` is TOML.
    pub fn entry(&self, more: &str) -> String {
        format!(
            "[[issuer]]\nissuer = \"{}\"\naudiences = [\"{AUDIENCE}\"]\n\
             algorithms = [\"ES256\", \"RS256\", \"EdDSA\"]\n{more}\n\
             [issuer.roles]\nowner = [\"vnf-manager\", \"is-owner\"]\noperator = [\"is-operator\"]\n\
             monitor = [\"is-monitor\"]\nauditor = [\"is-auditor\"]\nadministrator = [\"is-administrator\"]\n",
            self.url()
        )
    }
}
