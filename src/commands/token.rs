//! `boathouse token`: create, list and revoke, beside a running server or without one.

use std::io;

use model::Result;
use secrecy::ExposeSecret;
use services::{Accounts, TokenOwner};

use super::block_on;
use super::user::{existing, read_secret};
use crate::args::TokenCommand;

/// # Errors
/// Those of the accounts, and of reading the token.
pub fn token(command: TokenCommand) -> Result<()> {
    match command {
        TokenCommand::Create { user, name, value_stdin, storage } => {
            create(&existing(&storage)?, &user, &name, value_stdin)
        }
        TokenCommand::List { storage } => list(&existing(&storage)?),
        TokenCommand::Revoke { id, storage } => block_on(existing(&storage)?.revoke_token(id)),
    }
}

fn create(accounts: &Accounts, user: &str, name: &str, value_stdin: bool) -> Result<()> {
    let given = if value_stdin { Some(read_secret(io::stdin().lock(), "token")?) } else { None };
    let generated = given.is_none();
    let (id, secret) = block_on(accounts.create_user_token(user, name, given))?;
    eprintln!("token {id} created for user {user}");
    if generated {
        // On standard output, so that a script can take it; nowhere else and never again.
        println!("{}", secret.expose_secret());
    }
    Ok(())
}

fn list(accounts: &Accounts) -> Result<()> {
    println!("{:<6} {:<24} {:<32} {:<16} {:<24} expires", "id", "name", "of", "token", "created");
    for token in block_on(accounts.list_tokens())? {
        let of = match token.of {
            TokenOwner::User(name) => format!("user {name}"),
            TokenOwner::Team(name) => format!("team {name}"),
        };
        let end = token.expires_at.as_deref().unwrap_or("never");
        println!("{:<6} {:<24} {of:<32} {:<16} {:<24} {end}", token.id, token.name, token.shown, token.created_at);
    }
    Ok(())
}
