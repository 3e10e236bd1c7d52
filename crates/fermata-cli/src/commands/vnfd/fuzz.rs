//! Descriptors as no designer would write them: each is read or refused, and nothing panics.

use std::io::{Cursor, Write};

use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{Inputs, Package, Vnfd};

const CORE: &str = include_str!("../../../tests/it/vnfd/core-df.yaml");

fn texts(cases: u32) {
    fuzzing::bytes(cases, vec![CORE.as_bytes().to_vec()], |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let _ = Vnfd::read(&Package::of(&[("vnfd.yaml", &text)]), &Inputs::new());
        Ok(())
    });
}

/// The syntax is right, and what is said is not. JSON is YAML.
fn descriptors(cases: u32) {
    let document: Value = serde_saphyr::from_str(CORE).unwrap();
    fuzzing::json(cases, document, |document| {
        let text = document.to_string();
        let _ = Vnfd::read(&Package::of(&[("vnfd.yaml", &text)]), &Inputs::new());
        Ok(())
    });
}

fn archives(cases: u32) {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in [
        (
            "TOSCA-Metadata/TOSCA.meta",
            "TOSCA-Meta-File-Version: 1.1\nEntry-Definitions: Definitions/core.yaml\n",
        ),
        ("Definitions/core.yaml", CORE),
    ] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    let csar = zip.finish().unwrap().into_inner();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("core.csar");
    fuzzing::bytes(cases, vec![csar], |bytes| {
        std::fs::write(&path, bytes).unwrap();
        if let Ok(package) = Package::open(&path) {
            let _ = Vnfd::read(&package, &Inputs::new());
        }
        Ok(())
    });
}

fuzzing::targets! {
    texts: texts_for_a_moment, texts_for_long;
    descriptors: descriptors_for_a_moment, descriptors_for_long;
    archives: archives_for_a_moment, archives_for_long;
}
