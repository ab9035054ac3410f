//! `boathouse user`: create, list and disable, beside a running server or without one.

use std::io::{self, BufRead};

use model::{Access, Error, Result};
use secrecy::{ExposeSecret, SecretString};
use services::{Accounts, Metadata, generate_password};

use super::block_on;
use crate::args::{StorageArguments, UserCommand};
use crate::data_dir::DataDir;

/// More than any secret may have: a stream that never ends a line is not read to its end.
const MAX_LINE_BYTES: u64 = 64 * 1024;

/// # Errors
/// Those of the accounts, and of reading the password.
pub fn user(command: UserCommand) -> Result<()> {
    match command {
        UserCommand::Create { name, access, password_stdin, storage } => {
            // Users may be made before the first start.
            let data = DataDir::create(&storage.data_dir)?;
            create(&accounts(&data)?, &name, access, password_stdin)
        }
        UserCommand::List { storage } => list(&existing(&storage)?),
        UserCommand::Disable { name, storage } => block_on(existing(&storage)?.disable(&name)),
    }
}

fn accounts(data: &DataDir) -> Result<Accounts> {
    Ok(Accounts::new(Metadata::open(&data.metadata())?))
}

pub(super) fn existing(storage: &StorageArguments) -> Result<Accounts> {
    accounts(&DataDir::open(&storage.data_dir)?)
}

fn create(accounts: &Accounts, name: &str, access: Access, password_stdin: bool) -> Result<()> {
    let given = if password_stdin { Some(read_secret(io::stdin().lock(), "password")?) } else { None };
    let generated = given.is_none();
    let password = given.unwrap_or_else(generate_password);
    block_on(accounts.create(name, &password, access))?;
    eprintln!("user {name} created with {access} access");
    if generated {
        // On standard output, so that a script can take it; nowhere else and never again.
        println!("{}", password.expose_secret());
    }
    Ok(())
}

/// A secret from the first line of the input.
///
/// # Errors
/// `Invalid`, naming `what` it is.
pub(super) fn read_secret(input: impl BufRead, what: &str) -> Result<SecretString> {
    let mut line = String::new();
    input
        .take(MAX_LINE_BYTES)
        .read_line(&mut line)
        .map_err(|source| Error::invalid(format!("cannot read the {what} from standard input: {source}")))?;
    Ok(SecretString::from(line.trim_end_matches(['\r', '\n']).to_owned()))
}

fn list(accounts: &Accounts) -> Result<()> {
    println!("{:<32} {:<8} {:<8} created", "name", "access", "state");
    for user in block_on(accounts.list())? {
        let state = if user.disabled { "disabled" } else { "enabled" };
        println!("{:<32} {:<8} {state:<8} {}", user.name, user.access.map_or("none", Access::as_str), user.created_at);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_one_line() {
        let read = |text: &str| read_secret(text.as_bytes(), "password").unwrap().expose_secret().to_owned();
        assert_eq!(read("secret\n"), "secret");
        assert_eq!(read("secret\r\nmore"), "secret");
        assert_eq!(read(" se cret "), " se cret ");
        assert_eq!(read(""), "");
    }
}
