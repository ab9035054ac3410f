//! From a name and a password to a principal.

use model::{Access, Error, ErrorKind, Grant, Principal, Resource, Result, Rights};
use rusqlite::{Connection, OptionalExtension};
use secrecy::SecretString;
use tokio::task::spawn_blocking;

use super::memory::Password;
use super::users::read_access;
use super::{Accounts, CallerAddress, password};
use crate::metadata::{fault, read_generation};

/// What the users table says of one name, as of one generation.
struct Stored {
    generation: u64,
    user: Option<StoredUser>,
}

struct StoredUser {
    password_hash: String,
    access: String,
    disabled: bool,
    unverified: bool,
    grants: Vec<Grant>,
}

impl Accounts {
    /// The principal of a name and password.
    ///
    /// A change of a user made in this process counts at once, one made by another program within a second.
    ///
    /// # Errors
    /// `Unauthenticated` for an unknown name, a wrong password and a disabled user alike; `Forbidden` for a user whose
    /// address has to be verified first.
    pub async fn authenticate(&self, name: &str, password: &SecretString) -> Result<Principal> {
        match self.remembered(name, password).await? {
            Some(principal) => Ok(principal),
            None => self.verified(name, password, || Ok(())).await,
        }
    }

    /// The same for credentials that come with a request, whose wrong ones are limited as those of logins are. Right ones
    /// are not counted, and those that are remembered are never refused.
    ///
    /// # Errors
    /// As [`Accounts::authenticate`], and `RateLimited` after many wrong passwords; nothing is verified then.
    pub async fn authenticate_from(
        &self,
        name: &str,
        password: &SecretString,
        from: CallerAddress,
    ) -> Result<Principal> {
        if let Some(principal) = self.remembered(name, password).await? {
            return Ok(principal);
        }
        let limit = &self.0.limits.login;
        // Whoever is refused takes no turn, and what was refused while it waited is not verified.
        limit.check(from, name)?;
        let outcome = self.verified(name, password, || limit.check(from, name)).await;
        match &outcome {
            Ok(_) => limit.trust(from, name),
            Err(error) if error.kind() == ErrorKind::Unauthenticated => limit.count(from, name),
            Err(_) => {}
        }
        outcome
    }

    /// The principal of credentials that were right before, where that still holds.
    async fn remembered(&self, name: &str, password: &SecretString) -> Result<Option<Principal>> {
        self.keep_current().await?;
        let memory = &self.0.memory;
        let fingerprint = memory.fingerprint(name, password);
        let Some(known) = memory.password(&fingerprint) else { return Ok(None) };
        if known.generation >= self.0.metadata.accounts_generation() {
            return Ok(Some(known.principal));
        }
        let stored = self.stored(name).await?;
        match stored.user.filter(|user| *user.password_hash == *known.hash) {
            Some(user) => self.admit(name, fingerprint, stored.generation, user).map(Some),
            None => Ok(None),
        }
    }

    /// The principal, where the password is right: it is hashed, which takes long, unless `may` refuses.
    async fn verified(
        &self,
        name: &str,
        password: &SecretString,
        may: impl FnOnce() -> Result<()>,
    ) -> Result<Principal> {
        let memory = &self.0.memory;
        let fingerprint = memory.fingerprint(name, password);
        let _turn = self.0.turns.acquire().await.expect("the semaphore is never closed");
        // Of many first calls with one credential, the first verifies and the rest find its result here.
        if let Some(found) = memory.password(&fingerprint)
            && found.generation >= self.0.metadata.accounts_generation()
        {
            return Ok(found.principal);
        }
        may()?;
        let stored = self.stored(name).await?;
        let user = verify(password.clone(), stored.user).await?.ok_or_else(wrong)?;
        self.admit(name, fingerprint, stored.generation, user)
    }

    /// Learns what other programs changed, where that is due.
    pub(super) async fn keep_current(&self) -> Result<()> {
        if self.0.memory.must_refresh() {
            self.0.metadata.refresh_accounts_generation().await?;
        }
        Ok(())
    }

    async fn stored(&self, name: &str) -> Result<Stored> {
        let name = name.to_owned();
        self.0.metadata.call(move |connection| read_user(connection, &name)).await
    }

    /// The principal of a user whose password was right.
    fn admit(&self, name: &str, fingerprint: [u8; 32], generation: u64, user: StoredUser) -> Result<Principal> {
        if user.disabled {
            return Err(wrong());
        }
        if user.unverified && self.verifies_addresses() {
            return Err(Error::forbidden(
                "the e-mail address of this account is not verified; open the link in the mail that was sent to it",
            ));
        }
        let rights = read_access(&user.access)?.map_or(Rights::NONE, Rights::up_to);
        let principal = Principal::user(name, rights, user.grants);
        let remembered = Password { hash: user.password_hash.into(), principal: principal.clone(), generation };
        self.0.memory.remember_password(fingerprint, remembered);
        Ok(principal)
    }
}

/// The one answer to a wrong name and a wrong password.
pub(super) fn wrong() -> Error {
    Error::unauthenticated("the user name or the password is wrong")
}

/// The user, where the password is right; it takes as long where there is none.
async fn verify(given: SecretString, user: Option<StoredUser>) -> Result<Option<StoredUser>> {
    spawn_blocking(move || {
        let matches = password::verify(&given, user.as_ref().map(|user| user.password_hash.as_str()));
        user.filter(|_| matches)
    })
    .await
    .map_err(Error::internal)
}

/// One transaction, so that the user is no older than the generation.
fn read_user(connection: &mut Connection, name: &str) -> Result<Stored> {
    const SQL: &str = "\
        SELECT password_hash, access, disabled, email IS NOT NULL AND email_verified_at IS NULL \
        FROM users WHERE name = ?1";
    let transaction = connection.transaction().map_err(fault)?;
    let generation = read_generation(&transaction)?;
    let user = transaction
        .query_row(SQL, [name], |row| {
            Ok(StoredUser {
                password_hash: row.get(0)?,
                access: row.get(1)?,
                disabled: row.get(2)?,
                unverified: row.get(3)?,
                grants: read_grants(&transaction, name)?,
            })
        })
        .optional()
        .map_err(fault)?;
    Ok(Stored { generation, user })
}

/// What a user may do through the teams that it is a member of.
pub(super) fn read_grants(connection: &Connection, user: &str) -> rusqlite::Result<Vec<Grant>> {
    let mut statement =
        connection.prepare_cached("SELECT team_id, admin, editor, viewer FROM members WHERE user_name = ?1")?;
    let grants = statement.query_map([user], |row| {
        let role = |column: usize, access| {
            Ok::<_, rusqlite::Error>(if row.get(column)? { Rights::up_to(access) } else { Rights::NONE })
        };
        let rights = role(1, Access::Admin)? | role(2, Access::Write)? | role(3, Access::Read)?;
        Ok(Grant { resource: Resource::Team(row.get(0)?), rights })
    })?;
    grants.collect()
}
