//! How people who are not users yet become some, and prove whose address they gave.

use model::{Access, Caller, Error, Principal, Result};
use rusqlite::{OptionalExtension, Transaction};
use secrecy::SecretString;

use super::insert_user::{UserRow, check_user_name, has_admin, insert, read_email};
use super::mail::Outbox;
use super::mail_keys::{self, MadeKey, MailPurpose};
use super::passwords::{check, hashed};
use super::settings::SignUp;
use super::{Accounts, CallerAddress};
use crate::metadata::fault;

/// Who wants to be a user.
#[derive(Debug)]
pub struct NewUser {
    /// What the user will sign in with, and what its personal team will be called.
    pub name: String,
    /// Its e-mail address.
    pub email: String,
    /// Its password.
    pub password: SecretString,
    /// The key of an invitation, where there is one.
    pub invite_key: Option<SecretString>,
}

impl Accounts {
    /// Makes a user without access to the server's own databases, with a personal team. Where the server has no admin,
    /// the first user becomes it. The address is verified where the key of an invitation to it came along; else a link to
    /// verify it is mailed.
    ///
    /// # Errors
    /// `Invalid` for a name, an address or a password that cannot be one and for a key that is not good, `Forbidden` where
    /// sign-up is not open to the caller, `Conflict` where name or address are taken, `RateLimited`.
    pub async fn sign_up(&self, by: &Principal, new: NewUser, from: CallerAddress) -> Result<()> {
        check_user_name(&new.name)?;
        if new.name.contains('@') {
            // Whoever signs in with an address must not be taken for somebody of that name.
            return Err(Error::invalid(format!("the user name {:?} has an @; choose another one", new.name)));
        }
        let email = read_email(&new.email)?;
        check(&new.password)?;
        self.0.limits.sign_up.take(from, &email)?;
        self.may_sign_up(by, &new)?;
        let password_hash = hashed(&new.password).await?;
        let key = new.invite_key.clone();
        let row = UserRow { name: new.name, password_hash, access: "none", email: Some(email), verified: false };
        let outbox = self.0.mail.outbox();
        let mailed = self.0.metadata.change(move |transaction| add(transaction, &outbox, row, key.as_ref())).await?;
        if let Some(key) = &new.invite_key {
            self.0.mail.used(key);
        }
        if let Some(made) = mailed {
            self.0.mail.post(made);
        }
        Ok(())
    }

    /// Whether sign-up is open to the caller; a key that came along is looked at later.
    fn may_sign_up(&self, by: &Principal, new: &NewUser) -> Result<()> {
        match self.0.sign_up {
            SignUp::Open => Ok(()),
            _ if is_admin_user(by) => Ok(()),
            SignUp::Invited if new.invite_key.is_some() => Ok(()),
            SignUp::Invited => Err(Error::forbidden(
                "accounts are by invitation on this server; ask an admin for one, and send its key",
            )),
            SignUp::Closed => Err(Error::forbidden("sign-up is closed on this server; ask an admin for an account")),
        }
    }

    /// Mails a link to sign up with.
    ///
    /// # Errors
    /// `Forbidden` for everybody but admins of the server, `Invalid` for what is no address, `Conflict` where an account
    /// has it.
    pub async fn invite(&self, by: &Principal, email: &str) -> Result<()> {
        if !is_admin_user(by) {
            return Err(Error::forbidden("only admins of the server may invite"));
        }
        let email = read_email(email)?;
        let outbox = self.0.mail.outbox();
        let made = self.0.metadata.change(move |transaction| {
            let sql = "SELECT EXISTS (SELECT 1 FROM users WHERE email = ?1)";
            if transaction.query_row(sql, [&email], |row| row.get(0)).map_err(fault)? {
                return Err(Error::conflict(format!("an account has the address {email} already")));
            }
            mail_keys::make(transaction, &outbox, MailPurpose::Invite, None, email)
        });
        self.0.mail.post(made.await?);
        Ok(())
    }

    /// Mails another link to verify the address of a user, unless many were.
    pub(super) async fn mail_verification(&self, name: &str) -> Result<()> {
        let (name, accounts) = (name.to_owned(), self.clone());
        let made = self.0.metadata.change(move |transaction| {
            let sql = "SELECT email FROM users WHERE name = ?1 AND email IS NOT NULL AND email_verified_at IS NULL";
            let email: Option<String> =
                transaction.query_row(sql, [&name], |row| row.get(0)).optional().map_err(fault)?;
            let Some(email) = email.filter(|email| accounts.0.limits.mail.take(None, email).is_ok()) else {
                return Ok(None);
            };
            mail_keys::make(transaction, &accounts.0.mail.outbox(), MailPurpose::Verify, Some(name), email).map(Some)
        });
        if let Some(made) = made.await? {
            self.0.mail.post(made);
        }
        Ok(())
    }

    /// Whom an invitation is for.
    ///
    /// # Errors
    /// `NotFound` for a key that is unknown, used or expired.
    pub async fn invited(&self, key: &SecretString) -> Result<String> {
        let wanted = key.clone();
        let found = move |connection: &mut _| mail_keys::look(connection, MailPurpose::Invite, &wanted);
        self.0.metadata.call(found).await?.map(|found| found.email).ok_or_else(|| unknown_key("invitation"))
    }

    /// Verifies the address that a key was mailed to, and uses the key up. Answers with the address.
    ///
    /// # Errors
    /// `NotFound` for a key that is unknown, used or expired, or whose user has another address now.
    pub async fn verify_email(&self, key: &SecretString) -> Result<String> {
        let wanted = key.clone();
        let verified = self.0.metadata.change(move |transaction| {
            let found = mail_keys::take(transaction, MailPurpose::Verify, &wanted)?;
            let found = found.ok_or_else(|| unknown_key("link"))?;
            const SQL: &str = "\
                UPDATE users SET email_verified_at = coalesce(email_verified_at, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) \
                WHERE name = ?1 AND email = ?2";
            if transaction.execute(SQL, (found.user, &found.email)).map_err(fault)? == 0 {
                return Err(unknown_key("link"));
            }
            Ok(found.email)
        });
        let email = verified.await?;
        self.0.mail.used(key);
        Ok(email)
    }
}

/// Adds the user; answers with the key to verify its address, where that is not known to be its own.
fn add(
    transaction: &Transaction<'_>,
    outbox: &Outbox,
    mut row: UserRow,
    key: Option<&SecretString>,
) -> Result<Option<MadeKey>> {
    if let Some(key) = key {
        let found = mail_keys::take(transaction, MailPurpose::Invite, key)?;
        if found.is_none_or(|found| Some(found.email) != row.email) {
            return Err(Error::invalid("the invitation is unknown, used, expired, or for another e-mail address"));
        }
        row.verified = true;
    }
    if !has_admin(transaction)? {
        row.access = Access::Admin.as_str();
    }
    insert(transaction, &row)?;
    let email = row.email.filter(|_| !row.verified);
    email.map(|email| mail_keys::make(transaction, outbox, MailPurpose::Verify, Some(row.name), email)).transpose()
}

fn unknown_key(what: &str) -> Error {
    Error::new(model::ErrorKind::NotFound, "not_found", format!("this {what} is unknown, used or expired"))
}

/// Whether it is an admin of the server in person, or by a session or token of its own.
pub(super) fn is_admin_user(by: &Principal) -> bool {
    by.caller == Caller::User && by.is_server_admin()
}
