//! Generated Rust types of the contract in `proto/fermata/v1`, and its descriptor set. No logic.

mod frame;

pub use frame::Frame;

/// Messages, enums and clients.
#[allow(missing_docs, clippy::all, clippy::pedantic, unreachable_pub)]
pub mod v1 {
    include!(concat!(env!("OUT_DIR"), "/fermata.v1.rs"));
}

/// Server traits. Streams yield [`Frame`]s.
#[allow(missing_docs, clippy::all, clippy::pedantic, unreachable_pub)]
pub mod server {
    include!(concat!(env!("OUT_DIR"), "/servers/fermata.v1.rs"));
}

/// The encoded `google.protobuf.FileDescriptorSet` of the contract, for reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// The domain in `google.rpc.ErrorInfo` of every error.
pub const ERROR_DOMAIN: &str = "fermata.dev";
