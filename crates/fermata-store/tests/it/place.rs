//! A database for one test.

use fermata_store::{Options, Store};
use tempfile::TempDir;

/// A database that ends with the test.
pub(crate) struct Place {
    pub(crate) url: String,
    _directory: TempDir,
}

impl Place {
    /// A new SQLite file.
    pub(crate) async fn sqlite() -> Self {
        let directory = TempDir::new().unwrap();
        let url = format!("sqlite://{}/store.db?mode=rwc", directory.path().display());
        Self { url, _directory: directory }
    }

    /// The store, with its tables.
    pub(crate) async fn open(&self) -> Store {
        let store = Store::connect(&self.url, &Options::default()).await.unwrap();
        store.migrate().await.unwrap();
        store
    }

    /// The database itself, past the store.
    pub(crate) async fn raw(&self) -> sea_orm::DatabaseConnection {
        sea_orm::Database::connect(&self.url).await.unwrap()
    }
}
