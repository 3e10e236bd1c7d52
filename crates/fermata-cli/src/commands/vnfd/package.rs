//! Where descriptors are: a file with others beside it, or a CSAR (ETSI GS NFV-SOL 004), which is read as it is.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use zip::ZipArchive;

/// No descriptor is longer, and no archive is unpacked beyond it.
const LONGEST: u64 = 16 << 20;
const META: &str = "TOSCA-Metadata/TOSCA.meta";

/// A descriptor and what it may import.
#[derive(Debug)]
pub(in crate::commands) struct Package {
    /// The file with which to begin, from the root of the package.
    pub(super) entry: String,
    files: Files,
}

#[derive(Debug)]
enum Files {
    Under(PathBuf),
    Unpacked(BTreeMap<String, String>),
}

impl Package {
    /// Opens a descriptor, or a CSAR by the name of its file.
    ///
    /// # Errors
    /// It cannot be read, or says nowhere where to begin.
    pub(in crate::commands) fn open(path: &Path) -> Result<Self, String> {
        if path.extension().is_some_and(|e| e == "csar" || e == "zip") {
            return Self::unpack(path);
        }
        let name = path.file_name().ok_or("is no file")?.to_string_lossy().into_owned();
        let root = path.parent().unwrap_or(Path::new("")).to_owned();
        let package = Self { entry: name, files: Files::Under(root) };
        match read(path) {
            Ok(_) => Ok(package),
            Err(why) => Err(format!("cannot be read: {why}")),
        }
    }

    fn unpack(path: &Path) -> Result<Self, String> {
        let file = File::open(path).map_err(|why| format!("cannot be read: {why}"))?;
        let mut archive = ZipArchive::new(file).map_err(|why| format!("is no CSAR: {why}"))?;
        let (mut files, mut left) = (BTreeMap::new(), LONGEST);
        for i in 0..archive.len() {
            let inside = archive.by_index(i).map_err(|why| format!("is damaged: {why}"))?;
            let name = inside.name().to_owned();
            let is_text = [".yaml", ".yml", ".meta"].iter().any(|end| name.ends_with(end));
            if !inside.is_file() || !is_text {
                continue;
            }
            let mut text = String::new();
            let read = inside.take(left + 1).read_to_string(&mut text);
            let length = read.map_err(|why| format!("is damaged at {name}: {why}"))? as u64;
            left = left.checked_sub(length).ok_or("has descriptors of more than 16 MiB")?;
            files.insert(name, text);
        }
        let entry = entry_of(&files)?;
        Ok(Self { entry, files: Files::Unpacked(files) })
    }

    /// A package of one text.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let entry = files.first().unwrap().0.to_owned();
        let files = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        Self { entry, files: Files::Unpacked(files.collect()) }
    }

    /// A file by its path from the root.
    pub(super) fn text(&self, path: &str) -> Result<String, String> {
        match &self.files {
            Files::Under(root) => read(&root.join(path)),
            Files::Unpacked(files) => {
                files.get(path).cloned().ok_or_else(|| "is not in the package".to_owned())
            }
        }
    }
}

/// The path of a file that another one names. `None`: it is not in the package.
pub(super) fn beside(file: &str, named: &str) -> Option<String> {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in Path::new(named).components() {
        match part {
            Component::Normal(name) => parts.push(name.to_str()?),
            Component::CurDir => {}
            Component::ParentDir => {
                parts.pop()?;
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.join("/"))
}

/// Where a CSAR says that it begins: by its metadata, else by the only descriptor in its root.
fn entry_of(files: &BTreeMap<String, String>) -> Result<String, String> {
    let named = files.get(META).and_then(|meta| {
        let mut lines = meta.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(key, _)| key.trim() == "Entry-Definitions").map(|(_, value)| value.trim())
    });
    if let Some(named) = named {
        let there = files.contains_key(named);
        let missing = || format!("names {named} in its metadata, which is not in it");
        return there.then(|| named.to_owned()).ok_or_else(missing);
    }
    let mut root = files.keys().filter(|name| !name.contains('/'));
    match (root.next(), root.next()) {
        (Some(only), None) => Ok(only.clone()),
        _ => Err(format!(
            "does not say where to begin: neither {META} nor a single descriptor in its root"
        )),
    }
}

fn read(path: &Path) -> Result<String, String> {
    let file = File::open(path).map_err(|why| why.to_string())?;
    let mut text = String::new();
    let length = file.take(LONGEST + 1).read_to_string(&mut text).map_err(|why| why.to_string())?;
    if length as u64 > LONGEST { Err("is longer than 16 MiB".to_owned()) } else { Ok(text) }
}
