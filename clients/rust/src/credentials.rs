//! Who calls: the token that each call sends along. Tokens of Keystone are in [`crate::keystone`].

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use futures::future::BoxFuture;
use http::HeaderValue;
use tonic::Status;

/// Who calls.
#[derive(Clone, Default)]
pub enum Credentials {
    /// Nobody in particular, or whoever the client's certificate names.
    #[default]
    None,
    /// A bearer token.
    Token(String),
    /// A bearer token in a file, which is read for each call, so that it may be renewed there.
    TokenFile(PathBuf),
    /// Tokens of something else, for example of `Keystone`.
    Source(Arc<dyn TokenSource>),
}

/// Gives each call its bearer token. Many calls use it at once.
pub trait TokenSource: Send + Sync + 'static {
    /// The token for a call that is about to be made. It is asked for each time, so it should be remembered.
    ///
    /// # Errors
    /// The call gets the error: UNAVAILABLE where another try may help, else UNAUTHENTICATED.
    fn token(&self) -> BoxFuture<'_, Result<String, Status>>;

    /// The server says that the token has expired: forget it. False: there will be no other one.
    fn renew(&self) -> bool;
}

impl Credentials {
    /// The value of the header `authorization`. `None`: nothing is sent.
    pub(crate) async fn header(&self) -> Result<Option<HeaderValue>, Status> {
        let token = match self {
            Self::None => return Ok(None),
            Self::Token(token) => token.clone(),
            // A token is a line; reading it takes less than handing it to a thread.
            Self::TokenFile(file) => std::fs::read_to_string(file).map_err(|error| {
                let file = file.display();
                Status::unauthenticated(format!("the token file {file} cannot be read: {error}"))
            })?,
            Self::Source(source) => source.token().await?,
        };
        // The token is not shown: it may be most of a secret.
        let token = token.trim();
        let value = HeaderValue::from_str(&format!("Bearer {token}"));
        let mut value = value.ok().filter(|_| !token.is_empty()).ok_or_else(|| {
            Status::unauthenticated("the token is empty or has characters that no token has")
        })?;
        value.set_sensitive(true);
        Ok(Some(value))
    }

    /// The server says that the credentials have expired. Returns whether the next call may have other ones.
    pub(crate) fn renew(&self) -> bool {
        match self {
            Self::None | Self::Token(_) => false,
            Self::TokenFile(_) => true,
            Self::Source(source) => source.renew(),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Token(_) => f.write_str("Token(…)"),
            Self::TokenFile(file) => f.debug_tuple("TokenFile").field(file).finish(),
            Self::Source(_) => f.write_str("Source(…)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_token_is_sent_and_never_shown() {
        let credentials = Credentials::Token("s3cret\n".to_owned());
        let header = credentials.header().await.unwrap().unwrap();
        assert_eq!(header, "Bearer s3cret");
        assert!(!format!("{credentials:?} {header:?}").contains("s3cret"));
        assert!(!credentials.renew());
    }

    #[tokio::test]
    async fn what_is_no_token_is_not_sent() {
        for wrong in ["", " \n", "a\nb", "a\u{7f}"] {
            let status = Credentials::Token(wrong.to_owned()).header().await.unwrap_err();
            assert_eq!(status.code(), tonic::Code::Unauthenticated);
            assert!(wrong.trim().is_empty() || !status.message().contains(wrong));
        }
    }

    #[tokio::test]
    async fn a_file_is_read_for_each_call() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let credentials = Credentials::TokenFile(file.path().to_owned());
        for token in ["one", "two"] {
            std::fs::write(file.path(), token).unwrap();
            let header = credentials.header().await.unwrap().unwrap();
            assert_eq!(header, format!("Bearer {token}"));
        }
        assert!(credentials.renew());
        let missing = Credentials::TokenFile("/nowhere/token".into()).header().await;
        assert!(missing.unwrap_err().message().contains("/nowhere/token"));
    }
}
