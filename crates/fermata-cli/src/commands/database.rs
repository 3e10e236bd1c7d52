//! `fermata database`: what is done with a database while no server uses it.

use crate::args::Format;
use crate::args::database::DatabaseCommand;
use crate::failure::Failure;
use crate::output::Screen;

pub(super) async fn run(command: &DatabaseCommand, screen: &Screen) -> Result<(), Failure> {
    match command {
        DatabaseCommand::Restored(args) => {
            let id = fermata_server::database::restored(&args.database_url)
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
