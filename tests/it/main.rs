//! The program as its users meet it: each test starts the real binary on a fresh data directory and speaks HTTP.

mod airsequel;
mod altertable;
mod answer;
mod process;
mod protocol;
mod server;
