//! The `boathouse` program: reads flags, wires the crates together and serves.

mod args;
mod commands;
mod config;
mod data_dir;
mod demo;
mod logs;
mod serve;
mod wire;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};

/// Many short-lived buffers of many sizes on many threads: the system's allocator holds on to far more memory. SQLite and the
/// other libraries in C use this one as well.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Serve(arguments) => commands::serve(arguments),
        Command::Demo(arguments) => demo::run(arguments),
        Command::User(command) => commands::user(command),
        Command::Token(command) => commands::token(command),
        Command::Database(command) => commands::database(command),
        Command::Openapi(arguments) => commands::openapi(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", logs::chain(&error));
            ExitCode::FAILURE
        }
    }
}
