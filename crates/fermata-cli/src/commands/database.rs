//! `fermata database`: what is done with a database while no server uses it.

use fermata_server::config::default_database_url;

use crate::args::Format;
use crate::args::database::DatabaseCommand;
use crate::failure::Failure;
use crate::output::Screen;

pub(super) async fn run(command: &DatabaseCommand, screen: &Screen) -> Result<(), Failure> {
    match command {
        DatabaseCommand::Restored(args) => {
            let url = match &args.database_url {
                Some(url) => url.clone(),
                None => {
                    default_database_url().map_err(|error| Failure::Usage(error.to_string()))?
                }
            };
            let id = fermata_server::database::restored(&url)
                .await
                .map_err(|error| Failure::local(&error))?;
            match screen.format {
                Format::Table => screen.line(format_args!(
                    "the database is store {id} from now on; clients begin with a snapshot"
                ))?,
                Format::Json => screen.line(serde_json::json!({ "store_id": id.to_string() }))?,
            }
        }
    }
    Ok(())
}
