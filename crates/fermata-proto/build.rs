//! Compiles the contract without protoc.
//!
//! The services' server traits are generated apart from the messages, so that the streamed
//! responses can be [`Frame`](src/frame.rs)s: encoded once, sent to every stream.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use prost::Message;

const FRAMED: [&str; 3] = ["SubscribeResponse", "WatchSessionResponse", "WatchHostsResponse"];

fn main() -> io::Result<()> {
    // Asked for when it runs: a build that is kept may come from a checkout elsewhere.
    let package = env::var_os("CARGO_MANIFEST_DIR");
    let package = package.ok_or_else(|| io::Error::other("no CARGO_MANIFEST_DIR"))?;
    // A link to the contract; in the packed crate it is a folder.
    let root = Path::new(&package).join("proto");
    let package = root.join("fermata/v1");
    // From the package's root, so that a checkout elsewhere is not built again.
    println!("cargo:rerun-if-changed=proto/fermata/v1");
    let mut files = fs::read_dir(&package)?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<io::Result<Vec<_>>>()?;
    files.sort();

    let descriptors = protox::compile(files, [root]).map_err(io::Error::other)?;
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("no OUT_DIR"))?);
    fs::write(out.join("descriptors.bin"), descriptors.encode_to_vec())?;

    tonic_prost_build::configure()
        .build_server(false)
        // Sorted maps encode the same way every time, which request digests rely on.
        .btree_map(".")
        .emit_rerun_if_changed(false)
        .compile_fds(descriptors.clone())?;

    let servers = out.join("servers");
    fs::create_dir_all(&servers)?;
    let mut builder = tonic_prost_build::configure()
        .build_client(false)
        .emit_rerun_if_changed(false)
        .out_dir(&servers)
        .extern_path(".fermata.v1", "crate::v1");
    for message in FRAMED {
        builder = builder.extern_path(format!(".fermata.v1.{message}"), "crate::Frame");
    }
    builder.compile_fds(descriptors)
}
