//! Requests that may be repeated: the same id with the same request gives the same answer and does nothing twice. Every
//! write of every service goes through [`Requests::once`].

mod actions;

use std::borrow::Borrow;

use fermata_core::actor::Who;
use fermata_core::audit::{Action, Entry, Resource};
use fermata_store::{RequestRecord, Store, StoreError};
use prost::Message;
use sha2::{Digest, Sha256};

use crate::door::Call;
use crate::error::ServeError;

pub use self::actions::Writes;

/// A request that carries an id.
#[derive(Debug, Clone)]
struct RequestKey {
    caller: String,
    id: String,
    digest: Vec<u8>,
}

impl RequestKey {
    fn of(call: &Call, message: &impl Message) -> Option<Self> {
        let id = call.request_id.clone()?;
        let mut digest = Sha256::new();
        digest.update(call.method);
        digest.update(message.encode_to_vec());
        Some(Self { caller: call.owner_of_request(), id, digest: digest.finalize().to_vec() })
    }

    async fn found(&self, store: &Store) -> Result<Option<RequestRecord>, StoreError> {
        store.request(&self.caller, &self.id).await
    }
}

/// Encodes the answer that a result is given.
type Encode<'a, T> = Box<dyn Fn(&T) -> Vec<u8> + Send + Sync + 'a>;

/// A write that is to be carried out once, how its result is remembered, and what the audit trail says of it.
pub struct Once<'a, T> {
    key: Option<RequestKey>,
    who: Who,
    action: Action,
    encode: Encode<'a, T>,
}

impl<T> Once<'_, T> {
    /// What is asked for.
    pub fn action(&self) -> Action {
        self.action
    }

    /// What the audit trail says of it, if this is what changes.
    pub fn entry(&self, resource: Resource, detail: String) -> Entry {
        let (who, action) = (self.who.clone(), self.action);
        Entry { who, action, resource, detail, reason: String::new() }
    }

    /// What is remembered together with this result; `None`: the request carries no id.
    pub fn record(&self, result: &T) -> Option<RequestRecord> {
        let RequestKey { caller, id, digest } = self.key.clone()?;
        Some(RequestRecord { caller, id, digest, response: (self.encode)(result) })
    }

    /// Whether the id was used since the write began.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn is_used(&self, store: &Store) -> Result<bool, StoreError> {
        match &self.key {
            None => Ok(false),
            Some(key) => Ok(key.found(store).await?.is_some()),
        }
    }
}

/// What is known of requests, for one call.
pub struct Requests<'s> {
    /// The database.
    pub store: &'s Store,
    /// The call.
    pub call: &'s Call,
}

impl Requests<'_> {
    /// Carries a write out, unless the same request was carried out before: then it gives the same answer. Also if that
    /// happened meanwhile, because the caller did not wait for the first answer, and the write failed for it.
    ///
    /// # Errors
    /// Those of the write; or the id was used with another request.
    pub async fn once<'a, T, B, R, A, W, F>(
        &self,
        message: &impl Writes,
        answer: &'a A,
        write: W,
    ) -> Result<R, ServeError>
    where
        B: Borrow<T>,
        R: Message + Default,
        A: Fn(&T) -> R + Send + Sync,
        W: FnOnce(Once<'a, T>) -> F,
        F: Future<Output = Result<B, ServeError>>,
    {
        let key = RequestKey::of(self.call, message);
        if let Some(key) = &key
            && let Some(found) = key.found(self.store).await?
        {
            return answered(key, &found).ok_or(ServeError::RequestIdReused);
        }
        let encode = Box::new(move |result: &T| answer(result).encode_to_vec());
        let (who, action) = (self.call.who.clone(), message.action());
        let result = write(Once { key: key.clone(), who, action, encode }).await;
        let result = result.map(|result| answer(result.borrow()));
        let (Some(key), Err(_)) = (key, &result) else { return result };
        settle(&key, result, key.found(self.store).await)
    }
}

/// The answer to a request whose write failed; `found`: what is stored under its id now.
fn settle<R: Message + Default>(
    key: &RequestKey,
    result: Result<R, ServeError>,
    found: Result<Option<RequestRecord>, StoreError>,
) -> Result<R, ServeError> {
    let was_there = matches!(result, Err(ServeError::Store(StoreError::RequestExists)));
    match found {
        // What the write said is the better answer, unless this is one.
        Ok(Some(found)) => answered(key, &found).map_or(result, Ok),
        // Whether it was the same request is not known, so nobody may say that it was another one.
        Ok(None) if was_there => Err(ServeError::Concurrent),
        Err(error) if was_there => Err(error.into()),
        Ok(None) | Err(_) => result,
    }
}

/// What was answered to a request, if it was the same.
fn answered<R: Message + Default>(key: &RequestKey, found: &RequestRecord) -> Option<R> {
    if found.digest != key.digest {
        return None;
    }
    R::decode(found.response.as_slice()).ok()
}

#[cfg(test)]
mod tests {
    use fermata_proto::v1::ReplyResponse;

    use super::*;

    fn key() -> RequestKey {
        RequestKey { caller: "vnfm".to_owned(), id: "r".to_owned(), digest: vec![1] }
    }

    fn record(digest: u8) -> RequestRecord {
        let RequestKey { caller, id, .. } = key();
        RequestRecord { caller, id, digest: vec![digest], response: Vec::new() }
    }

    fn settled(
        error: StoreError,
        found: Result<Option<RequestRecord>, StoreError>,
    ) -> Result<ReplyResponse, ServeError> {
        settle(&key(), Err(error.into()), found)
    }

    #[test]
    fn the_same_request_that_was_faster_is_the_answer() {
        assert!(settled(StoreError::RequestExists, Ok(Some(record(1)))).is_ok());
        assert!(settled(StoreError::Conflict, Ok(Some(record(1)))).is_ok());
        let other = settled(StoreError::RequestExists, Ok(Some(record(2)))).unwrap_err();
        assert!(matches!(other, ServeError::Store(StoreError::RequestExists)), "{other:?}");
    }

    /// A kill of the database between the two once made a repeated reply another one.
    #[test]
    fn what_cannot_be_looked_up_is_not_called_another_request() {
        let away = settled(StoreError::RequestExists, Err(StoreError::busy())).unwrap_err();
        assert!(matches!(&away, ServeError::Store(error) if error.is_retryable()), "{away:?}");
        let gone = settled(StoreError::RequestExists, Ok(None)).unwrap_err();
        assert!(matches!(gone, ServeError::Concurrent), "{gone:?}");
        let first = settled(StoreError::Conflict, Err(StoreError::busy())).unwrap_err();
        assert!(matches!(first, ServeError::Store(StoreError::Conflict)), "{first:?}");
    }
}
