//! What the watches of all three streams have in common on the screen.

use std::time::Duration;

use fermata_client::Interruption;
use serde_json::json;

use crate::args::Format;
use crate::failure::Failure;
use crate::output::color::{BUSY, paint};
use crate::output::json::Document;
use crate::output::live::Live;
use crate::output::{Screen, time};

/// Writes a message of a stream as a line of JSON, as it came.
pub(super) fn line_of_json<M: Document>(screen: &Screen, message: &M) -> Result<(), Failure> {
    screen.document(message)
}

/// Tells on standard error that a stream was cut, and that it is open again.
#[derive(Default)]
pub(super) struct Cuts {
    is_cut: bool,
}

impl Cuts {
    pub(super) fn interrupted(
        &mut self,
        screen: &Screen,
        live: &Live,
        error: &Interruption,
        retry_in: Duration,
    ) -> Result<(), Failure> {
        self.is_cut = true;
        let text = match screen.format {
            Format::Json => json!({
                "interrupted": {
                    "message": error.to_string(),
                    "retry_in_seconds": retry_in.as_secs_f64(),
                }
            })
            .to_string(),
            Format::Table => {
                let retry_in = time::span(retry_in);
                format!("{} {error}; again in {retry_in}", paint(BUSY, "interrupted:"))
            }
        };
        Ok(live.note(screen, &text)?)
    }

    /// The first time nothing was amiss, and nothing is told.
    pub(super) fn connected(&mut self, screen: &Screen, live: &Live) -> Result<(), Failure> {
        if !std::mem::take(&mut self.is_cut) {
            return Ok(());
        }
        let text = match screen.format {
            Format::Json => json!({"connected": {}}).to_string(),
            Format::Table => "connected again".to_owned(),
        };
        Ok(live.note(screen, &text)?)
    }
}

/// The streamed response that an item of a watch came in.
macro_rules! response {
    ($response:ident of $module:ident: $kind:ident($message:expr), $position:expr) => {{
        let fermata_client::Position { store_id, sequence, time, resume_token } = $position;
        fermata_client::v1::$response {
            resume_token,
            sequence,
            time,
            store_id,
            message: Some(fermata_client::v1::$module::Message::$kind($message)),
        }
    }};
}
pub(super) use response;
