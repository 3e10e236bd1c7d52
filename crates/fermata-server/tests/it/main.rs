//! The server as its clients see it: real gRPC, real SQLite, the simulated cloud.

mod acts;
mod errors;
mod harness;
mod owners;
mod refusal;
mod resume;
mod session;
mod streams;
mod tape;
mod world;
