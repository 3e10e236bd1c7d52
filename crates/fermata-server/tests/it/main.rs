//! The server as its clients see it: real gRPC, real SQLite, the simulated cloud.

mod harness;
mod session;
