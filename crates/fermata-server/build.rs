//! Fetches the console's files, if the program shall have them, and lists them in `console.rs`. They are put into the program from
//! cargo's folder, so that a checkout elsewhere is not built again.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_CONSOLE").is_none() {
        return Ok(());
    }
    // A link to console/dist.
    println!("cargo:rerun-if-changed=console");
    let folder = |name| env::var_os(name).map(PathBuf::from).ok_or_else(|| io::Error::other(name));
    let (from, out) = (folder("CARGO_MANIFEST_DIR")?.join("console"), folder("OUT_DIR")?);
    if !from.join("index.html").is_file() {
        return Err(io::Error::other("the console is not built: run console/build"));
    }
    let to = out.join("console");
    if to.exists() {
        fs::remove_dir_all(&to)?;
    }
    let mut list = String::new();
    copy(&from, &to, "", &mut list)?;
    fs::write(out.join("console.rs"), format!("&[\n{list}]\n"))
}

/// Copies a folder, and writes a line for each file: its name, and what is in it.
fn copy(from: &Path, to: &Path, before: &str, list: &mut String) -> io::Result<()> {
    fs::create_dir_all(to)?;
    let mut entries = fs::read_dir(from)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let file = entry.file_name();
        let name = format!("{before}{}", file.to_string_lossy());
        let target = to.join(&file);
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target, &format!("{name}/"), list)?;
        } else {
            fs::copy(entry.path(), target)?;
            let path = format!("console/{name}");
            writeln!(list, "({name:?}, include_bytes!({path:?}).as_slice()),")
                .map_err(io::Error::other)?;
        }
    }
    Ok(())
}
