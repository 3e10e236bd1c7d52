//! `fermata database`: what is done with a database while no server uses it.

use fermata_server::config::existing_database;
use fermata_server::database::{self, DatabaseError};
use serde_json::json;

use crate::args::Format;
use crate::args::database::{DatabaseArgs, DatabaseCommand};
use crate::failure::Failure;
use crate::output::Screen;

pub(super) async fn run(command: &DatabaseCommand, screen: &Screen) -> Result<(), Failure> {
    let DatabaseArgs { database_url, config } = command.of();
    let url = existing_database(database_url.as_deref(), config.as_deref());
    let url = url.map_err(|error| Failure::Usage(error.to_string()))?;
    let text = match command {
        DatabaseCommand::Restored(_) => restored(&url, screen.format).await,
        DatabaseCommand::Vacuum(_) => vacuum(&url, screen.format).await,
    };
    screen.line(text.map_err(|error| Failure::local(&error))?)?;
    Ok(())
}

async fn restored(url: &str, format: Format) -> Result<String, DatabaseError> {
    let id = database::restored(url).await?;
    Ok(match format {
        Format::Table => {
            format!("the database is store {id} from now on; clients begin with a snapshot")
        }
        Format::Json => json!({ "store_id": id.to_string() }).to_string(),
    })
}

async fn vacuum(url: &str, format: Format) -> Result<String, DatabaseError> {
    let (before, after) = database::vacuum(url).await?;
    let kib = |bytes: u64| bytes.div_ceil(1024);
    Ok(match format {
        Format::Table => {
            format!("the database has {} KiB; before it had {} KiB", kib(after), kib(before))
        }
        Format::Json => json!({ "bytes_before": before, "bytes_after": after }).to_string(),
    })
}
