//! Requests that may be repeated: the same id with the same request gives the same answer and does
//! nothing twice.

use fermata_store::{RequestRecord, Store, StoreError};
use prost::Message;
use sha2::{Digest, Sha256};

use crate::error::ServeError;

/// A request that carries an id and is to be carried out.
#[derive(Debug, Clone)]
pub struct RequestKey {
    caller: String,
    id: String,
    digest: Vec<u8>,
}

impl RequestKey {
    /// The record of this request with its answer.
    pub fn answered(self, response: Vec<u8>) -> RequestRecord {
        RequestRecord { caller: self.caller, id: self.id, digest: self.digest, response }
    }

    /// Whether the id was used since it was looked up.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn is_used(&self, store: &Store) -> Result<bool, StoreError> {
        Ok(store.request(&self.caller, &self.id).await?.is_some())
    }
}

/// What is known of a request.
pub enum Known<R> {
    /// It was carried out; this was the answer.
    Answered(R),
    /// It is new. `None` if it carries no id.
    New(Option<RequestKey>),
}

/// Looks a request up.
///
/// # Errors
/// Its id was used with another request.
pub async fn look_up<R: Message + Default>(
    store: &Store,
    caller: &str,
    id: &str,
    method: &str,
    request: &impl Message,
) -> Result<Known<R>, ServeError> {
    if id.is_empty() {
        return Ok(Known::New(None));
    }
    let mut digest = Sha256::new();
    digest.update(method);
    digest.update(request.encode_to_vec());
    let digest = digest.finalize().to_vec();
    match store.request(caller, id).await? {
        None => Ok(Known::New(Some(RequestKey {
            caller: caller.to_owned(),
            id: id.to_owned(),
            digest,
        }))),
        Some(record) if record.digest == digest => R::decode(record.response.as_slice())
            .map(Known::Answered)
            .map_err(|_| ServeError::RequestIdReused),
        Some(_) => Err(ServeError::RequestIdReused),
    }
}

/// The result of a write. If it failed and the same request was carried out meanwhile, because its caller
/// did not wait for the first answer, that answer.
///
/// # Errors
/// Those of the write.
pub async fn or_answered<R: Message + Default>(
    store: &Store,
    key: Option<RequestKey>,
    result: Result<R, ServeError>,
) -> Result<R, ServeError> {
    let (Some(key), Err(_)) = (key, &result) else { return result };
    match store.request(&key.caller, &key.id).await {
        Ok(Some(record)) if record.digest == key.digest => {
            R::decode(record.response.as_slice()).or(result)
        }
        // What the write said is the better answer.
        Ok(Some(_) | None) | Err(_) => result,
    }
}
