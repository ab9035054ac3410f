//! API tokens of users, made by whoever runs the server: each may do what its user may, until it is revoked.

use model::{Error, Result, check_name};
use rusqlite::OptionalExtension;
use secrecy::{ExposeSecret, SecretString};

use super::bearer::{TOKEN_PREFIX, secret_hash};
use super::tokens::CHARACTERS;
use super::{Accounts, random};
use crate::metadata::{fault, is_taken};

/// How many characters after the prefix a token is recognised by.
const SHOWN: usize = 8;
/// A token that somebody chose has as many characters at least, after the prefix.
const MIN_GIVEN: usize = 24;
const MAX_GIVEN: usize = 200;

/// A token in the list of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedToken {
    /// Its number.
    pub id: i64,
    /// What it is called.
    pub name: String,
    /// The user whose it is, or the team.
    pub of: TokenOwner,
    /// Its beginning, to be recognised by.
    pub shown: String,
    /// When it was made.
    pub created_at: String,
    /// When it ends, where it does.
    pub expires_at: Option<String>,
}

/// Whose a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenOwner {
    /// A user's.
    User(String),
    /// A team's.
    Team(String),
}

impl Accounts {
    /// Makes a token with which a user is called in for, of this value or a random one.
    ///
    /// # Errors
    /// `NotFound` for the user, `Invalid` for what cannot be a name or a token, `Conflict` where the value is one already.
    pub async fn create_user_token(
        &self,
        user: &str,
        name: &str,
        given: Option<SecretString>,
    ) -> Result<(i64, SecretString)> {
        check_name("token", name)?;
        given.as_ref().map_or(Ok(()), check_given)?;
        let secret = given.unwrap_or_else(|| random::secret(TOKEN_PREFIX, CHARACTERS));
        let (hash, prefix) = (secret_hash(&secret), shown(&secret));
        let (user, name) = (user.to_owned(), name.to_owned());
        let made = self.0.metadata.change(move |transaction| {
            let known = transaction.query_row("SELECT 1 FROM users WHERE name = ?1", [&user], |_| Ok(()));
            known.optional().map_err(fault)?.ok_or_else(|| Error::not_found("user", &user))?;
            let sql = "INSERT INTO tokens (user_name, name, hash, prefix) VALUES (?1, ?2, ?3, ?4)";
            match transaction.execute(sql, (&user, &name, hash, prefix)) {
                Err(taken) if is_taken(&taken) => Err(Error::conflict("there is a token of this value already")),
                other => other.map_err(fault),
            }?;
            Ok(transaction.last_insert_rowid())
        });
        Ok((made.await?, secret))
    }

    /// Every token, by number.
    ///
    /// # Errors
    /// Those of the metadata database.
    pub async fn list_tokens(&self) -> Result<Vec<ListedToken>> {
        const SQL: &str = "\
            SELECT k.id, k.name, k.user_name, t.name, k.prefix, k.created_at, k.expires_at \
            FROM tokens k LEFT JOIN teams t ON t.id = k.team_id ORDER BY k.id";
        let listed = self.0.metadata.call(|connection| {
            let mut statement = connection.prepare(SQL).map_err(fault)?;
            let tokens = statement.query_map([], |row| {
                let user: Option<String> = row.get(2)?;
                let of = match user {
                    Some(user) => TokenOwner::User(user),
                    None => TokenOwner::Team(row.get(3)?),
                };
                let (id, name, shown) = (row.get(0)?, row.get(1)?, row.get(4)?);
                Ok(ListedToken { id, name, of, shown, created_at: row.get(5)?, expires_at: row.get(6)? })
            });
            tokens.and_then(Iterator::collect).map_err(fault)
        });
        listed.await
    }

    /// Ends a token, whosever it is.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn revoke_token(&self, id: i64) -> Result<()> {
        let revoked = self
            .0
            .metadata
            .change(move |transaction| transaction.execute("DELETE FROM tokens WHERE id = ?1", [id]).map_err(fault));
        if revoked.await? == 0 { Err(Error::not_found("token", id)) } else { Ok(()) }
    }
}

/// What is kept of a token to be recognised by.
pub(super) fn shown(secret: &SecretString) -> String {
    secret.expose_secret().chars().take(TOKEN_PREFIX.len() + SHOWN).chain(['…']).collect()
}

fn check_given(secret: &SecretString) -> Result<()> {
    let rest = secret.expose_secret().strip_prefix(TOKEN_PREFIX);
    let fits = |rest: &str| {
        (MIN_GIVEN..=MAX_GIVEN).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    if rest.is_some_and(fits) {
        return Ok(());
    }
    Err(Error::invalid(format!("a token is {TOKEN_PREFIX} and {MIN_GIVEN} to {MAX_GIVEN} letters and digits")))
}
