//! The public keys of an issuer, and which one a token may be checked with.

use std::sync::Arc;

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

/// More keys than this are not looked at.
const MOST_KEYS: usize = 100;

/// A key that tokens may be signed with.
pub(super) struct Key {
    jwk: Jwk,
    algorithms: Vec<Algorithm>,
    /// Checks signatures.
    pub(super) decoding: DecodingKey,
    /// Cancelled when the issuer does not show the key any more, or is not trusted any more.
    pub(super) withdrawn: CancellationToken,
}

/// The keys that an issuer showed last.
#[derive(Default)]
pub(super) struct Keys(Vec<Arc<Key>>);

/// What there is for a token.
pub(super) enum Found {
    /// This key.
    Key(Arc<Key>),
    /// No key of that id, so the issuer may have a new one.
    NoSuchId,
    /// No key fits, and no new one is to be expected.
    Nothing,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

impl Keys {
    /// Those of a JSON Web Key Set (RFC 7517) that may check signatures by one of these algorithms. What is of another kind is
    /// left out. Keys that were there `before` stay what they are, with the streams that they opened.
    ///
    /// # Errors
    /// It is no set of keys.
    pub(super) fn of(
        set: &[u8],
        allowed: &[Algorithm],
        before: &Self,
        trusted: &CancellationToken,
    ) -> Result<Self, serde_json::Error> {
        let set: Set = serde_json::from_slice(set)?;
        let keys = set.keys.into_iter().take(MOST_KEYS).filter_map(|key| {
            let jwk: Jwk = serde_json::from_value(key).ok()?;
            if let Some(kept) = before.0.iter().find(|kept| kept.jwk == jwk) {
                return Some(Arc::clone(kept));
            }
            let mut algorithms = algorithms(&jwk);
            algorithms.retain(|algorithm| allowed.contains(algorithm));
            if algorithms.is_empty() || !is_for_signatures(&jwk) {
                return None;
            }
            let decoding = DecodingKey::from_jwk(&jwk).ok()?;
            Some(Arc::new(Key { jwk, algorithms, decoding, withdrawn: trusted.child_token() }))
        });
        Ok(Self(keys.collect()))
    }

    /// The key for a token with this header. Without an id it must be the only one that fits.
    pub(super) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Found {
        let fits = |key: &&Arc<Key>| key.algorithms.contains(&algorithm);
        let Some(id) = id else {
            let mut fitting = self.0.iter().filter(fits);
            return match (fitting.next(), fitting.next()) {
                (Some(key), None) => Found::Key(Arc::clone(key)),
                (Some(_) | None, _) => Found::Nothing,
            };
        };
        let mut named = self.0.iter().filter(|key| key.jwk.common.key_id.as_deref() == Some(id));
        match named.clone().next() {
            None => Found::NoSuchId,
            Some(_) => named.find(fits).map_or(Found::Nothing, |key| Found::Key(Arc::clone(key))),
        }
    }

    /// Takes from the streams that they opened those keys that are not among the `new` ones.
    pub(super) fn withdraw_others(&self, new: &Self) {
        for key in &self.0 {
            if !new.0.iter().any(|kept| Arc::ptr_eq(kept, key)) {
                key.withdrawn.cancel();
            }
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }
}

/// By which algorithms signatures of such a key are made: by its kind, or by what it says of itself if that fits.
fn algorithms(jwk: &Jwk) -> Vec<Algorithm> {
    use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
    let by_kind: &[Algorithm] = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => &[RS256, RS384, RS512, PS256, PS384, PS512],
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => &[ES256],
            EllipticCurve::P384 => &[ES384],
            EllipticCurve::P521 | EllipticCurve::Ed25519 => &[],
        },
        AlgorithmParameters::OctetKeyPair(key) => match key.curve {
            EllipticCurve::Ed25519 => &[EdDSA],
            EllipticCurve::P256 | EllipticCurve::P384 | EllipticCurve::P521 => &[],
        },
        // A secret that everybody can read.
        AlgorithmParameters::OctetKey(_) => &[],
    };
    match jwk.common.key_algorithm {
        None => by_kind.to_vec(),
        Some(own) => {
            let own = own.to_string().parse::<Algorithm>().ok();
            own.filter(|own| by_kind.contains(own)).into_iter().collect()
        }
    }
}

fn is_for_signatures(jwk: &Jwk) -> bool {
    let by_use = match &jwk.common.public_key_use {
        None | Some(PublicKeyUse::Signature) => true,
        Some(PublicKeyUse::Encryption | PublicKeyUse::Other(_)) => false,
    };
    let operations = jwk.common.key_operations.as_ref();
    by_use && operations.is_none_or(|operations| operations.contains(&KeyOperations::Verify))
}
