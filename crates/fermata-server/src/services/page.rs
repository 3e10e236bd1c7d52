//! A page of a list: how large it may be, after what it begins, and the token of the next one.

use prost::Message;

use crate::app::App;
use crate::convert::incoming::Reader;
use crate::error::ServeError;
use crate::parts::page;
use crate::token::Tokens;

/// What a request says of its page.
pub(super) struct Asked<'a> {
    /// `page_size`.
    pub size: i32,
    /// `page_token`.
    pub token: &'a str,
}

/// How many are on a page.
pub(super) struct Sizes {
    /// Unless the request says.
    pub default: u64,
    /// At most.
    pub most: u64,
}

/// A page that is asked for.
pub(super) struct Paging<'a> {
    tokens: &'a Tokens,
    list: String,
    size: u64,
    after: Option<String>,
}

impl<'a> Paging<'a> {
    /// Reads what a request says of its page. `list` names the call and all that its rows depend on: a token holds only for the
    /// same.
    ///
    /// # Errors
    /// The token is damaged or of another list.
    pub(super) fn read(
        app: &'a App,
        reader: &mut Reader,
        list: String,
        asked: Asked<'_>,
        Sizes { default, most }: Sizes,
    ) -> Result<Self, ServeError> {
        let tokens = app.tokens();
        let size = reader.page_size(asked.size, default, most);
        let after = tokens.read_page(&list, asked.token)?;
        Ok(Self { tokens, list, size, after })
    }

    /// After what it begins; `None`: it is the first page.
    ///
    /// # Errors
    /// The token holds no such position.
    pub(super) fn after<T>(
        &self,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, ServeError> {
        let Some(after) = &self.after else { return Ok(None) };
        read(after).map(Some).ok_or(ServeError::PageTokenInvalid)
    }

    /// How many rows to read: one more than are shown, to know whether there is a next page.
    pub(super) fn limit(&self) -> u64 {
        self.size + 1
    }

    /// How many rows are shown.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// The token of the page after this position.
    pub(super) fn token(&self, position: &str) -> String {
        self.tokens.page(&self.list, position)
    }

    /// The messages of the page, and the token of the next one; empty if there is none.
    pub(super) fn close<R, M: Message>(
        &self,
        rows: impl IntoIterator<Item = R>,
        message: impl Fn(&R) -> M,
        position: impl Fn(&R) -> String,
    ) -> (Vec<M>, String) {
        let page = page(rows, self.size, message);
        let next = page.after.map(|row| self.token(&position(&row)));
        (page.messages, next.unwrap_or_default())
    }
}
