//! Space in the file of an SQLite database. What is deleted leaves free pages, which later writes use; those beyond what they
//! are likely to need are given back to the disk. PostgreSQL looks after its own files.

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::error::StoreError;
use crate::store::Store;

/// Of so many pages one may be free: what is written until the next time goes there, instead of making the file grow again.
const ONE_IN: u64 = 8;
/// Pages that are given back at once; writers wait so long.
const STEP: u64 = 256;

/// What a file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// Bytes of the database.
    pub total: u64,
    /// Bytes of it in which nothing stands.
    pub free: u64,
    /// Whether free space can be given back; not by files that older releases made, until [`Store::vacuum`] makes them anew.
    pub shrinks: bool,
}

impl Store {
    /// The space in an SQLite database; `None` for another one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn space(&self) -> Result<Option<Space>, StoreError> {
        if self.backend() != DbBackend::Sqlite {
            return Ok(None);
        }
        let page = self.pragma("page_size").await?;
        let total = self.pragma("page_count").await? * page;
        let free = self.pragma("freelist_count").await? * page;
        // 0: never, 1: at each commit, 2: when it is asked for.
        let shrinks = self.pragma("auto_vacuum").await? == 2;
        Ok(Some(Space { total, free, shrinks }))
    }

    /// Gives free space of an SQLite database back to the disk, a little at a time; returns how many bytes.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn give_back(&self) -> Result<u64, StoreError> {
        let Some(Space { total, shrinks: true, .. }) = self.space().await? else { return Ok(0) };
        let mut left = total;
        loop {
            let step = {
                let _turn = self.turn().await;
                let free = self.pragma("freelist_count").await?;
                let kept = self.pragma("page_count").await? / ONE_IN;
                let step = free.saturating_sub(kept).min(STEP);
                if step > 0 {
                    self.is_there()?;
                    let sql = format!("PRAGMA incremental_vacuum({step})");
                    self.db().execute_unprepared(&sql).await?;
                }
                step
            };
            left -= step * self.pragma("page_size").await?;
            if step < STEP {
                break;
            }
        }
        if left < total {
            // The file itself becomes shorter when the log is written into it.
            self.db().execute_unprepared("PRAGMA wal_checkpoint(PASSIVE)").await?;
        }
        Ok(total - left)
    }

    /// Makes the file of an SQLite database anew, without free space, and such that it can shrink from now on. Takes as
    /// long as it takes to write the whole file, and as much space again; nobody may use it meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Database`].
    pub async fn vacuum(&self) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        // Past the limit for statements.
        self.raw().execute_unprepared("VACUUM").await?;
        self.raw().execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await?;
        Ok(())
    }

    /// A number that SQLite tells.
    async fn pragma(&self, name: &str) -> Result<u64, StoreError> {
        let statement = Statement::from_string(DbBackend::Sqlite, format!("PRAGMA {name}"));
        let row = self.db().query_one_raw(statement).await?;
        let number = row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?;
        Ok(number.unwrap_or(0).cast_unsigned())
    }
}
