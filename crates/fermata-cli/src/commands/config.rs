//! `fermata config`: what counts, and where it is from. Secrets are in files, and are not shown.

use serde_json::json;

use crate::args::Format;
use crate::args::config::ConfigCommand;
use crate::failure::Failure;
use crate::output::Screen;
use crate::output::table::table;
use crate::profile::{InForce, config_file};

pub(super) fn run(
    command: &ConfigCommand,
    in_force: &InForce,
    screen: &Screen,
) -> Result<(), Failure> {
    match command {
        ConfigCommand::Path => screen.line(config_file()?.display())?,
        ConfigCommand::Show(_) => show(in_force, screen)?,
    }
    Ok(())
}

fn show(in_force: &InForce, screen: &Screen) -> Result<(), Failure> {
    let profile = in_force.name.as_ref();
    if screen.format == Format::Json {
        let settings: serde_json::Map<_, _> = in_force
            .settings
            .iter()
            .map(|setting| {
                let shown = json!({"value": setting.value, "from": setting.from.name()});
                (setting.key.to_owned(), shown)
            })
            .collect();
        let name = profile.map(|(name, _)| name);
        let file = profile.map(|(_, file)| file.display().to_string());
        screen.line(json!({"profile": name, "file": file, "settings": settings}))?;
        return Ok(());
    }
    let profile = match profile {
        Some((name, file)) => format!("profile {name} of {}", file.display()),
        None => "no profile".to_owned(),
    };
    screen.line(profile)?;
    let rows = in_force.settings.iter().map(|setting| {
        let value = setting.value.clone().filter(|value| !value.is_empty());
        [
            setting.key.to_owned(),
            value.unwrap_or_else(|| "–".to_owned()),
            setting.from.name().to_owned(),
        ]
    });
    screen.line(table(["OPTION", "VALUE", "FROM"], rows))?;
    Ok(())
}
