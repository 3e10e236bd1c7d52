//! `fermata token`: makes tokens.

use fermata_server::door::{NewPrincipal, Token, add_principal};

use crate::args::Format;
use crate::args::token::TokenCommand;
use crate::failure::Failure;
use crate::output::Screen;

pub(super) fn run(command: &TokenCommand, screen: &Screen) -> Result<(), Failure> {
    let TokenCommand::Create(args) = command;
    let token = Token::new();
    let principal = NewPrincipal {
        name: args.name.clone(),
        roles: args.roles.clone(),
        projects: args.projects.clone(),
        expires: args.expires.clone(),
        digest: token.digest(),
    };
    add_principal(&args.principals, &principal).map_err(|error| Failure::local(&error))?;
    match screen.format {
        Format::Table => screen.line(token.text())?,
        Format::Json => screen.line(serde_json::json!({
            "name": args.name,
            "token": token.text(),
            "digest": token.digest().to_string(),
        }))?,
    }
    Ok(())
}
