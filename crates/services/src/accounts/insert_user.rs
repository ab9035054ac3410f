//! A new user and its personal team, in one step.

use lettre::Address;
use model::{Error, Result, check_name, name_key};
use rusqlite::{Connection, OptionalExtension, Transaction};

use crate::metadata::fault;

/// The row of a user that is to be.
pub(super) struct UserRow {
    pub(super) name: String,
    pub(super) password_hash: String,
    /// As the table has it: `none`, `read`, `write` or `admin`.
    pub(super) access: &'static str,
    pub(super) email: Option<String>,
    pub(super) verified: bool,
}

/// Inserts the user and the team of its name, of which it is the Admin.
///
/// # Errors
/// `Conflict` where the name is that of a user or a team, or the address that of a user.
pub(super) fn insert(transaction: &Transaction<'_>, user: &UserRow) -> Result<()> {
    let is = |sql: &str, value: &str| {
        transaction.query_row(sql, [value], |_| Ok(())).optional().map(|found| found.is_some()).map_err(fault)
    };
    if is("SELECT 1 FROM users WHERE name = ?1", &user.name)? {
        return Err(Error::exists("user", &user.name));
    }
    if is("SELECT 1 FROM teams WHERE key = ?1", &name_key(&user.name))? {
        return Err(Error::conflict(format!(
            "there is a team \"{}\", and a user has a personal team of its own name; choose another name",
            user.name
        )));
    }
    if user.email.as_deref().map(|email| is("SELECT 1 FROM users WHERE email = ?1", email)).transpose()? == Some(true) {
        return Err(Error::conflict("another account has this e-mail address; sign in to it, or reset its password"));
    }
    const USER: &str = "\
        INSERT INTO users (name, password_hash, access, email, email_verified_at) \
        VALUES (?1, ?2, ?3, ?4, CASE WHEN ?5 THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now') END)";
    let params = (&user.name, &user.password_hash, user.access, &user.email, user.verified);
    transaction.execute(USER, params).map_err(fault)?;
    let team = "INSERT INTO teams (name, key, personal_of) VALUES (?1, ?2, ?1)";
    transaction.execute(team, (&user.name, name_key(&user.name))).map_err(fault)?;
    let member = "INSERT INTO members (team_id, user_name, admin) VALUES (?1, ?2, 1)";
    transaction.execute(member, (transaction.last_insert_rowid(), &user.name)).map_err(fault)?;
    Ok(())
}

/// Whether there is an admin of the server, even a disabled one.
pub(super) fn has_admin(connection: &Connection) -> Result<bool> {
    connection
        .query_row("SELECT EXISTS (SELECT 1 FROM users WHERE access = 'admin')", [], |row| row.get(0))
        .map_err(fault)
}

/// # Errors
/// `Invalid` for what cannot be the name of a user.
pub(super) fn check_user_name(name: &str) -> Result<()> {
    check_name("user", name)?;
    if name.contains(':') {
        return Err(Error::invalid(format!("the user name {name:?} has a colon, which would end it in a credential")));
    }
    Ok(())
}

/// An e-mail address as the table has it: in lower case.
///
/// # Errors
/// `Invalid` for what is none.
pub(super) fn read_email(text: &str) -> Result<String> {
    const MAX_BYTES: usize = 254;
    let address: Option<Address> = text.trim().parse().ok().filter(|_| text.len() <= MAX_BYTES);
    let address = address.ok_or_else(|| Error::invalid("the e-mail address is none; send one like ann@example.com"))?;
    Ok(address.to_string().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_in_lower_case() {
        assert_eq!(read_email(" John@Example.org ").unwrap(), "john@example.org");
        for none in ["", "john", "@example.org", "john@", "a b@example.org", "a@b@c", "john@example.org\nBcc: x@y.z"] {
            assert!(read_email(none).is_err(), "{none:?}");
        }
        assert!(read_email(&format!("{}@example.org", "x".repeat(300))).is_err());
    }
}
